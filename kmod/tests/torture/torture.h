/* SPDX-License-Identifier: GPL-2.0-only */
/* What the torture's files share. */
#ifndef TORTURE_H
#define TORTURE_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include <ipi/ipi.h>

#define TORTURE_CPUS 64u
#define TORTURE_IDS 4u
#define TORTURE_SLOTS 12u
#define TORTURE_WAIT_NS                                                        \
	90000000000ull /* emulated CPUs may starve for a while */

enum torture_check {
#define CHECK(name, promise) TORTURE_##name,
#include "checks.def"
#undef CHECK
	TORTURE_CHECKS
};

struct torture;

/* A message, and what its handlers are to find and to leave. */
struct slot {
	ipi_msg_t msg;
	struct torture *t;
	bool sent; /* and not yet waited for */
	bool chain; /* its handlers send, and wait */
	u32 live; /* SLOT_LIVE while handlers may run */
	u64 stored, inverse; /* plain: the send orders them */
	DECLARE_BITMAP(to, TORTURE_CPUS);
	DECLARE_BITMAP(seen, TORTURE_CPUS);
	atomic_t ran;
};

/* A thread for each CPU. It stays there, but while that is offline. */
struct sender {
	struct torture *t;
	unsigned int cpu;
	u64 random;
	ipi_cpuset_t *set;
	struct slot *slots;
	struct completion over;
};

/* What an id's handler on one CPU is to see, and has seen. */
struct told {
	atomic64_t asked; /* counts up before each trigger */
	atomic64_t owed; /* the greatest of those that were accepted */
	u64 seen; /* its handler is never nested there */
	atomic64_t runs;
	atomic_t depth;
};

struct torture {
	struct ipi_domain *dom;
	unsigned int cpus;
	u64 wanted; /* messages */
	u64 until_ns;
	unsigned int ids[TORTURE_IDS];
	struct told told[TORTURE_IDS][TORTURE_CPUS];
	struct {
		struct torture *t;
		unsigned int number;
	} id_args[TORTURE_IDS];
	/* Of messages, targets: accepted, run, given up; sends: no such CPU. */
	atomic64_t messages, targets, ran, given_up, absent, no_room;
	atomic64_t chained; /* sent by handlers, which waited */
	atomic64_t triggers, runs, churned;
	atomic_t failed[TORTURE_CHECKS];
	const char *where[TORTURE_CHECKS]; /* what did not hold first */
	atomic_t stalls;
	struct ipi_stall stall; /* the first */
};

void torture_failed(struct torture *t, enum torture_check check,
		    const char *what);
#define EXPECT(t, check, cond)                                                 \
	do {                                                                   \
		if (!(cond))                                                   \
			torture_failed((t), TORTURE_##check, #cond);           \
	} while (0)

/*
 * Stays on this CPU; false, and doesn't: Linux's CPU is there, and runs threads
 * of the kernel, but has not yet come into the domain.
 */
static inline bool torture_enter(struct torture *t)
{
	preempt_disable();
	if (ipi_domain_curcpu(t->dom))
		return true;
	preempt_enable();
	return false;
}

/*
 * May a handler wait here? Not if it has interrupted what may be the thread that
 * stops the machine, as for each CPU that goes, nor a lock's holder: other CPUs may
 * spin for those with interrupts off, and answer nobody. A sender holds nothing;
 * and those CPUs answer an NMI.
 */
bool torture_may_wait(void);

static inline u32 torture_random(struct sender *s)
{
	u64 z = s->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z >> 33;
}

/* message.c: one thing to do with messages; and wait for all that is out. */
void torture_message(struct sender *s);
void torture_message_end(struct sender *s);
/* trigger.c */
int torture_ids_open(struct torture *t);
void torture_ids_close(struct torture *t);
void torture_trigger(struct sender *s);
void torture_churn(struct sender *s);
/* Nothing is under way any more: has every trigger been answered by a run? */
void torture_ids_check(struct torture *t);

#endif
