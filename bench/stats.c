// SPDX-License-Identifier: GPL-2.0-only
/* Quantiles, their errors, balanced orders. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stats.h"

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double stats_median(double *v, size_t n)
{
	if (!n)
		return NAN;
	qsort(v, n, sizeof(*v), by_value);
	return (v[(n - 1) / 2] + v[n / 2]) / 2;
}

/* Do nearly all values lie within rounding of a heap? */
static bool steps_fit(const double *v, size_t n, double first, double step)
{
	size_t i, near = 0;

	for (i = 0; i < n; i++) {
		double off = fabs(remainder(v[i] - first, step));

		near += off < 2;
	}
	return 20 * near >= 19 * n;
}

double stats_step(double *v, size_t n)
{
	double step = INFINITY, sum = 0, first = NAN, last = NAN;
	size_t i, in_heap = 0, heaps = 0;

	qsort(v, n, sizeof(*v), by_value);
	for (i = 0; i < n; i++) {
		sum += v[i];
		in_heap++;
		if (i + 1 < n && v[i + 1] - v[i] < 2)
			continue;
		/* A heap of a few is an accident. */
		if (50 * in_heap >= n) {
			double mean = sum / (double)in_heap;

			first = heaps ? first : mean;
			step = heaps++ ? fmin(step, mean - last) : step;
			last = mean;
		}
		sum = 0;
		in_heap = 0;
	}
	if (heaps < 4 || step < 5)
		return 1;
	/* Over all heaps together it is known better than from any two. */
	step = (last - first) / round((last - first) / step);
	return steps_fit(v, n, first, step) ? step : 1;
}

double stats_midmean(double *v, size_t n)
{
	size_t i, from = n / 4, to = n - n / 4;
	double sum = 0;

	if (!n)
		return NAN;
	qsort(v, n, sizeof(*v), by_value);
	for (i = from; i < to; i++)
		sum += v[i];
	return sum / (double)(to - from);
}

/* The value at a fractional rank, samples spread evenly over their bucket. */
static double value_at(const struct ipi_hist *h, double rank)
{
	uint64_t seen = 0, whole;
	double low, width, inside;
	uint32_t b;

	if (rank < 0)
		rank = 0;
	if (rank > (double)(h->n - 1))
		rank = (double)(h->n - 1);
	whole = (uint64_t)rank;
	for (b = 0; b < IPI_HIST_BUCKETS; b++) {
		if (seen + h->count[b] > whole)
			break;
		seen += h->count[b];
	}
	low = (double)ipi_hist_low(b);
	width = (double)(ipi_hist_high(b) - ipi_hist_low(b));
	inside = (rank - (double)seen + 0.5) / h->count[b];
	low += width * (inside < 1 ? inside : 1);
	if (low < (double)h->min)
		return (double)h->min;
	return low > (double)h->max ? (double)h->max : low;
}

double stats_quantile(const struct ipi_hist *h, double p)
{
	if (!h || !h->n)
		return NAN;
	return value_at(h, p * (double)(h->n - 1));
}

double stats_quantile_stated(const struct ipi_hist *h, double p)
{
	double tail = p < 0.5 ? p : 1 - p;

	/* The small number forgives 1 - 0.99 being a hair below 0.01. */
	if (h && p != 0.5 && (double)h->n * tail < STATS_BEYOND - 1e-6)
		return NAN;
	return stats_quantile(h, p);
}

double stats_t99(size_t freedom)
{
	static const double t[] = {63.66, 9.925, 5.841, 4.604, 4.032,
				   3.707, 3.499, 3.355, 3.250, 3.169};
	double v = (double)freedom;

	if (!freedom)
		return t[0];
	if (freedom <= sizeof(t) / sizeof(t[0]))
		return t[freedom - 1];
	/* Two terms of the expansion about the normal: within 0.2 % here. */
	return 2.5758 + 4.9170 / v + 9.06 / (v * v);
}

static double order_error(const struct ipi_hist *h)
{
	double mid = 0.5 * (double)(h->n - 1);
	double reach = 2.5758 * 0.5 * sqrt((double)h->n);

	return (value_at(h, mid + reach) - value_at(h, mid - reach)) / 2;
}

/* Blocks from which the spread is taken by a median, not by squares. */
#define ROBUST_FROM 8u

