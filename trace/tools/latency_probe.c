// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: the rungs, tried one after the other with known interrupts. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "climb.h"
#include "latency.skel.h"
#include "latency_work.h"
#include "poke.h"
#include "tool/interrupts.h"
#include "wait.h"

/* ---- rungs --------------------------------------------------------------- */

/* The climb, and what known interrupts are sent with. */
struct ascent {
	struct climb climb;
	struct latency *l;
	struct poke *poke;
};

int latency_attach(struct latency *l, struct tool_error *err)
{
	return ladder_attach_plan(l->skel->obj, l->plan, STAGES, &l->links,
				  err);
}

static int attempt(void *of, const struct choice *choice, char test[160],
		   struct tool_error *err)
{
	struct ascent *a = of;
	struct latency *l = a->l;
	int ret = latency_open(l, err);

	if (!ret)
		ret = ladder_raise(l->skel->obj, l->skel->skeleton,
				   l->skel->progs.who_am_i, l->plan, STAGES,
				   &l->links, err);
	return ret || !choice ? ret
			      : latency_test(l, a->poke, choice - l->plan, test,
					     err);
}

static void close_probes(void *of)
{
	latency_close(((struct ascent *)of)->l);
}

/* The rung that is asked for, where the stage has it. */
static const struct rung *wanted_rung(const struct latency *l, int stage)
{
	return l->opts.probe
		       ? ladder_find(&latency_stages[stage], l->opts.probe)
		       : NULL;
}

static int climb_to(struct ascent *a, int stage)
{
	struct choice *c = &a->l->plan[stage];

	if (stage == STAGE_KO && access("/sys/module/ipi", F_OK)) {
		snprintf(c->why[0], sizeof(c->why[0]),
			 "ipi.ko is not loaded: modprobe ipi");
		return -ENODEV;
	}
	return climb_stage(&a->climb, c);
}

/* The first choices together: on a new kernel there is no more to try. */
static int first_choices(struct ascent *a)
{
	struct latency *l = a->l;
	struct tool_error err;
	const struct rung *wanted;
	struct choice *c = l->plan;
	int i, ret;

	for (i = 0; i <= STAGE_NO_IPI; i++) {
		wanted = wanted_rung(l, i);
		c[i].rung = wanted ? wanted : latency_stages[i].rungs;
	}
	ret = attempt(a, &c[STAGE_ENTRY], c[STAGE_ENTRY].test, &err);
	for (i = 0; ret && i <= STAGE_NO_IPI; i++)
		c[i] = (struct choice){ .stage = &latency_stages[i] };
	if (ret)
		return ret;
	memcpy(c[STAGE_SEND].test, c[STAGE_ENTRY].test, sizeof(c->test));
	return latency_test(l, a->poke, STAGE_NO_IPI, c[STAGE_NO_IPI].test,
			    NULL);
}

static void plan(struct latency *l)
{
	const bool wanted[STAGES] = { true, true, true, l->csd,
				      l->call, l->ko };
	int i;

	for (i = 0; i < STAGES; i++)
		if (wanted[i])
			l->plan[i].stage = &latency_stages[i];
}

static int climb_all(struct latency *l, struct poke *poke,
		     struct tool_error *err)
{
	struct ascent a = { .l = l, .poke = poke };
	int stage, down = 0;

	a.climb = (struct climb){ .probe = l->opts.probe, .of = &a,
				  .attempt = attempt, .close = close_probes };
	plan(l);
	if (first_choices(&a)) {
		for (stage = 0; stage < STAGE_NO_IPI; stage++)
			if (climb_to(&a, stage))
				return climb_refuse(&l->plan[stage], err);
		down = climb_to(&a, STAGE_NO_IPI);
	}
	/* Without one of these the rest is traced all the same. */
	for (stage = STAGE_NO_IPI + 1; stage < STAGES; stage++) {
		if (!l->plan[stage].stage)
			continue;
		down = climb_to(&a, stage);
		if (down && wanted_rung(l, stage))
			return climb_refuse(&l->plan[stage], err);
	}
	if (!down)
		return 0;
	latency_close(l);
	return attempt(&a, NULL, NULL, err);
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
	if (!ret)
		latency_floors(l, &poke);
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
	wait_armed((volatile uint64_t *)&l->skel->bss->armed_at);
}

static bool is_unsettled(const struct latency *l, int cpu)
{
	struct trace_slot slot;
	__u32 class, key;

	for (class = 0; class < TRACE_TIMED; class ++) {
		key = cpu * TRACE_CLASSES + class;
		if (!bpf_map__lookup_elem(l->skel->maps.slots, &key,
					  sizeof(key), &slot, sizeof(slot),
					  0) &&
		    slot.from)
			return true;
	}
	return false;
}

/* Handlers that ran when it was disarmed: their entry counts, all the same. */
static void settle(const struct latency *l)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .flags = BPF_F_TEST_RUN_ON_CPU);
	int fd = bpf_program__fd(l->skel->progs.settle_here), cpu;

	for (cpu = 0; cpu < l->cpus.possible; cpu++) {
		opts.cpu = cpu;
		if (is_unsettled(l, cpu))
			bpf_prog_test_run_opts(fd, &opts);
	}
}

int latency_disarm(struct latency *l, struct tool_error *err)
{
	int ret;

	l->skel->bss->armed_at = 0;
	l->taken = taken(&l->opts.targets);
	l->taken.call -= l->before.call;
	l->taken.reschedule -= l->before.reschedule;
	ret = wait_for_probes();
	settle(l);
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
