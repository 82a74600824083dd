/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drivers over the library share: a private domain for each cell. */
#ifndef BENCH_LIBRARY_H
#define BENCH_LIBRARY_H

#include "drivers.h"

struct library_state {
	struct ipi_domain *dom;
	ipi_msg_t *msg; /* in the placed memory */
	unsigned id;	/* triggers */
	bool polls;	/* the targets say so and serve by themselves */
};

static inline struct library_state *library_state(const struct bench_cell *c)
{
	return c->priv;
}

int library_open_message(struct bench_cell *c);
/* The handler stores the target's flag, as nobody acknowledges. */
int library_open_flag(struct bench_cell *c);
void library_close(struct bench_cell *c);
int library_source_enter(struct bench_cell *c);
void library_source_leave(struct bench_cell *c);
int library_target_enter(struct bench_target *t);
void library_target_leave(struct bench_target *t);
void library_target_run(struct bench_target *t);
void library_counters(struct bench_cell *c, struct ipi_counters *out);
double library_expected(const struct bench_cell *c,
			const struct ipi_counters *lib, uint64_t sent);
/* A message's wait failed: gives it up and says who was deaf. */
int library_deaf(struct bench_cell *c, int err);
/* Waits for the message of this cell. */
BENCH_INLINE int library_wait(struct bench_cell *c)
{
	const struct library_state *s = library_state(c);
	int err = ipi_domain_wait_timeout(s->dom, s->msg, BENCH_DEAF_NS);

	return BENCH_UNLIKELY(err) ? library_deaf(c, err) : 0;
}
const char *library_probe(const struct bench_opts *o);

#define LIBRARY_DRIVER_OPS                                                     \
	.close = library_close, .source_enter = library_source_enter,          \
	.source_leave = library_source_leave,                                  \
	.target_enter = library_target_enter,                                  \
	.target_leave = library_target_leave,                                  \
	.target_run = library_target_run, .counters = library_counters,        \
	.expected = library_expected

#endif
