/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A set of CPU indices: a bitmap whose words may be read while they change. */
#ifndef IPI_CORE_CPUSET_H
#define IPI_CORE_CPUSET_H

#include <ipi/env.h>

#define IPI_CPUSET_WORDS (IPI_CPUS_MAX / 64)

struct ipi_cpuset {
	ipi_a64 word[IPI_CPUSET_WORDS];
};

static inline ipi_a64 *ipi_cpuset_word(const struct ipi_cpuset *set,
				       uint32_t index)
{
	return (ipi_a64 *)&set->word[index / 64];
}

static inline uint64_t ipi_cpuset_bit(uint32_t index)
{
	return UINT64_C(1) << (index % 64);
}

#endif
