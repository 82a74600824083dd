// SPDX-License-Identifier: GPL-2.0-only
/* A seat: the thread that is a CPU, from attach to its end, and its calms. */
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "torture.h"

#define STACK_BYTES (512u << 10)

void life_next(struct seat *s)
{
	set_release(&s->life, get(&s->life) + 1);
}

static bool must_serve(const struct seat *s)
{
	return s->cpu && (s->polling || !s->round->interrupts);
}

/* One turn of waiting for the others; a CPU stays reachable, and no more. */
void seat_rest(struct seat *s, unsigned turn)
{
	const struct timespec nap = { .tv_nsec = 100000 };

	if (must_serve(s))
		ipi_domain_serve(s->round->dom);
	if (turn < 64)
		sched_yield();
	else if (must_serve(s))
		ipi_domain_idle(s->round->dom, 200000);
	else
		nanosleep(&nap, NULL);
}

/* ---- coming and going --------------------------------------------------- */

static void attach(struct seat *s)
{
	const struct torture *t = s->round->t;
	unsigned at = s->index + get(&s->life) / 4;
	struct ipi_cpu_params params = {
		.processor = t->processor[at % t->processors],
		.index = (int)s->index,
	};
	uint64_t end_ns = now_ns() + WAIT_LONGEST_NS(t);
	struct ipi_cpu *cpu = NULL;
	int err;

	/* Never OUT on the way: a CPU that died is there until it is reaped. */
	set_release(&s->life, (get(&s->life) + 3) / 4 * 4 + LIFE_ENTERING);
	/* Somebody may still be at the burial of the one before. */
	do
		err = ipi_domain_attach(s->round->dom, &params, &cpu);
	while (err == -EBUSY && s->died_bare && !sched_yield() &&
	       now_ns() < end_ns);
	if (err || cpu != s->cpu)
		fail(s->round, CHECK_answer, s, "attach answered %d", err);
	s->polling = false;
	life_next(s);
}

/* Leaves and comes back; everything that was sent is complete by then. */
void op_cycle(struct seat *s, struct dice *d)
{
	struct ipi_domain *dom = s->round->dom;
	uint32_t life = get(&s->life);
	int err;

	life_next(s);
	err = ipi_domain_detach(dom);
	if (err)
		fail(s->round, CHECK_answer, s, "leaving answered %d", err);
	life_next(s);
	idents_seen(s, life, true);
	for (unsigned i = 0; i < SLOTS; i++) {
		if (!s->slot[i].open)
			continue;
		if (!slot_done(s, &s->slot[i]))
			fail(s->round, CHECK_early, s,
			     "a CPU has left; a message of it is under way");
		slot_close(s, &s->slot[i], 0);
	}
	if (ipi_domain_curcpu(dom) || ipi_domain_serve(dom) ||
	    ipi_domain_polling(dom, true) != -EPERM)
		fail(s->round, CHECK_answer, s, "a CPU that has left is one");
	for (unsigned turns = roll(d, 8); turns; turns--)
		sched_yield();
	attach(s);
	bump(s, cycles);
}

void op_exit(struct seat *s, struct dice *d)
{
	life_next(s);
	s->ended_how = ENDING_EXIT;
	bump(s, exits);
}

void op_exit_bare(struct seat *s, struct dice *d)
{
	life_next(s);
	s->ended_how = ENDING_BARE;
	bump(s, bare);
	set_release(&s->died, get(&s->life));
	set_release(&s->ended, 1);
	for (;;)
		syscall(SYS_exit, 0);
}

/* Called by the main thread when the thread is no more. */
void seat_buried(struct seat *s)
{
	uint32_t life = get(&s->life) - 1;

	for (unsigned i = 0; i < SLOTS; i++)
		s->slot[i].busy = false;
	s->died_bare = s->ended_how == ENDING_BARE;
	if (s->died_bare)
		return;
	idents_seen(s, life, true);
	for (unsigned i = 0; i < SLOTS; i++)
		slot_orphan(s, &s->slot[i], false);
	life_next(s);
}

/*
 * The messages of the one before are not live once their targets met them;
 * only then have those of one that died bare come to an end.
 */
static void inherit(struct seat *s)
{
	uint64_t deadline_ns = WAIT_LONGEST_NS(s->round->t);

	for (unsigned i = 0; i < SLOTS; i++) {
		if (ipi_domain_wait_timeout(s->round->dom, &s->slot[i].msg,
					    deadline_ns))
			fail(s->round, CHECK_hang, s,
			     "a message whose sender ended does not end");
		slot_orphan(s, &s->slot[i], s->died_bare);
	}
}

/* ---- calms -------------------------------------------------------------- */

static bool settled(struct seat *s, bool tell)
{
	bool all = idents_seen(s, get(&s->life), tell);

	for (unsigned i = 0; i < SLOTS; i++) {
		struct slot *slot = &s->slot[i];

		if (!slot->open)
			continue;
		if (slot_done(s, slot))
			slot_close(s, slot, 0);
		else
			all = false;
	}
	return all;
}

static void calm(struct seat *s)
{
	struct round *r = s->round;
	unsigned turn = 0;
	int phase;

	s->still = true;
	set_release(&s->at, PHASE_HALT);
	while (get_acquire(&r->phase) == PHASE_HALT)
		seat_rest(s, turn++);
	turn = 0;
	while (!settled(s, false))
		seat_rest(s, turn++);
	set_release(&s->at, PHASE_SETTLE);
	turn = 0;
	while ((phase = get_acquire(&r->phase)) == PHASE_SETTLE)
		seat_rest(s, turn++);
	s->still = phase == PHASE_END;
}

/* ---- the thread --------------------------------------------------------- */

static void step(struct seat *s)
{
	struct dice d = dice_for(s->base, s->step++);
	const struct op *op = mix_pick(&s->round->t->mix, &d);

	set(&s->op, (uint32_t)(op - ops));
	bump(s, ops);
	op->run(s, &d);
	if (must_serve(s))
		ipi_domain_serve(s->round->dom);
}

static void leave(struct seat *s)
{
	int err;

	life_next(s);
	err = ipi_domain_detach(s->round->dom);
	if (err)
		fail(s->round, CHECK_answer, s, "leaving answered %d", err);
	life_next(s);
	s->ended_how = ENDING_ORDERLY;
}

static void *seat_main(void *arg)
{
	const struct timespec none = { 0 };
	struct seat *s = arg;
	int phase;

	torture_me = s;
	/* ThreadSanitizer loses a signal that meets a first blocking call. */
	nanosleep(&none, NULL);
	attach(s);
	inherit(s);
	s->died_bare = false;
	s->still = false;
	while ((phase = get_acquire(&s->round->phase)) != PHASE_END &&
	       !s->ended_how) {
		set_release(&s->at, PHASE_RUN);
		if (phase == PHASE_RUN)
			step(s);
		else
			calm(s);
	}
	if (!s->ended_how)
		leave(s);
	set_release(&s->ended, 1);
	return NULL;
}

int seat_start(struct seat *s)
{
	bool is_cpu = s != &s->round->churner;
	pthread_attr_t attr;
	int err;

	s->ended_how = ENDING_NOT;
	s->spl = s->window = false;
	s->still = true; /* until the slots are its own */
	s->depth = 0;
	set(&s->ended, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	err = pthread_create(&s->thread, &attr,
			     is_cpu ? seat_main : churner_main, s);
	pthread_attr_destroy(&attr);
	s->started = !err;
	return -err;
}
