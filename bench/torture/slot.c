// SPDX-License-Identifier: GPL-2.0-only
/* A message on its sender's side: filled, sent, ended, and what must hold then. */
#include <errno.h>
#include <string.h>

#include "torture.h"

/* ---- sending ----------------------------------------- */

static void fill(struct seat *s, struct slot *slot, const struct send *how,
		 struct dice *d)
{
	struct round *r = s->round;
	uint64_t garbage = roll64(d);

	slot->stamp = get(&slot->gen);
	slot->given = 0;
	slot->count = 0;
	slot->will = how->will;
	slot->ttl = how->ttl;
	for (unsigned i = 0; i < WORDS; i++)
		slot->word[i] = payload(slot->stamp, i);
	for (unsigned i = 0; i < r->n; i++)
		slot->life[i] = life_of(r, i);
	/* A message needs nothing but its function and its argument. */
	if (garbage & 1)
		memset(slot->msg.ipi_private, (int)(garbage >> 8 & 0xff),
		       sizeof(slot->msg.ipi_private));
	slot->msg.func = slot_handler;
	slot->msg.arg = (char *)slot + (slot->stamp & TAG_MASK);
}

static void choose_targets(struct seat *s, struct slot *slot,
			   const struct send *how, struct dice *d)
{
	unsigned n = s->round->n, in = 1 + roll(d, 3);

	ipi_cpuset_zero(slot->set);
	for (unsigned i = 0; i < n; i++) {
		switch (how->shape) {
		case SHAPE_UNICAST:
			slot->to[i] = i == how->to;
			break;
		case SHAPE_MULTICAST:
			slot->to[i] = chance(d, in);
			break;
		case SHAPE_BROADCAST:
			slot->to[i] =
				i != s->index || !(how->flags & IPI_SKIP_SELF);
			break;
		}
		if (slot->to[i])
			ipi_cpuset_set(slot->set, i);
	}
}

static int call_send(struct seat *s, struct slot *slot, const struct send *how)
{
	struct round *r = s->round;
	int err;

	ipi_kpreempt_disable();
	s->window = true;
	switch (how->shape) {
	case SHAPE_UNICAST:
		err = ipi_domain_unicast(r->dom, &slot->msg,
					 r->seat[how->to].cpu, how->flags);
		break;
	case SHAPE_MULTICAST:
		err = ipi_domain_multicast(r->dom, &slot->msg, slot->set,
					   how->flags);
		break;
	default:
		err = ipi_domain_broadcast(r->dom, &slot->msg, how->flags);
	}
	s->window = false;
	ipi_kpreempt_enable();
	return err;
}

/* Is this the answer that the contract has for this moment? */
static bool send_may_answer(struct seat *s, struct slot *slot,
			    const struct send *how, int err)
{
	bool waits = !(how->flags & IPI_NOWAIT);
	bool bound = s->depth >= IPI_NEST_MAX;
	bool local = slot->to[s->index];
	uint32_t now =
		how->shape == SHAPE_UNICAST ? life_of(s->round, how->to) : 0;

	if (bound && (waits || local))
		return err == -EDEADLK;
	switch (err) {
	case 0:
		return how->shape != SHAPE_UNICAST ||
		       !life_out(slot->life[how->to], now);
	case -ENXIO:
		return how->shape == SHAPE_UNICAST &&
		       !life_in(slot->life[how->to], now);
	case -EAGAIN:
		return !waits;
	default:
		return false;
	}
}

static void check_count(struct seat *s, struct slot *slot,
			const struct send *how)
{
	unsigned least = 0, most = 0;

	for (unsigned i = 0; i < s->round->n; i++) {
		uint32_t now = life_of(s->round, i);

		if (!slot->to[i])
			continue;
		least += life_in(slot->life[i], now);
		most += !life_out(slot->life[i], now);
	}
	if (how->flags & IPI_NOWAIT)
		least = 0;
	if (slot->count < least || slot->count > most)
		fail(s->round, CHECK_answer, s,
		     "a message went to %u CPUs; from %u to %u were there",
		     slot->count, least, most);
	if (slot->to[s->index] &&
	    life_in(slot->life[s->index], life_of(s->round, s->index)) &&
	    slot->answer[s->index].ended != slot->stamp)
		fail(s->round, CHECK_once, s,
		     "the local CPU's own handler has not run in the call");
}

static void count_failed_send(struct seat *s, int err)
{
	if (err == -EDEADLK)
		bump(s, deadlocks);
	else if (err == -EAGAIN)
		bump(s, no_room);
	else if (err == -ENXIO)
		bump(s, absent);
}

bool slot_send(struct seat *s, struct slot *slot, const struct send *how,
	       struct dice *d)
{
	int err;

