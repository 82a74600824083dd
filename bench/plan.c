// SPDX-License-Identifier: GPL-2.0-only
/* What will be measured: runs over the relation classes that are present. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "planning.h"
#include "tool/units.h"

#define PAIRS_DEFAULT 8
/* More than any size of a sweep: keeps group numbers apart. */
#define PLAN_SIZES 4096u

/* Bytes of JSON: measured on results of this program, rounded up. */
#define RECORD_BYTES 12000
#define PAIR_BYTES 48

void plan_note(struct plan *plan, const char *fmt, ...)
{
	char **note = realloc(plan->note, (plan->notes_n + 1) * sizeof(*note));
	va_list ap;

	if (!note)
		return;
	plan->note = note;
	va_start(ap, fmt);
	if (vasprintf(&note[plan->notes_n], fmt, ap) >= 0)
		plan->notes_n++;
	va_end(ap);
}

struct bench_item *plan_item_add(struct plan *plan,
				 const struct bench_opts *opts,
				 enum bench_relation rel, int group)
{
	struct bench_item *item =
		realloc(plan->item, (plan->n + 1) * sizeof(*item));

	if (!item)
		return NULL;
	plan->item = item;
	item += plan->n++;
	*item = (struct bench_item){ .opts = opts,
				     .relation = rel,
				     .group = group };
	return item;
}

int plan_group(const struct planning *p, size_t run, uint32_t size,
	       enum bench_relation rel)
{
	const struct run *at = p->runs->at;
	size_t first;

	for (first = 0; at[run].group && first < run; first++)
		if (at[first].group && !strcmp(at[first].group, at[run].group))
			break;
	return (int)((first * PLAN_SIZES + size) * REL_N + rel);
}

static int class_pairs(const struct planning *p, enum bench_relation rel,
		       struct bench_pair **pairs, size_t *n)
{
	const char *which = p->runs->ask.pairs;
	uint64_t k = PAIRS_DEFAULT;

	if (which && strchr(which, ':'))
		return plan_pairs_listed(p->topo, rel, which, pairs, n, p->err);
	if (which && !strcmp(which, "all"))
		k = 0;
	else if (which)
		units_count(which, &k);
	return plan_pairs(p->topo, p->machine, rel, k, p->runs->ask.seed, pairs,
			  n, &p->plan->left_out[rel]);
}

static int add_unicast(const struct planning *p, size_t run,
		       enum bench_relation rel, uint32_t burst)
{
	struct bench_pair *pairs = NULL;
	struct bench_item *item;
	size_t n = 0;
	int ret = class_pairs(p, rel, &pairs, &n);

	if (ret || !n) {
		free(pairs);
		return ret;
	}
	item = plan_item_add(p->plan, &p->runs->at[run].opts, rel,
			     plan_group(p, run, burst, rel));
	if (!item) {
		free(pairs);
		return -ENOMEM;
	}
	item->pairs = pairs;
	item->pairs_n = n;
	item->burst = burst;
	return 0;
}

/* The same for each size of a burst, those of one size together. */
static int add_bursts(const struct planning *p, size_t run)
{
	const struct bench_counts *bursts = &p->runs->at[run].opts.bursts;
	uint32_t i;
	int rel, ret = 0;

	for (i = 0; i < bursts->n; i++)
		for (rel = REL_SMT; !ret && rel < REL_N; rel++)
			ret = add_unicast(p, run, rel, bursts->at[i]);
	return ret;
}

/* Targets: all CPUs as near as the class or nearer, but the source. */
static int add_multi(const struct planning *p, size_t run,
		     enum bench_relation rel)
{
	const struct topo *topo = p->topo;
	int *targets = calloc(topo->n, sizeof(*targets));
	struct bench_item *item;
	bool present = false;
	size_t i, n = 0;
	int near;

	for (i = 0; targets && i < topo->n; i++) {
		near = (int)topo_relate(p->source, &topo->cpu[i]);
		if (near == (int)REL_SELF || near > (int)rel)
			continue;
		present |= near == (int)rel;
		targets[n++] = topo->cpu[i].cpu;
	}
	if (!targets || !present) {
		free(targets);
		return targets ? 0 : -ENOMEM;
	}
	item = plan_item_add(p->plan, &p->runs->at[run].opts, rel,
			     plan_group(p, run, 0, rel));
	if (!item) {
		free(targets);
		return -ENOMEM;
	}
	item->source = p->source->cpu;
	item->targets = targets;
	item->targets_n = n;
	return 0;
}

