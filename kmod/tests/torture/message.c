// SPDX-License-Identifier: GPL-2.0-only
/* Messages: to one, to some, to all; waited for, looked at, given up. */
#include <linux/string.h>

#include "torture.h"

#define SLOT_LIVE 0x600dcafeu
#define SLOT_DEAD 0xdeadbeefu

/* ---- handlers ------------------------------------------------------------------ */

static void on_chain(void *arg)
{
	atomic_inc(arg);
}

/*
 * Sends from a handler, and waits there: the depth of that is bounded. Not where
 * what was interrupted may be something that others wait for with interrupts off.
 */
static void chain(struct torture *t, unsigned int cpu)
{
	struct ipi_cpu *to = ipi_domain_cpu(t->dom, (cpu + 1) % t->cpus);
	atomic_t ran = ATOMIC_INIT(0);
	ipi_msg_t msg = { .func = on_chain, .arg = &ran };
	int err = ipi_domain_unicast(t->dom, &msg, to, 0), given = 0;

	if (err) {
		EXPECT(t, answer, err == -ENXIO || err == -EDEADLK);
		return;
	}
	if (ipi_domain_wait_timeout(t->dom, &msg, TORTURE_WAIT_NS)) {
		torture_failed(t, TORTURE_hang, "a wait");
		given = ipi_domain_msg_detach(t->dom, &msg);
	}
	EXPECT(t, once, atomic_read(&ran) + given == 1);
	atomic64_inc(&t->chained);
	atomic64_inc(&t->targets);
	atomic64_add(atomic_read(&ran), &t->ran);
	atomic64_add(given, &t->given_up);
}

static void on_message(void *arg)
{
	struct slot *slot = arg;
	struct torture *t = slot->t;
	unsigned int cpu = smp_processor_id();

	EXPECT(t, held, irqs_disabled());
	EXPECT(t, late, READ_ONCE(slot->live) == SLOT_LIVE);
	EXPECT(t, order, slot->stored == ~slot->inverse);
	EXPECT(t, place, cpu < t->cpus && test_bit(cpu, slot->to));
	EXPECT(t, once, !test_and_set_bit(cpu, slot->seen));
	if (slot->chain && torture_may_wait())
		chain(t, cpu);
	atomic_inc(&slot->ran);
}

/* ---- the end of a message ------------------------------------------------------- */

static void slot_over(struct slot *slot, int given)
{
	struct torture *t = slot->t;
	int ran = atomic_read(&slot->ran);

	EXPECT(t, once, ran + given == (int)ipi_msg_count(&slot->msg));
	atomic64_add(ran, &t->ran);
	atomic64_add(given, &t->given_up);
	WRITE_ONCE(slot->live, SLOT_DEAD);
	slot->sent = false;
}

static void give_up(struct slot *slot)
{
	int given = ipi_domain_msg_detach(slot->t->dom, &slot->msg);

	EXPECT(slot->t, answer, given >= 0);
	slot_over(slot, given);
}

static void wait_for(struct slot *slot)
{
	struct torture *t = slot->t;

	if (ipi_domain_wait_timeout(t->dom, &slot->msg, TORTURE_WAIT_NS)) {
		torture_failed(t, TORTURE_hang, "a wait");
		give_up(slot);
	} else {
		slot_over(slot, 0);
	}
}

static void wait_somehow(struct sender *s, struct slot *slot)
{
	struct torture *t = s->t;
	u32 how = torture_random(s) % 16;
	int err;

	if (how < 2) {
		give_up(slot);
	} else if (how < 5) {
		if (ipi_domain_done(t->dom, &slot->msg))
			slot_over(slot, 0);
	} else if (how < 8) {
		err = ipi_domain_wait_timeout(t->dom, &slot->msg,
					      how % 2 * 5000);
		EXPECT(t, answer, !err || err == -ETIMEDOUT);
		if (!err)
			slot_over(slot, 0);
	} else if (how < 12) {
		preempt_disable(); /* as the CPU: it serves meanwhile */
		wait_for(slot);
		preempt_enable();
	} else {
		wait_for(slot);
	}
}

