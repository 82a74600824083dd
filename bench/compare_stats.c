// SPDX-License-Identifier: GPL-2.0-only
/* Rank tests, exact by counting where that is cheap. */
#include "compare_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many values the distribution of a rank sum is counted out. */
#define EXACT_PAIRS 48u
#define EXACT_TWO 64u

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ---- the normal distribution -------------------------------------------- */

static double above(double z)
{
	return erfc(z / M_SQRT2) / 2;
}

double cmp_normal_above(double p)
{
	double low = -40, high = 40;
	int i;

	for (i = 0; i < 100; i++) {
		double mid = (low + high) / 2;

		if (above(mid) > p)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* ---- ranks -------------------------------------------------------------- */

struct ranked {
	double value;
	size_t from; /* index before sorting */
};

/*
 * Twice the rank of each value, equal ones sharing theirs, so that it is
 * whole. Returns the sum of t^3 - t over ties of t. -1: no memory.
 */
static double ranks(const double *v, size_t n, size_t *twice)
{
	struct ranked *r = malloc((n + 1) * sizeof(*r));
	double ties = 0;
	size_t i, k, t;

	if (!r)
		return -1;
	for (i = 0; i < n; i++)
		r[i] = (struct ranked){ v[i], i };
	qsort(r, n, sizeof(*r), by_value); /* value comes first */
	for (i = 0; i < n; i += t) {
		for (t = 1; i + t < n && r[i + t].value == r[i].value; t++)
			;
		for (k = i; k < i + t; k++)
			twice[r[k].from] = 2 * i + t + 1;
		ties += (double)t * ((double)t * (double)t - 1);
	}
	free(r);
	return ties;
}

/*
 * Adds one rank to the table of how many ways lead to each sum: any number of
 * ranks (chosen NULL), or tables by how many were chosen, up to most.
 */
static void ways_add(double *ways, size_t size, size_t most, size_t rank)
{
	size_t k, s;

	for (k = most; k > 0; k--)
		for (s = size - 1; s >= rank; s--)
			ways[k * size + s] += ways[(k - 1) * size + s - rank];
}

static void signs_add(double *ways, size_t size, size_t rank)
{
	size_t s;

	for (s = size - 1; s >= rank; s--)
		ways[s] += ways[s - rank];
}

/* Two-sided p of a sum whose distribution is given as ways. */
static double two_sided(const double *ways, size_t size, size_t sum)
{
	double all = 0, low = 0, high = 0;
	size_t s;

	for (s = 0; s < size; s++) {
		all += ways[s];
		low += s <= sum ? ways[s] : 0;
		high += s >= sum ? ways[s] : 0;
	}
	return fmin(1, 2 * fmin(low, high) / all);
}

static double normal_p(double off, double variance, double step)
{
	if (variance <= 0)
		return 1;
	return fmin(1, 2 * above(fmax(0, fabs(off) - step) / sqrt(variance)));
}

/* ---- pairs -------------------------------------------------------------- */

static double signed_p(const size_t *twice, const double *d, size_t n,
		       double ties)
{
	double m = (double)n, p;
	size_t sum = 0, all = 0, i;
	double *ways;

	for (i = 0; i < n; i++) {
		all += twice[i];
		sum += d[i] > 0 ? twice[i] : 0;
	}
	if (n > EXACT_PAIRS)
		return normal_p((double)sum / 2 - m * (m + 1) / 4,
				m * (m + 1) * (2 * m + 1) / 24 - ties / 48,
				0.5);
	ways = calloc(all + 1, sizeof(*ways));
	if (!ways)
		return NAN;
	ways[0] = 1;
	for (i = 0; i < n; i++)
		signs_add(ways, all + 1, twice[i]);
	p = two_sided(ways, all + 1, sum);
	free(ways);
	return p;
}

double cmp_pairs_p(const double *d, size_t n)
{
	double *kept = calloc(2 * n + 1, sizeof(*kept)), *size = kept + n;
	size_t *twice = malloc((n + 1) * sizeof(*twice)), i, k = 0;
	double ties, p = NAN;

	for (i = 0; kept && twice && i < n; i++) {
		if (d[i] == 0)
			continue;
		kept[k] = d[i];
		size[k++] = fabs(d[i]);
	}
	if (kept && twice) {
		ties = ranks(size, k, twice);
		p = ties < 0 ? NAN : k ? signed_p(twice, kept, k, ties) : 1;
	}
	free(kept);
	free(twice);
	return p;
}

double cmp_pairs_least_p(size_t n)
{
	return fmin(1, 2 * pow(0.5, (double)n));
}

/* ---- two samples -------------------------------------------------------- */

static double sum_p(const size_t *twice, size_t na, size_t nb, double ties)
{
	size_t n = na + nb, sum = 0, all = 0, i;
	double N = (double)n, p;
	double *ways;

	for (i = 0; i < n; i++) {
		all += twice[i];
		sum += i < na ? twice[i] : 0;
	}
	if (n > EXACT_TWO)
		return normal_p((double)sum / 2 - (double)na * (N + 1) / 2,
				(double)na * (double)nb / 12 *
					(N + 1 - ties / (N * (N - 1))),
				0.5);
	ways = calloc((na + 1) * (all + 1), sizeof(*ways));
	if (!ways)
		return NAN;
	ways[0] = 1;
	for (i = 0; i < n; i++)
		ways_add(ways, all + 1, na, twice[i]);
	p = two_sided(ways + na * (all + 1), all + 1, sum);
	free(ways);
	return p;
}

double cmp_two_p(const double *a, size_t na, const double *b, size_t nb)
{
	double *v = malloc((na + nb + 1) * sizeof(*v)), ties, p = NAN;
	size_t *twice = malloc((na + nb + 1) * sizeof(*twice));

	if (!na || !nb) {
		p = 1;
	} else if (v && twice) {
		memcpy(v, a, na * sizeof(*v));
		memcpy(v + na, b, nb * sizeof(*v));
		ties = ranks(v, na + nb, twice);
		p = ties < 0 ? NAN : sum_p(twice, na, nb, ties);
	}
	free(v);
	free(twice);
	return p;
}

double cmp_two_least_p(size_t na, size_t nb)
{
	double choose = lgamma((double)(na + nb) + 1) - lgamma((double)na + 1) -
			lgamma((double)nb + 1);

	return fmin(1, 2 * exp(-choose));
}

/* ---- shifts ------------------------------------------------------------- */

/*
 * How many of the sorted differences an interval leaves out at each end: the
 * most k with P(statistic < k) <= alpha / 2. 0: no interval is that wide.
 */
static size_t cut_exact(const double *ways, size_t size, double alpha)
{
	double all = 0, seen = 0;
	size_t s, k = 0;

	for (s = 0; s < size; s++)
		all += ways[s];
	for (s = 0; s < size; s++) {
		seen += ways[s];
		if (seen > all * alpha / 2 * (1 + 1e-9))
			break;
		k = s + 1;
	}
	return k;
}

static size_t cut_normal(double mean, double variance, double alpha)
{
	double k = mean - cmp_normal_above(alpha / 2) * sqrt(variance) - 0.5;

	return k < 1 ? 0 : (size_t)k;
}

static size_t cut_pairs(size_t n, double alpha)
{
	size_t size = n * (n + 1) / 2 + 1, i, k;
	double m = (double)n, *ways;

	if (n > EXACT_PAIRS)
		return cut_normal(m * (m + 1) / 4,
				  m * (m + 1) * (2 * m + 1) / 24, alpha);
	ways = calloc(size, sizeof(*ways));
	if (!ways)
		return 0;
	ways[0] = 1;
	for (i = 1; i <= n; i++)
		signs_add(ways, size, i);
	k = cut_exact(ways, size, alpha);
	free(ways);
	return k;
}

static size_t cut_two(size_t na, size_t nb, double alpha)
{
	size_t n = na + nb, size = n * (n + 1) / 2 + 1, i, k;
	size_t least = na * (na + 1) / 2;
	double u = (double)na * (double)nb, *ways;

	if (n > EXACT_TWO)
		return cut_normal(u / 2, u * (double)(n + 1) / 12, alpha);
	ways = calloc((na + 1) * size, sizeof(*ways));
	if (!ways)
		return 0;
	ways[0] = 1;
	for (i = 1; i <= n; i++)
		ways_add(ways, size, na, i);
	k = cut_exact(ways + na * size + least, size - least, alpha);
	free(ways);
	return k;
}

/* The middle of all differences, and those that k from each end. */
static struct cmp_shift shift_of(double *all, size_t n, size_t k)
{
	struct cmp_shift s = { NAN, -INFINITY, INFINITY };

	if (!n)
		return s;
	qsort(all, n, sizeof(*all), by_value);
	s.at = (all[(n - 1) / 2] + all[n / 2]) / 2;
	if (k && 2 * k <= n) {
		s.low = all[k - 1];
		s.high = all[n - k];
	}
	return s;
}

struct cmp_shift cmp_pairs_shift(const double *d, size_t n, double alpha)
{
	double *walsh = malloc((n * (n + 1) / 2 + 1) * sizeof(*walsh));
	struct cmp_shift s = { NAN, -INFINITY, INFINITY };
	size_t i, j, m = 0;

	for (i = 0; walsh && i < n; i++)
		for (j = i; j < n; j++)
			walsh[m++] = (d[i] + d[j]) / 2;
	if (walsh)
		s = shift_of(walsh, m, cut_pairs(n, alpha));
	free(walsh);
	return s;
}

struct cmp_shift cmp_two_shift(const double *a, size_t na, const double *b,
			       size_t nb, double alpha)
{
	double *all = malloc((na * nb + 1) * sizeof(*all));
	struct cmp_shift s = { NAN, -INFINITY, INFINITY };
	size_t i, j, m = 0;

	for (i = 0; all && i < na; i++)
		for (j = 0; j < nb; j++)
			all[m++] = b[j] - a[i];
	if (all)
		s = shift_of(all, m, cut_two(na, nb, alpha));
	free(all);
	return s;
}

/* ---- many tests --------------------------------------------------------- */

struct indexed {
	double p;
	size_t at;
};

void cmp_holm(double *p, size_t n)
{
	struct indexed *sorted = malloc((n + 1) * sizeof(*sorted));
	double worst = 0;
	size_t i, m = 0;

	for (i = 0; i < n; i++) {
		if (isnan(p[i]))
			continue;
		if (sorted)
			sorted[m++] = (struct indexed){ p[i], i };
		else
			p[i] = 1;
	}
	if (sorted)
		qsort(sorted, m, sizeof(*sorted), by_value); /* p is first */
	/* Each in its turn, and never below one that was smaller. */
	for (i = 0; i < m; i++) {
		worst = fmin(1, fmax(worst, sorted[i].p * (double)(m - i)));
		p[sorted[i].at] = worst;
	}
	free(sorted);
}
