// SPDX-License-Identifier: GPL-2.0-only
/* Operations of the mix: messages, sent and ended in every way. */
#include <errno.h>

#include "torture.h"

unsigned another(struct seat *s, struct dice *d)
{
	unsigned n = s->round->n, to;

	if (s->index >= n) /* no CPU itself */
		return roll(d, n);
	to = roll(d, n - 1);
	return to >= s->index ? to + 1 : to;
}

/* What handlers usually do: little. */
static unsigned usual_will(struct dice *d)
{
	switch (roll(d, 48)) {
	case 0:
		return WILL_LINGER;
	case 1:
		return WILL_NEST | WILL_TRIGGER;
	case 2:
		return WILL_NEST | WILL_WAIT;
	case 3:
		return WILL_NEST | WILL_NOWAIT;
	case 4:
		return WILL_NEST | WILL_MULTI;
	case 5:
		return WILL_NEST | WILL_DETACH |
		       (chance(d, 2) ? WILL_MULTI : 0);
	case 6:
		return chance(d, 4) ? WILL_YIELD : 0;
	default:
		return 0;
	}
}

/* A slot of its own that may be sent; what it held is waited for. */
static struct slot *ready_slot(struct seat *s, struct dice *d)
{
	struct slot *slot = &s->slot[roll(d, OWN_SLOTS)];

	if (slot->open)
		slot_wait(s, slot);
	return slot;
}

static struct slot *send(struct seat *s, enum shape shape, unsigned flags,
			 struct dice *d)
{
	struct send how = {
		.shape = shape,
		.flags = flags,
		.to = another(s, d),
		.will = usual_will(d),
	};
	struct slot *slot = ready_slot(s, d);

	return slot_send(s, slot, &how, d) ? slot : NULL;
}

void op_unicast(struct seat *s, struct dice *d)
{
	for (unsigned n = 1 + roll(d, 4); n; n--)
		send(s, SHAPE_UNICAST, 0, d);
}

void op_unicast_wait(struct seat *s, struct dice *d)
{
	struct slot *slot = send(s, SHAPE_UNICAST, 0, d);

	if (slot)
		slot_wait(s, slot);
}

void op_unicast_nowait(struct seat *s, struct dice *d)
{
	for (unsigned n = 1 + roll(d, 4); n; n--)
		send(s, SHAPE_UNICAST, IPI_NOWAIT, d);
}

static void send_and_perhaps_wait(struct seat *s, enum shape shape,
				  unsigned flags, struct dice *d)
{
	struct slot *slot = send(s, shape, flags, d);

	if (slot && chance(d, 3))
		slot_wait(s, slot);
}

void op_multicast(struct seat *s, struct dice *d)
{
	send_and_perhaps_wait(s, SHAPE_MULTICAST, 0, d);
}

void op_multicast_nowait(struct seat *s, struct dice *d)
{
	send_and_perhaps_wait(s, SHAPE_MULTICAST, IPI_NOWAIT, d);
}

void op_broadcast(struct seat *s, struct dice *d)
{
	send_and_perhaps_wait(s, SHAPE_BROADCAST,
			      chance(d, 2) ? IPI_SKIP_SELF : 0, d);
}

void op_broadcast_nowait(struct seat *s, struct dice *d)
{
	send_and_perhaps_wait(s, SHAPE_BROADCAST,
			      IPI_NOWAIT | (chance(d, 2) ? IPI_SKIP_SELF : 0),
			      d);
}

/* Handlers that send and wait in handlers, past the bound of nesting. */
void op_chain(struct seat *s, struct dice *d)
{
	struct send how = {
		.to = another(s, d),
		.will = WILL_NEST | (chance(d, 8) ? 0 : WILL_WAIT) |
			(chance(d, 8) ? WILL_NOWAIT : 0) |
			(chance(d, 12) ? WILL_DETACH : 0) |
			(chance(d, 24) ? WILL_MULTI : 0),
		.ttl = 1 + roll(d, 8),
	};
	struct slot *slot = ready_slot(s, d);

	if (slot_send(s, slot, &how, d) && chance(d, 2))
		slot_wait(s, slot);
}

/* ---- ends --------------------------------------------------------------- */

/* One that is outstanding, or NULL. */
static struct slot *open_slot(struct seat *s, struct dice *d)
{
	unsigned first = roll(d, OWN_SLOTS);

	for (unsigned i = 0; i < OWN_SLOTS; i++) {
		struct slot *slot = &s->slot[(first + i) % OWN_SLOTS];

		if (slot->open)
			return slot;
	}
	return NULL;
}

void op_wait(struct seat *s, struct dice *d)
{
	struct slot *slot = open_slot(s, d);

	if (!slot)
		return;
	/* Without an end of its own: the watchdog's. */
	if (chance(d, 2)) {
		ipi_domain_wait(s->round->dom, &slot->msg);
		slot_close(s, slot, 0);
	} else {
		slot_wait(s, slot);
	}
}

void op_wait_timeout(struct seat *s, struct dice *d)
{
	static const uint64_t ns[] = { 0, 1, 2000, 50000, 1000000 };
	uint64_t timeout_ns = ns[roll(d, sizeof(ns) / sizeof(ns[0]))];
	struct slot *slot = open_slot(s, d);
	int err;

	if (!slot)
		return;
	err = ipi_domain_wait_timeout(s->round->dom, &slot->msg, timeout_ns);
	if (!err)
		slot_close(s, slot, 0);
	else
		bump(s, timeouts);
	if (err && err != -ETIMEDOUT)
		fail(s->round, CHECK_answer, s, "a timed wait answered %d",
		     err);
}

void op_done(struct seat *s, struct dice *d)
{
	for (unsigned i = 0; i < OWN_SLOTS; i++)
		if (s->slot[i].open && slot_done(s, &s->slot[i]))
			slot_close(s, &s->slot[i], 0);
}

void op_detach(struct seat *s, struct dice *d)
{
	struct slot *slot = open_slot(s, d);

	/* Half of them at once: the target has hardly begun. */
	if (!slot || chance(d, 2))
		slot = send(s, chance(d, 2) ? SHAPE_UNICAST : SHAPE_BROADCAST,
			    0, d);
	if (slot)
		slot_detach(s, slot);
}

/*
 * A live message is refused. It is sent to nobody, so that it does no harm
 * when it has become complete meanwhile.
 */
void op_resend(struct seat *s, struct dice *d)
{
	struct slot *slot = open_slot(s, d);
	bool done;
	int err;

	if (!slot)
		return;
	done = slot_done(s, slot);
	ipi_cpuset_zero(slot->set);
	ipi_kpreempt_disable();
	err = ipi_domain_multicast(s->round->dom, &slot->msg, slot->set, 0);
	ipi_kpreempt_enable();
	if (err == -EBUSY)
		bump(s, refused);
	if (err && (err != -EBUSY || done))
		fail(s->round, CHECK_answer, s,
		     "a %s message that was sent again answered %d",
		     done ? "complete" : "live", err);
	if (!err)
		slot_close(s, slot, 0);
}
