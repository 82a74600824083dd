/* SPDX-License-Identifier: GPL-2.0-only */
/* The column table of comparisons. */
#ifndef BENCH_COMPARE_COLUMNS_H
#define BENCH_COMPARE_COLUMNS_H

#include "compare.h"

/* Rows are struct cmp_row. */
extern const struct column cmp_columns[];
extern const size_t cmp_columns_n;

/* How many CPUs tell how many, in *cell; "" : one tells another. */
const char *cmp_sizes(const struct cmp_row *row, struct cell *cell);

/* The single figures of both records that are no times, from their table. */
void cmp_singles(const struct cmp_row *row,
		 void (*each)(const struct column *col, double base,
			      double side, void *arg),
		 void *arg);

#endif
