/* SPDX-License-Identifier: GPL-2.0-only */
/* The one column table of records. */
#ifndef IPI_BENCH_RESULT_COLUMNS_H
#define IPI_BENCH_RESULT_COLUMNS_H

#include "front.h"
#include "tool/column.h"

struct record_row {
	const struct result *result;
	const struct bench_record *rec;
	size_t id;
};

extern const struct column record_columns[];
extern const size_t record_columns_n;

extern const char *const verdict_name[4];
extern const char *const inject_name[4];

double record_p(const struct bench_record *rec, double p);
/* The farthest-reaching name of a batch, "single", "batch64_mean". */
void record_sample_kind(const struct bench_record *rec, char *buf, size_t size);
/* Rows over all records; the caller frees both. NULL: no memory. */
const void **record_rows(const struct result *r, struct record_row **rows);

#endif
