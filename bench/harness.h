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
	SERIES_INTERVAL, /* windows of time, no message stamped */
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
	uint32_t delay_every; /* of so many messages one is delayed */
	int error; /* why the target could not take part */
	uint64_t slept; /* times that the kernel saw it fall asleep */
	struct bench_block block; /* what else happened to it */
	/* target's handler, of several sources: what came in this window */
	uint32_t arrived_n __attribute__((aligned(IPI_APART_BYTES)));
	uint32_t arrived_max;
	uint32_t *arrived; /* BENCH_ARRIVAL each */
	uint64_t came[IPI_WAYS];
	/* target's handler: the log of the chunk */
	uint8_t way[BENCH_LOG] __attribute__((aligned(IPI_APART_BYTES)));
	uint64_t entry[BENCH_LOG], done[BENCH_LOG];
};

/*
 * A message on its way to a target tells by its argument whose it is, and the
 * target logs that with the way it came.
 */
#define BENCH_TAG_BITS 12u
#define BENCH_TAG(source, i) ((uint32_t)(source) << BENCH_TAG_BITS | (i))
#define BENCH_WAY_BITS 3u
#define BENCH_ARRIVAL(tag, way) ((uint32_t)(tag) << BENCH_WAY_BITS | (way))
_Static_assert(BENCH_LOG <= 1u << BENCH_TAG_BITS,
	       "a tag holds a line of a log");
_Static_assert(IPI_WAYS <= 1u << BENCH_WAY_BITS, "an arrival holds a way");
_Static_assert((uint64_t)BENCH_CPUS_MAX << BENCH_TAG_BITS << BENCH_WAY_BITS <=
		       UINT64_C(1) << 32,
	       "an arrival holds a source");

/*
 * What the sources of a cell share. They run windows of time together, each
 * the same length; in between the first one files what all of them logged.
 */
struct bench_round {
	/* the first source */
	uint32_t go __attribute__((aligned(IPI_APART_BYTES))); /* futex word */
	bool quit;
	uint64_t from, until; /* clock units */
	/* any source: the window is over */
	uint32_t over __attribute__((aligned(IPI_APART_BYTES)));
	/* the others: they are done with it, or have come (futex word) */
	uint32_t here __attribute__((aligned(IPI_APART_BYTES)));
};

/* The source's own state; nobody else touches it while a block runs. */
struct bench_source {
	struct bench_cell *cell;
	struct bench_round *round;
	uint32_t index;
	int cpu;
	/* several sources: messages on the way, and their places less one */
	uint32_t inflight, mask;
	void *message; /* the driver's: mask + 1 of BENCH_MESSAGE_BYTES */
	uint32_t *order, turn; /* all to all: whom it sends to, in turn */
	uint32_t *whom; /* and to whom each message on the way went */
	uint64_t pause; /* clock units before a send, injected */
	uint64_t paused; /* sends that may have had one */
	uint64_t count; /* messages answered in this window */
	uint64_t end; /* when the last of them was */
	double counted; /* the same in equal time, over the block */
	int error;
	struct bench_block block; /* what else happened to it */
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
	uint32_t messages; /* of one step of the driver; >= 1 */
	int source_cpu;
	const int *source_cpus; /* the same, and those of the other sources */
	uint32_t sources_n;
	bool peers; /* each source is the target of its number, too */
	const int *target_cpus;
	uint32_t targets_n;
	enum bench_witnessing witnessing;
	bool answers; /* handlers run, so ready words follow */
	bool crowded; /* more CPUs than processors */
	const char *route;
	const char *state; /* what its targets do while they wait */
	bool sleeps; /* that is to sleep, and the kernel must have seen it */
	const char *counter; /* machine counter of its interrupts; "" : none */
	double unsent; /* messages of the block that needed no interrupt */
	double shared; /* interrupts that others may have come with */
	void *priv; /* the driver's own */
	struct bench_target *target; /* targets_n of them, placed */
	struct bench_source *src; /* the first */
	struct bench_source **srcs; /* all of them */
	struct bench_round *round; /* placed */
	char *scratch; /* placed: a line for what the driver shares (messages)
			*/
	bool failed; /* whoever sets it says why */
	char reason[200]; /* why it failed; empty: it has not */
};

#define BENCH_SCRATCH_BYTES 4096u
#define BENCH_MESSAGE_BYTES IPI_APART_BYTES

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
	/*
	 * Instead of these three, drivers with several sources: the same of
	 * one of them. A window lasts until its round is over.
	 */
	int (*one_enter)(struct bench_source *s);
	void (*one_leave)(struct bench_source *s);
	int (*one_window)(struct bench_source *s);
	/* Sources that are targets: serves while others are still at it. */
	unsigned (*one_serve)(struct bench_source *s);
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

/* The same for one of several sources. */
int bench_source_deaf(struct bench_source *s, uint32_t target,
		      const char *what);

/* A target that does not answer ends the cell; names it. Returns -ETIMEDOUT. */
int bench_cell_deaf(struct bench_cell *c, uint32_t target, const char *what);

#endif
