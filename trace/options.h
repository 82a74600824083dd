/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that tools have in common. What is wrong ends the program. */
#ifndef IPI_TRACE_OPTIONS_H
#define IPI_TRACE_OPTIONS_H

#include <argp.h>
#include <stdint.h>

#include "tool/cpulist.h"
#include "tool/error.h"

struct options {
	uint64_t duration_ns, interval_ns; /* 0: none */
	struct cpulist targets; /* empty: all */
	uint64_t pid; /* 0: all */
	const char *probe; /* NULL: the best that works */
	const char *json;
};

#define OPTIONS_COMMON                                                        \
	{ "duration", 'd', "TIME", 0,                                         \
	  "end after this time, in seconds or with a unit; else by Ctrl-C",   \
	  0 },                                                                \
	{ "cpus", 'c', "CPUS", 0, "only interrupts of these CPUs", 0 },       \
	{ "pid", 'p', "PID", 0,                                               \
	  "only interrupts sent while this process, or thread, runs", 0 },    \
	{ "json", 'j', "FILE", 0, "keep the result there", 0 }
#define OPTIONS_PROBE(rungs)                                                  \
	{ "probe", 'P', "RUNG", 0, rungs ", in each stage that has it", 0 }
#define OPTIONS_INTERVAL                                                      \
	{ "interval", 'i', "TIME", 0,                                         \
	  "print what was seen so far, again and again", 0 }

/* Takes these, and no argument. */
error_t options_parse(struct options *opts, int key, char *arg,
		      struct argp_state *state);

/* Seconds, or a duration with its unit; in ns. */
uint64_t options_time(const char *option, const char *arg);
/* From 1 to the most. */
uint64_t options_number(const char *option, const char *arg, uint64_t most);
/* A rung's name as it is in the ladder. */
const char *options_rung(const char *arg);
void options_cpus(const char *arg, struct cpulist *out);
/* The namespace in which we know processes by their numbers. */
int options_pid_space(uint64_t *dev, uint64_t *ino, struct tool_error *err);

#endif
