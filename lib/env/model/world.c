/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seam's calls, and CPUs that come, go and die, as in user space: the
 * order of steps in attach and leave is that of lib/user/cpu.c.
 */
#include <string.h>

#include "model/scenario.h"

char arena[48 * 1024] __attribute__((aligned(IPI_APART_BYTES)));
size_t arena_size = sizeof(arena);
struct world *world = (struct world *)arena;

static struct world_params params;

void world_begin(const struct world_params *p)
{
	struct ipi_domain *dom = &world->dom;

	memset(arena, 0, sizeof(arena));
	params = *p;
	dom->path = p->path;
	dom->queue = p->queue;
	dom->ack = p->ack;
	dom->groups = MODEL_GROUPS;
	if (p->ack == IPI_ACK_tree) {
		dom->tree = &world->tree[0][0];
		dom->tree_stride = MODEL_THREADS * IPI_ACK_BLOCKS;
	}
	dom->cpus = world->cpu_of;
	dom->pools = world->pool_of;
	dom->cpus_max = p->cpus_max;
	dom->lines = p->path->lines(p->lines);
	dom->pool_nodes = dom->lines ? dom->lines * p->cpus_max : p->pool_nodes;
	dom->word_base = p->interrupts ? 0 : IPI_W_POLLING;
	dom->waiter = p->waiter;
	dom->idle_spin_ns = p->idle_spin_ns;
	dom->secret = UINT64_C(0x5ec7e7);
	dom->queue_bytes = p->path->bytes(p->cpus_max, p->pool_nodes);
	for (unsigned i = 0; i < p->cpus_max; i++) {
		dom->pools[i] = world->pool[i];
		world->cpu[i].queue = world->queue[i];
		world->cpu[i].blocks = dom->tree ? world->block[i] : NULL;
	}
}

/* ---- locks -------------------------------------------------------------- */

static void lock(ipi_a32 *word, uint32_t from, uint32_t to)
{
	while (!ipi_cas_acq_rel(word, from, to)) {
		const struct waiting w = {
			.word = word, .seen = (uint32_t)memory_latest(word, 4)
		};

		if (w.seen != from)
			(void)sched_wait(&w);
	}
}

/* ---- CPUs --------------------------------------------------------------- */

static void enter(struct ipi_cpu *cpu)
{
	lock(&world->alive[cpu->index], ALIVE_FREE, ALIVE_HELD);
	ipi_cpu_enter(&world->dom, cpu);
	current->cpu = cpu;
}

int world_attach(int index)
{
	struct ipi_domain *dom = &world->dom;
	struct ipi_cpu *cpu;
	int err = 0;

	if (current->cpu)
		return -EBUSY;
	ipi_reap_dead(dom, NULL);
	current->locked = true;
	lock(&world->lock, 0, 1);
	cpu = ipi_cpu_at(dom, (uint32_t)index);
	if (!cpu) {
		cpu = &world->cpu[index];
		ipi_cpu_setup(dom, cpu, (uint32_t)index,
			      ((uint32_t)index + 1) / MODEL_GROUPS);
		ipi_store_release(&dom->cpus[index], cpu);
		enter(cpu);
	} else if (ipi_load_acquire(&cpu->state) == IPI_CPU_FREE) {
		enter(cpu);
	} else {
		err = -EBUSY;
	}
	ipi_store_release(&world->lock, 0);
	current->locked = false;
	return err;
}

int world_detach(bool dying)
{
	struct ipi_cpu *cpu = current->cpu;

	if (!cpu)
		return -EPERM;
	if (ipi_env_delivery_held())
		return -EDEADLK;
	ipi_cpu_leave(&world->dom, cpu, dying);
	current->cpu = NULL;
	current->locked = true;
	ipi_store_release(&world->alive[cpu->index], ALIVE_FREE);
	ipi_cpu_left(&world->dom, cpu);
	current->locked = false;
	return 0;
}

/* What it did is seen by whoever finds it dead: the kernel's word for that. */
void world_die(struct thread *t)
{
	bool before = quiet;

	memory_drain(t, t->buffered);
	if (!t->cpu)
		return;
	memory_note(memory_loc(&world->alive[t->cpu->index]), true);
	quiet = true;
	ipi_store_release(&world->alive[t->cpu->index], ALIVE_DEAD);
	quiet = before;
}

bool world_has_dead(void)
{
	for (unsigned i = 0; i < world->dom.cpus_max; i++)
		if (memory_latest(&world->alive[i], 4) == ALIVE_DEAD)
			return true;
	return false;
}

bool ipi_env_died(struct ipi_cpu *cpu)
{
	return ipi_load_acquire(&cpu->state) != IPI_CPU_FREE &&
	       ipi_cas_acq_rel(&world->alive[cpu->index], ALIVE_DEAD,
			       ALIVE_BURYING);
}

void ipi_env_buried(struct ipi_cpu *cpu)
{
	ipi_store_release(&world->alive[cpu->index], ALIVE_FREE);
	/* A turn of a wait is bounded: it looks again some time after. */
	for (unsigned i = 0; i < threads_n; i++)
		threads[i].again = true;
}

bool world_is_counter(const void *where)
{
	size_t at = (size_t)((const char *)where - (const char *)world->cpu);
	size_t in = at % sizeof(struct ipi_cpu);

	return at < sizeof(world->cpu) &&
	       in >= offsetof(struct ipi_cpu, count) &&
	       in < offsetof(struct ipi_cpu, env);
}

