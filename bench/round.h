/* SPDX-License-Identifier: GPL-2.0-only */
/* The windows of a cell with several sources: who waits for whom. */
#ifndef BENCH_ROUND_H
#define BENCH_ROUND_H

#include "block.h"

/* Windows of one block. */
#define ROUND_WINDOWS 10u

/* On the main thread, before the workers of a block begin. */
void round_reset(struct bench_cell *c);
/* The first source's coming and going. */
int round_enter(struct bench_source *s);
void round_leave(struct bench_source *s);
/* The others' whole block: come, run windows, leave. */
void round_follow(struct bench_source *s);
/* On the first source: until all others are here. 0 or -errno of any. */
int round_gather(struct bench_source *first);
/* Runs a window of length_ns with all others, each at most n_max samples. */
int round_window(struct bench_source *first, uint64_t length_ns,
		 uint32_t n_max);
/* Sends the others home. */
void round_quit(struct bench_cell *c);

#endif
