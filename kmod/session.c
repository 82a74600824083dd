// SPDX-License-Identifier: GPL-2.0-only
/* The life of a session of /dev/ipi. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "delivery.h"
#include "run_loop.h"

/* The one there is. */
static atomic_long_t session_taken;

/* ---- what is asked for --------------------------------------------------- */

static bool is_name(const char *name)
{
	return strnlen(name, IPI_UAPI_NAME_BYTES) < IPI_UAPI_NAME_BYTES;
}

static const char *or_default(const char *name)
{
	return *name ? name : NULL;
}

/* Of Linux's own paths no design can be asked for. */
static bool designs_are_sound(const struct ipi_uapi_create *ask,
			      const struct run_path *path)
{
	if (!is_name(ask->queue) || !is_name(ask->ack) ||
	    !is_name(ask->delivery))
		return false;
	return path->core ||
	       (!*ask->queue && !*ask->ack && !*ask->delivery && !ask->depth);
}

static bool numbers_are_sound(const struct ipi_uapi_create *ask,
			      const struct run_path *path)
{
	if (ask->waiter > IPI_UAPI_WAITER_SPIN ||
	    (ask->waiter == IPI_UAPI_WAITER_RELAX && ask->spin_loads) ||
	    ask->state > IPI_UAPI_STATE_KERNEL ||
	    ask->clock > IPI_UAPI_CLOCK_TSC || ask->flags & ~IPI_UAPI_STAMPED)
		return false;
	if (ask->cap_ms > IPI_UAPI_CAP_MS_MAX ||
	    ask->deaf_ms > IPI_UAPI_DEAF_MS_MAX)
		return false;
	if (!ask->sources || ask->sources > nr_cpu_ids || !ask->inflight ||
	    ask->inflight > IPI_UAPI_INFLIGHT_MAX)
		return false;
	return path->many_sources ? !(ask->flags & IPI_UAPI_STAMPED)
				  : ask->sources == 1 && ask->inflight == 1;
}

static bool is_sound(const struct ipi_uapi_create *ask)
{
	u32 i;

	if (ask->path >= IPI_UAPI_PATHS)
		return false;
	for (i = 0; i < ARRAY_SIZE(ask->reserved); i++)
		if (ask->reserved[i])
			return false;
	return designs_are_sound(ask, run_paths[ask->path]) &&
	       numbers_are_sound(ask, run_paths[ask->path]);
}

/* 0; -EINVAL: no such CPUs, or not so many; -ENXIO: one is not online. */
static int choose_targets(struct run_session *r)
{
	u32 cpu;

	for (cpu = 0; cpu < IPI_UAPI_CPUS_MAX; cpu++) {
		if (!(r->ask.targets[cpu / 64] >> cpu % 64 & 1))
			continue;
		if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
			return -EINVAL;
		if (!cpu_online(cpu))
			return -ENXIO;
		cpumask_set_cpu(cpu, r->cpus);
		r->targets_n++;
	}
	return !r->targets_n || (r->targets_n > 1 && !r->path->many_targets)
		       ? -EINVAL
		       : 0;
}

static int choose_clock(struct run_session *r)
{
	r->slice = RUN_SLICE_NS;
	r->second = NSEC_PER_SEC;
	r->tsc = r->ask.clock == IPI_UAPI_CLOCK_TSC;
	if (!r->tsc)
		return 0;
#ifdef CONFIG_X86
	r->slice = (u64)tsc_khz * (RUN_SLICE_NS / NSEC_PER_MSEC);
	r->second = (u64)tsc_khz * MSEC_PER_SEC;
	return tsc_khz ? 0 : -EOPNOTSUPP;
#else
	return -EOPNOTSUPP;
#endif
}

/* ---- memory -------------------------------------------------------------- */

/* A power of two, so that it is aligned to itself. */
static void *apart(size_t size, int node)
{
	return kvzalloc_node(roundup_pow_of_two(size), GFP_KERNEL, node);
}

static int make_target(struct run_session *r, u32 k, int cpu)
{
	struct run_target *t = apart(sizeof(*t), cpu_to_node(cpu));

	if (!t)
		return -ENOMEM;
	r->target[k] = t;
	t->run = r;
	t->number = cpu;
	t->way = kvzalloc_node((size_t)r->ask.sources * IPI_UAPI_LOG,
			       GFP_KERNEL, cpu_to_node(cpu));
	if (r->stamped)
		t->stamp = kvzalloc_node(IPI_UAPI_LOG * sizeof(*t->stamp),
					 GFP_KERNEL, cpu_to_node(cpu));
	return !t->way || (r->stamped && !t->stamp) ? -ENOMEM : 0;
}

static int make_source(struct run_session *r, u32 i)
{
	struct run_source *s = &r->source[i];
	u32 places = roundup_pow_of_two(r->ask.inflight);

	s->index = i;
	s->inflight = r->ask.inflight;
	s->mask = places - 1;
	s->spin_loads = r->ask.spin_loads;
	s->message = apart(places * sizeof(*s->message), NUMA_NO_NODE);
	s->sample = kvzalloc(IPI_UAPI_LOG * sizeof(*s->sample), GFP_KERNEL);
	return s->message && s->sample ? 0 : -ENOMEM;
}

static int make_all(struct run_session *r)
{
	u32 k = 0, i;
	int err = 0, cpu;

	r->target = kvcalloc(r->targets_n, sizeof(*r->target), GFP_KERNEL);
	r->source = apart(r->ask.sources * sizeof(*r->source), NUMA_NO_NODE);
	if (!r->target || !r->source)
		return -ENOMEM;
	for_each_cpu(cpu, r->cpus) if (!err) err = make_target(r, k++, cpu);
	for (i = 0; i < r->ask.sources && !err; i++)
		err = make_source(r, i);
	return err;
}