bool world_has_work(const struct ipi_cpu *cpu)
{
	uint64_t word = memory_latest(&cpu->notify, 4);

	if (word & IPI_W_POLLING && word & IPI_W_WORK)
		return true;
	return cpu->watched &&
	       memory_latest(&cpu->pool[cpu->watched - 1].link, 4) ==
		       IPI_LINK_POSTED;
}

/* ---- holding off -------------------------------------------------------- */

int world_splhigh(void)
{
	int level = current->spl++;

	if (!level && current->cpu)
		ipi_cpu_hold(&world->dom, current->cpu, true);
	return level;
}

void world_splx(int level)
{
	bool ends = current->spl && !level;

	current->spl = level;
	if (ends && current->cpu)
		ipi_cpu_hold(&world->dom, current->cpu, false);
}

struct ipi_cpu *ipi_env_curcpu(struct ipi_domain *dom)
{
	return current->cpu;
}

bool ipi_env_atomic_context(void)
{
	return current->preempt || current->spl || current->handlers;
}

bool ipi_env_delivery_held(void)
{
	return current->handlers || current->spl;
}

bool ipi_env_spl_held(void)
{
	return current->spl;
}

void ipi_env_pass_begin(void)
{
	current->handlers++;
}

void ipi_env_pass_end(void)
{
	current->handlers--;
}

void ipi_env_point(int point, struct ipi_cpu *cpu)
{
}

struct ipi_domain *ipi_env_default(void)
{
	return &world->dom;
}

/* ---- delivery ----------------------------------------------------------- */

/* A signal that finds its thread no CPU any more is ignored. */
void world_interrupt(void)
{
	if (!current->cpu)
		return;
	memory_saw(current, &world->sent[current->cpu->index]);
	(void)ipi_load_acquire(&world->sent[current->cpu->index]);
	ipi_interrupt(&world->dom, current->cpu);
}

static bool has_room(void)
{
	struct options o = { 0 };

	option(&o, COST_FREE, true, 0);
	option(&o, COST_EVENT, false, 0);
	return quiet || o.what[choose(&o)];
}

int ipi_env_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	sched_flush(COST_PREEMPT);
	if (!params.interrupts) {
		ipi_env_wake(&target->notify);
		return 0;
	}
	/* What was stored before is seen by the interrupt; others may act
	 * between the publication and this. */
	(void)ipi_fetch_or_release(&world->sent[target->index], 1u);
	if (!has_room()) {
		trace_event(current, "the delivery has no room");
		current->owes = true;
		sched_mix(current, 0xa9a1);
		return -EAGAIN;
	}
	for (unsigned i = 0; i < threads_n; i++) {
		struct thread *t = &threads[i];

		if (t->cpu != target)
			continue;
		if (t->status == ST_DEAD)
			return -ESRCH;
		trace_event(current, "interrupts CPU %u", target->index);
		t->irqs++;
	}
	return 0;
}

/* ---- waiting ------------------------------------------------------------ */

void ipi_env_wait_begin(struct ipi_domain *dom, struct ipi_env_wait *w,
			bool timed, uint64_t timeout_ns)
{
	w->naps = 0;
	w->timed = timed && timeout_ns != UINT64_MAX;
}

unsigned ipi_env_wait_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
			   ipi_a32 *word, uint32_t seen, ipi_a32 *own,
			   bool sleeper)
{
	const struct waiting wait = { .word = word,
				      .own = own,
				      .seen = seen,
				      .timed = w->timed,
				      .sleeper = sleeper };

	return sched_wait(&wait);
}

/* Two turns: whoever comes in between or after is a matter of the schedule. */
bool ipi_env_spin_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
		       ipi_a32 *word, uint32_t seen)
{
	return !w->naps++;
}

uint64_t ipi_env_waited_ns(const struct ipi_env_wait *w)
{
	return 0;
}

void ipi_env_sleep(struct ipi_cpu *self, uint32_t seen, uint64_t timeout_ns)
{
	ipi_a32 *word = &self->notify;
	const struct waiting wait = { .word = word,
				      .seen = seen,
				      .timed = timeout_ns != UINT64_MAX,
				      .sleeper = true,
				      .idle = true };

	while (ipi_load_acquire(word) == seen) {
		unsigned turn = sched_wait(&wait);

		/* Not the sleeper: whoever attaches, or waits, meanwhile. */
		if (turn & IPI_TURN_SLOW)
			ipi_reap_dead(&world->dom, NULL);
		if (turn & IPI_TURN_TIMEOUT)
			break;
	}
}

/* Who sleeps on a word sleeps until this: a lost wake-up is a deadlock. */
void ipi_env_wake(ipi_a32 *word)
{
	sched_flush(COST_PREEMPT);
	sched_word(word, true);
	trace_event(current, "wakes who sleeps on %s", place_name(word));
	for (unsigned i = 0; i < threads_n; i++)
		if (threads[i].status == ST_WAITING &&
		    threads[i].wait.sleeper && threads[i].wait.word == word)
			threads[i].wait.woken = true;
}

void ipi_env_bug(const char *file, int line, const char *what)
{
	violation("%s:%d: %s does not hold", file, line, what);
}

void ipi_env_stall(struct ipi_domain *dom, const struct ipi_stall *stall)
{
	if (stall->target >= dom->cpus_max && stall->target != UINT32_MAX)
		violation("a stall report names CPU %u", stall->target);
}
