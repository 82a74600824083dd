// SPDX-License-Identifier: GPL-2.0-only
/* Accumulators of samples: by metric and way, closed per block and pair. */
#include <math.h>
#include <stdlib.h>

#include "records.h"

static struct ipi_hist *hist_new(void)
{
	struct ipi_hist *h = malloc(sizeof(*h));

	if (h)
		ipi_hist_clear(h);
	return h;
}

void record_acc_free(struct record_acc *a)
{
	size_t i;

	free(a->all);
	free(a->clean);
	free(a->pair);
	free(a->block);
	for (i = 0; i < a->blocks_n; i++)
		free(a->sparse[i].at);
	free(a->sparse);
	free(a->blocks);
	free(a->medians);
	free(a->pairs);
	free(a->last_n);
}

/* Batches and windows keep fractions of a unit of their mean. */
static void acc_unit(struct record_acc *a, const struct bench_cell *c)
{
	a->batch = 1;
	a->unit_ns = bench_clock_get()->unit_ns;
	if (c->series == SERIES_STOLEN)
		a->batch = 2 * c->batch;
	else if (c->series == SERIES_INTERVAL)
		a->batch =
			c->ops->one_window ? BENCH_BATCH_WINDOW : c->messages;
	else if (c->series == SERIES_PLAIN && c->batch > 1)
		a->batch = c->batch;
	if (a->batch > 1)
		a->unit_ns /= BENCH_BATCH_FRACTION;
}

struct record_acc *record_acc_get(struct record_run *run,
				  const struct bench_cell *c,
				  enum bench_metric metric, enum ipi_way way,
				  const char *target_state)
{
	struct record_acc *a, *more;
	size_t i;

	for (i = 0; i < run->acc_n; i++) {
		a = &run->acc[i];
		if (a->metric == metric && a->way == way &&
		    !strcmp(a->target_state, target_state))
			return a;
	}
	more = realloc(run->acc, (run->acc_n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	run->acc = more;
	a = &more[run->acc_n];
	memset(a, 0, sizeof(*a));
	a->metric = metric;
	a->way = way;
	a->target_state = target_state;
	a->stamped = c->series == SERIES_STAMPED;
	acc_unit(a, c);
	a->all = hist_new();
	a->clean = hist_new();
	a->pair = hist_new();
	a->block = hist_new();
	a->last_n = calloc(c->targets_n ? c->targets_n : 1, sizeof(*a->last_n));
	if (!a->all || !a->clean || !a->pair || !a->block || !a->last_n) {
		record_acc_free(a);
		return NULL;
	}
	run->acc_n++;
	return a;
}

void record_block_drop(struct record_run *run, enum bench_series series)
{
	size_t i;

	for (i = 0; i < run->acc_n; i++) {
		struct record_acc *a = &run->acc[i];

		if (record_series(a->metric) != series)
			continue;
		ipi_hist_clear(a->block);
	}
}

double record_block_median(struct record_run *run, enum bench_series series)
{
	size_t i;

	for (i = 0; i < run->acc_n; i++)
		if (record_series(run->acc[i].metric) == series &&
		    run->acc[i].block->n)
			return stats_quantile(run->acc[i].block, 0.5) *
			       run->acc[i].unit_ns;
	return NAN;
}

static int acc_room(struct record_acc *a)
{
	size_t cap = a->blocks_cap ? 2 * a->blocks_cap : 16;
	struct bench_block *blocks;
	struct stats_block *medians;
	struct record_sparse *sparse;

	if (a->blocks_n < a->blocks_cap)
		return 0;
	blocks = realloc(a->blocks, cap * sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;
	a->blocks = blocks;
	medians = realloc(a->medians, cap * sizeof(*medians));
	if (!medians)
		return -ENOMEM;
	a->medians = medians;
	sparse = realloc(a->sparse, cap * sizeof(*sparse));
	if (!sparse)
		return -ENOMEM;
	a->sparse = sparse;
	a->blocks_cap = cap;
	return 0;
}

static void acc_block_close(struct record_acc *a, size_t stratum,
			    const struct bench_block *block)
{
	struct bench_block *b;

	if (!a->block->n || acc_room(a))
		return;
	b = &a->blocks[a->blocks_n];
	*b = *block;
	b->n = a->block->n;
	b->mean_ns = (double)a->block->sum / (double)b->n * a->unit_ns;
	record_sparse_keep(&a->sparse[a->blocks_n], a->block);
	a->medians[a->blocks_n].p50 = stats_quantile(a->block, 0.5);
	a->medians[a->blocks_n].stratum = stratum;
	b->p50_ns = a->medians[a->blocks_n].p50 * a->unit_ns;
	b->p99_ns = a->batch > 1 ? NAN
				 : stats_quantile_stated(a->block, 0.99) *
					   a->unit_ns;
	a->blocks_n++;
	ipi_hist_merge(a->all, a->block);
	ipi_hist_merge(a->pair, a->block);
	if (!b->marked)
		ipi_hist_merge(a->clean, a->block);
	ipi_hist_clear(a->block);
}

void record_block_close(struct record_run *run, enum bench_series series,
			size_t stratum, const struct bench_block *block)
{
	size_t i;

	for (i = 0; i < run->acc_n; i++)
		if (record_series(run->acc[i].metric) == series)
			acc_block_close(&run->acc[i], stratum, block);
}

static void keep_unicast(struct record_run *run, struct record_acc *a,
			 int source, int target)
{
	struct record_unicast *more;

	more = realloc(run->unicasts, (run->unicasts_n + 1) * sizeof(*more));
	if (!more)
		return;
	run->unicasts = more;
	more[run->unicasts_n].source = source;
	more[run->unicasts_n].target = target;
	more[run->unicasts_n++].hist = a->pair;
	a->pair = NULL;
}

static void acc_pair_close(struct record_acc *a, int source, int target)
{
	struct bench_pair_stat *p;

	if (a->pairs_n == a->pairs_cap) {
		size_t cap = a->pairs_cap ? 2 * a->pairs_cap : 8;
		void *more = realloc(a->pairs, cap * sizeof(*a->pairs));

		if (!more)
			return;
		a->pairs = more;
		a->pairs_cap = cap;
	}
	p = &a->pairs[a->pairs_n++];
	p->source = source;
	p->target = target;
	p->n = a->pair->n;
	p->min_ns = (double)a->pair->min * a->unit_ns;
	p->p50_ns = stats_quantile(a->pair, 0.5) * a->unit_ns;
	p->p99_ns = a->batch > 1
			    ? NAN
			    : stats_quantile_stated(a->pair, 0.99) * a->unit_ns;
}

void record_pair_close(struct record_run *run, int source, int target)
{
	size_t i;

	for (i = 0; i < run->acc_n; i++) {
		struct record_acc *a = &run->acc[i];

		if (!a->pair || !a->pair->n)
			continue;
		acc_pair_close(a, source, target);
		if (run->keep_unicasts && a->metric == METRIC_RTT &&
		    a->batch == 1 && a->way != IPI_WAY_NONE)
			keep_unicast(run, a, source, target);
		if (!a->pair)
			a->pair = hist_new();
		else
			ipi_hist_clear(a->pair);
	}
}
