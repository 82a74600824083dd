/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Histograms made in the kernel: 16 buckets for each power of two, so that a
 * bucket's bounds lie within 1/16; exact below 16. Values from 2^35 on share
 * the last bucket. One writer.
 */
#ifndef IPI_TRACE_HIST_H
#define IPI_TRACE_HIST_H

#include <linux/types.h>

#define TRACE_HIST_SUB_BITS 4
#define TRACE_HIST_SUB (1u << TRACE_HIST_SUB_BITS)
/* A power of two: the verifier of Linux 6.1 follows a mask best. */
#define TRACE_HIST_BUCKETS 512u

struct trace_hist {
	__u64 n, sum, min, max;
	__u64 negative; /* ends before its begin: in no bucket */
	__u64 count[TRACE_HIST_BUCKETS];
};

/* By halves: clang 14 breaks down over __builtin_clzll() for BPF. */
static inline __attribute__((always_inline)) __u32 trace_log2(__u64 value)
{
	__u32 top, step;

	top = (value > 0xffffffff) << 5;
	value >>= top;
	step = (value > 0xffff) << 4;
	value >>= step;
	top |= step;
	step = (value > 0xff) << 3;
	value >>= step;
	top |= step;
	step = (value > 0xf) << 2;
	value >>= step;
	top |= step;
	step = (value > 0x3) << 1;
	value >>= step;
	return top | step | (__u32)(value >> 1);
}

static inline __attribute__((always_inline)) __u32
trace_hist_bucket(__u64 value)
{
	__u32 top;

	if (value < TRACE_HIST_SUB)
		return (__u32)value;
	if (value >> 35)
		return TRACE_HIST_BUCKETS - 1;
	top = trace_log2(value);
	return ((top - TRACE_HIST_SUB_BITS + 1) << TRACE_HIST_SUB_BITS) +
	       ((value >> (top - TRACE_HIST_SUB_BITS)) & (TRACE_HIST_SUB - 1));
}

static inline __attribute__((always_inline)) void
trace_hist_add(struct trace_hist *h, __u64 value)
{
	h->count[trace_hist_bucket(value) & (TRACE_HIST_BUCKETS - 1)]++;
	if (!h->n || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->sum += value;
	h->n++;
}

/* For readers. */
__u64 trace_hist_low(__u32 bucket); /* the smallest value in it */
void trace_hist_merge(struct trace_hist *to, const struct trace_hist *from);
/*
 * The value that a share of the samples (0 to 1) does not exceed, from within
 * its bucket. NaN where fewer than `beyond` samples exceed it.
 */
double trace_hist_quantile(const struct trace_hist *h, double share,
			   __u64 beyond);

#endif
