/* SPDX-License-Identifier: GPL-2.0-only */
/* What else happened to a thread while a block ran. */
#ifndef BENCH_WITNESS_H
#define BENCH_WITNESS_H

#include <stddef.h>
#include <stdint.h>

#include "bench.h"

/* A reading at one end of a block; what cannot be read is 0 or NAN. */
struct witness {
	double time_ns;
	double waited_ns;  /* runnable, but others ran (schedstat) */
	double stolen_ns;  /* by the hypervisor, from this processor */
	uint64_t switches; /* involuntary */
	uint64_t sleeps; /* voluntary switches */
	double throttled;  /* periods in which the cgroup was throttled */
	double aperf, mperf;
};

/* Both for the calling thread, pinned to processor. */
void witness_read(int processor, struct witness *w);
/* Fills a block's steal, switches, freq and marks from both ends. */
void witness_judge(const struct witness *from, const struct witness *to,
		   struct bench_block *out);
/* Adds a remark of any kind to a block and marks it. */
void witness_mark(struct bench_block *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
