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
	METRIC_RTT, /* send called to wait returned */
	METRIC_SEND, /* the sender is held until the send call returns */
	METRIC_STOLEN, /* what the target lost per IPI */
	METRIC_ONE_WAY, /* send to handler entry, one clock */
	METRIC_FIRST_ENTRY,
	METRIC_LAST_ENTRY,
	METRIC_FIRST_ACK,
	METRIC_LAST_ACK,
	METRIC_INTERVAL, /* wall time per message answered, all senders */
	METRIC_MAX_OF_UNICASTS,
	METRIC_N
};

/* INJECT_SENDER: the first of several senders pauses before each send. */
enum bench_inject { INJECT_NONE, INJECT_HANDLER, INJECT_ACK, INJECT_SENDER };
enum bench_home { HOME_SOURCE, HOME_TARGET, HOME_OTHER };
/* Which of the CPUs around another come first. */
enum bench_nearness { NEAR_FIRST, FAR_FIRST };

/* Who sends to whom, where the driver leaves it open. */
enum bench_pattern { PATTERN_INCAST, PATTERN_ALLTOALL };

/*
 * What a target does that waits for messages: of the driver sleeper, and of
 * those in the kernel, where one that spins does so in user space.
 */
enum bench_target_state {
	TARGET_SPINS,
	TARGET_IDLES,
	TARGET_EPOLLS,
	TARGET_BUSY_USER,
	TARGET_BUSY_KERNEL,
	TARGET_IDLES_POLLING /* where Linux's idle loop does */
};

/* Sizes of one run that are measured one by one: how many senders, and so on. */
#define BENCH_COUNTS 64u
struct bench_counts {
	uint32_t n; /* 0: nothing was said */
	uint32_t at[BENCH_COUNTS]; /* ascending */
};

/* Greatest number of senders of one item, and of messages that each may have
 * on the way. */
#define BENCH_CPUS_MAX 512u
#define BENCH_INFLIGHT_MAX 256u

/* rec->batch of samples that are means over windows of time. */
#define BENCH_BATCH_WINDOW UINT32_MAX

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
	struct bench_counts senders; /* of drivers with several senders */
	struct bench_counts targets; /* of drivers that send to a set */
	struct bench_counts bursts; /* messages that are sent at once */
	enum bench_nearness members; /* who is in a set smaller than all */
	enum bench_nearness order; /* who of a set is sent to first */
	enum bench_pattern pattern;
	enum bench_target_state target_state;
	uint64_t idle_spin_ns; /* a target in idle spins first */
	uint32_t inflight; /* messages a sender has on the way */
	double inject_share;   /* of the run's own round trip; 0: inject_ns */
	uint32_t inject_every; /* 0, 1: each message; N: one of N */
	bool hold_target; /* keep the target thread from running (membarrier) */
	bool rt;	  /* SCHED_FIFO in bursts */
	uint64_t seed;
};

struct bench_pair {
	int source, target; /* OS processors */
};

/* Share of a block's length for which nothing is sent before it. */
#define BENCH_QUIET_SHARE 10u

/* One thing to measure: one run's options over one class of pairs. */
struct bench_item {
	const struct bench_opts *opts;
	enum bench_relation relation;
	struct bench_pair *pairs; /* unicast kinds: measured in turn */
	size_t pairs_n;
	int source; /* broadcast kinds; the first of several senders */
	int *targets;
	size_t targets_n;
	int *sources; /* several senders; NULL: just the one */
	size_t sources_n;
	uint32_t burst; /* messages of one step; 0: the driver has no bursts */
	bool crowded; /* some of its CPUs take turns on one of a host's */
	int group; /* items of equal group alternate block by block */
};

/*
 * A record's range is cut into bands, finer in the tail, and each block says
 * how many of its samples lie in each: enough to put any selection of blocks
 * together again, with its quantiles.
 */
#define BENCH_BANDS 22u

