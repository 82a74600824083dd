/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drivers over the library share: a private domain for each cell. */
#ifndef BENCH_LIBRARY_H
#define BENCH_LIBRARY_H

#include "drivers.h"
#include "many.h"

struct library_state {
	struct ipi_domain *dom;
	ipi_msg_t *msg; /* in the placed memory */
	unsigned id;	/* triggers */
	bool polls;	/* the targets say so and serve by themselves */
	bool indexed; /* target i is CPU i of the domain */
	ipi_cpuset_t *set; /* whom a message goes to, or NULL */
	bool sleeps; /* the targets sleep in idle: nothing else is told */
};

static inline struct library_state *library_state(const struct bench_cell *c)
{
	return c->priv;
}

/* A domain and its state without a message; what the cell is then told. */
int library_open(struct bench_cell *c, bool flag, struct library_state **out);
int library_open_message(struct bench_cell *c);
/* The handler stores the target's flag, as nobody acknowledges. */
int library_open_flag(struct bench_cell *c);
void library_close(struct bench_cell *c);
int library_source_enter(struct bench_cell *c);
void library_source_leave(struct bench_cell *c);
int library_target_enter(struct bench_target *t);
void library_target_leave(struct bench_target *t);
void library_target_run(struct bench_target *t);
/* Sleeps until something comes, for a bounded time; how many ran. */
unsigned library_sleep(struct bench_target *t);
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

/* ---- several sources (library_many.c) ------------------------------------ */

int library_many_open(struct bench_cell *c);
int library_many_enter(struct bench_source *s);
void library_many_leave(struct bench_source *s);
void library_many_target_run(struct bench_target *t);
unsigned library_many_serve(struct bench_source *s);
const char *library_many_probe(const struct bench_opts *o);
/* The i-th message's wait failed: gives up all on their way, says why. */
int library_many_deaf(struct bench_source *s, uint32_t i, uint32_t target,
		      int err);

BENCH_INLINE ipi_msg_t *library_message(const struct bench_source *s,
					uint32_t i)
{
	return (ipi_msg_t *)((char *)s->message +
			     (size_t)(i & s->mask) * BENCH_MESSAGE_BYTES);
}

/* Sends the i-th message of a window to a target. */
BENCH_INLINE int library_send_one(struct bench_source *s, uint32_t i,
				  uint32_t target)
{
	const struct library_state *state = library_state(s->cell);
	ipi_msg_t *m = library_message(s, i);

	m->arg = (void *)(uintptr_t)BENCH_TAG(s->index, i);
	return ipi_domain_unicast(state->dom, m, s->cell->target[target].cpu,
				  0);
}

BENCH_INLINE int library_wait_one(struct bench_source *s, uint32_t i,
				  uint32_t target)
{
	const struct library_state *state = library_state(s->cell);
	int err = ipi_domain_wait_timeout(state->dom, library_message(s, i),
					  BENCH_DEAF_NS);

	return BENCH_UNLIKELY(err) ? library_many_deaf(s, i, target, err) : 0;
}

#define LIBRARY_MANY_OPS                                                       \
	.open = library_many_open, .close = library_close,                     \
	.one_enter = library_many_enter, .one_leave = library_many_leave,      \
	.one_serve = library_many_serve, .target_enter = library_target_enter, \
	.target_leave = library_target_leave,                                  \
	.target_run = library_many_target_run, .counters = library_counters,   \
	.expected = library_expected

#endif
