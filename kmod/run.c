// SPDX-License-Identifier: GPL-2.0-only
/* A chunk of samples, from its request to its results. */
#include <linux/delay.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "run_loop.h"

const struct run_path *const run_paths[IPI_UAPI_PATHS] = {
	[IPI_UAPI_PATH_UNICAST] = &run_path_unicast,
	[IPI_UAPI_PATH_UNICAST_COND] = &run_path_unicast_cond,
	[IPI_UAPI_PATH_MULTICAST] = &run_path_multicast,
	[IPI_UAPI_PATH_BROADCAST] = &run_path_broadcast,
	[IPI_UAPI_PATH_TRIGGER] = &run_path_trigger,
	[IPI_UAPI_PATH_INCAST] = &run_path_incast,
	[IPI_UAPI_PATH_LINUX_SINGLE] = &run_path_linux_single,
	[IPI_UAPI_PATH_LINUX_ASYNC] = &run_path_linux_async,
	[IPI_UAPI_PATH_LINUX_MANY] = &run_path_linux_many,
	[IPI_UAPI_PATH_LINUX_EACH] = &run_path_linux_each,
	[IPI_UAPI_PATH_LINUX_WAKE] = &run_path_linux_wake,
};

/* ---- what the loops call now and then ------------------------------------ */

static int verdict(struct run_session *r)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	if (READ_ONCE(r->cancelled))
		return -ECANCELED;
	return ktime_get_mono_fast_ns() > r->end_ns ? -ETIME : 0;
}

/* Linux moves a thread whose CPU goes offline, pinned or not. */
static int is_at_home(struct run_source *s)
{
	if (likely(smp_processor_id() == s->cpu))
		return 0;
	s->deaf = s->cpu;
	return -ENODEV;
}

int run_breathe(struct run_session *r, struct run_source *s)
{
	int err;

	preempt_enable();
	cond_resched();
	err = verdict(r);
	preempt_disable();
	s->slice = run_clock(r);
	return err ? err : is_at_home(s);
}

int run_late(struct run_session *r, struct run_source *s, u64 *deadline)
{
	u64 now = ktime_get_mono_fast_ns();

	if (!*deadline)
		*deadline = now + r->deaf_ns;
	if (now > *deadline)
		return -ETIMEDOUT;
	if (!cpumask_subset(r->cpus, cpu_online_mask))
		return -ENXIO;
	return run_clock(r) - s->slice < r->slice ? 0 : run_breathe(r, s);
}

void run_deaf(struct run_session *r, struct run_source *s)
{
	u32 k;

	for (k = 0; k + 1 < r->targets_n; k++)
		if (!cpu_online(r->target[k]->number) ||
		    READ_ONCE(r->target[k]->handled) <= s->number)
			break;
	s->deaf = r->target[k]->number;
}

/* Who tells a set is not told that a CPU of it is gone: its count does. */
static int all_have_heard(struct run_session *r, struct run_source *s)
{
	u32 k;

	for (k = 0; r->path->many_targets && r->answers && k < r->targets_n;
	     k++) {
		if (READ_ONCE(r->target[k]->handled) >= s->number)
			continue;
		s->deaf = r->target[k]->number;
		return -ENXIO;
	}
	return 0;
}

/* ---- the request --------------------------------------------------------- */

static bool is_counted(const struct run_session *r,
		       const struct ipi_uapi_run *q)
{
	bool many = r->path->many_sources;

	if (q->kind > IPI_UAPI_KIND_STREAM || q->source >= r->ask.sources ||
	    !q->batch || q->batch > IPI_UAPI_LOG ||
	    q->samples_max > IPI_UAPI_LOG / q->batch)
		return false;
	if (many != (q->window != 0))
		return false;
	if (q->kind == IPI_UAPI_KIND_STREAM)
		return many && q->batch == 1 && !q->samples_max && q->until;
	if (q->batch > 1 && (many || q->kind != IPI_UAPI_KIND_RTT))
		return false;
	return q->samples_max &&
	       q->bytes == ipi_uapi_run_bytes(q->samples_max, q->batch,
					      r->targets_n, r->stamped);
}

static bool is_sound(const struct run_session *r, const struct ipi_uapi_run *q)
{
	if (q->reserved[0] || q->reserved[1] || q->samples || q->cpu ||
	    q->sent || q->answered || q->end)
		return false;
	if (q->gap_min > q->gap_max || q->gap_max > r->second ||
	    q->gap_max >= U32_MAX)
		return false;
	if (q->from && q->from > run_clock(r) + r->second)
		return false;
	if (q->kind == IPI_UAPI_KIND_STREAM && q->bytes)
		return false;
	return is_counted(r, q);
}

/* Pinned, and none of the targets. */
static bool may_send(const struct run_session *r)
{
	return current->nr_cpus_allowed == 1 &&
	       !cpumask_test_cpu(raw_smp_processor_id(), r->cpus);
}

