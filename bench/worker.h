/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads pinned to a processor that run one job after another. */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_worker;

/* Several workers may share a processor. -errno of what could not be done. */
int worker_start(int processor, struct bench_worker **out);
/* Hands over a job; the worker must be idle. */
void worker_begin(struct bench_worker *w, void (*job)(void *arg), void *arg);
/* Waits for the job's end: 0, or -ETIMEDOUT and the worker is still at it. */
int worker_finish(struct bench_worker *w, uint64_t timeout_ns);
int worker_processor(const struct bench_worker *w);
/* Ends the worker; one that is stuck in its job is left alone. */
void worker_end(struct bench_worker *w);

/* The calling thread's scheduling: SCHED_FIFO for a burst, and back. -errno. */
int worker_fifo(bool on);

#endif
