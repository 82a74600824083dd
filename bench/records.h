/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From samples to records: one accumulator per metric and way of an item,
 * filled chunk by chunk, closed per block and per pair, finished once.
 */
#ifndef BENCH_RECORDS_H
#define BENCH_RECORDS_H

#include "attest.h"
#include "harness.h"
#include "traced.h"

/* A block's histogram without its empty buckets. */
struct record_sparse {
	struct {
		uint32_t bucket, count;
	} *at;
	size_t n;
};

struct record_acc {
	enum bench_metric metric;
	enum ipi_way way;
	const char *target_state;
	uint32_t batch;
	bool stamped;
	double unit_ns;
	uint64_t discarded;
	/* All samples; those of blocks not marked; this pair's; this block's.
	 */
	struct ipi_hist *all, *clean, *pair, *block;
	struct bench_block *blocks;
	struct stats_block *medians;
	struct record_sparse *sparse;
	size_t blocks_n, blocks_cap;
	struct bench_pair_stat *pairs;
	size_t pairs_n, pairs_cap;
	uint64_t *last_n; /* per target: how often it was the last */
};

/* One target's unicasts, kept for the greatest of independent ones. */
struct record_unicast {
	int source, target;
	struct ipi_hist *hist;
};

/* One item while its group is measured. */
struct record_run {
	const struct bench_item *item;
	const struct bench_driver *driver;
	const char *route;
	const char *counter;
	bool meant; /* interrupts are what it is about */
	double offset_bound_ns; /* of stamps; NAN */
	struct ipi_hist
		*entry; /* of each target, stamped broadcasts; or NULL */
	double inject_ns; /* 0: nothing is injected, or not known yet */
	bool steady;
	double warmup_s;
	int home_verified;
	struct record_acc *acc;
	size_t acc_n;
	struct attest_sum att[SERIES_N];
	struct traced_sum traced[SERIES_N];
	uint32_t wanted[SERIES_N]; /* metrics of each series; 0: not measured */
	char failed[SERIES_N][200], skipped[METRIC_N][200];
	/* Several senders: messages answered in equal time, by series. */
	double *counted[SERIES_N];
	uint64_t came[IPI_WAYS]; /* of interval: how its messages came */
	bool crowded;
	struct record_unicast *unicasts; /* kept when keep_unicasts */
	size_t unicasts_n;
	bool keep_unicasts;
};

/* The accumulator of that metric and way, made when new; NULL: no memory. */
struct record_acc *record_acc_get(struct record_run *run,
				  const struct bench_cell *c,
				  enum bench_metric metric, enum ipi_way way,
				  const char *target_state);
void record_acc_free(struct record_acc *a);
/* Files the chunk in c->src; warm-up and first tenths are only counted. */
void record_file(struct record_run *run, struct bench_cell *c, bool discard);
/* The same for a window of several sources. */
void record_file_window(struct record_run *run, struct bench_cell *c,
			bool discard);
/* Drops what the block has so far: it was a window of the warm-up. */
void record_block_drop(struct record_run *run, enum bench_series series);
/* The block's median, in ns, of the series' first metric with samples; NAN:
 * none. */
double record_block_median(struct record_run *run, enum bench_series series);
/* Adds the block to the accumulators of its series. */
void record_block_close(struct record_run *run, enum bench_series series,
			size_t stratum, const struct bench_block *block);
/* Adds what the block's senders and targets have counted. */
void record_senders_close(struct record_run *run, const struct bench_cell *c);
/* Keeps what h holds; nothing when memory is short. */
void record_sparse_keep(struct record_sparse *s, const struct ipi_hist *h);
/* Cuts the record's range into bands and counts each block's samples. */
void record_bands(struct bench_record *rec, const struct record_sparse *sparse);
void record_pair_close(struct record_run *run, int source, int target);
/* Appends the run's records, and frees what it accumulated. 0 or -ENOMEM. */
int record_finish(struct record_run *run, struct bench_results *out);
/* A failed or skipped record of one metric. */
int record_none(const struct bench_item *item, enum bench_metric metric,
		enum bench_status status, const char *reason,
		struct bench_results *out);

/* Makes rec the series of hist, computed from what other records measured. */
void record_computed(struct bench_record *rec, const struct record_run *run,
		     struct ipi_hist *hist);

/* What the item's targets do while they wait. */
const char *record_target_state(const struct bench_item *item);
enum bench_series record_series(enum bench_metric metric);

#endif
