/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* kcpuset(9)'s operations. Making and freeing a set is the world's. */
#include "core/cpuset.h"

#define FOREACH_WORD(i) for (unsigned i = 0; i < IPI_CPUSET_WORDS; i++)

static uint64_t get(const ipi_cpuset_t *set, unsigned i)
{
	return ipi_load_relaxed((ipi_a64 *)&set->word[i]);
}

void ipi_cpuset_copy(ipi_cpuset_t *dst, const ipi_cpuset_t *src)
{
	FOREACH_WORD(i)
		ipi_store_relaxed(&dst->word[i], get(src, i));
}

void ipi_cpuset_zero(ipi_cpuset_t *set)
{
	FOREACH_WORD(i)
		ipi_store_relaxed(&set->word[i], 0);
}

void ipi_cpuset_fill(ipi_cpuset_t *set)
{
	FOREACH_WORD(i)
		ipi_store_relaxed(&set->word[i], UINT64_MAX);
}

void ipi_cpuset_set(ipi_cpuset_t *set, uint32_t index)
{
	ipi_a64 *word;

	if (index >= IPI_CPUS_MAX)
		return;
	word = ipi_cpuset_word(set, index);
	ipi_store_relaxed(word, ipi_load_relaxed(word) | ipi_cpuset_bit(index));
}

void ipi_cpuset_clear(ipi_cpuset_t *set, uint32_t index)
{
	ipi_a64 *word;

	if (index >= IPI_CPUS_MAX)
		return;
	word = ipi_cpuset_word(set, index);
	ipi_store_relaxed(word,
			  ipi_load_relaxed(word) & ~ipi_cpuset_bit(index));
}

bool ipi_cpuset_isset(const ipi_cpuset_t *set, uint32_t index)
{
	return index < IPI_CPUS_MAX &&
	       get(set, index / 64) & ipi_cpuset_bit(index);
}

bool ipi_cpuset_isotherset(const ipi_cpuset_t *set, uint32_t index)
{
	FOREACH_WORD(i) {
		uint64_t own = index / 64 == i ? ipi_cpuset_bit(index) : 0;

		if (get(set, i) & ~own)
			return true;
	}
	return false;
}

bool ipi_cpuset_iszero(const ipi_cpuset_t *set)
{
	return ipi_cpuset_next(set, 0) == IPI_CPUS_MAX;
}

bool ipi_cpuset_match(const ipi_cpuset_t *a, const ipi_cpuset_t *b)
{
	FOREACH_WORD(i)
		if (get(a, i) != get(b, i))
			return false;
	return true;
}

bool ipi_cpuset_intersecting_p(const ipi_cpuset_t *a, const ipi_cpuset_t *b)
{
	return ipi_cpuset_ffs_intersecting(a, b) != 0;
}

void ipi_cpuset_intersect(ipi_cpuset_t *dst, const ipi_cpuset_t *src)
{
	FOREACH_WORD(i)
		ipi_store_relaxed(&dst->word[i], get(dst, i) & get(src, i));
}

void ipi_cpuset_merge(ipi_cpuset_t *dst, const ipi_cpuset_t *src)
{
	FOREACH_WORD(i)
		ipi_store_relaxed(&dst->word[i], get(dst, i) | get(src, i));
}

void ipi_cpuset_remove(ipi_cpuset_t *dst, const ipi_cpuset_t *src)
{
	FOREACH_WORD(i)
		ipi_store_relaxed(&dst->word[i], get(dst, i) & ~get(src, i));
}

unsigned ipi_cpuset_countset(const ipi_cpuset_t *set)
{
	unsigned n = 0;

	FOREACH_WORD(i)
		for (uint64_t w = get(set, i); w; w &= w - 1)
			n++;
	return n;
}

unsigned ipi_cpuset_ffs(const ipi_cpuset_t *set)
{
	uint32_t index = ipi_cpuset_next(set, 0);

	return index == IPI_CPUS_MAX ? 0 : index + 1;
}

unsigned ipi_cpuset_ffs_intersecting(const ipi_cpuset_t *a,
				     const ipi_cpuset_t *b)
{
	FOREACH_WORD(i) {
		uint64_t w = get(a, i) & get(b, i);

		if (w)
			return i * 64 + (unsigned)__builtin_ctzll(w) + 1;
	}
	return 0;
}

void ipi_cpuset_atomic_set(ipi_cpuset_t *set, uint32_t index)
{
	if (index < IPI_CPUS_MAX)
		(void)ipi_fetch_or_acq_rel(ipi_cpuset_word(set, index),
					   ipi_cpuset_bit(index));
}

void ipi_cpuset_atomic_clear(ipi_cpuset_t *set, uint32_t index)
{
	if (index < IPI_CPUS_MAX)
		(void)ipi_fetch_and_acq_rel(ipi_cpuset_word(set, index),
					    ~ipi_cpuset_bit(index));
}

uint32_t ipi_cpuset_next(const ipi_cpuset_t *set, uint32_t from)
{
	uint64_t mask = UINT64_MAX << (from % 64);

	for (uint32_t i = from / 64; i < IPI_CPUSET_WORDS; i++) {
		uint64_t w = get(set, i) & mask;

		if (w)
			return i * 64 + (uint32_t)__builtin_ctzll(w);
		mask = UINT64_MAX;
	}
	return IPI_CPUS_MAX;
}
