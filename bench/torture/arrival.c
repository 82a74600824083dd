// SPDX-License-Identifier: GPL-2.0-only
/* A message on its target's side: its handler. */
#include <sched.h>

#include "torture.h"

static struct slot *slot_of(void *tagged)
{
	return (struct slot *)((uintptr_t)tagged & ~(uintptr_t)TAG_MASK);
}

static bool is_over(struct slot *slot, void *tagged)
{
	return (get(&slot->gen) ^ (uintptr_t)tagged) & TAG_MASK;
}

static void count_way(struct seat *s, struct slot *slot)
{
	enum ipi_way way = ipi_domain_way(s->round->dom);

	switch (way) {
	case IPI_WAY_INTERRUPT:
		bump(s, way_interrupt);
		break;
	case IPI_WAY_WAITER:
		bump(s, way_waiter);
		break;
	case IPI_WAY_POLL:
		bump(s, way_poll);
		break;
	case IPI_WAY_UNHOLD:
		bump(s, way_unhold);
		break;
	case IPI_WAY_IDLE:
		bump(s, way_idle);
		break;
	case IPI_WAY_LOCAL:
		bump(s, way_local);
		break;
	default:
		fail(s->round, CHECK_answer, s, "a handler that came no way");
	}
	if ((way == IPI_WAY_LOCAL) != (slot->owner == s))
		fail(s->round, CHECK_place, s,
		     "a message of CPU %u came by way %d", slot->owner->index,
		     way);
}

static void check_arrival(struct seat *s, struct slot *slot)
{
	struct answer *a = &slot->answer[s->index];

	if (!slot->to[s->index])
		fail(s->round, CHECK_place, s,
		     "a message of CPU %u ran here; it was not sent here",
		     slot->owner->index);
	if (a->begun == slot->stamp)
		fail(s->round, CHECK_once, s,
		     "a message of CPU %u ran here a second time",
		     slot->owner->index);
	for (unsigned i = 0; i < WORDS; i++)
		if (slot->word[i] != payload(slot->stamp, i))
			fail(s->round, CHECK_order, s,
			     "word %u of a message of CPU %u is not what was "
			     "stored before the send",
			     i, slot->owner->index);
}

static void do_will(struct seat *s, struct slot *slot)
{
	struct dice d = dice_for(slot->stamp, s->index);
	unsigned will = slot->will, ttl = slot->ttl;

	if (will & WILL_LINGER)
		linger(&d, 20);
	if (will & WILL_YIELD)
		sched_yield();
	if (will & WILL_NEST)
		nest(s, will, ttl, &d);
}

void slot_handler(void *tagged)
{
	struct slot *slot = slot_of(tagged);
	struct frame f;
	struct seat *s = frame_begin(slot->owner->round, &f);
	struct answer *a;

	if (!s)
		return;
	bump(s, messages);
	if (is_over(slot, tagged)) {
		fail(s->round, CHECK_late, s,
		     "a message of CPU %u runs after its end was seen",
		     slot->owner->index);
		frame_end(s, &f);
		return;
	}
	count_way(s, slot);
	check_arrival(s, slot);
	a = &slot->answer[s->index];
	a->begun = slot->stamp;
	do_will(s, slot);
	if (is_over(slot, tagged))
		fail(s->round, CHECK_early, s,
		     "a message of CPU %u was complete before this handler "
		     "had ended",
		     slot->owner->index);
	a->word[0] = payload(slot->stamp, s->index);
	a->word[1] = ~a->word[0];
	a->ended = slot->stamp;
	frame_end(s, &f);
}
