// SPDX-License-Identifier: GPL-2.0-only
/* How long a plan takes, and what goes first when it is too long. */
#include <stdlib.h>
#include <string.h>

#include "front.h"
#include "tool/units.h"

/* Warm-up (200 ms, and until steady) and the quiet window, each pair anew. */
#define SETTLE_NS 300000000ull
/* Where CPUs take turns nothing gets steady; the last one's turn ends a block. */
#define SETTLE_CROWDED_NS 1000000000ull
#define CROWDED_TIMES 3
/* Before each block there is a quiet window. */
#define WITH_QUIET(ns) ((ns) + (ns) / BENCH_QUIET_SHARE)
/* Fewer blocks of a series say nothing about their spread. */
#define BLOCKS_MIN 3

/* Metrics that are taken from one stamped series. */
static const uint32_t stamped =
	1u << METRIC_ONE_WAY | 1u << METRIC_FIRST_ENTRY |
	1u << METRIC_LAST_ENTRY | 1u << METRIC_FIRST_ACK;

unsigned plan_series(uint32_t metrics)
{
	unsigned n = 0;

	n += !!(metrics & ~(stamped | 1u << METRIC_SEND | 1u << METRIC_STOLEN |
			    1u << METRIC_INTERVAL));
	n += !!(metrics & 1u << METRIC_SEND);
	n += !!(metrics & 1u << METRIC_INTERVAL);
	n += !!(metrics & 1u << METRIC_STOLEN);
	n += !!(metrics & stamped);
	return n;
}

static size_t positions(const struct bench_item *item)
{
	return item->targets_n ? 1 : item->pairs_n;
}

uint64_t plan_item_ns(const struct bench_item *item)
{
	uint32_t metrics = item->opts->metrics &
			   ~(item->crowded ? 1u << METRIC_STOLEN : 0);
	uint64_t least = positions(item) * plan_series(metrics) * BLOCKS_MIN *
			 item->opts->block_ns;
	uint64_t time = item->opts->time_ns;

	time = WITH_QUIET(time < least ? least : time);
	if (item->crowded)
		return positions(item) * SETTLE_CROWDED_NS +
		       time * CROWDED_TIMES;
	return positions(item) * SETTLE_NS + time;
}

static uint64_t total(const struct plan *plan)
{
	uint64_t ns = 0;
	size_t i;

	for (i = 0; i < plan->n; i++)
		ns += plan_item_ns(&plan->item[i]);
	return ns;
}

static bool fits(struct plan *plan)
{
	plan->planned_ns = total(plan);
	return !plan->budget_ns || plan->planned_ns <= plan->budget_ns;
}

static void drop_item(struct plan *plan, size_t i)
{
	free(plan->item[i].pairs);
	free(plan->item[i].targets);
	free(plan->item[i].sources);
	memmove(&plan->item[i], &plan->item[i + 1],
		(plan->n - i - 1) * sizeof(plan->item[0]));
	plan->n--;
}

static bool is_row(const struct plan *plan, const struct bench_item *item)
{
	size_t i;

	for (i = 0; i < plan->opts_n; i++)
		if (plan->opts[i] == item->opts)
			return true;
	return false;
}

static void drop_rows(struct plan *plan)
{
	size_t i, before = plan->n;

	for (i = plan->n; i-- > 0;)
		if (is_row(plan, &plan->item[i]))
			drop_item(plan, i);
	if (plan->n < before)
		plan_note(plan, "source rows dropped to fit budget=%s",
			  units_ns(plan->budget_ns).text);
}

static void thin_pairs(struct plan *plan)
{
	size_t i, most = 0, keep;

	for (i = 0; i < plan->n; i++)
		if (plan->item[i].pairs_n > most)
			most = plan->item[i].pairs_n;
	keep = most;
	while (keep > 1 && !fits(plan)) {
		keep = (keep + 1) / 2;
		for (i = 0; i < plan->n; i++)
			if (plan->item[i].pairs_n > keep)
				plan->item[i].pairs_n = keep;
	}
	if (keep < most)
		plan_note(plan,
			  "pairs: at most %zu of %zu of each relation class "
			  "kept to fit budget=%s",
			  keep, most, units_ns(plan->budget_ns).text);
}

/* The nearest and the farthest class of a run say most; the middle goes. */
static bool drop_class(struct plan *plan, const struct bench_opts *opts)
{
	size_t i, n = 0, second = 0;

	for (i = 0; i < plan->n; i++)
		if (plan->item[i].opts == opts && ++n == 2)
			second = i;
	if (n <= 2)
		return false;
	drop_item(plan, second);
	return true;
}

/* Whose items differ in size before they differ in relation. */
static bool opts_swept(const struct bench_opts *opts)
{
	const struct bench_driver *d = bench_driver_find(opts->driver);

	return d && d->shape >= SHAPE_SET;
}

static void thin_classes(struct plan *plan)
{
	const struct bench_opts *opts, *last = NULL;
	unsigned had, lost;
	size_t i, j;

	for (i = 0; i < plan->n && !fits(plan); i++) {
		opts = plan->item[i].opts;
		if (opts == last)
			continue;
		last = opts;
		for (j = 0, had = 0; j < plan->n; j++)
			had += plan->item[j].opts == opts;
		for (lost = 0; drop_class(plan, opts); lost++)
			;
		if (lost)
			plan_note(plan,
				  "%s: %u of %u %s dropped to fit budget=%s",
				  opts->run, lost, had,
				  opts_swept(opts) ? "sizes"
						   : "relation classes",
				  units_ns(plan->budget_ns).text);
	}
}

/* What is left at the end: whole runs, the last first; one always stays. */
static void drop_runs(struct plan *plan)
{
	const struct bench_opts *opts;

	while (plan->n > 1 && !fits(plan)) {
		opts = plan->item[plan->n - 1].opts;
		if (opts == plan->item[0].opts)
			break;
		plan_note(plan, "%s: dropped to fit budget=%s", opts->run,
			  units_ns(plan->budget_ns).text);
		while (plan->item[plan->n - 1].opts == opts)
			drop_item(plan, plan->n - 1);
	}
	if (!fits(plan))
		plan_note(plan, "budget=%s is less than what is left takes: %s",
			  units_ns(plan->budget_ns).text,
			  units_ns(plan->planned_ns).text);
}

void plan_fit(struct plan *plan)
{
	if (!fits(plan))
		drop_rows(plan);
	if (!fits(plan))
		thin_pairs(plan);
	if (!fits(plan))
		thin_classes(plan);
	if (!fits(plan))
		drop_runs(plan);
}
