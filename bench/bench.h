/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of `ipi bench` say to each other: the planner makes items,
 * the harness measures an item with a driver and fills records, the result
 * writer renders records. Nothing here is timed.
 */
#ifndef IPI_BENCH_H
#define IPI_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipi/ipi.h>

#include "core/hist.h"

enum bench_relation {
	REL_SELF,
	REL_SMT,
	REL_LLC,
	REL_NODE,
	REL_SOCKET,
	REL_OTHER,
	REL_N
};

enum bench_metric {
	METRIC_RTT,	/* send called to wait returned */
	METRIC_SEND,	/* the sender is held until the send call returns */
	METRIC_STOLEN,	/* what the target lost per IPI */
	METRIC_ONE_WAY, /* send to handler entry, one clock */
	METRIC_FIRST_ENTRY,
	METRIC_LAST_ENTRY,
	METRIC_FIRST_ACK,
	METRIC_LAST_ACK,
	METRIC_MAX_OF_UNICASTS,
	METRIC_N
};

enum bench_inject { INJECT_NONE, INJECT_HANDLER, INJECT_ACK };
enum bench_home { HOME_SOURCE, HOME_TARGET, HOME_OTHER };

/* Options of one run: a config section, overlaid by the command line. */
struct bench_opts {
	char *run; /* section name */
	char *driver;
	char *queue, *ack, *delivery; /* NULL: not used by the driver */
	enum ipi_waiter waiter;
	uint32_t spin_loads;
	uint32_t depth;
	uint32_t metrics;		 /* 1u << enum bench_metric */
	uint64_t gap_ns_min, gap_ns_max; /* both 0: back-to-back */
	uint32_t batch;			 /* 0, 1: single samples */
	uint64_t samples;		 /* wanted per pair; 0: by time */
	uint64_t time_ns;		 /* measuring time per item */
	uint64_t block_ns;		 /* length of a block */
	enum bench_home home;
	enum bench_inject inject;
	uint64_t inject_ns;
	bool hold_target; /* keep the target thread from running (membarrier) */
	bool rt;	  /* SCHED_FIFO in bursts */
	uint64_t seed;
};

struct bench_pair {
	int source, target; /* OS processors */
};

/* One thing to measure: one run's options over one class of pairs. */
struct bench_item {
	const struct bench_opts *opts;
	enum bench_relation relation;
	struct bench_pair *pairs; /* unicast kinds: measured in turn */
	size_t pairs_n;
	int source; /* broadcast kinds */
	int *targets;
	size_t targets_n;
	int group; /* items of equal group alternate block by block */
};

struct bench_block {
	double t_s;
	uint64_t n;
	double p50_ns, p99_ns; /* p99 NAN when too few */
	double steal_pct;
	uint64_t switches; /* involuntary */
	double freq_mhz;   /* NAN: unknown */
	bool marked;
	char marks[96];
};

enum bench_verdict {
	VERDICT_NOT_APPLICABLE,
	VERDICT_ATTESTED,
	VERDICT_CONTRADICTED,
	VERDICT_UNATTESTED
};

struct bench_attestation {
	enum bench_verdict verdict;
	char why[200];
	struct ipi_counters lib; /* zero for drivers without libipi */
	bool has_lib;
	char counter[8]; /* "CAL"; "" : none read */
	double taken, background, expected;
};

struct bench_pair_stat {
	int source, target;
	uint64_t n;
	double min_ns, p50_ns, p99_ns; /* NAN when too few */
};

enum bench_status { STATUS_OK, STATUS_FAILED, STATUS_SKIPPED };

/* One metric of one item, by one way. Owned by the result; free with
 * record_free. */
struct bench_record {
	const struct bench_item *item;
	enum bench_status status;
	char reason[200];
	enum bench_metric metric;
	enum ipi_way way; /* IPI_WAY_NONE: does not apply */
	bool yardstick, stamped, syscall_in_path;
	const char *route;	  /* static string */
	const char *target_state; /* static string */
	uint32_t batch;		  /* 1: single samples */
	uint64_t samples_n, discarded_n;
	uint64_t below_noise; /* stolen: windows that lost nothing, or less */
	double min_ns, max_ns, mean_ns, error_ns; /* NAN: not known */
	struct ipi_hist *hist; /* in ticks; NULL when nothing was sampled */
	double tick_ns;	       /* ns of one histogram unit */
	struct bench_block *blocks;
	size_t blocks_n;
	bool steady;
	double warmup_s;
	double p50_ns_without_marked; /* NAN: none marked */
	struct bench_pair_stat *pairs;
	size_t pairs_n;
	int *last_cpu;
	uint64_t *last_n;
	size_t last_cpus;
	int home_verified;	/* 1 yes, 0 no, -1 not checked */
	double offset_bound_ns; /* stamped: bound on the clocks' offset; or NAN
				 */
	struct bench_attestation att;
};

struct bench_results {
	struct bench_record *rec;
	size_t n, cap;
};

/* Set by SIGINT/SIGTERM: the harness ends the block, keeps what it has. */
extern volatile int bench_stop;

/* Called between blocks; label is what runs now. May be NULL. */
typedef void (*bench_progress_fn)(double done, const char *label, void *arg);

/*
 * Measures items in the order their groups ask for (items of one group
 * alternate block by block, order balanced and seeded) and appends records,
 * failed and skipped ones too. 0, or -EINTR with what was measured so far.
 */
int bench_measure(const struct bench_item *items, size_t n,
		  struct bench_results *out, bench_progress_fn progress,
		  void *arg);

struct bench_record *bench_record_new(struct bench_results *res);
void bench_results_free(struct bench_results *res);
/* p in (0,1); NAN when fewer than 100 samples lie beyond it (p50 always). */
double bench_record_quantile(const struct bench_record *rec, double p);

/* A driver, one file in drivers/ and one line in drivers.def. */
struct bench_driver {
	const char *name;
	const char *help; /* one line */
	bool yardstick;
	bool multi;    /* one source, many targets */
	bool uses_lib; /* queue, ack, delivery apply */
	bool syscall_in_path;
	bool alone; /* no other CPU takes part: measured as class "self" */
	uint32_t metrics;  /* those it can measure */
	const char *route; /* NULL: the delivery's name */
	/* NULL: can run here with these options; else a sentence that says why
	 * not. */
	const char *(*probe)(const struct bench_opts *opts);
	const struct bench_driver_ops *ops; /* the harness' side: harness.h */
};
extern const struct bench_driver *const bench_drivers[]; /* ends with NULL */
const struct bench_driver *bench_driver_find(const char *name);

/* The clock of all samples. */
struct bench_clock {
	const char *source; /* "tsc" or "CLOCK_MONOTONIC_RAW" */
	double tick_ns;	    /* smallest step between two readings */
	double read_ns;	    /* cost of one reading, median */
	double unit_ns;	    /* ns of one unit that bench_clock_now() counts */
	double tsc_hz;	    /* 0: no TSC */
};
const struct bench_clock *bench_clock_get(void); /* calibrated once */

#endif
