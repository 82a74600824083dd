/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers with units, one grammar for options and configs: durations (200ns,
 * 20us, 1.5ms, 30s, 2min), counts (10000, 10k, 2M), ranges of durations
 * (2us..20us).
 */
#ifndef IPI_TOOL_UNITS_H
#define IPI_TOOL_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* All: 0, or -EINVAL (not that grammar) or -ERANGE (too large). */
int units_duration(const char *text, uint64_t *ns);
int units_count(const char *text, uint64_t *count);
/* One duration, or two joined by "..", the first not above the second. */
int units_range(const char *text, uint64_t *ns_min, uint64_t *ns_max);

/* A duration for people: three figures and the unit, "8.41 us". */
struct units_text {
	char text[24];
};
struct units_text units_ns(double ns);
struct units_text units_bytes(uint64_t bytes);

#endif
