// SPDX-License-Identifier: GPL-2.0-only
/* What all handlers check and do. They are async-signal-safe. */
#include <sched.h>

#include "torture.h"

__thread struct seat *torture_me;

static void check_frame(struct round *r, struct seat *s)
{
	enum ipi_way way = ipi_domain_way(r->dom);

	if (ipi_domain_curcpu(r->dom) != s->cpu || s->round != r)
		fail(r, CHECK_place, s,
		     "a handler runs on another CPU's thread");
	if (!ipi_kpreempt_disabled())
		fail(r, CHECK_held, s, "preemption is enabled in a handler");
	if (s->depth && !s->window)
		fail(r, CHECK_held, s, "a handler interrupted a handler");
	if (s->spl && !s->depth &&
	    (way == IPI_WAY_INTERRUPT || way == IPI_WAY_UNHOLD))
		fail(r, CHECK_held, s, "a handler interrupted splhigh");
	if (s->depth >= IPI_NEST_MAX)
		fail(r, CHECK_nest, s, "%u handlers are nested", s->depth + 1);
}

struct seat *frame_begin(struct round *r, struct frame *f)
{
	struct seat *s = torture_me;

	if (!s) {
		fail(r, CHECK_place, NULL,
		     "a handler runs on a thread that is no CPU");
		return NULL;
	}
	check_frame(r, s);
	f->window = s->window;
	s->window = false;
	s->depth++;
	s->handlers++;
	if (get(&s->deepest) < s->depth)
		set(&s->deepest, s->depth);
	return s;
}

void frame_end(struct seat *s, const struct frame *f)
{
	s->depth--;
	s->window = f->window;
}

void linger(struct dice *d, unsigned most_us)
{
	uint64_t end = now_ns() + roll(d, most_us * 1000);

	while (now_ns() < end)
		;
}

/* A slot that no handler is at; what has ended meanwhile is closed. */
static struct slot *free_slot(struct seat *s)
{
	for (unsigned i = OWN_SLOTS; i < SLOTS; i++) {
		struct slot *slot = &s->slot[i];

		if (slot->busy)
			continue;
		if (slot->open && slot_done(s, slot))
			slot_close(s, slot, 0);
		if (!slot->open)
			return slot;
	}
	return NULL;
}

static void nest_message(struct seat *s, unsigned will, unsigned ttl,
			 struct dice *d)
{
	struct slot *slot = free_slot(s);
	struct send how = { .to = another(s, d), .ttl = ttl ? ttl - 1 : 0 };

	if (!slot)
		return;
	if (will & WILL_MULTI)
		how.shape = SHAPE_MULTICAST;
	if (will & WILL_NOWAIT)
		how.flags = IPI_NOWAIT;
	if (ttl)
		how.will = will;
	slot->busy = true;
	if (slot_send(s, slot, &how, d)) {
		bump(s, nested);
		if (will & WILL_DETACH && s->depth < IPI_NEST_MAX)
			slot_detach(s, slot);
		else if (will & WILL_WAIT)
			slot_wait(s, slot);
	}
	slot->busy = false;
}

void nest(struct seat *s, unsigned will, unsigned ttl, struct dice *d)
{
	/* A calm has begun, or the thread leaves for good. */
	if (s->still)
		return;
	if (will & WILL_TRIGGER)
		trigger_one(s, &s->round->shared[roll(d, SHARED_IDS)],
			    another(s, d));
	else
		nest_message(s, will, ttl, d);
}
