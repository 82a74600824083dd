/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Other people's queues as mailboxes, in the very harness that the library's
 * are measured in: the same messages (a function and its argument, run by the
 * target, which then acknowledges in the message's own line), as many of them,
 * in the same places, waited for in the same way. What is left out is all that
 * the library promises beyond that: absent CPUs, giving up, interrupts.
 *
 * A driver's file defines struct external_link (a message's place in the
 * queue), struct external_queue (a mailbox), and
 *
 *   link_init(m)             once for each message
 *   queue_bytes(room)        size of a mailbox for so many messages
 *   queue_init(q, room)
 *   queue_put(q, m)          false: there is no room
 *   queue_take(q)            a message, or NULL
 *
 * around the inclusion of this file.
 */
#include <stdlib.h>
#include <time.h>

#include "drivers.h"
#include "many.h"
#include "placement.h"

/* Turns of a wait before it lets others run, as the library's waits do. */
#define EXTERNAL_TURNS 1024u
#define EXTERNAL_NAP_NS 50000

struct external_message {
	struct external_link link;
	void (*func)(void *arg);
	void *arg;
	uint64_t done; /* target: the number of the last one answered */
	uint64_t number;
};
_Static_assert(sizeof(struct external_message) <= IPI_CACHELINE_BYTES,
	       "a message and its acknowledgement are one line");

static void link_init(struct external_message *m);
static size_t queue_bytes(uint32_t room);
static void queue_init(struct external_queue *q, uint32_t room);
static bool queue_put(struct external_queue *q, struct external_message *m);
static struct external_message *queue_take(struct external_queue *q);

struct external {
	struct placement *mailbox; /* of each target, on its node */
	uint32_t n;
};

/* How this thread comes to run the message that it runs. */
static __thread enum ipi_way external_way;

static void external_handler(void *arg)
{
	bench_arrived(drivers_self, (uint32_t)(uintptr_t)arg, external_way);
}

static void external_handler_slow(void *arg)
{
	bench_arrived_slow(drivers_self, (uint32_t)(uintptr_t)arg,
			   external_way);
}

BENCH_INLINE struct external_message *external_at(const struct bench_source *s,
						  uint32_t i)
{
	return (void *)((char *)s->message +
			(size_t)(i & s->mask) * BENCH_MESSAGE_BYTES);
}

BENCH_INLINE struct external_queue *external_mailbox(const struct bench_cell *c,
						     uint32_t target)
{
	const struct external *e = c->priv;

	return e->mailbox[target].mem;
}

BENCH_INLINE unsigned external_serve(struct bench_target *t, enum ipi_way way)
{
	struct external_queue *q =
		external_mailbox(t->cell, (uint32_t)(t - t->cell->target));
	struct external_message *m;
	unsigned run = 0;

	external_way = way;
	while ((m = queue_take(q))) {
		m->func(m->arg);
		__atomic_store_n(&m->done, m->number, __ATOMIC_RELEASE);
		run++;
	}
	return run;
}

static unsigned external_poll(struct bench_target *t)
{
	return external_serve(t, IPI_WAY_POLL);
}

static void external_target_run(struct bench_target *t)
{
	bench_target_serve(t, external_poll);
}

static unsigned external_one_serve(struct bench_source *s)
{
	return external_serve(&s->cell->target[s->index], IPI_WAY_POLL);
}

/* One turn of a wait; false: it has taken too long. */
BENCH_INLINE bool external_turn(struct bench_source *s, uint32_t *turn,
				uint64_t *end)
{
	const struct timespec ts = { .tv_nsec = EXTERNAL_NAP_NS };
	const struct bench_cell *c = s->cell;

	if (c->peers && external_serve(&c->target[s->index], IPI_WAY_WAITER))
		return true;
	if (++*turn > bench_spin_loads(c))
		bench_relax();
	if (*turn % EXTERNAL_TURNS)
		return true;
	nanosleep(&ts, NULL);
	if (!*end)
		*end = bench_clock_now() + bench_clock_units(BENCH_DEAF_NS);
	return bench_clock_now() <= *end;
}

BENCH_INLINE uint32_t external_whom(struct bench_source *s, uint32_t i,
				    bool next)
{
	if (!s->cell->peers)
		return 0;
	return next ? drivers_next(s, i) : drivers_whom(s, i);
}

static inline int external_send(struct bench_source *s, uint32_t i)
{
	struct external_message *m = external_at(s, i);
	uint32_t target = external_whom(s, i, true), turn = 0;
	uint64_t end = 0;

	m->arg = (void *)(uintptr_t)BENCH_TAG(s->index, i);
	m->number++;
	while (!queue_put(external_mailbox(s->cell, target), m))
		if (!external_turn(s, &turn, &end))
			return bench_source_deaf(s, target, "room");
	return 0;
}

static inline int external_wait(struct bench_source *s, uint32_t i)
{
	struct external_message *m = external_at(s, i);
	uint64_t end = 0;
	uint32_t turn = 0;

	while (__atomic_load_n(&m->done, __ATOMIC_ACQUIRE) != m->number)
		if (!external_turn(s, &turn, &end))
			return bench_source_deaf(s, external_whom(s, i, false),
						 "acknowledgement");
	return 0;
}

static int external_window(struct bench_source *s)
{
	return bench_one_loop(s, external_send, external_wait);
}

static int external_enter(struct bench_source *s)
{
	if (s->cell->peers) {
		drivers_self = &s->cell->target[s->index];
		drivers_order(s);
	}
	return 0;
}

static void external_leave(struct bench_source *s)
{
}

static int external_target_enter(struct bench_target *t)
{
	drivers_self = t;
	return 0;
}

static void external_close(struct bench_cell *c)
{
	struct external *e = c->priv;
	uint32_t i;

	for (i = 0; i < e->n; i++)
		placement_free(&e->mailbox[i]);
	free(e->mailbox);
	free(e);
	c->priv = NULL;
}

/* Each target's mailbox is on its own node, as the library's are. */
static int external_mailboxes(struct bench_cell *c, struct external *e,
			      uint32_t room)
{
	int err = 0;

	for (e->n = 0; e->n < c->targets_n && !err; e->n++) {
		struct placement *p = &e->mailbox[e->n];

		err = placement_alloc(queue_bytes(room),
				      placement_node(c->target_cpus[e->n]), p);
		if (!err)
			queue_init(p->mem, room);
	}
	return err;
}

static int external_open(struct bench_cell *c)
{
	struct external *e = calloc(1, sizeof(*e));
	uint32_t i, k, places = c->src->mask + 1;
	uint32_t room = c->opts->depth ? c->opts->depth : c->sources_n * places;
	int err;

	if (!e)
		return -ENOMEM;
	c->priv = e;
	e->mailbox = calloc(c->targets_n, sizeof(*e->mailbox));
	err = e->mailbox ? external_mailboxes(c, e, room) : -ENOMEM;
	if (err) {
		external_close(c);
		return err;
	}
	for (i = 0; i < c->sources_n; i++)
		for (k = 0; k < places; k++) {
			struct external_message *m = external_at(c->srcs[i], k);

			m->func = bench_handler_is_slow(c)
					  ? external_handler_slow
					  : external_handler;
			link_init(m);
		}
	c->answers = true;
	return 0;
}

static const char *probe(const struct bench_opts *o)
{
	return drivers_probe_external(o);
}

static const struct bench_driver_ops drivers_ops = {
	.open = external_open,
	.close = external_close,
	.one_enter = external_enter,
	.one_leave = external_leave,
	.one_window = external_window,
	.one_serve = external_one_serve,
	.target_enter = external_target_enter,
	.target_run = external_target_run,
};
