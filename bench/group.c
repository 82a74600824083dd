// SPDX-License-Identifier: GPL-2.0-only
/* The runs of a group, and the life of its units. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "group.h"
#include "loop.h"
#include "placement.h"

static bool item_is_multi(const struct bench_item *item)
{
	return item->targets_n > 0;
}

static size_t item_positions(const struct bench_item *item)
{
	return item_is_multi(item) ? 1 : item->pairs_n;
}

static uint32_t series_wanted(const struct bench_item *item)
{
	uint32_t set = 0;
	enum bench_metric m;

	for (m = 0; m < METRIC_MAX_OF_UNICASTS; m++)
		if (item->opts->metrics & (1u << m))
			set |= 1u << record_series(m);
	return set;
}

uint64_t group_block_length(const struct bench_opts *o)
{
	uint64_t ns =
		o->block_ns < GROUP_BLOCK_NS ? GROUP_BLOCK_NS : o->block_ns;

	return o->rt && ns > GROUP_BURST_NS ? GROUP_BURST_NS : ns;
}

size_t group_blocks_wanted(const struct bench_item *item)
{
	size_t parts = item_positions(item) *
		       (size_t)__builtin_popcount(series_wanted(item));
	uint64_t n;

	if (!parts)
		return 0;
	n = item->opts->time_ns / parts / group_block_length(item->opts);
	return n < GROUP_BLOCKS_MIN ? GROUP_BLOCKS_MIN : (size_t)n;
}

/* ---- runs --------------------------------------------------------------- */

static void skip_metric(struct record_run *run, enum bench_metric m,
			const char *why)
{
	snprintf(run->skipped[m], sizeof(run->skipped[m]), "%s", why);
}

static void skip_all(struct record_run *run, const char *why)
{
	enum bench_metric m;

	for (m = 0; m < METRIC_N; m++)
		skip_metric(run, m, why);
}

#define STAMPED_METRICS                                                        \
	(1u << METRIC_ONE_WAY | 1u << METRIC_FIRST_ENTRY |                     \
	 1u << METRIC_LAST_ENTRY | 1u << METRIC_FIRST_ACK |                    \
	 1u << METRIC_LAST_ACK)

/* On a machine of one node no pair has another. */
static bool home_exists(enum bench_home home)
{
	int node;

	return home != HOME_OTHER || !placement_home(home, 0, 0, &node);
}

/* Why this item can't be measured at all; NULL: it can. */
static const char *refusal(const struct bench_item *item,
			   const struct bench_driver *d)
{
	if (!d)
		return "no driver of this name";
	if (d->probe && d->probe(item->opts))
		return d->probe(item->opts);
	if (!home_exists(item->opts->home))
		return "home=other needs a second node, and there is one";
	if (item->sources_n > BENCH_CPUS_MAX)
		return "more than 512 CPUs can't send at once";
	if (item->targets_n > IPI_CPUS_MAX)
		return "more than 1024 CPUs can't take part in one item";
	if (d->shape >= SHAPE_INCAST && item->opts->batch > 1)
		return "several senders have no batches: interval is the mean";
	if (item->burst > BENCH_INFLIGHT_MAX)
		return "a burst may have 256 messages at most";
	if (item->burst && item->opts->batch > 1)
		return "a burst is a batch by itself: interval is its mean";
	if (item->opts->batch > BENCH_CHUNK)
		return "a batch may have 3840 messages at most";
	if (!item_is_multi(item) && !item->pairs_n)
		return "there is no pair of CPUs to measure";
	return NULL;
}

static void run_open(struct record_run *run, const struct bench_item *item)
{
	const struct bench_driver *d = bench_driver_find(item->opts->driver);
	const char *why = refusal(item, d);
	enum bench_metric m;

	run->item = item;
	run->driver = d;
	run->route = d && d->route ? d->route : "none";
	run->counter = "";
	if (item->opts->inject)
		run->inject_ns = (double)item->opts->inject_ns;
	run->offset_bound_ns = NAN;
	run->home_verified = -1;
	run->steady = true;
	if (why) {
		skip_all(run, why);
		return;
	}
	for (m = 0; m < METRIC_MAX_OF_UNICASTS; m++) {
		if (!(item->opts->metrics & (1u << m)))
			continue;
		if (!(d->metrics & (1u << m)))
			skip_metric(run, m, "the driver can't measure this");
		else if (1u << m & STAMPED_METRICS && !bench_clock_is_shared())
			skip_metric(run, m,
				    "one-way times need one clock for all "
				    "CPUs, and this clock is not the TSC");
		else if (m == METRIC_STOLEN && item->crowded)
			skip_metric(run, m,
				    "its CPUs take turns on the host's: a "
				    "target loses more to them than to "
				    "messages");
		else
			run->wanted[record_series(m)] |= 1u << m;
	}
}