/* Distances of block medians from the middle one of their own stratum. */
static double *residuals(const struct stats_block *blocks, size_t n,
			 size_t *strata)
{
	double *v = malloc(2 * n * sizeof(*v)), *same = v + n;
	size_t i, j;

	*strata = 0;
	for (i = 0; v && i < n; i++) {
		size_t k = 0, first = n;

		for (j = 0; j < n; j++) {
			if (blocks[j].stratum != blocks[i].stratum)
				continue;
			first = first == n ? j : first;
			same[k++] = blocks[j].p50;
		}
		*strata += first == i;
		v[i] = fabs(blocks[i].p50 - stats_median(same, k));
	}
	return v;
}

/*
 * What the blocks say about the median of all. One that was disturbed moves
 * that median little, so with enough of them their spread is a robust one
 * (1.4826 makes it a standard deviation, 1.2533 is a median's price).
 */
static double block_error(const struct stats_block *blocks, size_t n)
{
	double squares = 0, sigma;
	size_t i, strata;
	double *v;

	if (n < 2)
		return 0;
	v = residuals(blocks, n, &strata);
	if (!v || n <= strata) {
		free(v);
		return 0;
	}
	for (i = 0; i < n; i++)
		squares += v[i] * v[i];
	sigma = sqrt(squares / (double)(n - strata));
	if (n - strata >= ROBUST_FROM)
		sigma = 1.2533 * 1.4826 * stats_median(v, n);
	free(v);
	return stats_t99(n - strata) * sigma / sqrt((double)n);
}

double stats_median_error(const struct ipi_hist *h,
			  const struct stats_block *blocks, size_t n)
{
	double a, b;

	if (!h || !h->n)
		return 0;
	a = order_error(h);
	b = block_error(blocks, n);
	return a > b ? a : b;
}

static void relabelling(size_t n, uint64_t seed, size_t *label)
{
	struct stats_rng rng = {seed};
	size_t i;

	for (i = 0; i < n; i++)
		label[i] = i;
	for (i = n; i > 1; i--) {
		size_t j = (size_t)stats_uniform(&rng, 0, i - 1);
		size_t swap = label[i - 1];

		label[i - 1] = label[j];
		label[j] = swap;
	}
}

/*
 * Williams' design: the first row zigzags (0, 1, n-1, 2, n-2 ...), the others
 * shift it; an odd n needs the mirrored rows too.
 */
void stats_order(size_t n, size_t row, uint64_t seed, size_t *out)
{
	size_t *label, i;

	if (!n)
		return;
	row %= STATS_ORDER_ROWS(n);
	label = malloc(n * sizeof(*label));
	if (label)
		relabelling(n, seed, label);
	for (i = 0; i < n; i++) {
		size_t at = row < n ? i : n - 1 - i;
		size_t zig = at % 2 ? (at + 1) / 2 : (n - at / 2) % n;
		size_t k = (zig + row) % n;

		out[i] = label ? label[k] : k;
	}
	free(label);
}

void stats_max_of(const struct ipi_hist *const *h, size_t k,
		  struct ipi_hist *out)
{
	uint64_t n = UINT64_MAX, before = 0;
	double share;
	uint64_t *seen;
	uint32_t b;
	size_t i;

	ipi_hist_clear(out);
	seen = calloc(k, sizeof(*seen));
	if (!seen || !k)
		goto out_free;
	for (i = 0; i < k; i++)
		n = h[i]->n < n ? h[i]->n : n;
	for (b = 0; n && b < IPI_HIST_BUCKETS; b++) {
		uint64_t upto;

		share = 1;
		for (i = 0; i < k; i++) {
			seen[i] += h[i]->count[b];
			share *= (double)seen[i] / (double)h[i]->n;
		}
		upto = (uint64_t)(share * (double)n + 0.5);
		if (upto == before)
			continue;
		out->count[b] = (uint32_t)(upto - before);
		out->sum += (upto - before) *
			    ((ipi_hist_low(b) + ipi_hist_high(b)) / 2);
		if (out->min == UINT64_MAX)
			out->min = ipi_hist_low(b);
		out->max = ipi_hist_high(b);
		before = upto;
	}
	out->n = before;
out_free:
	free(seen);
}

double stats_fairness(const uint64_t *share, size_t n)
{
	double sum = 0, squares = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		sum += (double)share[i];
		squares += (double)share[i] * (double)share[i];
	}
	return squares > 0 ? sum * sum / ((double)n * squares) : NAN;
}
