/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of `latency` know of each other. */
#ifndef IPI_TRACE_LATENCY_WORK_H
#define IPI_TRACE_LATENCY_WORK_H

#include <jansson.h>
#include <stdint.h>

#include "cpus.h"
#include "ladder.h"
#include "latency.h"
#include "options.h"
#include "tool/topology.h"

/* Options without a letter. */
enum { OPTION_CSD = 0x100, OPTION_CALL, OPTION_KO };

enum latency_stage {
	STAGE_SEND,
	STAGE_ENTRY,
	STAGE_NO_IPI,
	/* From here on: only if asked for, and without it the rest is seen. */
	STAGE_CSD,
	STAGE_CALL,
	STAGE_KO,
	STAGES
};

/* Interrupts taken by the CPUs in question, by the kernel's own counters. */
struct latency_taken {
	bool known; /* false: they are hidden, or not there */
	double call, reschedule;
};

struct latency_bpf;
struct poke;

extern const struct stage latency_stages[STAGES];

struct latency {
	struct options opts;
	uint64_t max_pairs; /* 0: as many as there can be, up to a bound */
	bool csd, call, ko; /* these stages, too */
	struct cpus cpus;
	struct topo *topo;
	struct latency_bpf *skel;
	struct links links;
	struct choice plan[STAGES];
	int reader; /* the CPU that this process runs on */
	int target; /* another, that the self-test interrupts */
	double floor_ns[TRACE_STAGES]; /* NaN: not known */
	uint64_t missed_before;
	struct latency_taken before, taken;
	uint64_t memory_bytes;
	char headline[320];
};

/* Loads, attaches, tests; nothing is counted yet. -errno with the reason. */
int latency_probe(struct latency *l, struct tool_error *err);
/* Known interrupts, which the stage's probe must have seen; what it saw. */
int latency_test(struct latency *l, struct poke *poke, int stage,
		 char test[160], struct tool_error *err);
/* The probes' own part in each stage; after latency_test(). */
void latency_floors(struct latency *l, struct poke *poke);
/* What is loaded hangs again, after ladder_detach(). */
int latency_attach(struct latency *l, struct tool_error *err);
/* Ours alone, timed from the first on: nothing of ours is under way. */
void latency_begin_own(struct latency *l);
int latency_end_own(struct latency *l);
/*
 * Between these, all is counted, and what is sent after the first has returned
 * is timed, too. The second waits for running probes.
 */
void latency_arm(struct latency *l);
int latency_disarm(struct latency *l, struct tool_error *err);
void latency_close(struct latency *l);
/* What the maps will take, before any is made. */
uint64_t latency_memory(const struct latency *l);
uint64_t latency_max_pairs(const struct latency *l);

/* The probes' opening, and what their maps hold in one moment. */
int latency_open(struct latency *l, struct tool_error *err);
/* All counters to nothing; the targets: those asked for, or all. */
void latency_wipe(struct latency *l, bool all);

/* ---- what was seen ------------------------------------------------------- */

struct seen_class {
	struct trace_slot sum; /* its counters; over all targets */
	uint64_t in_flight; /* sends asked for, without an entry */
};

struct seen_calls {
	struct trace_here sum; /* its counters; over all CPUs */
	uint64_t in_flight; /* queued, asked for, without an entry */
	uint64_t ko_in_flight; /* posted, not done */
};

struct seen_path {
	int from, to; /* CPUs, or nodes */
	enum trace_class class;
	const char *relation; /* NULL: not known, or nodes */
	struct trace_times times;
};

struct seen_stage {
	const char *probe; /* NULL: none, and why */
	char why[1200];
	double floor_ns; /* the probes' own part; NaN: not known */
	struct trace_hist hist;
};

struct seen {
	struct seen_class class[TRACE_CLASSES];
	struct seen_stage stage[TRACE_STAGES];
	struct seen_calls calls;
	struct seen_path *pair, *node;
	size_t pairs_n, nodes_n;
	uint64_t self, no_ipi, missed;
	struct latency_taken taken; /* not known before the end */
	double seconds;
	bool final; /* no probe runs any more: sums are exact */
};

extern const char *const trace_class_name[TRACE_CLASSES];

/* The first line: machine, kernel, what is seen by which rung. */
void latency_headline(struct latency *l);

int latency_read(const struct latency *l, struct seen *out);
void seen_free(struct seen *seen);
void seen_add_slot(struct seen_class *c, const struct trace_slot *s);
/*
 * Sends = entries (but unpaired) + merged + in flight + contended: by how much
 * it is off in that class.
 */
int64_t seen_error(const struct seen_class *c);
uint64_t seen_merged(const struct seen_class *c);
/* Entries of all classes that the same counter of the kernel counts. */
uint64_t seen_calls(const struct seen *seen);
uint64_t seen_reschedules(const struct seen *seen);

/* Those of calls: the maps' part of them, accounting, its check. */
int calls_read(const struct latency *l, struct seen *out);
int calls_print(const struct latency *l, const struct seen *seen, FILE *out);
json_t *calls_json(const struct latency *l, const struct seen *seen);
/* Queued = entered + batched + in flight + lost + no room: by how much off. */
int64_t calls_error(const struct seen_calls *calls);
/* Posted = done + in flight + lost + no room. */
int64_t ko_error(const struct seen_calls *calls);

/* What latency_read() has read becomes stages. */
void stages_read(const struct latency *l, struct seen *seen);
int stages_print(const struct seen *seen, FILE *out);
json_t *stages_json(const struct seen *seen);

json_t *accounts_json(const struct seen *seen);
int seen_print(const struct latency *l, const struct seen *seen, FILE *out);
int seen_write_json(const struct latency *l, const struct seen *seen,
		    char *const *command, bool complete, FILE *out);

#endif
