/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session of /dev/ipi: who sends to whom over what, and what its sources and
 * targets keep meanwhile. There is one at a time.
 */
#ifndef IPI_KMOD_RUN_H
#define IPI_KMOD_RUN_H

#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include <ipi/ipi.h>
#include <ipi/uapi.h>

#define RUN_APART __aligned(IPI_APART_BYTES)
/* So long at most without a look at who else wants this CPU. */
#define RUN_SLICE_NS 10000000u

/* A message tells by its argument whose it is, and its line of the logs. */
#define RUN_TAG_BITS 12u
#define RUN_TAG(source, i) ((void *)(uintptr_t)((source) << RUN_TAG_BITS | (i)))
#define RUN_TAG_LINE (IPI_UAPI_LOG - 1)
static_assert(IPI_UAPI_LOG == 1u << RUN_TAG_BITS);

/* Each group of lines is written by the one that is named. */
struct run_target {
	/* handler: messages it has run; Linux's flags and triggers wait for it */
	u64 handled RUN_APART;
	/* handler: the same, by way */
	u64 came[IPI_UAPI_WAYS] RUN_APART;
	/* main loop in the kernel: handlers that have returned */
	u64 ready RUN_APART;
	u32 here; /* such a loop is there */
	/* source: messages asked of its thread */
	u64 asked RUN_APART;
	/* nobody, while it runs */
	struct run_session *run RUN_APART;
	int number; /* of its CPU */
	struct task_struct *thread;
	struct ipi_cpu *cpu;
	struct ipi_uapi_stamp *stamp; /* NULL: not stamped */
	u8 *way; /* handler: [source][line] */
};

struct run_message {
	ipi_msg_t msg RUN_APART;
};

/* Its own thread's, but for the first member. */
struct run_source {
	unsigned long busy; /* a thread runs it */
	u32 index RUN_APART;
	int cpu;
	u32 n, n_max; /* samples of this chunk */
	u32 batch;
	u32 window;
	u32 spin_loads;
	u32 inflight, mask;
	u64 number; /* messages answered since the session began */
	u64 sent, answered, end; /* of this chunk */
	u64 gap_min, gap_span, from, until, rng;
	u64 slice; /* when it began */
	u64 last; /* the last reading of the clock between samples */
	u32 deaf;
	bool ready; /* waits for the ready words before each sample */
	struct run_message *message;
	call_single_data_t csd;
	struct ipi_uapi_sample *sample;
};

struct run_path;

struct run_session {
	const struct run_path *path;
	struct ipi_uapi_create ask;
	struct ipi_domain *dom;
	unsigned id; /* trigger */
	bool tsc;
	bool stamped;
	bool answers; /* handlers run: the queue null has none */
	bool all; /* the targets are all other CPUs */
	u64 slice; /* RUN_SLICE_NS in the clock's units */
	u64 second;
	u64 end_ns, deaf_ns;
	cpumask_var_t cpus, each; /* the targets; and their source */
	u32 targets_n;
	struct run_target **target; /* targets_n */
	ipi_cpuset_t *set;
	struct run_source *source; /* ask.sources */
	u64 first; /* trigger, wake: number of the chunk's first message */
	u32 over RUN_APART; /* incast: the last window that is over */
	u32 cancelled RUN_APART;
	bool unanswered; /* a chunk failed: its last call may be on its way */
};

/* What a path is. Ops are const, in one array. */
struct run_path {
	const char *name, *help;
	bool core; /* over a domain of ours */
	bool many_targets, many_sources;
	/* 0 or -errno; close also after a failed open. May be NULL. */
	int (*open)(struct run_session *r);
	void (*close)(struct run_session *r);
	int (*chunk)(struct run_session *r, struct run_source *s, u32 kind);
};

extern const struct run_path *const run_paths[IPI_UAPI_PATHS];
extern const struct run_path run_path_unicast, run_path_unicast_cond,
	run_path_multicast, run_path_broadcast, run_path_trigger,
	run_path_incast, run_path_linux_single, run_path_linux_async,
	run_path_linux_many, run_path_linux_each, run_path_linux_wake;

DECLARE_PER_CPU(struct run_target *, run_here);

/* ---- session.c ----------------------------------------------------------- */

int run_create(const struct ipi_uapi_create *ask, struct run_session **out);
/* Nobody runs anything in it any more. */
void run_end(struct run_session *r);
void run_counters(struct run_session *r, struct ipi_uapi_counters *out);

/* ---- run.c --------------------------------------------------------------- */

/* Runs what q asks for, and writes the results behind it, at user. */
int run_chunk(struct run_session *r, struct ipi_uapi_run *q,
	      void __user *results);
/*
 * Lets others have this CPU, and looks whether the chunk is to end: 0 or
 * -errno. Preemption is disabled before and after it.
 */
int run_breathe(struct run_session *r, struct run_source *s);
/*
 * A wait has become long: 0, or -ETIMEDOUT once its deadline is past, -ENXIO
 * where a target is not online, or what ends the chunk.
 */
int run_late(struct run_session *r, struct run_source *s, u64 *deadline);
/* Names the target that is gone, or has not run the message number s->number. */
void run_deaf(struct run_session *r, struct run_source *s);

/* ---- target.c ------------------------------------------------------------ */

/* A handler's whole work, for messages and calls, and for triggers. */
void run_handler_message(void *tag);
void run_handler_trigger(void *unused);
void run_handler_call(void *tag);
int run_target_busy(struct run_session *r);
int run_threads_start(struct run_session *r);
void run_threads_stop(struct run_session *r);

#endif