static int add_run(const struct planning *p, size_t run)
{
	const struct bench_driver *driver = p->runs->at[run].driver;
	size_t before = p->plan->n;
	int rel, ret = 0;

	if (driver->shape == SHAPE_ALONE)
		return add_unicast(p, run, REL_SELF, 0);
	if (driver->shape >= SHAPE_SET)
		ret = plan_sweep(p, run);
	else if (driver->bursts)
		ret = add_bursts(p, run);
	else
		for (rel = REL_SMT; !ret && rel < REL_N; rel++)
			ret = driver->shape == SHAPE_SPREAD
				      ? add_multi(p, run, rel)
				      : add_unicast(p, run, rel, 0);
	if (!ret && p->plan->n == before)
		plan_note(p->plan, "%s: no pair of CPUs to measure it on",
			  p->runs->at[run].opts.run);
	return ret;
}

/* ---- the row: one CPU to every other ------------------------------------ */

static bool planned(const struct bench_item *item, int source, int target)
{
	size_t i;

	for (i = 0; i < item->pairs_n; i++)
		if (item->pairs[i].source == source &&
		    item->pairs[i].target == target)
			return true;
	return false;
}

/* The options of a run's row: its name says so, round trips only. */
static struct bench_opts *row_opts(struct plan *plan,
				   const struct bench_opts *of)
{
	struct bench_opts **list =
		realloc(plan->opts, (plan->opts_n + 1) * sizeof(*list));
	struct bench_opts *opts = malloc(sizeof(*opts));

	if (list)
		plan->opts = list;
	if (!list || !opts) {
		free(opts);
		return NULL;
	}
	*opts = *of;
	opts->metrics &= 1u << METRIC_RTT;
	if (asprintf(&opts->run, "%s:row", of->run) < 0) {
		free(opts);
		return NULL;
	}
	list[plan->opts_n++] = opts;
	return opts;
}

/* From the row's source to the CPUs of a class, unless all are planned. */
static int add_row_class(const struct planning *p, size_t at,
			 struct bench_opts *opts)
{
	enum bench_relation rel = p->plan->item[at].relation;
	const struct topo *topo = p->topo;
	struct bench_pair *pairs = calloc(topo->n, sizeof(*pairs));
	struct bench_item *item;
	size_t i, n = 0;
	bool news = false;

	for (i = 0; pairs && i < topo->n; i++) {
		if ((int)topo_relate(p->source, &topo->cpu[i]) != (int)rel ||
		    plan_pair_crowds(p->machine, p->source->cpu,
				     topo->cpu[i].cpu))
			continue;
		pairs[n].source = p->source->cpu;
		pairs[n++].target = topo->cpu[i].cpu;
		news |= !planned(&p->plan->item[at], p->source->cpu,
				 topo->cpu[i].cpu);
	}
	if (!pairs || !news) {
		free(pairs);
		return pairs ? 0 : -ENOMEM;
	}
	item = plan_item_add(
		p->plan, opts, rel,
		(int)(p->runs->n * PLAN_SIZES * REL_N + p->plan->n));
	if (!item) {
		free(pairs);
		return -ENOMEM;
	}
	item->pairs = pairs;
	item->pairs_n = n;
	return 0;
}

static int add_rows(const struct planning *p)
{
	size_t n = p->plan->n, i;
	const struct bench_opts *of = NULL;
	struct bench_opts *opts = NULL;
	int ret = 0;

	for (i = 0; !ret && i < n; i++) {
		const struct bench_item *item = &p->plan->item[i];

		if (item->targets_n || item->burst ||
		    item->relation == REL_SELF ||
		    !(item->opts->metrics & 1u << METRIC_RTT))
			continue;
		if (item->opts != of) {
			of = item->opts;
			opts = row_opts(p->plan, of);
			if (!opts)
				return -ENOMEM;
		}
		ret = add_row_class(p, i, opts);
	}
	return ret;
}

/* ---- the whole ---------------------------------------------------------- */

static int list_cpus(struct plan *plan, const struct topo *topo)
{
	bool *used = calloc(CPULIST_CPUS_MAX, sizeof(*used));
	size_t i, j;

	plan->cpus.cpu = calloc(topo->n, sizeof(int));
	if (!used || !plan->cpus.cpu) {
		free(used);
		return -ENOMEM;
	}
	for (i = 0; i < plan->n; i++) {
		const struct bench_item *item = &plan->item[i];

		for (j = 0; j < item->pairs_n; j++)
			used[item->pairs[j].source] =
				used[item->pairs[j].target] = true;
		for (j = 0; j < item->targets_n; j++)
			used[item->targets[j]] = used[item->source] = true;
		for (j = 0; j < item->sources_n; j++)
			used[item->sources[j]] = true;
	}
	for (i = 0; i < CPULIST_CPUS_MAX; i++)
		if (used[i])
			plan->cpus.cpu[plan->cpus.n++] = i;
	free(used);
	return 0;
}

