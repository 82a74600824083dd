// SPDX-License-Identifier: GPL-2.0-only
/* bench_measure(): groups, positions, rounds of alternating blocks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "group.h"

/* Warm-up: at least this long, until two windows agree, or given up. */
#define WARM_NS 200000000.0
#define WARM_GIVEN_UP_NS 1000000000.0
#define WARM_AGREE 0.02
/* The fastest of so many windows says what a share is a share of. */
#define SHARE_WINDOWS 4

volatile int bench_stop;

struct progress {
	bench_progress_fn fn;
	void *arg;
	double blocks, blocks_all;
};

static const char *const series_name[SERIES_N] = { "rtt", "send", "stolen",
						   "stamped", "interval" };

static void tell(struct progress *p, const struct block_unit *u)
{
	char label[128];

	if (!p->fn)
		return;
	snprintf(label, sizeof(label), "%s %s", u->cell.opts->run,
		 series_name[u->cell.series]);
	p->fn(p->blocks_all > 0 ? p->blocks / p->blocks_all : 1, label, p->arg);
}

/* A delay that is a share of the run's own round trip, before any delay. */
static void find_share(struct group *g, struct block_unit *u)
{
	struct record_run *run = u->run;
	double before = INFINITY, now;
	int i;

	if (run->inject_ns || run->item->opts->inject_share <= 0)
		return;
	for (i = 0; i < SHARE_WINDOWS && !bench_stop; i++) {
		if (group_block(g, u, BLOCK_WARM))
			return;
		now = record_block_median(run, u->cell.series);
		record_block_drop(run, u->cell.series);
		before = fmin(before, now);
	}
	if (isfinite(before))
		run->inject_ns = run->item->opts->inject_share * before;
}

/* The first unit of each run warms its path up for all its series. */
static void warm_up(struct group *g, struct record_run *run)
{
	struct block_unit *u = group_first_unit(g, run);
	double before = NAN, now, spent = 0, begin;
	struct attest_sum *att, kept;
	bool steady = false;

	if (!u)
		return;
	att = &run->att[u->cell.series];
	kept = *att;
	find_share(g, u);
	begin = (double)bench_clock_raw_ns();
	while (spent < WARM_GIVEN_UP_NS && !bench_stop) {
		if (group_block(g, u, BLOCK_WARM))
			return;
		spent = (double)bench_clock_raw_ns() - begin;
		now = record_block_median(run, u->cell.series);
		record_block_drop(run, u->cell.series);
		steady = fabs(now - before) <= WARM_AGREE * before;
		before = now;
		if (steady && spent >= WARM_NS)
			break;
	}
	*att = kept;
	run->steady &= steady;
	run->warmup_s += spent / 1e9;
}

/* What comes before the first block: the clocks' offset and the warm-up. */
static void prepare(struct group *g)
{
	size_t r;

	for (r = 0; r < g->runs_n && !bench_stop; r++) {
		struct record_run *run = &g->runs[r];
		struct block_unit *stamped = group_unit(g, run, SERIES_STAMPED);

		if (stamped)
			group_block(g, stamped, BLOCK_PING);
		warm_up(g, run);
	}
}

static void measure_unit(struct group *g, struct block_unit *u, size_t position,
			 struct progress *p)
{
	struct attest_sum *att = &u->run->att[u->cell.series];

	if (!u->open || u->blocks_done >= u->blocks_wanted || !u->samples_left)
		return;
	tell(p, u);
	if (u->blocks_done && group_unit_renew(u))
		return;
	if (!group_block(g, u, BLOCK_MEASURE)) {
		u->blocks_done++;
		p->blocks++;
	}
	att->blocks++;
	att->disturbed += u->block.marked;
	/* What a block took before it failed is kept, too. */
	record_block_close(u->run, u->cell.series, position, &u->block);
	if (u->cell.ops->one_window && !u->stuck)
		record_senders_close(u->run, &u->cell);
}

/* Every unit once a round, in an order in which each follows each equally. */
static void rounds(struct group *g, size_t position, struct progress *p)
{
	size_t *order, most = 0, r, i;

	order = malloc((g->units_n + 1) * sizeof(*order));
	for (i = 0; i < g->units_n; i++)
		if (g->units[i].blocks_wanted > most)
			most = g->units[i].blocks_wanted;
	for (r = 0; order && r < most; r++) {
		stats_order(g->units_n, r, g->seed + position, order);
		for (i = 0; i < g->units_n && !bench_stop; i++)
			measure_unit(g, &g->units[order[i]], position, p);
	}
	free(order);
}

/* ---- the greatest of independent unicasts ------------------------------- */

static bool same(const char *a, const char *b)
{
	return (!a && !b) || (a && b && !strcmp(a, b));
}

/* Unicasts of the same designs whose product stands beside the broadcast. */
static bool comparable(const struct record_run *uni, const struct record_run *b)
{
	const struct bench_opts *x = uni->item->opts, *y = b->item->opts;

	return !uni->item->targets_n && !strcmp(uni->route, b->route) &&
	       same(x->queue, y->queue) && same(x->ack, y->ack) &&
	       x->waiter == y->waiter && x->gap_ns_max == y->gap_ns_max &&
	       x->gap_ns_min == y->gap_ns_min && x->batch <= 1;
}

