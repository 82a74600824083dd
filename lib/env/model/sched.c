/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose turn it is. A thread keeps its turn until it waits, ends, or is
 * preempted where that can matter: before an access to a location that others
 * use, too. An interrupt that was sent comes between two calls, when its CPU
 * gets its turn, when it waits, or, at the price of a preemption, before any
 * access that the interrupt could tell from another.
 */
#include <string.h>

#include "model/scenario.h"

struct thread threads[MODEL_THREADS];
struct thread *current;
unsigned threads_n;
bool quiet;
uint64_t model_steps;

#define STEPS_MAX 20000u /* of one run: a loop that nothing ends */

static jmp_buf controller, nowhere;
static bool started[MODEL_THREADS];
static unsigned steps;

/* What an alternative is. */
enum { GO_ON, TAKE_IRQ, SWITCH, DRAIN, DIE, LEAVE, AGAIN, SLOW, TIMEOUT };

void sched_mix(struct thread *t, uint64_t event)
{
	t->hash = mix(t->hash, event);
}

bool sched_irq_ready(const struct thread *t)
{
	return t->irqs && !t->irq_depth && !t->locked && t->status != ST_DEAD;
}

static bool word_changed(const struct waiting *w)
{
	if (w->own && memory_latest(w->own, 4) & IPI_W_WORK)
		return true;
	return w->sleeper ? w->woken : memory_latest(w->word, 4) != w->seen;
}

static bool enabled(const struct thread *t)
{
	switch (t->status) {
	case ST_READY:
		return true;
	case ST_WAITING:
		return word_changed(&t->wait) || sched_irq_ready(t) ||
		       t->owes || t->again || t->wait.timed || world_has_dead();
	case ST_IDLE:
		return sched_irq_ready(t) ||
		       (t->cpu && (world_has_work(t->cpu) || world_has_dead()));
	default:
		return false;
	}
}

void sched_end(enum end end)
{
	_longjmp(controller, 1 + (int)end);
}

static uint64_t state_hash(unsigned kind)
{
	uint64_t h = mix(kind, current ? current->index : MODEL_THREADS);

	/* A sum: no thread's part waits for another's. */
	for (unsigned i = 0; i < threads_n; i++) {
		const struct thread *t = &threads[i];

		h += mix(mix(mix(i, t->hash), t->drained),
			 (uint64_t)t->status << 24 | t->irqs << 16 |
				 t->buffered << 8 | t->again << 2 |
				 t->wait.woken << 1 | (unsigned)t->fresh);
	}
	return h;
}

static void prune_if_explored(unsigned kind)
{
	if (explored(state_hash(kind)))
		sched_end(END_PRUNED);
}

static void switch_to(struct thread *u)
{
	struct thread *t = current;
	bool begun = started[u->index];

	current = u;
	u->fresh = true;
	started[u->index] = true;
	if (u == t)
		return;
	if (begun)
		fiber_resume(t ? t->fiber.here : nowhere, &u->fiber);
	else
		fiber_begin(t ? t->fiber.here : nowhere, &u->fiber);
}

/* ---- deadlocks ---------------------------------------------------------- */

/* The CPU whose doing a waiter on this word needs; -1: nobody's. */
static int awaited_cpu(const ipi_a32 *word)
{
	for (unsigned i = 0; i < world->dom.cpus_max; i++)
		for (unsigned n = 0; n < world->dom.pool_nodes; n++) {
			const struct ipi_node *node = &world->pool[i][n];

			if (word == &node->done || word == &node->claim ||
			    (node->counter.v == word &&
			     memory_latest(&node->done, 4) >> 1 !=
				     memory_latest(&node->seq, 4)))
				return (int)memory_latest(&node->target, 4);
		}
	for (unsigned i = 0; i < world->dom.cpus_max; i++)
		if ((const char *)word >= (const char *)&world->cpu[i] &&
		    (const char *)word < (const char *)(&world->cpu[i] + 1))
			return (int)i;
	return -1;
}

static int thread_of_cpu(int cpu)
{
	for (unsigned i = 0; i < threads_n; i++)
		if (threads[i].cpu && cpu >= 0 &&
		    threads[i].cpu->index == (uint32_t)cpu)
			return (int)i;
	return -1;
}

static void deadlock(void)
{
	int at = -1;

	for (unsigned i = 0; i < threads_n; i++) {
		const struct thread *t = &threads[i];
		int cpu;

		if (t->status != ST_WAITING)
			continue;
		cpu = awaited_cpu(t->wait.word);
		trace_event(
			t, "waits for %s to change from 0x%x%s; CPU %d owes it",
			place_name(t->wait.word), t->wait.seen,
			t->wait.sleeper ? ", asleep" : "", cpu);
		if (at < 0)
			at = (int)i;
	}
	for (unsigned n = 0; at >= 0 && n <= threads_n; n++) {
		int next = threads[at].status == ST_WAITING
				   ? thread_of_cpu(
					     awaited_cpu(threads[at].wait.word))
				   : -1;

		if (next >= 0)
			trace_event(&threads[at], "-> thread %d", next);
		else
			trace_event(&threads[at], "%s",
				    threads[at].status == ST_WAITING
					    ? "-> nobody"
					    : "has nothing to do");
		at = next;
	}
	violation("deadlock: nobody can go on");
}