int group_open(struct group *g, const struct bench_item *const *items, size_t n)
{
	size_t i;

	memset(g, 0, sizeof(*g));
	g->runs = calloc(n, sizeof(*g->runs));
	if (!g->runs)
		return -ENOMEM;
	g->runs_n = n;
	g->seed = items[0]->opts->seed;
	for (i = 0; i < n; i++)
		run_open(&g->runs[i], items[i]);
	return 0;
}

void group_close(struct group *g)
{
	size_t i, k;

	for (i = 0; i < g->workers_n; i++)
		worker_end(g->workers[i]);
	free(g->workers);
	/* A thread that hangs may still file what it measured. */
	for (i = 0; i < g->runs_n && !g->stuck; i++) {
		for (k = 0; k < g->runs[i].unicasts_n; k++)
			free(g->runs[i].unicasts[k].hist);
		free(g->runs[i].unicasts);
		free(g->runs[i].entry);
		for (k = 0; k < SERIES_N; k++)
			free(g->runs[i].counted[k]);
		for (k = 0; k < SERIES_N; k++)
			json_decref(g->runs[i].traced[k].stages);
	}
	if (!g->stuck)
		free(g->runs);
}

size_t group_positions(const struct group *g)
{
	size_t i, most = 0;

	for (i = 0; i < g->runs_n; i++)
		if (item_positions(g->runs[i].item) > most)
			most = item_positions(g->runs[i].item);
	return most;
}

/* ---- units -------------------------------------------------------------- */

void group_units_open(struct group *g, size_t position)
{
	enum bench_series s;
	size_t i;

	g->units_n = 0;
	g->units = calloc(g->runs_n * SERIES_N, sizeof(*g->units));
	for (i = 0; g->units && i < g->runs_n; i++) {
		struct record_run *run = &g->runs[i];

		if (position >= item_positions(run->item))
			continue;
		for (s = 0; s < SERIES_N; s++)
			if (run->wanted[s] && !run->failed[s][0])
				group_unit_open(g, run, s, position);
	}
}

void group_unit_verify(struct block_unit *u)
{
	int at_home;

	if (!u->lines.mem || !u->blocks_done)
		return;
	at_home = placement_verify(&u->lines);
	/* One page elsewhere in one unit, and the record can't say "home". */
	if (u->run->home_verified != 0)
		u->run->home_verified = at_home;
}

void group_units_close(struct group *g, size_t position)
{
	size_t i;

	for (i = 0; i < g->units_n; i++) {
		struct block_unit *u = &g->units[i];

		group_unit_verify(u);
		/* A thread that hangs may still use what it was given. */
		if (g->stuck)
			continue;
		group_unit_unmake(u);
		free(u->sources);
		free(u->targets);
	}
	for (i = 0; i < g->runs_n; i++) {
		const struct bench_item *item = g->runs[i].item;

		if (!item_is_multi(item) && position < item->pairs_n)
			record_pair_close(&g->runs[i],
					  item->pairs[position].source,
					  item->pairs[position].target);
	}
	if (!g->stuck)
		free(g->units);
	g->units = NULL;
	g->units_n = 0;
}

struct block_unit *group_unit(struct group *g, const struct record_run *run,
			      enum bench_series series)
{
	size_t i;

	for (i = 0; i < g->units_n; i++)
		if (g->units[i].run == run && g->units[i].open &&
		    g->units[i].cell.series == series)
			return &g->units[i];
	return NULL;
}

struct block_unit *group_first_unit(struct group *g,
				    const struct record_run *run)
{
	struct block_unit *u = NULL;
	enum bench_series s;

	for (s = 0; s < SERIES_N && !u; s++)
		u = group_unit(g, run, s);
	return u;
}

/* Between bursts the rest of the machine has its turn on these CPUs. */
static void yield_burst(const struct block_unit *u)
{
	struct timespec ts = { .tv_nsec = (long)(u->length_ns / 10) };

	if (u->cell.opts->rt)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

int group_block(struct group *g, struct block_unit *u, enum block_mode mode)
{
	struct stats_rng rng = { u->cell.opts->seed +
				 (uint64_t)u->cell.source_cpu * 65536 +
				 u->blocks_done };
	int err;

	u->seed = stats_random(&rng);
	u->mode = mode;
	traced_next(u);
	err = block_run(u, mode);
	traced_read(u);
	g->stuck |= u->stuck;
	if (err)
		group_unit_failed(u, err);
	yield_burst(u);
	return err;
}
