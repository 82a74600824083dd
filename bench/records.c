// SPDX-License-Identifier: GPL-2.0-only
/* The records made of what was accumulated. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "records.h"

/* Share of a one-way median that the clocks' offset may be. */
#define OFFSET_SHARE 0.2

enum bench_series record_series(enum bench_metric metric)
{
	switch (metric) {
	case METRIC_RTT:
		return SERIES_PLAIN;
	case METRIC_SEND:
		return SERIES_SEND;
	case METRIC_STOLEN:
		return SERIES_STOLEN;
	case METRIC_INTERVAL:
		return SERIES_INTERVAL;
	default:
		return SERIES_STAMPED;
	}
}

/* Half the interval, and what a clock that steps and a reading add. */
static double error_of(const struct record_run *run, const struct record_acc *a)
{
	const struct bench_clock *clk = bench_clock_get();
	double e = stats_median_error(a->all, a->medians, a->blocks_n);

	e = e * a->unit_ns + clk->tick_ns / a->batch;
	if (a->stamped && isfinite(run->offset_bound_ns))
		e += run->offset_bound_ns;
	return e;
}

static void fill_targets(struct bench_record *rec, struct record_acc *a,
			 const struct bench_item *item)
{
	size_t i;

	if (!item->targets_n || a->metric != METRIC_LAST_ACK)
		return;
	rec->last_cpu = malloc(item->targets_n * sizeof(*rec->last_cpu));
	if (!rec->last_cpu)
		return;
	for (i = 0; i < item->targets_n; i++)
		rec->last_cpu[i] = item->targets[i];
	rec->last_n = a->last_n;
	rec->last_cpus = item->targets_n;
	a->last_n = NULL;
}

/* Of a broadcast's entries each target has a distribution of its own. */
static void fill_entries(struct bench_record *rec, const struct record_run *run,
			 const struct record_acc *a)
{
	const struct bench_item *item = run->item;
	size_t i;

	if (!run->entry ||
	    (a->metric != METRIC_FIRST_ENTRY && a->metric != METRIC_LAST_ENTRY))
		return;
	rec->pairs = calloc(item->targets_n, sizeof(*rec->pairs));
	for (i = 0; rec->pairs && i < item->targets_n; i++) {
		const struct ipi_hist *h = &run->entry[i];
		struct bench_pair_stat *p = &rec->pairs[rec->pairs_n++];

		p->source = item->source;
		p->target = item->targets[i];
		p->n = h->n;
		p->min_ns = h->n ? (double)h->min * a->unit_ns : NAN;
		p->p50_ns = stats_quantile(h, 0.5) * a->unit_ns;
		p->p99_ns = stats_quantile_stated(h, 0.99) * a->unit_ns;
	}
}

/* The senders' counts, and how the messages of windows came. */
static void fill_senders(struct bench_record *rec, struct record_run *run,
			 enum bench_series series)
{
	const struct bench_item *item = run->item;
	size_t i;

	rec->crowded = run->crowded;
	if (series == SERIES_INTERVAL)
		memcpy(rec->way_n, run->came, sizeof(rec->way_n));
	if (!run->counted[series])
		return;
	rec->sender_cpu = calloc(item->sources_n, sizeof(*rec->sender_cpu));
	rec->sender_n = calloc(item->sources_n, sizeof(*rec->sender_n));
	if (!rec->sender_cpu || !rec->sender_n)
		return;
	for (i = 0; i < item->sources_n; i++) {
		rec->sender_cpu[i] = item->sources[i];
		rec->sender_n[i] = (uint64_t)(run->counted[series][i] + 0.5);
	}
	rec->senders_n = item->sources_n;
}

/* Windows are never split by way: a mean of what was split says nothing. */
static enum ipi_way only_way(const uint64_t *came)
{
	enum ipi_way way = IPI_WAY_NONE, w;

	for (w = 0; w < IPI_WAYS; w++) {
		if (!came[w])
			continue;
		if (way != IPI_WAY_NONE)
			return IPI_WAY_NONE;
		way = w;
	}
	return way;
}

/*
 * A window that lost less than nothing was counted as 0: its noise hides the
 * least and bends the mean, so neither is known. The median stands while more
 * than half of the windows are above.
 */
static void forget_hidden(struct bench_record *rec, const struct ipi_hist *h)
{
	rec->below_noise = h->count[0];
	if (!rec->below_noise)
		return;
	rec->min_ns = NAN;
	rec->mean_ns = NAN;
}

