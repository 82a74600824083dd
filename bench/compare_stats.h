/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of `ipi bench compare`: ranks only, so that one disturbed block
 * counts as one, whatever it measured. Wilcoxon's tests and the shifts that go
 * with them (Hodges and Lehmann, 1963), exact for small numbers and with ties;
 * Holm's correction (1979).
 */
#ifndef BENCH_COMPARE_STATS_H
#define BENCH_COMPARE_STATS_H

#include <stddef.h>

/* low and high are infinite where so few values allow no such interval. */
struct cmp_shift {
	double at, low, high;
};

/*
 * Two-sided p that differences of pairs lie about 0; zeros are left out. 1
 * when nothing is left, NAN without memory.
 */
double cmp_pairs_p(const double *d, size_t n);
/* Two-sided p that two samples come from one distribution. */
double cmp_two_p(const double *a, size_t na, const double *b, size_t nb);

/* The least p that any outcome could have. */
double cmp_pairs_least_p(size_t n);
double cmp_two_least_p(size_t na, size_t nb);

/* What the pairs differ by, b over a, with an interval of 1 - alpha. */
struct cmp_shift cmp_pairs_shift(const double *d, size_t n, double alpha);
struct cmp_shift cmp_two_shift(const double *a, size_t na, const double *b,
			       size_t nb, double alpha);

/* Corrects n p values in place, over those that are not NAN. */
void cmp_holm(double *p, size_t n);

/* z with a share p of the normal distribution above it. */
double cmp_normal_above(double p);

#endif
