/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ladder of probes: each stage of the path has rungs, best first. What a
 * rung is worth is tried, never concluded from a version.
 */
#ifndef IPI_TRACE_LADDER_H
#define IPI_TRACE_LADDER_H

#include <bpf/libbpf.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "tool/error.h"

#define RUNG_PROGS 6
#define STAGE_RUNGS 5
#define LADDER_LINKS 32

struct rung {
	const char *name; /* NULL: no more */
	const char *points; /* what it hangs on, for people */
	const char *progs[RUNG_PROGS];
};

struct stage {
	const char *name;
	struct rung rungs[STAGE_RUNGS];
};

/* What became of a stage. */
struct choice {
	const struct stage *stage;
	const struct rung *rung; /* NULL: none */
	char test[160]; /* what the self-test saw */
	char why[STAGE_RUNGS][200]; /* why a rung before it was not taken */
};

/* What hangs now. */
struct links {
	struct bpf_link *at[LADDER_LINKS];
	size_t n;
};

/* Only what is then wanted will be loaded. */
void ladder_want_none(struct bpf_object *obj);
void ladder_want(struct bpf_object *obj, const struct rung *rung);
int ladder_load(struct bpf_object_skeleton *skel, struct tool_error *err);
int ladder_attach(struct bpf_object *obj, const struct rung *rung,
		  struct links *links, struct tool_error *err);
/* All that the plan has. */
int ladder_attach_plan(struct bpf_object *obj, const struct choice *plan,
		       size_t n, struct links *links, struct tool_error *err);
void ladder_detach(struct links *links);
/* Loads what is opened and in the plan, learns who we are, and attaches. */
int ladder_raise(struct bpf_object *obj, struct bpf_object_skeleton *skel,
		 const struct bpf_program *who_am_i, const struct choice *plan,
		 size_t n, struct links *links, struct tool_error *err);
/* Once, here and now, as this process. */
int ladder_run(const struct bpf_program *prog, struct tool_error *err);
/* Times that the kernel left out a probe because another was running. */
unsigned long long ladder_missed(const struct bpf_object *obj);

/* "send", "tp_btf", ... ; NULL: that stage has no such rung. */
const struct rung *ladder_find(const struct stage *stage, const char *name);
/* Why the rungs that were tried were not taken. */
void ladder_reasons(const struct choice *c, char *buf, size_t size);
/* A line each of those that have a stage; none: with every reason. */
void ladder_print(const struct choice *choices, size_t n, FILE *out);
json_t *ladder_json(const struct choice *choices, size_t n);

/* libbpf's own words are kept back, for the reasons that are told. */
void ladder_quiet(void);
/*
 * May this process load probes? -EPERM with the remedy, or that the machine is
 * locked down.
 */
int ladder_allowed(struct tool_error *err);

#endif
