// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: the rungs, tried one after the other with known interrupts. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "latency.skel.h"
#include "latency_work.h"
#include "poke.h"
#include "tool/interrupts.h"
#include "wait.h"

#define POKES 17
/* A call may join another CPU's; it does not always. */
#define TRIES 3
#define TRIES_MANY 64
#define TRIES_OTHERS 10

static const char not_tested[] = "attached, not tested";

static const struct stage stages[STAGES] = {
	{ "send",
	  { { "tp_btf",
	      "ipi_send_cpu, ipi_send_cpumask",
	      { "send_cpu_tp_btf", "send_set_tp_btf" } },
	    { "raw_tp",
	      "ipi_send_cpu, ipi_send_cpumask",
	      { "send_cpu_raw_tp", "send_set_raw_tp" } },
	    { "fentry",
	      "native_send_call_func_*, native_smp_send_reschedule",
	      { "send_single_fentry", "send_many_fentry",
		"send_resched_fentry" } },
	    { "kprobe",
	      "native_send_call_func_*, native_smp_send_reschedule",
	      { "send_single_kprobe", "send_many_kprobe",
		"send_resched_kprobe" } } } },
	{ "entry",
/* clang-format off: it takes the stringification for a directive */
#define ENTRY(rung) \
	{ #rung, "call_function*, reschedule", \
	  { "single_entry_" #rung, "single_exit_" #rung, \
	    "many_entry_" #rung, "many_exit_" #rung, \
	    "resched_entry_" #rung } }
/* clang-format on */
	  { ENTRY(tp_btf), ENTRY(raw_tp), ENTRY(tp) } },
	{ "no-ipi",
	  { { "tp_btf", "sched_wake_idle_without_ipi", { "no_ipi_tp_btf" } },
	    { "raw_tp",
	      "sched_wake_idle_without_ipi",
	      { "no_ipi_raw_tp" } } } },
};

/* ---- the self-test ------------------------------------------------------- */

static struct trace_slot slot_at(struct latency *l, int cpu,
				 enum trace_class class)
{
	__u32 key = cpu * TRACE_CLASSES + class;
	struct trace_slot slot = { .word = 0 };

	bpf_map__lookup_elem(l->skel->maps.slots, &key, sizeof(key), &slot,
			     sizeof(slot), 0);
	return slot;
}

void latency_begin_own(struct latency *l)
{
	l->skel->bss->own_only = 1;
	l->skel->bss->armed_at = wait_now_ns() - TRACE_QUARANTINE_NS;
}

int latency_end_own(struct latency *l)
{
	l->skel->bss->armed_at = 0;
	l->skel->bss->own_only = 0;
	return wait_for_probes();
}

static void begin(struct latency *l)
{
	latency_wipe(l, true);
	latency_begin_own(l);
}

static uint64_t handlers(struct latency *l, int from, int to)
{
	__u64 key = TRACE_PAIR_KEY(from, to, TRACE_SINGLE);
	struct trace_times t = { .wire.n = 0 };

	bpf_map__lookup_elem(l->skel->maps.pairs, &key, sizeof(key), &t,
			     sizeof(t), 0);
	return t.handler.n == t.wire.n ? t.handler.n : 0;
}

static int judge_single(struct latency *l, int to, bool entries, char test[160],
			struct tool_error *err)
{
	struct trace_slot s = slot_at(l, to, TRACE_SINGLE);

	if (s.sends != POKES)
		return tool_fail(err, -EIO,
				 "self-test: %llu of %d interrupts were seen",
				 (unsigned long long)s.sends, POKES);
	if (entries && s.paired + s.ambiguous + s.merged != POKES)
		return tool_fail(
			err, -EIO, "self-test: %llu of %d entries were seen",
			(unsigned long long)(s.paired + s.ambiguous), POKES);
	if (entries && s.paired && !handlers(l, l->reader, to))
		return tool_fail(err, -EIO,
				 "self-test: exits of handlers were not seen");
	snprintf(test, 160, "self-test: %d of %d single", POKES, POKES);
	return 0;
}

static int test_single(struct latency *l, struct poke *poke, bool entries,
		       char test[160], struct tool_error *err)
{
	int tries = TRIES, ret;

	do {
		begin(l);
		ret = poke_single(poke, POKES);
		if (latency_end_own(l) || ret)
			return tool_fail(err, ret ? ret : -EIO,
					 "self-test: no interrupt can be sent");
		ret = judge_single(l, poke->target[0].cpu, entries, test, err);
	} while (ret && --tries);
	return ret;
}

static bool was_seen(struct latency *l, int cpu, enum trace_class class,
		     bool entries)
{
	struct trace_slot s = slot_at(l, cpu, class);

	return entries ? s.paired + s.ambiguous : s.sends;
}

/* Classes of which no number is known beforehand: some, or not seen. */
static void test_others(struct latency *l, struct poke *poke, bool entries,
			char test[160])
{
	int cpu = poke->target[0].cpu, tries = TRIES_OTHERS;
	bool reschedule, many;
	size_t n = strlen(test);

	do {
		begin(l);
		poke_reschedule(poke, l->reader, POKES);
		if (poke->n >= POKE_TARGETS)
			poke_many(TRIES_MANY);
		latency_end_own(l);
		reschedule = was_seen(l, cpu, TRACE_RESCHEDULE, entries);
		many = poke->n < POKE_TARGETS ||
		       was_seen(l, cpu, TRACE_MANY, entries);
	} while (!(reschedule && many) && --tries);
	snprintf(test + n, 160 - n, ", reschedule %s, many %s",
		 reschedule ? "seen" : "not seen",
		 poke->n < POKE_TARGETS ? "can't be tested on two CPUs"
		 : many			? "seen"
					: "not seen");
}

static int learn_who(struct latency *l, struct tool_error *err)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int fd = bpf_program__fd(l->skel->progs.who_am_i);
	int ret = bpf_prog_test_run_opts(fd, &opts);

	if (ret)
		return tool_fail(err, ret, "probes can't be run: %s",
				 strerror(-ret));
	return 0;
}

/* ---- rungs --------------------------------------------------------------- */

/* Loads and attaches what is chosen in the plan. */
static int raise_ladder(struct latency *l, struct tool_error *err)
{
	int ret = latency_open(l, err), i;

	for (i = 0; !ret && i < STAGES; i++)
		if (l->plan[i].rung)
			ladder_want(l->skel->obj, l->plan[i].rung);
	if (!ret)
		ret = ladder_load(l->skel->skeleton, err);
	if (!ret)
		ret = learn_who(l, err);
	return ret ? ret : latency_attach(l, err);
}

int latency_attach(struct latency *l, struct tool_error *err)
{
	int ret = 0, i;

	for (i = 0; !ret && i < STAGES; i++)
		if (l->plan[i].rung)
			ret = ladder_attach(l->skel->obj, l->plan[i].rung,
					    &l->links, err);
	return ret;
}

static int try_rung(struct latency *l, struct poke *poke, int stage)
{
	struct choice *c = &l->plan[stage];
	bool entries = stage >= STAGE_ENTRY;
	struct tool_error err;
	int ret = raise_ladder(l, &err);

	if (!ret && stage != STAGE_NO_IPI)
		ret = test_single(l, poke, entries, c->test, &err);
	if (!ret && stage != STAGE_NO_IPI)
		test_others(l, poke, entries, c->test);
	if (!ret && stage == STAGE_NO_IPI)
		snprintf(c->test, sizeof(c->test), "%s", not_tested);
	if (ret)
		snprintf(c->why[c->rung - c->stage->rungs], sizeof(c->why[0]),
			 "%.199s", err.text);
	return ret;
}

/* The rung that is asked for, where the stage has it. */
static const struct rung *wanted_rung(const struct latency *l, int stage)
{
	return l->opts.probe ? ladder_find(&stages[stage], l->opts.probe)
			     : NULL;
}

/* The best rung that works, or the one asked for. */
static int climb(struct latency *l, struct poke *poke, int stage)
{
	struct choice *c = &l->plan[stage];
	const struct rung *wanted = wanted_rung(l, stage), *r;

	for (r = c->stage->rungs; r->name; r++) {
		if (wanted && r != wanted)
			continue;
		latency_close(l);
		c->rung = r;
		if (!try_rung(l, poke, stage))
			return 0;
	}
	c->rung = NULL;
	return -ENODEV;
}

static int no_stage(struct latency *l, int stage, struct tool_error *err)
{
	const struct choice *c = &l->plan[stage];
	char why[360];
	size_t at = 0, i;

	for (i = 0; i < STAGE_RUNGS && c->stage->rungs[i].name; i++)
		if (c->why[i][0] && at < sizeof(why))
			at += snprintf(why + at, sizeof(why) - at, "%s%s: %s",
				       at ? "; " : "", c->stage->rungs[i].name,
				       c->why[i]);
	return tool_fail(err, -ENODEV, "no probe for %s works here: %s",
			 c->stage->name, why);
}

/* The first choices together: on a new kernel there is no more to try. */
static int first_choices(struct latency *l, struct poke *poke)
{
	const struct rung *wanted;
	int i, ret;

	for (i = 0; i < STAGES; i++) {
		wanted = wanted_rung(l, i);
		l->plan[i].rung = wanted ? wanted : stages[i].rungs;
	}
	ret = try_rung(l, poke, STAGE_ENTRY);
	for (i = 0; ret && i < STAGES; i++)
		l->plan[i] = (struct choice){ .stage = &stages[i] };
	if (ret)
		return ret;
	memcpy(l->plan[STAGE_SEND].test, l->plan[STAGE_ENTRY].test,
	       sizeof(l->plan[0].test));
	snprintf(l->plan[STAGE_NO_IPI].test, sizeof(l->plan[0].test), "%s",
		 not_tested);
	return 0;
}

static int climb_all(struct latency *l, struct poke *poke,
		     struct tool_error *err)
{
	int stage;

	for (stage = 0; stage < STAGES; stage++)
		l->plan[stage].stage = &stages[stage];
	if (!first_choices(l, poke))
		return 0;
	for (stage = 0; stage < STAGE_NO_IPI; stage++)
		if (climb(l, poke, stage))
			return no_stage(l, stage, err);
	/* Without it the same is traced, but for that one counter. */
	if (!climb(l, poke, STAGE_NO_IPI))
		return 0;
	latency_close(l);
	return raise_ladder(l, err);
}

int latency_probe(struct latency *l, struct tool_error *err)
{
	int cpus[1 + POKE_TARGETS] = { l->reader }, ret;
	struct poke poke;
	size_t n = 1;

	while (n <= POKE_TARGETS) {
		cpus[n] = cpus_choose(&l->cpus, &l->opts.targets,
				      &(struct cpulist){ cpus, n });
		if (cpus[n] < 0)
			break;
		n++;
	}
	if (n < 2)
		return tool_fail(err, -ENODEV,
				 "one CPU that this process may run on: it "
				 "interrupts no other");
	l->target = cpus[1];
	/* Chosen first: from then on this process sees one CPU. */
	cpus_pin(l->reader);
	ret = poke_open(&poke, cpus + 1, n - 1, err);
	if (ret)
		return ret;
	ret = climb_all(l, &poke, err);
	poke_close(&poke);
	if (!ret)
		latency_wipe(l, false);
	return ret;
}

/* ---- armed --------------------------------------------------------------- */

static struct latency_taken taken(const struct cpulist *cpus)
{
	struct latency_taken t = { .known = false };

	t.known = !interrupts_read(INTERRUPTS_PATH, "CAL", cpus->cpu, cpus->n,
				   &t.call) &&
		  !interrupts_read(INTERRUPTS_PATH, "RES", cpus->cpu, cpus->n,
				   &t.reschedule);
	return t;
}

void latency_arm(struct latency *l)
{
	l->missed_before = ladder_missed(l->skel->obj);
	l->before = taken(&l->opts.targets);
	l->skel->bss->armed_at = wait_now_ns();
}

int latency_disarm(struct latency *l, struct tool_error *err)
{
	int ret;

	l->skel->bss->armed_at = 0;
	l->taken = taken(&l->opts.targets);
	l->taken.call -= l->before.call;
	l->taken.reschedule -= l->before.reschedule;
	ret = wait_for_probes();
	return ret ? tool_fail(err, ret,
			       "running probes can't be waited for: "
			       "%s",
			       strerror(-ret))
		   : 0;
}

void latency_close(struct latency *l)
{
	ladder_detach(&l->links);
	latency_bpf__destroy(l->skel);
	l->skel = NULL;
}
