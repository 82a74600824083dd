// SPDX-License-Identifier: GPL-2.0-only
/* A record's histogram by bands: any selection of its blocks has one. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "compare.h"

static int read_rows(struct cmp_dist *d, const json_t *buckets)
{
	double sum = 0;
	const json_t *row;
	size_t i;

	json_array_foreach(buckets, i, row)
	{
		d->low[i] = json_number_value(json_array_get(row, 0));
		d->high[i] = json_number_value(json_array_get(row, 1));
		sum += json_number_value(json_array_get(row, 2));
		d->upto[i] = sum;
		if (json_array_size(row) != 3 || d->high[i] < d->low[i] ||
		    (i && d->low[i] < d->low[i - 1]))
			return -EBADMSG;
	}
	return 0;
}

/* Bands end where a row ends; what comes behind the last is the last's. */
static void read_bands(struct cmp_dist *d, const json_t *upto)
{
	size_t i, row = 0;

	for (i = 0; i < d->bands_n; i++) {
		double end = json_number_value(json_array_get(upto, i));

		d->band_from[i] = row;
		while (row < d->rows_n && d->high[row] <= end)
			row++;
	}
	d->band_from[d->bands_n] = d->rows_n;
}

int cmp_dist_make(struct cmp_dist *d, const json_t *record)
{
	const json_t *rows =
		json_object_get(json_object_get(record, "histogram"), "bucket");
	const json_t *upto =
		json_object_get(json_object_get(record, "bands"), "upto_ns");

	d->rows_n = json_array_size(rows);
	d->bands_n = json_array_size(upto);
	d->low = calloc(d->rows_n + 1, sizeof(*d->low));
	d->high = calloc(d->rows_n + 1, sizeof(*d->high));
	d->upto = calloc(d->rows_n + 1, sizeof(*d->upto));
	d->band_from = calloc(d->bands_n + 1, sizeof(*d->band_from));
	if (!d->low || !d->high || !d->upto || !d->band_from)
		return -ENOMEM;
	if (read_rows(d, rows))
		return -EBADMSG;
	read_bands(d, upto);
	return 0;
}

void cmp_dist_free(struct cmp_dist *d)
{
	free(d->low);
	free(d->high);
	free(d->upto);
	free(d->band_from);
}

static double before(const struct cmp_dist *d, size_t row)
{
	return row ? d->upto[row - 1] : 0;
}

double cmp_dist_sum(const struct cmp_dist *d, const double *w)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < d->bands_n; i++)
		sum += w[i];
	return sum;
}

/* The first row that does not end below x. */
static size_t row_of(const struct cmp_dist *d, double x)
{
	size_t low = 0, high = d->rows_n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (d->high[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Samples up to x, those of its own row in proportion (half, if a point). */
static double samples_upto(const struct cmp_dist *d, double x)
{
	size_t row = row_of(d, x);
	double inside, width;

	if (row == d->rows_n)
		return before(d, row);
	if (x < d->low[row])
		return before(d, row);
	width = d->high[row] - d->low[row];
	inside = width > 0 ? (x - d->low[row]) / width : 0.5;
	return before(d, row) + inside * (d->upto[row] - before(d, row));
}

double cmp_dist_above(const struct cmp_dist *d, const double *w, double x)
{
	double cut = samples_upto(d, x), sum = 0;
	size_t i;

	for (i = 0; i < d->bands_n; i++) {
		double from = before(d, d->band_from[i]);
		double to = before(d, d->band_from[i + 1]);

		if (to > from && cut < to)
			sum += w[i] *
			       (cut > from ? (to - cut) / (to - from) : 1);
	}
	return sum / cmp_dist_sum(d, w);
}

/* The first row that holds the rank-th sample of the whole histogram. */
static size_t row_of_rank(const struct cmp_dist *d, double rank)
{
	size_t low = 0, high = d->rows_n - 1;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (d->upto[mid] < rank)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static double value_at(const struct cmp_dist *d, double rank)
{
	size_t row = row_of_rank(d, rank);
	double own = d->upto[row] - before(d, row);
	double inside = own > 0 ? (rank - before(d, row)) / own : 0;

	return d->low[row] + inside * (d->high[row] - d->low[row]);
}

double cmp_dist_quantile(const struct cmp_dist *d, const double *w, double p)
{
	double left = p * cmp_dist_sum(d, w);
	size_t i, last = d->bands_n;

	for (i = 0; i < d->bands_n; i++) {
		if (w[i] <= 0)
			continue;
		last = i;
		if (left <= w[i])
			break;
		left -= w[i];
	}
	if (last == d->bands_n)
		return NAN;
	left = fmin(left, w[last]) / w[last];
	return value_at(d, before(d, d->band_from[last]) +
				   left * (before(d, d->band_from[last + 1]) -
					   before(d, d->band_from[last])));
}