static void prepare(struct run_session *r, struct run_source *s,
		    const struct ipi_uapi_run *q)
{
	s->cpu = raw_smp_processor_id();
	s->n = 0;
	s->n_max = q->samples_max;
	s->batch = q->batch;
	s->window = q->window;
	s->sent = s->answered = s->end = 0;
	s->gap_min = q->gap_min;
	s->gap_span = q->gap_max ? q->gap_max - q->gap_min + 1 : 0;
	s->from = q->from;
	s->until = q->until;
	s->rng = q->seed;
	s->deaf = IPI_UAPI_NO_CPU;
	s->ready = s->gap_span && r->ask.state == IPI_UAPI_STATE_KERNEL &&
		   r->answers && !r->path->many_sources;
	if (r->path->many_sources)
		return;
	WRITE_ONCE(r->first, s->number);
	cpumask_copy(r->each, r->cpus);
	cpumask_set_cpu(s->cpu, r->each);
	r->all = cpumask_equal(r->each, cpu_online_mask);
}

/* Targets that are to be busy in the kernel are on their way there. */
static int await_here(struct run_session *r, struct run_source *s)
{
	u64 end = ktime_get_mono_fast_ns() + r->deaf_ns;
	u32 k;

	if (r->ask.state != IPI_UAPI_STATE_KERNEL)
		return 0;
	for (k = 0; k < r->targets_n; k++)
		while (!READ_ONCE(r->target[k]->here)) {
			int err = verdict(r);

			if (!err && ktime_get_mono_fast_ns() > end)
				err = -ETIMEDOUT;
			if (err == -ETIMEDOUT)
				s->deaf = r->target[k]->number;
			if (err)
				return err;
			usleep_range(50, 100);
		}
	return 0;
}

static int run_here_and_now(struct run_session *r, struct run_source *s,
			    u32 kind)
{
	int err;

	preempt_disable();
	s->slice = s->last = run_clock(r);
	err = verdict(r);
	if (!err)
		err = is_at_home(s);
	if (!err && s->from)
		err = run_spin_until(r, s, s->from);
	if (!err)
		err = r->path->chunk(r, s, kind);
	if (!err)
		err = all_have_heard(r, s);
	preempt_enable();
	return err;
}

/* ---- the results --------------------------------------------------------- */

static bool copy_logs(const struct run_session *r, const struct run_source *s,
		      const struct ipi_uapi_run *q, char __user *ways,
		      char __user *stamps)
{
	u64 most = (u64)q->samples_max * q->batch, n = (u64)s->n * s->batch;
	size_t size = sizeof(struct ipi_uapi_stamp);
	unsigned long left = 0;
	u32 k;

	for (k = 0; k < r->targets_n; k++) {
		const struct run_target *t = r->target[k];

		left |= copy_to_user(ways + k * most,
				     t->way + s->index * IPI_UAPI_LOG, n);
		if (r->stamped)
			left |= copy_to_user(stamps + k * most * size, t->stamp,
					     n * size);
	}
	return !left;
}

static bool copy_results(const struct run_session *r,
			 const struct run_source *s,
			 const struct ipi_uapi_run *q, char __user *out)
{
	size_t size = sizeof(struct ipi_uapi_sample);
	char __user *ways = out + q->samples_max * size;
	char __user *stamps =
		ways + ipi_uapi_way_bytes((u64)q->samples_max * q->batch,
					  r->targets_n);

	return !s->n || (!copy_to_user(out, s->sample, s->n * size) &&
			 copy_logs(r, s, q, ways, stamps));
}

static void report(const struct run_session *r, const struct run_source *s,
		   struct ipi_uapi_run *q)
{
	q->samples = s->n;
	q->cpu = s->deaf;
	q->sent = r->path->many_sources ? s->sent : (u64)s->n * s->batch;
	q->answered = s->answered;
	q->end = s->end;
}

int run_chunk(struct run_session *r, struct ipi_uapi_run *q,
	      void __user *results)
{
	struct run_source *s;
	int err;

	if (!is_sound(r, q) || !may_send(r))
		return -EINVAL;
	/* What was not answered then may be now, and be taken for the next. */
	if (READ_ONCE(r->unanswered) && !verdict(r))
		return -ESTALE;
	s = &r->source[q->source];
	if (test_and_set_bit_lock(0, &s->busy))
		return -EBUSY;
	prepare(r, s, q);
	err = await_here(r, s);
	if (!err)
		err = run_here_and_now(r, s, q->kind);
	/* Whatever ended it: its last call may still be on its way. */
	if (err)
		WRITE_ONCE(r->unanswered, true);
	if (q->kind != IPI_UAPI_KIND_STREAM && !copy_results(r, s, q, results))
		err = -EFAULT;
	report(r, s, q);
	clear_bit_unlock(0, &s->busy);
	return err;
}
