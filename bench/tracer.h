/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracer of a run: a process that sees the interrupts (tool/tracer.h). One
 * thread at a time may ask it.
 */
#ifndef BENCH_TRACER_H
#define BENCH_TRACER_H

#include <jansson.h>

#include "tool/error.h"

struct tracer;

/*
 * Starts the program at path, which runs beside those CPUs if it can, and waits
 * until its probes hang and were tested: a second, in which every CPU is
 * interrupted. -errno with the reason.
 */
int tracer_start(const char *path, const char *cpus, struct tracer **out,
		 struct tool_error *err);
/*
 * Sends a command; the answer (NULL: not wanted) is the caller's. 0 or -errno;
 * after that it is not asked again.
 */
int tracer_ask(struct tracer *t, const char *command, json_t **answer);
/* Why it is of no use any more; NULL: it is. */
const char *tracer_ended(const struct tracer *t);
/* For a reason of the caller's. */
void tracer_give_up(struct tracer *t, const char *why);
/* By which probes it sees: an array; the tracer's own. */
json_t *tracer_plan(const struct tracer *t);
/* NULL is allowed. */
void tracer_stop(struct tracer *t);

#endif
