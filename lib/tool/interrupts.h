/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's own counters of interrupts taken. */
#ifndef IPI_TOOL_INTERRUPTS_H
#define IPI_TOOL_INTERRUPTS_H

#include <stddef.h>

#define INTERRUPTS_PATH "/proc/interrupts"

/*
 * Sum of one row ("CAL") over some CPUs, or over all (n is 0). -ENOENT: no such
 * file; -EACCES...: as open; -ENODATA: the file is empty or all its counts are
 * zero, as where it is masked; -ENOKEY: it has no such row, or one of the CPUs
 * no column, as where it is offline.
 */
int interrupts_read(const char *path, const char *row, const int *cpus,
		    size_t n, double *sum);

#endif
