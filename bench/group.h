/* SPDX-License-Identifier: GPL-2.0-only */
/* The items of one group at one position: their units, threads and memory. */
#ifndef BENCH_GROUP_H
#define BENCH_GROUP_H

#include "block.h"

/* A block is no shorter than this, a burst of SCHED_FIFO no longer. */
#define GROUP_BLOCK_NS 50000000u
#define GROUP_BURST_NS 500000000u
/* Fewer blocks say nothing about their spread. */
#define GROUP_BLOCKS_MIN 3u

struct group {
	struct record_run *runs; /* one per item */
	size_t runs_n;
	struct block_unit *units; /* of the position that is measured now */
	size_t units_n;
	struct bench_worker **workers;
	size_t workers_n;
	uint64_t seed;
	double origin_ns;
	bool stuck; /* a worker hangs: its memory must stay */
};

int group_open(struct group *g, const struct bench_item *const *items,
	       size_t n);
void group_close(struct group *g);

size_t group_positions(const struct group *g);
/* Makes the units of a position; what can't be made has failed in its run. */
void group_units_open(struct group *g, size_t position);
/* Appends one unit to g->units. */
void group_unit_open(struct group *g, struct record_run *run,
		     enum bench_series series, size_t position);
/* Has the unit's memory stayed at home? */
void group_unit_verify(struct block_unit *u);
void group_unit_unmake(struct block_unit *u);
/*
 * Gives the unit other memory and opens its driver anew: what hangs on where a
 * line lies is drawn again with each block, and doesn't pass for its design.
 */
int group_unit_renew(struct block_unit *u);
/* Ends the unit and tells its run why. */
void group_unit_failed(struct block_unit *u, int err);
/* Verifies the memory's home, closes the pairs, frees the units. */
void group_units_close(struct group *g, size_t position);

/* The run's first unit that still works, or its unit of a series; or NULL. */
struct block_unit *group_first_unit(struct group *g,
				    const struct record_run *run);
struct block_unit *group_unit(struct group *g, const struct record_run *run,
			      enum bench_series series);

/* Runs a block; a failure ends the unit and is told in its run. */
int group_block(struct group *g, struct block_unit *u, enum block_mode mode);

/* Length of a block in ns. */
uint64_t group_block_length(const struct bench_opts *o);
/* Blocks of one of the item's series over one of its pairs. */
size_t group_blocks_wanted(const struct bench_item *item);

#endif