/* ---- turns -------------------------------------------------------------- */

/* It has nothing to do, nor has it to be given anything. */
static bool rests(const struct thread *t)
{
	return t->status >= ST_IDLE ||
	       (t->status == ST_WAITING && t->wait.idle && judge_disturbed());
}

/* The current thread can't go on by itself: who does? */
static void pick(void)
{
	struct options o = { 0 };
	bool over = true;

	prune_if_explored(1);
	for (unsigned i = 0; i < threads_n; i++) {
		if (enabled(&threads[i]))
			option(&o, COST_FREE, SWITCH, i);
		over &= rests(&threads[i]);
	}
	if (o.n)
		switch_to(&threads[o.which[choose(&o)]]);
	else if (over)
		sched_end(END_DONE);
	else
		deadlock();
}

static void die(void)
{
	struct thread *t = current;

	trace_event(t, "dies");
	sched_mix(t, 0xdead);
	world_die(t);
	t->status = ST_DEAD;
	t->irqs = 0;
	pick();
	__builtin_unreachable();
}

static void take_irq(void)
{
	struct thread *t = current;

	t->irqs--;
	sched_mix(t, 0x1219);
	trace_event(t, "is interrupted");
	t->irq_depth++;
	world_interrupt();
	t->irq_depth--;
	trace_event(t, "returns from the interrupt");
	sched_mix(t, 0x121a);
}

static enum cost irq_cost(const struct loc *l, bool flagged)
{
	if (current->fresh && flagged)
		return COST_FREE;
	return l->irq ? COST_PREEMPT : COST_NEVER;
}

/* True: something else happened first; ask again. */
static bool access_choice(struct loc *l, bool plain)
{
	bool cross = l->cross && !plain, flagged = l->cross || l->irq;
	struct options o = { 0 };
	unsigned taken;

	option(&o, COST_FREE, GO_ON, 0);
	if (sched_irq_ready(current))
		option(&o, irq_cost(l, flagged), TAKE_IRQ, 0);
	for (unsigned i = 0; i < threads_n; i++) {
		if (&threads[i] != current && enabled(&threads[i]))
			option(&o,
			       cross && !current->fresh ? COST_PREEMPT
							: COST_NEVER,
			       SWITCH, i);
		if (threads[i].buffered)
			option(&o, cross ? COST_FREE : COST_NEVER, DRAIN, i);
	}
	if (current->cpu && !current->locked)
		option(&o, l->cross ? COST_EVENT : COST_NEVER, DIE, 0);
	if (flagged && o.n > 1)
		prune_if_explored(0);
	taken = choose(&o);
	switch (o.what[taken]) {
	case TAKE_IRQ:
		take_irq();
		return true;
	case SWITCH:
		switch_to(&threads[o.which[taken]]);
		return true;
	case DRAIN:
		memory_drain(&threads[o.which[taken]], 1);
		return true;
	case DIE:
		die();
		return true;
	default:
		if (flagged)
			current->fresh = false;
		return false;
	}
}

void sched_access(struct loc *l, bool plain)
{
	if (quiet)
		return;
	model_steps++;
	if (++steps > STEPS_MAX)
		violation("no end: a run of more than %u steps", STEPS_MAX);
	if (!l->cross && !l->irq && choose_nothing())
		return;
	while (access_choice(l, plain))
		;
}

void sched_between(void)
{
	struct options o = { 0 };

	if (quiet)
		return;
	option(&o, COST_FREE, GO_ON, 0);
	if (sched_irq_ready(current))
		option(&o, COST_FREE, TAKE_IRQ, 0);
	if (current->cpu && !current->handlers && !current->spl)
		option(&o, COST_EVENT, LEAVE, 0);
	switch (o.what[choose(&o)]) {
	case TAKE_IRQ:
		take_irq();
		break;
	case LEAVE:
		judge_leave();
		judge_attach((int)current->index);
		break;
	}
}

/* Going to sleep on a word, or waking who does, is an access to it. */
void sched_word(ipi_a32 *word, bool wakes)
{
	struct loc *l = memory_loc(word);

	memory_note(l, wakes);
	sched_access(l, false);
	sched_mix(current, 0x51e0u | wakes);
}

/*
 * What the current thread holds back takes effect, here at the latest. Others
 * may come first: a buffer is worth something only if they can.
 */