static void estimate_bytes(struct plan *plan, const struct topo *topo)
{
	char *xml = topo_xml(topo, false);
	uint64_t bytes = 4000 + (xml ? strlen(xml) : 0) + 90 * topo->n;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		unsigned metrics =
			__builtin_popcount(plan->item[i].opts->metrics);

		bytes += metrics *
			 (RECORD_BYTES + PAIR_BYTES * plan->item[i].pairs_n +
			  12 * (plan->item[i].targets_n +
				plan->item[i].sources_n));
	}
	plan->file_bytes = bytes;
	free(xml);
}

/* ---- CPUs that take turns ------------------------------------------------ */

static bool any_pair_crowds(const struct machine *machine,
			    const struct bench_item *item)
{
	size_t i;

	for (i = 0; i < item->pairs_n; i++)
		if (plan_pair_crowds(machine, item->pairs[i].source,
				     item->pairs[i].target))
			return true;
	return false;
}

/* All that take part at once; peers are in both lists. */
static int set_crowds(const struct machine *machine,
		      const struct bench_item *item, bool peers, bool *crowds)
{
	size_t senders = item->sources_n ? item->sources_n : 1, n = 0, i;
	int *cpu = calloc(senders + item->targets_n, sizeof(*cpu));

	if (!cpu)
		return -ENOMEM;
	for (i = 0; i < senders; i++)
		cpu[n++] = item->sources_n ? item->sources[i] : item->source;
	for (i = 0; !peers && i < item->targets_n; i++)
		cpu[n++] = item->targets[i];
	*crowds = machine_crowds(machine, cpu, n);
	free(cpu);
	return 0;
}

static int mark_crowded(const struct planning *p)
{
	size_t i, left_out = 0;
	int ret = 0;

	for (i = 0; !ret && i < p->plan->n; i++) {
		struct bench_item *item = &p->plan->item[i];

		item->crowded = any_pair_crowds(p->machine, item);
		if (item->targets_n)
			ret = set_crowds(p->machine, item,
					 bench_driver_shape(item->opts) ==
						 SHAPE_ALLTOALL,
					 &item->crowded);
	}
	for (i = 0; i < REL_N; i++)
		left_out += p->plan->left_out[i];
	if (left_out)
		plan_note(p->plan,
			  "pairs: %zu left out, whose CPUs take turns on one "
			  "of the host's (pairs=A:B measures one)",
			  left_out);
	return ret;
}

static bool row_wanted(const struct plan_ask *ask)
{
	return ask->row < 0 ? !ask->pairs : ask->row;
}

static int fill(const struct planning *p)
{
	struct plan *plan = p->plan;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < p->runs->n; i++)
		ret = add_run(p, i);
	if (!ret && row_wanted(&p->runs->ask))
		ret = add_rows(p);
	if (ret)
		return ret;
	if (!plan->n)
		return tool_fail(p->err, -ENODEV,
				 "nothing can be measured on %zu CPU%s: %s",
				 p->topo->n, p->topo->n == 1 ? "" : "s",
				 plan->notes_n ? plan->note[0] : "no runs");
	ret = mark_crowded(p);
	if (ret)
		return ret;
	plan_fit(plan);
	estimate_bytes(plan, p->topo);
	return list_cpus(plan, p->topo);
}

int plan_make(const struct topo *topo, const struct machine *machine,
	      const struct runs *runs, struct plan **out,
	      struct tool_error *err)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct planning p = { plan, topo, machine, runs, NULL, err };
	int ret;

	if (!plan)
		return tool_fail(err, -ENOMEM, "out of memory");
	p.source = &topo->cpu[runs->ask.seed * 2654435761u % topo->n];
	plan->seed = runs->ask.seed;
	plan->budget_ns = runs->ask.budget_ns;
	ret = fill(&p);
	if (ret == -ENOMEM)
		tool_fail(err, ret, "out of memory");
	if (ret)
		plan_free(plan);
	else
		*out = plan;
	return ret;
}

void plan_free(struct plan *plan)
{
	size_t i;

	if (!plan)
		return;
	for (i = 0; i < plan->n; i++) {
		free(plan->item[i].pairs);
		free(plan->item[i].targets);
		free(plan->item[i].sources);
	}
	for (i = 0; i < plan->opts_n; i++) {
		free(plan->opts[i]->run);
		free(plan->opts[i]);
	}
	for (i = 0; i < plan->notes_n; i++)
		free(plan->note[i]);
	cpulist_free(&plan->cpus);
	free(plan->item);
	free(plan->opts);
	free(plan->note);
	free(plan);
}
