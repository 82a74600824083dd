/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's own counters of interrupts taken: a witness for the probes. */
#ifndef IPI_TRACE_INTERRUPTS_H
#define IPI_TRACE_INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "tool/cpulist.h"

struct interrupts {
	bool known; /* false: /proc/interrupts is hidden or has no such line */
	uint64_t call; /* CAL, call functions of one and of many */
	uint64_t reschedule; /* RES */
};

/* Sums over these CPUs; an empty list: over all. */
struct interrupts interrupts_read(const struct cpulist *cpus);

#endif
