// SPDX-License-Identifier: GPL-2.0-only
/*
 * The targets' side: handlers, the loop of a target that is busy in the kernel,
 * and the threads that are woken instead of interrupted.
 */
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/topology.h>

#include "run_loop.h"

/* The target that this CPU is in the session, or NULL. */
DEFINE_PER_CPU(struct run_target *, run_here);

/*
 * Linux runs its calls on the way out of idle, too, where no interrupt was sent:
 * a CPU that idles polling is woken by a store.
 */
static __always_inline u8 way_of_call(void)
{
	if (in_hardirq() || in_nmi())
		return IPI_WAY_INTERRUPT;
	return is_idle_task(current) ? IPI_WAY_IDLE : IPI_WAY_NONE;
}

static __always_inline u8 way_of_message(struct run_target *t)
{
	u8 way = ipi_domain_way(t->run->dom);

	return way == IPI_WAY_INTERRUPT ? way_of_call() : way;
}

static __always_inline void log_done(struct run_target *t, u32 source, u32 line,
				     u8 way)
{
	t->way[source * IPI_UAPI_LOG + line] = way;
	t->came[way]++;
	if (t->stamp)
		t->stamp[line].done = run_clock(t->run);
	smp_store_release(&t->handled, t->handled + 1);
}

static __always_inline void log_entry(struct run_target *t, u32 line)
{
	if (t->stamp)
		t->stamp[line].entry = run_clock(t->run);
}

void run_handler_message(void *tag)
{
	struct run_target *t = this_cpu_read(run_here);
	u32 at = (uintptr_t)tag;

	if (!t)
		return;
	log_entry(t, at & RUN_TAG_LINE);
	log_done(t, at >> RUN_TAG_BITS, at & RUN_TAG_LINE, way_of_message(t));
}

/* It has no argument of its own: its line is told by its number. */
void run_handler_trigger(void *unused)
{
	struct run_target *t = this_cpu_read(run_here);
	u32 line;

	if (!t)
		return;
	line = (t->handled - READ_ONCE(t->run->first)) & RUN_TAG_LINE;
	log_entry(t, line);
	log_done(t, 0, line, way_of_message(t));
}

void run_handler_call(void *tag)
{
	struct run_target *t = this_cpu_read(run_here);
	u32 at = (uintptr_t)tag;

	if (!t)
		return;
	log_entry(t, at & RUN_TAG_LINE);
	log_done(t, at >> RUN_TAG_BITS, at & RUN_TAG_LINE, way_of_call());
}

/* ---- busy in the kernel -------------------------------------------------- */

static struct run_target *target_here(struct run_session *r)
{
	u32 k;

	if (current->nr_cpus_allowed != 1)
		return NULL;
	for (k = 0; k < r->targets_n; k++)
		if (r->target[k]->number == raw_smp_processor_id())
			return r->target[k];
	return NULL;
}

static bool target_is_over(const struct run_session *r)
{
	return READ_ONCE(r->cancelled) || fatal_signal_pending(current) ||
	       ktime_get_mono_fast_ns() > r->end_ns;
}

/* Ten milliseconds of it: serves where it has to, and tells what it has seen. */
static int target_slice(struct run_session *r, struct run_target *t,
			bool serves)
{
	u64 began, seen = t->ready, handled;
	u32 turn = 0;

	preempt_disable();
	/* Linux moves a thread whose CPU goes offline, pinned or not. */
	if (smp_processor_id() != t->number) {
		preempt_enable();
		return -ENODEV;
	}
	began = ktime_get_mono_fast_ns();
	while (!READ_ONCE(r->cancelled)) {
		if (!serves || !ipi_domain_serve(r->dom))
			cpu_relax();
		handled = READ_ONCE(t->handled);
		if (handled != seen) {
			seen = handled;
			smp_store_release(&t->ready, seen);
		}
		if (++turn % RUN_SPINS == 0 &&
		    (need_resched() ||
		     ktime_get_mono_fast_ns() - began > RUN_SLICE_NS))
			break;
	}
	preempt_enable();
	return 0;
}

int run_target_busy(struct run_session *r)
{
	struct run_target *t = target_here(r);
	bool serves;
	int err = 0;

	if (!t || r->ask.state != IPI_UAPI_STATE_KERNEL)
		return -EINVAL;
	if (xchg(&t->here, 1))
		return -EBUSY;
	serves = r->dom && !strcmp(ipi_domain_delivery(r->dom), "poll");
	while (!err && !target_is_over(r)) {
		err = target_slice(r, t, serves);
		cond_resched();
	}
	WRITE_ONCE(t->here, 0);
	return err;
}

/* ---- woken --------------------------------------------------------------- */

/* A thread whose CPU went away is moved, and answers no more. */
static bool thread_is_asked(struct run_target *t)
{
	return smp_load_acquire(&t->asked) != t->handled &&
	       raw_smp_processor_id() == t->number;
}

static int thread_main(void *arg)
{
	struct run_target *t = arg;
	u32 line;

	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		if (!thread_is_asked(t)) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		line = (t->handled - READ_ONCE(t->run->first)) & RUN_TAG_LINE;
		log_entry(t, line);
		log_done(t, 0, line, IPI_WAY_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* Real-time, as whoever is woken to do something now is in Linux. */
static int thread_start(struct run_target *t)
{
	struct task_struct *p =
		kthread_create_on_node(thread_main, t, cpu_to_node(t->number),
				       "ipi-run/%d", t->number);

	if (IS_ERR(p))
		return PTR_ERR(p);
	kthread_bind(p, t->number);
	sched_set_fifo(p);
	t->thread = p;
	wake_up_process(p);
	return 0;
}

int run_threads_start(struct run_session *r)
{
	int err = 0;
	u32 k;

	for (k = 0; k < r->targets_n && !err; k++)
		err = thread_start(r->target[k]);
	return err;
}

void run_threads_stop(struct run_session *r)
{
	u32 k;

	for (k = 0; k < r->targets_n; k++)
		if (r->target[k]->thread)
			kthread_stop(r->target[k]->thread);
}