static void fill(struct bench_record *rec, struct record_run *run,
		 struct record_acc *a)
{
	enum bench_series series = record_series(a->metric);

	rec->way = a->way;
	if (a->batch == BENCH_BATCH_WINDOW)
		rec->way = only_way(run->came);
	rec->stamped = a->stamped;
	rec->target_state = a->target_state;
	rec->batch = a->batch;
	rec->samples_n = a->all->n;
	rec->discarded_n = a->discarded;
	rec->min_ns = (double)a->all->min * a->unit_ns;
	rec->max_ns = (double)a->all->max * a->unit_ns;
	rec->mean_ns = (double)a->all->sum / (double)a->all->n * a->unit_ns;
	if (a->metric == METRIC_STOLEN)
		forget_hidden(rec, a->all);
	rec->error_ns = error_of(run, a);
	rec->hist = a->all;
	rec->tick_ns = a->unit_ns;
	rec->blocks = a->blocks;
	rec->blocks_n = a->blocks_n;
	rec->pairs = a->pairs;
	rec->pairs_n = a->pairs_n;
	rec->p50_ns_without_marked = NAN;
	if (a->clean->n && a->clean->n < a->all->n)
		rec->p50_ns_without_marked =
			stats_quantile(a->clean, 0.5) * a->unit_ns;
	fill_targets(rec, a, run->item);
	fill_entries(rec, run, a);
	fill_senders(rec, run, series);
	rec->steady = run->steady;
	rec->warmup_s = run->warmup_s;
	/* In the kernel other lines are used than those that were verified. */
	rec->home_verified = run->driver->kernel ? -1 : run->home_verified;
	rec->offset_bound_ns = a->stamped ? run->offset_bound_ns : NAN;
	attest_judge(&run->att[series], run->counter, run->meant, rec->way,
		     &rec->att);
	if (rec->traced)
		traced_judge(&run->traced[series], &run->att[series],
			     run->counter, rec, &rec->trace);
	rec->inject_ns = run->inject_ns;
	record_bands(rec, a->sparse);
	a->all = NULL;
	a->blocks = NULL;
	if (rec->pairs == a->pairs)
		a->pairs = NULL;
}

const char *record_target_state(const struct bench_item *item)
{
	const struct bench_opts *o = item->opts;
	const struct bench_driver *d = bench_driver_find(o->driver);

	if (bench_driver_shape(o) == SHAPE_ALLTOALL)
		return "busy";
	if (d && d->kernel)
		return o->target_state == TARGET_IDLES ? "idle"
		       : o->target_state == TARGET_IDLES_POLLING
			       ? "idle, polling"
		       : o->target_state == TARGET_BUSY_KERNEL
			       ? "busy in the kernel"
			       : "busy in user space";
	if (d && d->sleeps && o->target_state == TARGET_IDLES)
		return "asleep";
	if (d && d->sleeps && o->target_state == TARGET_EPOLLS)
		return "asleep in epoll";
	return o->hold_target ? "asleep" : "spinning";
}

static struct bench_record *record_begin(const struct bench_item *item,
					 enum bench_metric metric,
					 struct bench_results *out)
{
	struct bench_record *rec = bench_record_new(out);
	const struct bench_driver *d;

	if (!rec)
		return NULL;
	d = bench_driver_find(item->opts->driver);
	rec->item = item;
	rec->metric = metric;
	rec->batch = 1;
	rec->yardstick = d && d->yardstick;
	rec->syscall_in_path = d && d->syscall_in_path;
	rec->route = d && d->route ? d->route : "none";
	rec->target_state = record_target_state(item);
	rec->home_verified = -1;
	rec->p50_ns_without_marked = NAN;
	rec->offset_bound_ns = NAN;
	rec->att.verdict = VERDICT_NOT_APPLICABLE;
	rec->traced = bench_tracer;
	return rec;
}

int record_none(const struct bench_item *item, enum bench_metric metric,
		enum bench_status status, const char *reason,
		struct bench_results *out)
{
	struct bench_record *rec = record_begin(item, metric, out);

	if (!rec)
		return -ENOMEM;
	rec->status = status;
	snprintf(rec->reason, sizeof(rec->reason), "%s", reason);
	snprintf(rec->att.why, sizeof(rec->att.why), "nothing was measured");
	return 0;
}

