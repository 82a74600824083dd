/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that tools have in common. What is wrong ends the program. */
#ifndef IPI_TRACE_OPTIONS_H
#define IPI_TRACE_OPTIONS_H

#include <stdint.h>

#include "tool/cpulist.h"
#include "tool/error.h"

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
