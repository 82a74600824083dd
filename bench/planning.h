/* SPDX-License-Identifier: GPL-2.0-only */
/* What the makers of a plan share. */
#ifndef IPI_BENCH_PLANNING_H
#define IPI_BENCH_PLANNING_H

#include "front.h"

/* What planning one run needs to know. */
struct planning {
	struct plan *plan;
	const struct topo *topo;
	const struct machine *machine; /* NULL: not the topology's */
	const struct runs *runs;
	const struct topo_cpu *source; /* of broadcasts and rows */
	struct tool_error *err;
};

/* Appends an item; NULL: no memory. */
struct bench_item *plan_item_add(struct plan *plan,
				 const struct bench_opts *opts,
				 enum bench_relation rel, int group);
/*
 * Runs of one group get one number for each relation and size, so that like
 * alternates with like; others a number of their own.
 */
int plan_group(const struct planning *p, size_t run, uint32_t size,
	       enum bench_relation rel);

/* Do the two take turns on one CPU of the machine's host? */
bool plan_pair_crowds(const struct machine *machine, int source, int target);

/* Items of a run that is measured for several sizes of its set. */
int plan_sweep(const struct planning *p, size_t run);

#endif