static bool wants_max(const struct bench_item *item)
{
	return item->targets_n &&
	       item->opts->metrics & (1u << METRIC_MAX_OF_UNICASTS);
}

static const struct ipi_hist *unicast_of(const struct group *g,
					 const struct record_run *b, int target)
{
	size_t i, k;

	for (i = 0; i < g->runs_n; i++) {
		const struct record_run *run = &g->runs[i];

		for (k = 0; k < run->unicasts_n && comparable(run, b); k++)
			if (run->unicasts[k].source == b->item->source &&
			    run->unicasts[k].target == target)
				return run->unicasts[k].hist;
	}
	return NULL;
}

static int max_of_unicasts(const struct group *g, const struct record_run *b,
			   struct bench_results *out)
{
	const struct bench_item *item = b->item;
	const struct ipi_hist **h = calloc(item->targets_n, sizeof(*h));
	struct ipi_hist *max = malloc(sizeof(*max));
	struct bench_record *rec;
	size_t i, found = 0;
	int err = -ENOMEM;

	for (i = 0; h && i < item->targets_n; i++) {
		h[i] = unicast_of(g, b, item->targets[i]);
		found += h[i] != NULL;
	}
	if (!h || !max)
		goto out_free;
	err = record_none(item, METRIC_MAX_OF_UNICASTS,
			  found < i ? STATUS_SKIPPED : STATUS_OK,
			  found < i ? "its group has no unicasts from the same "
				      "source to each of its targets"
				    : "",
			  out);
	if (err || found < i)
		goto out_free;
	stats_max_of(h, found, max);
	rec = &out->rec[out->n - 1];
	record_computed(rec, b, max);
	max = NULL;
out_free:
	free(max);
	free(h);
	return err;
}

/* ------------------------------------------------------------------------- */

/* What a thread that hangs may still write to can't be read. */
static int give_up(const struct group *g, struct bench_results *out)
{
	enum bench_metric m;
	size_t i;
	int err = 0;

	for (i = 0; i < g->runs_n; i++)
		for (m = 0; m < METRIC_N && !err; m++)
			if (g->runs[i].item->opts->metrics & (1u << m))
				err = record_none(g->runs[i].item, m,
						  STATUS_FAILED,
						  "a thread of its group was "
						  "kept from running and did "
						  "not end its block",
						  out);
	return err;
}

static int finish(struct group *g, struct bench_results *out)
{
	size_t i;
	int err = 0;

	if (g->stuck)
		return give_up(g, out);

	for (i = 0; i < g->runs_n && !err; i++) {
		err = record_finish(&g->runs[i], out);
		if (!err && wants_max(g->runs[i].item))
			err = max_of_unicasts(g, &g->runs[i], out);
	}
	return err;
}

static int measure_group(const struct bench_item *const *items, size_t n,
			 double origin_ns, struct bench_results *out,
			 struct progress *p)
{
	struct group g;
	size_t position, i;
	bool max = false;
	int err;

	err = group_open(&g, items, n);
	if (err)
		return err;
	g.origin_ns = origin_ns;
	for (i = 0; i < n; i++)
		max |= wants_max(items[i]);
	for (i = 0; i < n; i++)
		g.runs[i].keep_unicasts = max && !items[i]->targets_n;
	for (position = 0; position < group_positions(&g) && !bench_stop;
	     position++) {
		group_units_open(&g, position);
		prepare(&g);
		rounds(&g, position, p);
		group_units_close(&g, position);
	}
	err = finish(&g, out);
	group_close(&g);
	return err;
}

static double count_blocks(const struct bench_item *items, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct bench_item *it = &items[i];
		size_t positions = it->targets_n ? 1 : it->pairs_n;
		uint32_t set = 0;
		enum bench_metric m;

		for (m = 0; m < METRIC_MAX_OF_UNICASTS; m++)
			if (it->opts->metrics & (1u << m))
				set |= 1u << record_series(m);
		sum += (double)(group_blocks_wanted(it) * positions) *
		       __builtin_popcount(set);
	}
	return sum;
}

/* The items of the group that item first opens; how many. */
static size_t same_group(const struct bench_item *items, size_t n, size_t first,
			 const struct bench_item **out)
{
	size_t i, k = 0;

	for (i = 0; i < first; i++)
		if (items[i].group == items[first].group)
			return 0;
	for (i = first; i < n; i++)
		if (items[i].group == items[first].group)
			out[k++] = &items[i];
	return k;
}

int bench_measure(const struct bench_item *items, size_t n,
		  struct bench_results *out, bench_progress_fn progress,
		  void *arg)
{
	struct progress p = { progress, arg, 0, count_blocks(items, n) };
	const struct bench_item **of_group = calloc(n + 1, sizeof(*of_group));
	double origin_ns;
	size_t i, k;
	int err = 0;

	if (!of_group)
		return -ENOMEM;
	bench_clock_get();
	origin_ns = (double)bench_clock_raw_ns();
	for (i = 0; i < n && !err && !bench_stop; i++) {
		k = same_group(items, n, i, of_group);
		if (k)
			err = measure_group(of_group, k, origin_ns, out, &p);
	}
	free(of_group);
	if (!err && bench_stop)
		err = -EINTR;
	return err;
}
