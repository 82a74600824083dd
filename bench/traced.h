/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks under the eyes of bench_tracer: armed just before their measured part
 * and disarmed just after, so that what it saw is theirs, whoever's turn is
 * next. Nothing is done here where there is no tracer.
 */
#ifndef BENCH_TRACED_H
#define BENCH_TRACED_H

#include <jansson.h>

#include "attest.h"

struct block_unit;

enum traced_class { TRACED_SINGLE, TRACED_MANY, TRACED_RESCHEDULE, TRACED_N };

/* One series of an item, summed over its blocks. */
struct traced_sum {
	double blocks, seen; /* those measured; those that it saw */
	struct {
		double sends, entries;
	} class[TRACED_N];
	double paired, lost;
	json_t *stages; /* NULL: none */
	char why[200]; /* what went wrong first */
};

/* On the main thread, around a block. */
void traced_next(struct block_unit *u);
void traced_read(struct block_unit *u);
/* On the first source, around what is measured. */
void traced_arm(struct block_unit *u);
void traced_disarm(struct block_unit *u);

/* Adds an answer to `read`; false: it is none, and sum says so. */
bool traced_add(struct traced_sum *sum, const json_t *answer);
/*
 * What the tracer saw beside what was asked and what the machine counted in its
 * row; rec->att was judged before. The caller drops out->stages.
 */
void traced_judge(const struct traced_sum *sum, const struct attest_sum *sums,
		  const char *row, const struct bench_record *rec,
		  struct bench_trace *out);

#endif