/* ---- its beginning --------------------------------------------------------------- */

static void slot_fill(struct sender *s, struct slot *slot)
{
	memset(&slot->msg, (int)torture_random(s), sizeof(slot->msg));
	slot->msg.func = on_message;
	slot->msg.arg = slot;
	slot->t = s->t;
	slot->chain = torture_random(s) % 16 == 0;
	slot->stored = torture_random(s);
	slot->inverse = ~slot->stored;
	bitmap_zero(slot->to, TORTURE_CPUS);
	bitmap_zero(slot->seen, TORTURE_CPUS);
	atomic_set(&slot->ran, 0);
	WRITE_ONCE(slot->live, SLOT_LIVE);
}

static int send_one(struct sender *s, struct slot *slot, unsigned int flags)
{
	unsigned int to = torture_random(s) % s->t->cpus;

	if (to == (unsigned int)smp_processor_id())
		to = (to + 1) % s->t->cpus;
	__set_bit(to, slot->to);
	return ipi_domain_unicast(s->t->dom, &slot->msg,
				  ipi_domain_cpu(s->t->dom, to), flags);
}

static int send_some(struct sender *s, struct slot *slot, unsigned int flags)
{
	u64 which = (u64)torture_random(s) << 32 | torture_random(s);

	ipi_cpuset_zero(s->set);
	for (unsigned int cpu = 0; cpu < s->t->cpus; cpu++) {
		if (!(which >> cpu & 1))
			continue;
		__set_bit(cpu, slot->to);
		ipi_cpuset_set(s->set, cpu);
	}
	return ipi_domain_multicast(s->t->dom, &slot->msg, s->set, flags);
}

static int send_all(struct sender *s, struct slot *slot, unsigned int flags)
{
	bitmap_fill(slot->to, TORTURE_CPUS);
	if (torture_random(s) & 1) {
		__clear_bit(smp_processor_id(), slot->to);
		flags |= IPI_SKIP_SELF;
	}
	return ipi_domain_broadcast(s->t->dom, &slot->msg, flags);
}

static int send_somehow(struct sender *s, struct slot *slot)
{
	unsigned int flags = torture_random(s) % 4 ? 0 : IPI_NOWAIT;
	u32 how = torture_random(s) % 8;

	if (how < 5)
		return send_one(s, slot, flags);
	return how < 7 ? send_some(s, slot, flags) : send_all(s, slot, flags);
}

static void send(struct sender *s, struct slot *slot)
{
	struct torture *t = s->t;
	bool spl = torture_random(s) % 16 == 0;
	int level = 0, err;

	slot_fill(s, slot);
	if (!torture_enter(t))
		return;
	if (spl)
		level = ipi_splhigh();
	err = send_somehow(s, slot);
	if (spl)
		ipi_splx(level);
	preempt_enable();
	atomic64_inc(&t->messages);
	if (!err) {
		atomic64_add(ipi_msg_count(&slot->msg), &t->targets);
		slot->sent = true;
		return;
	}
	EXPECT(t, answer, err == -ENXIO || err == -EAGAIN);
	EXPECT(t, once, !atomic_read(&slot->ran));
	atomic64_inc(err == -ENXIO ? &t->absent : &t->no_room);
	WRITE_ONCE(slot->live, SLOT_DEAD);
}

void torture_message(struct sender *s)
{
	struct slot *slot = &s->slots[torture_random(s) % TORTURE_SLOTS];

	if (slot->sent)
		wait_somehow(s, slot);
	else
		send(s, slot);
}

void torture_message_end(struct sender *s)
{
	for (unsigned int i = 0; i < TORTURE_SLOTS; i++)
		if (s->slots[i].sent)
			wait_for(&s->slots[i]);
}
