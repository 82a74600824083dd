// SPDX-License-Identifier: GPL-2.0-only
/* Ids: triggers that may not be lost, and ids that live for a moment. */
#include <linux/slab.h>

#include "torture.h"

#define ALIVE 0x600dcafeu

static void on_trigger(void *arg)
{
	const typeof(((struct torture *)0)->id_args[0]) *id = arg;
	struct torture *t = id->t;
	struct told *told = &t->told[id->number][smp_processor_id()];

	EXPECT(t, held, irqs_disabled());
	EXPECT(t, nest, atomic_inc_return(&told->depth) == 1);
	atomic64_inc(&told->runs);
	atomic64_inc(&t->runs);
	WRITE_ONCE(told->seen, atomic64_read(&told->asked));
	atomic_dec(&told->depth);
}

int torture_ids_open(struct torture *t)
{
	for (unsigned int i = 0; i < TORTURE_IDS; i++) {
		t->id_args[i].t = t;
		t->id_args[i].number = i;
		t->ids[i] =
			ipi_domain_register(t->dom, on_trigger, &t->id_args[i]);
		if (!t->ids[i])
			return -ENOSPC;
	}
	return 0;
}

void torture_ids_close(struct torture *t)
{
	for (unsigned int i = 0; i < TORTURE_IDS; i++)
		EXPECT(t, answer, !ipi_domain_unregister(t->dom, t->ids[i]));
}

void torture_ids_check(struct torture *t)
{
	for (unsigned int i = 0; i < TORTURE_IDS; i++)
		for (unsigned int cpu = 0; cpu < t->cpus; cpu++) {
			struct told *told = &t->told[i][cpu];

			EXPECT(t, trigger,
			       told->seen >= (u64)atomic64_read(&told->owed));
			EXPECT(t, extra,
			       atomic64_read(&told->runs) <=
				       atomic64_read(&told->asked));
		}
}

/* It was accepted: a run is owed that sees at least this. */
static void owe(struct told *told, s64 asked)
{
	s64 owed = atomic64_read(&told->owed);

	while (owed < asked && !atomic64_try_cmpxchg(&told->owed, &owed, asked))
		;
}

static void trigger_one(struct sender *s, unsigned int i)
{
	struct torture *t = s->t;
	unsigned int to = torture_random(s) % t->cpus;
	struct told *told;
	s64 asked;
	int err;

	if (to == (unsigned int)smp_processor_id())
		to = (to + 1) % t->cpus;
	told = &t->told[i][to];
	asked = atomic64_inc_return(&told->asked);
	err = ipi_domain_trigger(t->dom, t->ids[i], ipi_domain_cpu(t->dom, to));
	if (err)
		EXPECT(t, answer, err == -ENXIO);
	else
		owe(told, asked);
}

/* CPU 0 never leaves: for the others nobody says whether they were there. */
static void trigger_many(struct sender *s, unsigned int i)
{
	struct torture *t = s->t;
	bool all = torture_random(s) & 1;
	s64 asked = 0;
	int err;

	ipi_cpuset_zero(s->set);
	for (unsigned int cpu = t->cpus; cpu--;) {
		asked = atomic64_inc_return(&t->told[i][cpu].asked);
		ipi_cpuset_set(s->set, cpu);
	}
	if (all)
		err = ipi_domain_trigger_broadcast(t->dom, t->ids[i], false);
	else
		err = ipi_domain_trigger_multi(t->dom, t->ids[i], s->set);
	EXPECT(t, answer, !err);
	if (!err)
		owe(&t->told[i][0], asked);
}

void torture_trigger(struct sender *s)
{
	unsigned int i = torture_random(s) % TORTURE_IDS;

	if (!torture_enter(s->t))
		return;
	if (torture_random(s) % 8)
		trigger_one(s, i);
	else
		trigger_many(s, i);
	preempt_enable();
	atomic64_inc(&s->t->triggers);
}

/* ---- ids that live for a moment --------------------------------------------------- */

struct mayfly {
	struct torture *t;
	u32 alive;
};

static void on_mayfly(void *arg)
{
	struct mayfly *fly = arg; /* freed, after it was unregistered */

	EXPECT(fly->t, unregister, READ_ONCE(fly->alive) == ALIVE);
	atomic64_inc(&fly->t->runs);
}

void torture_churn(struct sender *s)
{
	struct torture *t = s->t;
	struct mayfly *fly = kmalloc(sizeof(*fly), GFP_KERNEL);
	unsigned int id;
	int err = 0;

	if (!fly)
		return;
	*fly = (struct mayfly){ .t = t, .alive = ALIVE };
	id = ipi_domain_register(t->dom, on_mayfly, fly);
	EXPECT(t, answer, id);
	if (id) {
		if (torture_enter(t)) {
			err = ipi_domain_trigger_broadcast(t->dom, id, true);
			preempt_enable();
		}
		EXPECT(t, answer, !err);
		EXPECT(t, answer, !ipi_domain_unregister(t->dom, id));
		atomic64_inc(&t->churned);
	}
	WRITE_ONCE(fly->alive, 0);
	kfree(fly);
}