	fill(s, slot, how, d);
	choose_targets(s, slot, how, d);
	err = call_send(s, slot, how);
	if (!send_may_answer(s, slot, how, err))
		fail(s->round, CHECK_answer, s,
		     "a send answered %d (flags %u, depth %u)", err, how->flags,
		     s->depth);
	if (err) {
		count_failed_send(s, err);
		if (!ipi_domain_done(s->round->dom, &slot->msg))
			fail(s->round, CHECK_answer, s,
			     "a message is live after a send that failed");
		slot_close(s, slot, 0);
		return false;
	}
	bump(s, sends);
	slot->count = ipi_msg_count(&slot->msg);
	slot->open = true;
	check_count(s, slot, how);
	return true;
}

/* ---- the end ----------------------------------------- */

/* Also while the next thread comes: the dead one is there until it is reaped. */
static bool died_since(const struct round *r, const struct slot *slot,
		       unsigned target)
{
	uint32_t died = get_acquire(&r->seat[target].died);

	return died && died + 2 >= slot->life[target];
}

/* Of the targets, those that ran it; and those that may have died before. */
static unsigned count_runs(struct seat *s, struct slot *slot, unsigned *dead)
{
	unsigned runs = 0;

	*dead = 0;
	for (unsigned i = 0; i < s->round->n; i++) {
		const struct answer *a = &slot->answer[i];
		uint64_t word = payload(slot->stamp, i);

		if (a->begun != slot->stamp) {
			*dead += slot->to[i] && died_since(s->round, slot, i);
			continue;
		}
		runs++;
		if (a->ended != slot->stamp)
			fail(s->round, CHECK_early, s,
			     "a message is complete; its handler on CPU %u "
			     "has not ended",
			     i);
		else if (a->word[0] != word || a->word[1] != ~word)
			fail(s->round, CHECK_order, s,
			     "what the handler on CPU %u stored is not seen "
			     "after the wait",
			     i);
	}
	return runs;
}

void slot_close(struct seat *s, struct slot *slot, unsigned given)
{
	unsigned dead, runs = count_runs(s, slot, &dead), missing;

	slot->open = false;
	bump_by(s, given, given);
	missing = slot->count - runs;
	if (runs > slot->count || missing < given || missing - given > dead)
		fail(s->round, CHECK_once, s,
		     "a message was sent to %u CPUs, %u were given up, %u ran "
		     "it (%u may have died)",
		     slot->count, given, runs, dead);
	else
		bump_by(s, died, missing - given);
	/* From now on a run of it is one too many. */
	set(&slot->gen, get(&slot->gen) + 1);
}

bool slot_done(struct seat *s, struct slot *slot)
{
	return ipi_domain_done(s->round->dom, &slot->msg);
}

void slot_detach(struct seat *s, struct slot *slot)
{
	int given;

	s->window = true;
	given = ipi_domain_msg_detach(s->round->dom, &slot->msg);
	s->window = false;
	if (given < 0 || (unsigned)given > slot->count) {
		fail(s->round, CHECK_answer, s, "detach answered %d", given);
		given = 0;
	}
	slot_close(s, slot, (unsigned)given);
}

/*
 * At the bound of nesting a wait is refused, and the message stays for a later
 * handler. To give it up there would wait for a target that has begun, without
 * serving: two CPUs that do so would wait for each other.
 */
static void wait_at_bound(struct seat *s, struct slot *slot)
{
	int err = ipi_domain_wait_timeout(s->round->dom, &slot->msg, 1);

	if (!err) {
		slot_close(s, slot, 0);
		return;
	}
	bump(s, deadlocks);
	if (err != -EDEADLK)
		fail(s->round, CHECK_answer, s,
		     "a wait at the bound of nesting answered %d", err);
}

void slot_wait(struct seat *s, struct slot *slot)
{
	uint64_t deadline_ns = WAIT_LONGEST_NS(s->round->t);
	int err;

	if (s->depth >= IPI_NEST_MAX) {
		wait_at_bound(s, slot);
		return;
	}
	s->window = true;
	err = ipi_domain_wait_timeout(s->round->dom, &slot->msg, deadline_ns);
	s->window = false;
	if (!err) {
		slot_close(s, slot, 0);
		return;
	}
	fail(s->round, CHECK_hang, s, "a wait answered %d", err);
	slot_detach(s, slot);
}

void slot_orphan(struct seat *s, struct slot *slot, bool bare)
{
	unsigned dead, missing;

	if (!slot->open)
		return;
	missing = slot->count - count_runs(s, slot, &dead);
	if (!bare && !dead) {
		slot_close(s, slot, missing);
		return;
	}
	/* What died with the sender, and what with a target? */
	bump_by(s, unclear, missing);
	slot->count -= missing;
	slot_close(s, slot, 0);
}