/* Stamps of two CPUs against each other; a bound too wide refuses them. */
static bool offset_too_wide(const struct record_run *run,
			    const struct record_acc *a, char *why, size_t size)
{
	double p50 = stats_quantile(a->all, 0.5) * a->unit_ns;

	if (!a->stamped || a->metric == METRIC_LAST_ACK ||
	    run->offset_bound_ns <= OFFSET_SHARE * p50)
		return false;
	snprintf(why, size,
		 "refused: the two CPUs' clocks may be %.0f ns apart, more "
		 "than 20 %% of the median of %.0f ns",
		 run->offset_bound_ns, p50);
	return true;
}

/* The metric's records by way; a failure that came later is told in each. */
static int finish_metric(struct record_run *run, enum bench_metric metric,
			 struct bench_results *out)
{
	const char *failed = run->failed[record_series(metric)];
	bool any = false;
	size_t i;

	for (i = 0; i < run->acc_n; i++) {
		struct record_acc *a = &run->acc[i];
		struct bench_record *rec;

		if (a->metric != metric || !a->all->n)
			continue;
		if (offset_too_wide(run, a, run->skipped[metric],
				    sizeof(run->skipped[metric])))
			continue;
		rec = record_begin(run->item, metric, out);
		if (!rec)
			return -ENOMEM;
		any = true;
		rec->route = run->route;
		/* Who sleeps in idle is woken by one. */
		rec->syscall_in_path |=
			!run->driver->kernel &&
			(!strcmp(run->route, "signal") ||
			 a->way == IPI_WAY_IDLE);
		fill(rec, run, a);
		if (failed[0]) {
			rec->status = STATUS_FAILED;
			snprintf(rec->reason, sizeof(rec->reason), "%s",
				 failed);
		}
	}
	if (any)
		return 0;
	if (run->skipped[metric][0])
		return record_none(run->item, metric, STATUS_SKIPPED,
				   run->skipped[metric], out);
	return record_none(run->item, metric, STATUS_FAILED,
			   failed[0] ? failed : "no sample was taken", out);
}

int record_finish(struct record_run *run, struct bench_results *out)
{
	enum bench_metric m;
	int err = 0;
	size_t i;

	for (m = 0; m < METRIC_N && !err; m++)
		if (run->item->opts->metrics & (1u << m) &&
		    m != METRIC_MAX_OF_UNICASTS)
			err = finish_metric(run, m, out);
	for (i = 0; i < run->acc_n; i++)
		record_acc_free(&run->acc[i]);
	free(run->acc);
	run->acc = NULL;
	run->acc_n = 0;
	return err;
}

void record_computed(struct bench_record *rec, const struct record_run *run,
		     struct ipi_hist *hist)
{
	const struct bench_clock *clk = bench_clock_get();

	rec->route = run->route;
	rec->samples_n = hist->n;
	rec->min_ns = (double)hist->min * clk->unit_ns;
	rec->max_ns = (double)hist->max * clk->unit_ns;
	rec->mean_ns =
		hist->n ? (double)hist->sum / (double)hist->n * clk->unit_ns
			: NAN;
	rec->error_ns =
		stats_median_error(hist, NULL, 0) * clk->unit_ns + clk->tick_ns;
	rec->hist = hist;
	rec->tick_ns = clk->unit_ns;
	snprintf(rec->att.why, sizeof(rec->att.why),
		 "computed from unicasts, which have verdicts of their own");
}

struct bench_record *bench_record_new(struct bench_results *res)
{
	struct bench_record *rec;

	if (res->n == res->cap) {
		size_t cap = res->cap ? 2 * res->cap : 32;

		rec = realloc(res->rec, cap * sizeof(*rec));
		if (!rec)
			return NULL;
		res->rec = rec;
		res->cap = cap;
	}
	rec = &res->rec[res->n++];
	memset(rec, 0, sizeof(*rec));
	return rec;
}

void bench_results_free(struct bench_results *res)
{
	size_t i;

	for (i = 0; i < res->n; i++) {
		free(res->rec[i].hist);
		free(res->rec[i].blocks);
		free(res->rec[i].pairs);
		free(res->rec[i].last_cpu);
		free(res->rec[i].last_n);
		free(res->rec[i].sender_cpu);
		free(res->rec[i].sender_n);
		json_decref(res->rec[i].trace.stages);
	}
	free(res->rec);
	memset(res, 0, sizeof(*res));
}

double bench_record_quantile(const struct bench_record *rec, double p)
{
	if (rec->batch > 1 && p != 0.5)
		return NAN;
	return stats_quantile_stated(rec->hist, p) * rec->tick_ns;
}
