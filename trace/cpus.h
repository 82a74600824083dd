/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPUs as the kernel numbers them, and which of them a reader may use. */
#ifndef IPI_TRACE_CPUS_H
#define IPI_TRACE_CPUS_H

#include <stdbool.h>

#include "tool/cpulist.h"
#include "tool/error.h"

struct cpus {
	int possible; /* numbers are below */
	int nodes;
	int *node; /* by CPU */
	bool *online;
	bool *reserved; /* isolated, or without a tick */
};

int cpus_load(struct cpus *out, struct tool_error *err);
void cpus_free(struct cpus *cpus);
/* -EINVAL with the first that there can't be. */
int cpus_check(const struct cpus *cpus, const struct cpulist *list,
	       struct tool_error *err);
/*
 * A CPU for a reader, and others that may be interrupted: neither reserved nor
 * in `avoid` if there is one, and one that this process may run on. -1: none
 * but those that are taken.
 */
int cpus_choose(const struct cpus *cpus, const struct cpulist *avoid,
		const struct cpulist *taken);
/* One for a reader, of those; -ENODEV: there is none. */
int cpus_reader(const struct cpus *cpus, const struct cpulist *avoid, int *cpu,
		struct tool_error *err);
/* This thread runs there alone from now on. 0 or -errno. */
int cpus_pin(int cpu);

#endif
