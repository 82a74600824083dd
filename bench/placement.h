/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory bound to a node and locked, so that a line's home is known. */
#ifndef BENCH_PLACEMENT_H
#define BENCH_PLACEMENT_H

#include <stddef.h>

#include "bench.h"

struct placement {
	void *mem;
	size_t size;
	int node; /* -1: this kernel knows no nodes */
};

/* The node of a processor; -1: unknown. */
int placement_node(int processor);
/* The node of each configured processor; how many in *n. NULL: no nodes. */
const uint16_t *placement_nodes(uint32_t *n);
/*
 * The node where a cell's shared lines belong, -1 where there are no nodes;
 * -ENODEV: HOME_OTHER and no third node exists.
 */
int placement_home(enum bench_home home, int source, int target, int *node);
/* Zeroed, touched, bound to node, locked if the limit allows it. -errno. */
int placement_alloc(size_t size, int node, struct placement *out);
/* Asks the kernel where the pages are: 1 all at home, 0 not, -1 can't say. */
int placement_verify(const struct placement *p);
void placement_free(struct placement *p);

#endif
