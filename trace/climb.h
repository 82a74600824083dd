/* SPDX-License-Identifier: GPL-2.0-only */
/* The ladder climbed: of each stage the best rung that works. */
#ifndef IPI_TRACE_CLIMB_H
#define IPI_TRACE_CLIMB_H

#include "ladder.h"

struct climb {
	const struct stage *stages;
	size_t stages_n;
	size_t needed; /* the first so many must be seen, the others may be */
	const char *probe; /* this rung, where a stage has it; NULL: the best */
	struct choice *plan; /* one for each stage */
	void *of;
	/* Loads and attaches what the plan has; says what is seen of a stage. */
	int (*attempt)(void *of, const struct choice *stage, char test[160],
		       struct tool_error *err);
	void (*close)(void *of);
};

/* The best rung of one stage, or the one asked for. -ENODEV: none works. */
int climb_stage(const struct climb *c, struct choice *choice);
/* -ENODEV with the reasons. */
int climb_refuse(const struct choice *choice, struct tool_error *err);
/* What was attempted last is what the plan says. -ENODEV with the reasons. */
int climb(const struct climb *c, struct tool_error *err);

#endif
