/* SPDX-License-Identifier: GPL-2.0-only */
/* The targets' side of a block. */
#ifndef BENCH_BLOCK_TARGET_H
#define BENCH_BLOCK_TARGET_H

#include "block.h"

/* On the main thread, before its worker begins. */
void target_reset(struct bench_target *t);
/* On the target's own thread: who it is, and the delays it injects. */
void target_prepare(struct bench_target *t);
/* Its worker's job, with the target as argument. */
void target_job(void *arg);
/* On the source: until all are up, and their end. */
int targets_await_up(struct bench_cell *c);
void targets_stop(struct bench_cell *c);

#endif