void sched_flush(enum cost cost)
{
	struct thread *t = current;

	while (t->buffered) {
		struct options o = { 0 };
		unsigned taken;

		option(&o, COST_FREE, DRAIN, 0);
		for (unsigned i = 0; i < threads_n; i++)
			if (&threads[i] != t && enabled(&threads[i]))
				option(&o, t->fresh ? COST_NEVER : cost, SWITCH,
				       i);
		prune_if_explored(2);
		taken = choose(&o);
		if (o.what[taken] == SWITCH) {
			switch_to(&threads[o.which[taken]]);
			continue;
		}
		memory_drain(t, 1);
		t->fresh = false;
	}
}

unsigned sched_wait(const struct waiting *w)
{
	struct thread *t = current;

	if (quiet)
		violation("waits when nobody is left");
	sched_flush(COST_FREE);
	if (w->sleeper)
		sched_word(w->word, false);
	if (w->sleeper && memory_latest(w->word, 4) != w->seen) {
		memory_saw(t, w->word);
		return IPI_TURN_AGAIN;
	}
	t->wait = *w;
	t->status = ST_WAITING;
	for (;;) {
		struct options o = { 0 };
		unsigned taken;

		pick();
		if (word_changed(&t->wait) || t->owes || t->again)
			option(&o, COST_FREE, AGAIN, 0);
		if (sched_irq_ready(t))
			option(&o, COST_FREE, TAKE_IRQ, 0);
		if (world_has_dead())
			option(&o, COST_FREE, SLOW, 0);
		if (w->timed)
			option(&o, COST_FREE, TIMEOUT, 0);
		taken = o.what[choose(&o)];
		t->status = ST_READY;
		sched_mix(t, taken);
		switch (taken) {
		case TAKE_IRQ:
			take_irq();
			return IPI_TURN_AGAIN;
		case SLOW:
			return IPI_TURN_SLOW | IPI_TURN_STALL;
		case TIMEOUT:
			trace_event(t, "times out");
			return IPI_TURN_TIMEOUT;
		default:
			if (t->again)
				memory_saw(t, &world->dom.deaths);
			t->owes = t->again = false;
			memory_saw(t, w->word);
			if (w->own)
				memory_saw(t, w->own);
			return IPI_TURN_AGAIN;
		}
	}
}

/* ---- a run -------------------------------------------------------------- */

/* A thread that has ended its calls stays there for others. */
static void idle_turn(struct thread *t)
{
	struct options o = { 0 };

	if (sched_irq_ready(t))
		option(&o, COST_FREE, TAKE_IRQ, 0);
	if (t->cpu && world_has_work(t->cpu))
		option(&o, COST_FREE, AGAIN, 0);
	if (t->cpu && world_has_dead())
		option(&o, COST_FREE, SLOW, 0);
	switch (o.what[choose(&o)]) {
	case TAKE_IRQ:
		take_irq();
		break;
	case SLOW:
		ipi_reap_dead(&world->dom, t->cpu);
		break;
	default:
		(void)ipi_domain_serve(&world->dom);
		break;
	}
}

static void thread_body(void)
{
	struct thread *t = current;

	if (scenario->body[t->index])
		scenario->body[t->index]();
	sched_flush(COST_FREE);
	for (;;) {
		t->status = ST_IDLE;
		sched_mix(t, 0x1d1e);
		pick();
		t->status = ST_READY;
		idle_turn(t);
		sched_flush(COST_FREE);
	}
}

static void begin_threads(void)
{
	static bool made;

	for (unsigned i = 0; i < MODEL_THREADS; i++) {
		struct thread *t = &threads[i];
		struct fiber fiber = t->fiber;

		memset(t, 0, sizeof(*t));
		t->fiber = fiber;
		t->index = i;
		t->hash = i + 1;
		t->preempt = 1; /* scenarios send all the time */
		started[i] = false;
		if (!made)
			fiber_make(&t->fiber, thread_body);
	}
	made = true;
	threads_n = scenario->threads;
}

/* What was done for one thread in the set-up, all have seen. */
static void join_threads(void)
{
	for (unsigned i = 0; i < threads_n; i++)
		for (unsigned j = 0; j < threads_n; j++)
			memory_join(&threads[i], &threads[j]);
}

enum end sched_run(void)
{
	int how = _setjmp(controller);

	if (!how) {
		steps = 0;
		quiet = true;
		begin_threads();
		trace_begin();
		memory_begin();
		race_begin();
		current = &threads[0];
		judge_begin();
		join_threads();
		quiet = false;
		current = NULL;
		pick();
	}
	if (how == 1 + END_DONE) {
		quiet = true;
		join_threads();
		judge_end();
		return END_DONE;
	}
	return (enum end)(how - 1);
}
