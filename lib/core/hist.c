/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The histogram of ticks: buckets, merging, ranks. */
#include "hist.h"

/* log2 of IPI_HIST_EXACT: the first octave that shares buckets. */
#define EXACT_BITS 12u

void ipi_hist_clear(struct ipi_hist *h)
{
	uint32_t b;

	h->n = h->max = h->sum = 0;
	h->min = UINT64_MAX;
	for (b = 0; b < IPI_HIST_BUCKETS; b++)
		h->count[b] = 0;
}

uint32_t ipi_hist_bucket(uint64_t ticks)
{
	uint32_t octave, sub;

	if (ticks < IPI_HIST_EXACT)
		return (uint32_t)ticks;
	octave = 63u - (uint32_t)__builtin_clzll(ticks);
	sub = (uint32_t)(ticks >> (octave - IPI_HIST_SUB_BITS)) &
	      ((1u << IPI_HIST_SUB_BITS) - 1);
	return IPI_HIST_EXACT + ((octave - EXACT_BITS) << IPI_HIST_SUB_BITS) +
	       sub;
}

uint64_t ipi_hist_low(uint32_t b)
{
	uint32_t octave, sub;

	if (b < IPI_HIST_EXACT)
		return b;
	octave = (b - IPI_HIST_EXACT) >> IPI_HIST_SUB_BITS;
	sub = (b - IPI_HIST_EXACT) & ((1u << IPI_HIST_SUB_BITS) - 1);
	return ((uint64_t)(1u << IPI_HIST_SUB_BITS) + sub)
	       << (octave + EXACT_BITS - IPI_HIST_SUB_BITS);
}

uint64_t ipi_hist_high(uint32_t b)
{
	/* The last bucket's end wraps to 0, and 0 - 1 is its true high. */
	return b < IPI_HIST_EXACT ? b : ipi_hist_low(b + 1) - 1;
}

void ipi_hist_add(struct ipi_hist *h, uint64_t ticks)
{
	h->n++;
	h->sum += ticks;
	if (ticks < h->min)
		h->min = ticks;
	if (ticks > h->max)
		h->max = ticks;
	h->count[ipi_hist_bucket(ticks)]++;
}

void ipi_hist_merge(struct ipi_hist *dst, const struct ipi_hist *src)
{
	uint32_t b;

	dst->n += src->n;
	dst->sum += src->sum;
	if (src->min < dst->min)
		dst->min = src->min;
	if (src->max > dst->max)
		dst->max = src->max;
	for (b = 0; b < IPI_HIST_BUCKETS; b++)
		dst->count[b] += src->count[b];
}

uint32_t ipi_hist_rank(const struct ipi_hist *h, uint64_t rank)
{
	uint64_t seen = 0;
	uint32_t b;

	for (b = 0; b < IPI_HIST_BUCKETS; b++) {
		seen += h->count[b];
		if (seen > rank)
			return b;
	}
	return IPI_HIST_BUCKETS;
}
