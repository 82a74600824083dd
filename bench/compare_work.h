/* SPDX-License-Identifier: GPL-2.0-only */
/* A row while it is judged. */
#ifndef BENCH_COMPARE_WORK_H
#define BENCH_COMPARE_WORK_H

#include "compare.h"
#include "stats.h"

struct cmp_pair {
	size_t base, side; /* units */
};

struct cmp_work {
	struct cmp_side base, side;
	struct cmp_pair *pair;
	size_t pairs_n;
	enum cmp_pairing pairing;
	enum cmp_level level;
	struct stats_rng rng;
	double *a, *b; /* values of units, or a: differences of pairs */
	double *w_base, *w_side; /* weights of a selection */
};

/* Finds pairs of units that met the same circumstances. */
int cmp_pair_up(struct cmp_work *w, bool one_file);

/* Adds (or clears, with unit NULL) a unit's samples to a selection. */
void cmp_select(const struct cmp_side *s, double *sum,
		const struct cmp_unit *unit);
void cmp_select_all(const struct cmp_side *s, double *sum);

/* Resamples units: intervals of p50 and tails of both sides. */
int cmp_bootstrap(struct cmp_work *w, struct cmp_row *row);
/*
 * What a side differs from itself by: its medians, and in ratio how many lie
 * beyond. Its units are split in two, at random among neighbours or by time.
 */
int cmp_floors(struct cmp_work *w, struct cmp_row *row);
/* Where each tail begins on either side: needs the shift and estimates. */
void cmp_thresholds(struct cmp_row *row);
/* Tests how many samples lie beyond, the shift of the middle taken out. */
void cmp_tails(struct cmp_work *w, struct cmp_row *row);

#endif
