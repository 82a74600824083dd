/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A histogram of ticks: exact up to 4096, then 7 sub-bits of each power of
 * two (an error of at most 1/128). One writer; fixed size; no allocation.
 */
#ifndef IPI_CORE_HIST_H
#define IPI_CORE_HIST_H

#include <ipi/types.h>

#define IPI_HIST_EXACT 4096u
#define IPI_HIST_SUB_BITS 7u
/* 52 octaves above 2^12, 128 buckets each. */
#define IPI_HIST_BUCKETS (IPI_HIST_EXACT + (52u << IPI_HIST_SUB_BITS))

struct ipi_hist {
	uint64_t n;
	uint64_t min, max;
	uint64_t sum;
	uint32_t count[IPI_HIST_BUCKETS];
};

void ipi_hist_clear(struct ipi_hist *h);
void ipi_hist_add(struct ipi_hist *h, uint64_t ticks);
void ipi_hist_merge(struct ipi_hist *dst, const struct ipi_hist *src);
uint32_t ipi_hist_bucket(uint64_t ticks);
/* The ticks that bucket b holds: [low, high]. */
uint64_t ipi_hist_low(uint32_t b);
uint64_t ipi_hist_high(uint32_t b);
/* The rank-th smallest sample's bucket (rank from 0); IPI_HIST_BUCKETS: none. */
uint32_t ipi_hist_rank(const struct ipi_hist *h, uint64_t rank);

#endif
