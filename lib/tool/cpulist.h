/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one CPU-list grammar: numbers, ranges and ranges with a stride, joined
 * by commas: 0-3,8,10-14:2.
 */
#ifndef IPI_TOOL_CPULIST_H
#define IPI_TOOL_CPULIST_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define CPULIST_CPUS_MAX 16384

struct cpulist {
	int *cpu; /* ascending, each once; free with cpulist_free() */
	size_t n;
};

/* -EINVAL with the place, -ENOMEM. *out is untouched on failure. */
int cpulist_parse(const char *text, struct cpulist *out,
		  struct tool_error *err);
void cpulist_free(struct cpulist *list);
bool cpulist_has(const struct cpulist *list, int cpu);
/* The shortest text in ranges; the caller frees it. NULL: no memory. */
char *cpulist_format(const int *cpu, size_t n);

#endif
