/* SPDX-License-Identifier: GPL-2.0-only */
/* What is read at both ends of a block, and what its difference attests. */
#ifndef BENCH_BLOCK_ENDS_H
#define BENCH_BLOCK_ENDS_H

#include "block.h"
#include "witness.h"

struct block_ends {
	struct witness w;
	struct ipi_counters lib;
	double machine, time_ns;
	int error;
};

/* On the first source, when nothing is on its way. */
void ends_read(const struct block_unit *u, struct block_ends *e);
void ends_attest(struct block_unit *u, const struct block_ends *from,
		 const struct block_ends *to);
/* The machine's background: the same threads, and nothing is sent. */
void ends_quiet(struct block_unit *u);
/* On the main thread, when all are done. */
void ends_attest_sleep(struct block_unit *u);

#endif
