/* SPDX-License-Identifier: GPL-2.0-only */
/* One block of one cell, run by its workers. */
#ifndef BENCH_BLOCK_H
#define BENCH_BLOCK_H

#include "placement.h"
#include "records.h"
#include "worker.h"

enum block_mode {
	BLOCK_MEASURE,
	BLOCK_WARM, /* measured, but not attested and not kept */
	BLOCK_PING, /* bounds the offset of the two CPUs' stamps */
};

/* A cell and what the harness keeps about it. */
struct block_unit {
	struct bench_cell cell;
	struct record_run *run;
	struct placement lines, *source_mem; /* one each */
	struct bench_worker **sources;
	struct bench_worker **targets;
	size_t blocks_wanted, blocks_done;
	uint64_t samples_left; /* UINT64_MAX: by time */
	bool open, stuck;
	/* the block that runs now */
	enum block_mode mode;
	uint64_t length_ns, seed;
	double origin_ns; /* zero of the blocks' t_s */
	struct bench_block block;
	int error;
};

/* Runs one block to its end: 0, or -errno with cell.reason said. */
int block_run(struct block_unit *u, enum block_mode mode);

#endif
