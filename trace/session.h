/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tools do alike: plan, self-test, time and signals, the file
 * that is kept. A tool's own object begins with its session.
 */
#ifndef IPI_TRACE_SESSION_H
#define IPI_TRACE_SESSION_H

#include <jansson.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cpus.h"
#include "ladder.h"
#include "options.h"
#include "symbols.h"

#define SESSION_STAGES 4

/* The filter's own variables (bpf/filter.bpf.h), and its program. */
struct session_filter {
	volatile uint64_t *armed_at;
	volatile uint32_t *own_only;
	struct bpf_program *who_am_i;
};

struct session;

struct session_ops {
	const char *kind; /* of the file */
	const struct stage *stages;
	size_t stages_n, needed; /* the first so many must be seen */
	size_t tested; /* the first so many see each known interrupt */
	uint64_t poll_ns; /* 0: nothing to poll for */
	uint64_t (*memory)(const struct session *s);
	/* Takes the session's opening: object, skeleton, filter; sizes. */
	int (*open)(struct session *s, struct tool_error *err);
	void (*close)(struct session *s);
	/* All counters to nothing; the targets: those asked for, or all. */
	void (*wipe)(struct session *s, bool all);
	/* Of known single interrupts to a CPU: how many a stage has seen. */
	uint64_t (*count)(struct session *s, size_t stage, int cpu);
	/* True: it has seen what it was to end at. */
	bool (*poll)(struct session *s);
	int (*show)(struct session *s, bool final, FILE *out);
	/* Its own members of the file. */
	int (*keep)(struct session *s, json_t *root);
};

struct session {
	const struct session_ops *ops;
	struct options opts;
	struct cpus cpus;
	struct symbols symbols;
	struct bpf_object *obj;
	struct bpf_object_skeleton *skeleton;
	struct session_filter filter;
	struct links links;
	struct choice plan[SESSION_STAGES];
	int reader; /* the CPU that this process runs on */
	uint64_t memory_bytes;
	uint64_t missed, missed_before;
	uint64_t began; /* when counting began */
	double seconds; /* since then */
	bool met; /* what it was to end at */
	char headline[320];
	struct poke *poke; /* while it tests itself */
};

/* Whether a CPU is one of those asked for. */
bool session_targets(const struct session *s, int cpu);
/* For --pid, before loading. */
int session_pid(const struct session *s, __u32 *pid, __u64 *dev, __u64 *ino,
		struct tool_error *err);
/* The whole of it, with the exit status; the tool's opts are parsed. */
int session_run(struct session *s, char *const *command);

/* What a skeleton's filter is. */
#define SESSION_TAKE(s, skel)                                                 \
	((s)->obj = (skel)->obj, (s)->skeleton = (skel)->skeleton,            \
	 (s)->filter = (struct session_filter){                               \
		 (volatile uint64_t *)&(skel)->bss->armed_at,                 \
		 &(skel)->bss->own_only, (skel)->progs.who_am_i })
#define SESSION_PID(s, skel, err)                                             \
	session_pid(s, &(skel)->rodata->only_pid,                             \
		    &(skel)->rodata->only_pid_dev,                            \
		    &(skel)->rodata->only_pid_ino, err)

#endif
