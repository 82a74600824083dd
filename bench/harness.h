/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the harness and a driver say to each other.
 *
 * A cell is one item's one series (plain, send, stolen or stamped samples)
 * over one pair or one set of targets. It is measured in blocks, each run by
 * worker threads pinned to the cell's processors. A driver brings the whole
 * loop over a chunk of samples, made from the templates in loop.h, so that
 * nothing is called through a pointer between two stamps.
 */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <errno.h>
#include <string.h>

#include "bench.h"
#include "clock.h"
#include "stats.h"

/* Entries of the logs, and the messages one chunk may have in them. */
#define BENCH_LOG 4096u
#define BENCH_CHUNK (BENCH_LOG - 2 * IPI_APART_BYTES)

/* How long anything may take to answer before its item has failed. */
#define BENCH_DEAF_NS 3000000000u

/* Fractional units kept in the mean of a batch. */
#define BENCH_BATCH_FRACTION 8u

enum bench_series {
	SERIES_PLAIN, /* rtt */
	SERIES_SEND,
	SERIES_STOLEN,
	SERIES_STAMPED, /* one_way, first and last entry and ack */
	SERIES_N
};

/* Who knows how a sample came. */
enum bench_witnessing {
	WITNESS_NONE, /* no interrupt is meant */
	WITNESS_HANDLER, /* the handler stores its way */
	WITNESS_HEARTBEAT, /* no handler: the target's heartbeat tells */
};

/*
 * A target's lines, each written by one side only (named on the left), 128
 * bytes apart. They lie in the cell's placed memory.
 */
struct bench_target {
	/* target: its handler's count and its main loop's work */
	uint64_t seq __attribute__((aligned(IPI_APART_BYTES)));
	uint64_t work;
	/* target's main loop: handlers that have returned */
	uint64_t ready __attribute__((aligned(IPI_APART_BYTES)));
	uint32_t up;
	/* target's handler: the bare acknowledgement of flag drivers */
	uint64_t flag __attribute__((aligned(IPI_APART_BYTES)));
	/* source: a request of flag drivers */
	uint64_t request __attribute__((aligned(IPI_APART_BYTES)));
	/* source or main thread: the block is over (also a futex word) */
	uint32_t stop __attribute__((aligned(IPI_APART_BYTES)));
	/* written before a block begins */
	struct bench_cell *cell __attribute__((aligned(IPI_APART_BYTES)));
	struct ipi_cpu *cpu; /* drivers over the library */
	int tid;
	uint32_t delay_handler, delay_ack; /* turns */
	int error; /* why the target could not take part */
	struct bench_block block; /* what else happened to it */
	/* target's handler: the log of the chunk */
	uint8_t way[BENCH_LOG] __attribute__((aligned(IPI_APART_BYTES)));
	uint64_t entry[BENCH_LOG], done[BENCH_LOG];
};

/* The source's own state; nobody else touches it while a block runs. */
struct bench_source {
	struct stats_rng rng;
	uint64_t gap_min, gap_max; /* clock units */
	bool handshake; /* wait for the ready words before each first stamp */
	bool stalled; /* a target did nothing in this stolen sample */
	uint64_t until; /* the chunk ends at this time */
	uint32_t n, n_max; /* samples of this chunk */
	uint64_t sent; /* messages since the block began */
	uint64_t base; /* the value of sent when the chunk began */
	uint64_t *beats; /* each target's heart before a sample */
	uint64_t ticks[BENCH_LOG];
	uint64_t start[BENCH_LOG];
	uint8_t way[BENCH_LOG]; /* heartbeat drivers */
};

struct bench_driver_ops;

struct bench_cell {
	const struct bench_item *item;
	const struct bench_opts *opts;
	const struct bench_driver *driver;
	const struct bench_driver_ops *ops;
	enum bench_series series;
	uint32_t batch; /* >= 1 */
	int source_cpu;
	const int *target_cpus;
	uint32_t targets_n;
	enum bench_witnessing witnessing;
	bool answers; /* handlers run, so ready words follow */
	bool crowded; /* more CPUs than processors */
	const char *route;
	const char *counter; /* machine counter of its interrupts; "" : none */
	void *priv; /* the driver's own */
	struct bench_target *target; /* targets_n of them, placed */
	struct bench_source *src;
	char *scratch; /* placed: a line for what the driver shares (messages)
			*/
	char reason[200]; /* why it failed; empty: it has not */
};

#define BENCH_SCRATCH_BYTES 4096u

struct bench_driver_ops {
	/* On the main thread, before and after all blocks of a cell. */
	int (*open)(struct bench_cell *c);
	void (*close)(struct bench_cell *c);
	/* On the workers, around each block; may be NULL. */
	int (*source_enter)(struct bench_cell *c);
	void (*source_leave)(struct bench_cell *c);
	int (*target_enter)(struct bench_target *t);
	void (*target_leave)(struct bench_target *t);
	/* One chunk of samples: fills src, adds to src->sent. 0 or -errno. */
	int (*source_run)(struct bench_cell *c);
	/* The target's main loop until its stop word is set. */
	void (*target_run)(struct bench_target *t);
	/* The library's own counters; NULL: none. */
	void (*counters)(struct bench_cell *c, struct ipi_counters *out);
	/* Messages that must have become machine interrupts; NULL: none. */
	double (*expected)(const struct bench_cell *c,
			   const struct ipi_counters *lib, uint64_t sent);
};

/* Says why the cell failed, once, and returns err. */
int bench_cell_fail(struct bench_cell *c, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A target that does not answer ends the cell; names it. Returns -ETIMEDOUT. */
int bench_cell_deaf(struct bench_cell *c, uint32_t target, const char *what);

#endif
