// SPDX-License-Identifier: GPL-2.0-only
/*
 * Short-lived ids. An entry is opened by whoever comes by, triggered by
 * everybody, and unregistered by whoever comes next; after that no handler of
 * that registration may run, and its memory is written over.
 */
#include <errno.h>
#include <sched.h>

#include "torture.h"

static uint64_t word_of(uint32_t gen, unsigned i)
{
	return mix64((uint64_t)gen << 8 | i);
}

static bool over(struct churn *c, void *tagged)
{
	return (get(&c->gen) ^ (uintptr_t)tagged) & TAG_MASK;
}

static void check_words(struct seat *s, struct churn *c)
{
	uint32_t gen = get(&c->gen);

	if (c->word[0] != word_of(gen, 0) || c->word[1] != word_of(gen, 1))
		fail(s->round, CHECK_order, s,
		     "what was stored before an id was registered is not seen");
}

void churn_handler(void *tagged)
{
	struct churn *c =
		(struct churn *)((uintptr_t)tagged & ~(uintptr_t)TAG_MASK);
	struct frame f;
	struct seat *s = frame_begin(c->round, &f);
	struct dice d;

	if (!s)
		return;
	bump(s, runs);
	if (over(c, tagged)) {
		fail(s->round, CHECK_unregister, s,
		     "a handler begins; its id was unregistered");
		frame_end(s, &f);
		return;
	}
	check_words(s, c);
	d = dice_for(s->base, ~s->handlers);
	if (chance(&d, 4))
		sched_yield();
	else if (chance(&d, 4))
		linger(&d, 10);
	if (over(c, tagged))
		fail(s->round, CHECK_unregister, s,
		     "unregister returned while this handler ran");
	else
		check_words(s, c);
	frame_end(s, &f);
}

static void churn_open(struct round *r, struct churn *c)
{
	uint32_t gen = get(&c->gen) + 1;
	unsigned id;

	set(&c->gen, gen);
	c->word[0] = word_of(gen, 0);
	c->word[1] = word_of(gen, 1);
	id = ipi_domain_register(r->dom, churn_handler,
				 (char *)c + (gen & TAG_MASK));
	if (!id)
		fail(r, CHECK_answer, torture_me, "the id table is full");
	set(&c->id, id);
}

static void churn_close(struct round *r, struct seat *s, struct churn *c)
{
	unsigned id = get(&c->id);
	int err;

	set(&c->id, 0);
	err = ipi_domain_unregister(r->dom, id);
	if (err)
		fail(r, CHECK_answer, s, "unregister of id %u answered %d", id,
		     err);
	set(&c->gen, get(&c->gen) + 1);
	c->word[0] = 0;
	c->word[1] = 0;
	bump(s, churned);
}

void churn_turn(struct round *r, struct seat *s, struct dice *d)
{
	struct churn *c = &r->churn[roll(d, CHURN_IDS)];

	/* Whoever is at it already, is. */
	if (atomic_exchange_explicit(&c->busy, true, memory_order_acquire))
		return;
	if (get(&c->id))
		churn_close(r, s, c);
	else
		churn_open(r, c);
	set_release(&c->busy, false);
}

void churn_trigger(struct round *r, struct seat *s, struct dice *d)
{
	unsigned id = get(&r->churn[roll(d, CHURN_IDS)].id);
	unsigned to = another(s, d);
	uint32_t before = life_of(r, to);
	int err;

	if (!id)
		return;
	ipi_kpreempt_disable();
	err = ipi_domain_trigger(r->dom, id, r->seat[to].cpu);
	ipi_kpreempt_enable();
	/* -EINVAL: it was unregistered meanwhile. */
	if (err && err != -EINVAL &&
	    !(err == -ENXIO && !life_in(before, life_of(r, to))))
		fail(r, CHECK_answer, s,
		     "a trigger of a short-lived id answered %d", err);
	if (!err)
		bump(s, triggers);
}

/* A thread that is no CPU: it may register and unregister, but not send. */
void *churner_main(void *arg)
{
	struct seat *s = arg;
	struct round *r = s->round;
	int phase;

	while ((phase = get_acquire(&r->phase)) != PHASE_END) {
		struct dice d = dice_for(s->base, s->step++);

		if (phase != PHASE_RUN) {
			set_release(&s->at, phase);
			seat_rest(s, 64);
			continue;
		}
		set_release(&s->at, PHASE_RUN);
		churn_turn(r, s, &d);
		if (chance(&d, 8) &&
		    ipi_domain_trigger(r->dom, r->shared[0].id,
				       r->seat[0].cpu) != -EPERM)
			fail(r, CHECK_answer, NULL,
			     "a thread that is no CPU could trigger");
		bump(s, ops);
		seat_rest(s, roll(&d, 128));
	}
	return NULL;
}