static void free_all(struct run_session *r)
{
	u32 i;

	for (i = 0; r->target && i < r->targets_n; i++) {
		if (!r->target[i])
			continue;
		kvfree(r->target[i]->way);
		kvfree(r->target[i]->stamp);
		kvfree(r->target[i]);
	}
	for (i = 0; r->source && i < r->ask.sources; i++) {
		kvfree(r->source[i].message);
		kvfree(r->source[i].sample);
	}
	kvfree(r->target);
	kvfree(r->source);
	free_cpumask_var(r->each);
	free_cpumask_var(r->cpus);
	kvfree(r);
}

/* ---- the domain ---------------------------------------------------------- */

/* For the acknowledgement by tree; NULL where it can't be known. */
static u16 *groups_of_cpus(void)
{
	u16 *group = kvcalloc(nr_cpu_ids, sizeof(*group), GFP_KERNEL);
	int cpu;

	if (!group)
		return NULL;
	for_each_possible_cpu(cpu) group[cpu] =
		max(cpu_to_node(cpu), 0) % IPI_GROUPS_MAX;
	return group;
}

static int make_domain(struct run_session *r)
{
	u16 *group = groups_of_cpus();
	struct ipi_params params = {
		.queue = or_default(r->ask.queue),
		.ack = or_default(r->ask.ack),
		.delivery = or_default(r->ask.delivery),
		.waiter = r->ask.waiter,
		.spin_loads = r->ask.spin_loads,
		.depth = r->ask.depth,
		.group_of_processor = group,
		.processors = nr_cpu_ids,
		/* Whoever waits too long ends the chunk, and says it there. */
		.stall_ns = U64_MAX / 2,
	};
	int err = group ? ipi_domain_create(&params, &r->dom) : -ENOMEM;
	u32 k;

	kvfree(group);
	for (k = 0; k < r->targets_n && !err; k++) {
		r->target[k]->cpu =
			ipi_domain_cpu(r->dom, r->target[k]->number);
		err = r->target[k]->cpu ? 0 : -EINVAL;
	}
	return err;
}

static void here_is(struct run_session *r, bool on)
{
	u32 k;

	for (k = 0; k < r->targets_n; k++)
		WRITE_ONCE(*per_cpu_ptr(&run_here, r->target[k]->number),
			   on ? r->target[k] : NULL);
}

static int open_path(struct run_session *r)
{
	int err = r->path->core ? make_domain(r) : 0;

	here_is(r, true);
	r->answers = !r->dom || r->path == &run_path_trigger ||
		     strcmp(ipi_domain_queue(r->dom), "null");
	if (!err && r->path->open)
		err = r->path->open(r);
	return err;
}

static void nothing(void *unused)
{
}

/* A call that nobody waited for is run before this one, or beside it. */
static void drain_calls(void)
{
	on_each_cpu(nothing, NULL, 1);
	synchronize_rcu();
}

static void close_path(struct run_session *r)
{
	if (r->path->close)
		r->path->close(r);
	if (r->id)
		ipi_domain_unregister(r->dom, r->id);
	if (r->dom)
		ipi_domain_destroy(r->dom);
	else if (r->unanswered)
		drain_calls();
	here_is(r, false);
}

/* ---- from outside -------------------------------------------------------- */

static int session_make(const struct ipi_uapi_create *ask,
			struct run_session **out)
{
	struct run_session *r = apart(sizeof(*r), NUMA_NO_NODE);
	u64 now = ktime_get_mono_fast_ns();
	int err;

	if (!r)
		return -ENOMEM;
	*out = r;
	r->ask = *ask;
	r->path = run_paths[ask->path];
	r->stamped = ask->flags & IPI_UAPI_STAMPED;
	r->end_ns = now + (u64)(ask->cap_ms ?: IPI_UAPI_CAP_MS) * NSEC_PER_MSEC;
	r->deaf_ns = (u64)(ask->deaf_ms ?: IPI_UAPI_DEAF_MS) * NSEC_PER_MSEC;
	if (!zalloc_cpumask_var(&r->cpus, GFP_KERNEL) ||
	    !zalloc_cpumask_var(&r->each, GFP_KERNEL))
		return -ENOMEM;
	err = choose_targets(r);
	if (!err)
		err = choose_clock(r);
	return err ? err : make_all(r);
}

int run_create(const struct ipi_uapi_create *ask, struct run_session **out)
{
	struct run_session *r = NULL;
	int err;

	if (!is_sound(ask))
		return -EINVAL;
	if (atomic_long_cmpxchg(&session_taken, 0, 1))
		return -EBUSY;
	err = session_make(ask, &r);
	if (!err) {
		err = open_path(r);
		if (err)
			close_path(r);
	}
	if (!err) {
		*out = r;
		return 0;
	}
	if (r)
		free_all(r);
	atomic_long_set_release(&session_taken, 0);
	return err;
}

void run_end(struct run_session *r)
{
	close_path(r);
	free_all(r);
	atomic_long_set_release(&session_taken, 0);
}

void run_counters(struct run_session *r, struct ipi_uapi_counters *out)
{
	struct ipi_counters lib = { 0 };
	u32 k, way;

	static_assert(sizeof(lib) <= sizeof(out->counter));
	out->n = r->dom ? sizeof(lib) / sizeof(u64) : 0;
	if (r->dom)
		ipi_domain_counters(r->dom, &lib);
	memcpy(out->counter, &lib, sizeof(lib));
	for (k = 0; k < r->targets_n; k++)
		for (way = 0; way < IPI_UAPI_WAYS; way++)
			out->came[way] += READ_ONCE(r->target[k]->came[way]);
}