struct bench_block {
	double t_s;
	uint64_t n;
	double mean_ns;
	int source, target; /* < 0: several */
	uint32_t band[BENCH_BANDS];
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
	char counter[16]; /* "CAL"; "" : none read */
	double taken, background, expected;
	double unsent; /* no interrupt was sent: the target idled polling */
};

struct bench_pair_stat {
	int source, target;
	uint64_t n;
	double min_ns, p50_ns, p99_ns; /* NAN when too few */
};

/* What a tracer saw of a record's series, as a second attestation. */
struct bench_trace {
	enum bench_verdict verdict;
	char why[240];
	double blocks, seen; /* those measured; those that it saw */
	double sends, entries; /* of those that the machine's counter counts */
	double paired, lost;
	struct json_t *stages; /* NULL: none */
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
	uint32_t band_last[BENCH_BANDS]; /* last histogram bucket of each */
	size_t bands_n;
	double inject_ns; /* what was injected; 0: nothing */
	bool steady;
	double warmup_s;
	double p50_ns_without_marked; /* NAN: none marked */
	struct bench_pair_stat *pairs;
	size_t pairs_n;
	int *last_cpu;
	uint64_t *last_n;
	size_t last_cpus;
	/* Several senders: what each got through in equal time. */
	int *sender_cpu;
	uint64_t *sender_n;
	size_t senders_n;
	uint64_t way_n[IPI_WAYS]; /* of interval: how its messages came */
	bool crowded; /* more threads than processors */
	int home_verified;	/* 1 yes, 0 no, -1 not checked */
	double offset_bound_ns; /* stamped: bound on the clocks' offset; or NAN
				 */
	struct bench_attestation att;
	bool traced; /* under bench_tracer, which costs each interrupt time */
	struct bench_trace trace;
};

struct bench_results {
	struct bench_record *rec;
	size_t n, cap;
};

/* Set by SIGINT/SIGTERM: the harness ends the block, keeps what it has. */
extern volatile int bench_stop;

/* Who watches the interrupts of all blocks (tracer.h); NULL: nobody. */
extern struct tracer *bench_tracer;

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

/* How the CPUs of an item are chosen, and who of them sends. */
enum bench_shape {
	SHAPE_PAIR, /* pairs of a class, one by one */
	SHAPE_ALONE, /* no other CPU takes part: measured as class "self" */
	SHAPE_SPREAD, /* one source, all CPUs of a class and nearer */
	SHAPE_SET, /* one source, opts->targets others */
	SHAPE_INCAST, /* opts->senders to one target */
	SHAPE_ALLTOALL, /* opts->senders, each of them a target too */
};

/* A driver, one file in drivers/ and one line in drivers.def. */
struct bench_driver {
	const char *name;
	const char *help; /* one line */
	bool yardstick;
	enum bench_shape shape;
	bool uses_lib; /* queue, ack, delivery apply */
	bool kernel; /* in ipi.ko: deliveries and target states are its own */
	bool syscall_in_path;
	bool bursts; /* measured for each of opts->bursts */
	bool sleeps; /* opts->target_state says what its target does */
	/* Where no gap was asked for; both 0: as elsewhere. */
	bool back_to_back;
	uint64_t gap_ns_min, gap_ns_max;
	bool patterns; /* opts->pattern chooses its shape */
	const char *queue; /* that of records without the library's; or NULL */
	uint32_t metrics;  /* those it can measure */
	const char *route; /* NULL: the delivery's name */
	/* NULL: can run here with these options; else a sentence that says why
	 * not. */
	const char *(*probe)(const struct bench_opts *opts);
	const struct bench_driver_ops *ops; /* the harness' side: harness.h */
};
extern const struct bench_driver *const bench_drivers[]; /* ends with NULL */
const struct bench_driver *bench_driver_find(const char *name);
/* What its options make of it; SHAPE_PAIR where there is no such driver. */
enum bench_shape bench_driver_shape(const struct bench_opts *opts);

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
