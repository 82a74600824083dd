// SPDX-License-Identifier: GPL-2.0-only
/* The rank tests against textbook values, and against counting it all out. */
#include <math.h>
#include <stdlib.h>

#include "compare_stats.h"
#include "stats.h"
#include "tool/tests/check.h"

#define NEAR(a, b, by) assert_true(fabs((a) - (b)) <= (by))

/* Hollander and Wolfe (1973), 29f.: depression before and after treatment. */
static const double before[] = { 1.83, 0.50, 1.62, 2.48, 1.68,
				 1.88, 1.55, 3.06, 1.30 };
static const double after[] = { 0.878, 0.647, 0.598, 2.05, 1.06,
				1.29,  1.06,  3.14,  1.29 };
/* The same, 69f.: permeability of the human chorioamnion at term. */
static const double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45,
			       1.38, 1.91, 1.64, 0.73, 1.46 };
static const double early[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };

static void test_compare_stats_textbook_pairs(void **state)
{
	double d[9];
	size_t i;

	for (i = 0; i < 9; i++)
		d[i] = before[i] - after[i];
	NEAR(cmp_pairs_p(d, 9), 0.0390625, 1e-12);
}

static void test_compare_stats_textbook_two_samples(void **state)
{
	NEAR(cmp_two_p(term, 10, early, 5), 0.2544, 5e-5);
	NEAR(cmp_two_p(early, 5, term, 10), 0.2544, 5e-5);
}

/* qsignrank(.025, 10) and qwilcox(.025, 5, 5) of R are 9 and 3. */
static void test_compare_stats_textbook_intervals(void **state)
{
	static const double d[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512 };
	static const double a[] = { 0, 0, 0, 0, 0 };
	static const double b[] = { 1, 2, 3, 4, 5 };
	struct cmp_shift s = cmp_pairs_shift(d, 10, 0.05);

	/* The Walsh averages begin 1 1.5 2 2.5 3 4 4.5 5 6. */
	NEAR(s.low, 6, 0);
	assert_true(s.at > s.low && s.high > s.at);
	s = cmp_two_shift(a, 5, b, 5, 0.05);
	NEAR(s.at, 3, 0);
	NEAR(s.low, 1, 0);
	NEAR(s.high, 5, 0);
	/* No interval of 99 % from five pairs. */
	assert_true(isinf(cmp_pairs_shift(d, 5, 0.01).low));
	assert_true(isfinite(cmp_pairs_shift(d, 8, 0.01).low));
}

static void test_compare_stats_holm(void **state)
{
	double p[] = { 0.01, NAN, 0.04, 0.03, 0.005, 0.9 };

	cmp_holm(p, 6);
	NEAR(p[0], 0.04, 1e-12);
	assert_true(isnan(p[1]));
	NEAR(p[2], 0.09, 1e-12);
	NEAR(p[3], 0.09, 1e-12);
	NEAR(p[4], 0.025, 1e-12);
	NEAR(p[5], 0.9, 1e-12);
}

static void test_compare_stats_normal(void **state)
{
	NEAR(cmp_normal_above(0.025), 1.959964, 1e-6);
	NEAR(cmp_normal_above(0.005), 2.575829, 1e-6);
}

/* ---- counting it all out ------------------------------------------------ */

static double rank(const double *v, size_t n, double x)
{
	double below = 0, same = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		below += v[i] < x;
		same += v[i] == x;
	}
	return below + (same + 1) / 2;
}

static double share_two_sided(double low, double high, double all)
{
	return fmin(1, 2 * fmin(low, high) / all);
}

/* All signs of n differences, by their mean ranks. */
static double signs_counted(const double *d, size_t n)
{
	double size[16], r[16], sum = 0, low = 0, high = 0;
	unsigned set;
	size_t i;

	for (i = 0; i < n; i++)
		size[i] = fabs(d[i]);
	for (i = 0; i < n; i++) {
		r[i] = rank(size, n, size[i]);
		sum += d[i] > 0 ? r[i] : 0;
	}
	for (set = 0; set < 1u << n; set++) {
		double s = 0;

		for (i = 0; i < n; i++)
			s += set & 1u << i ? r[i] : 0;
		low += s <= sum + 1e-9;
		high += s >= sum - 1e-9;
	}
	return share_two_sided(low, high, pow(2, (double)n));
}

/* All ways to choose na of the values. */
static double choices_counted(const double *v, size_t na, size_t n)
{
	double r[16], sum = 0, low = 0, high = 0, all = 0;
	unsigned set;
	size_t i;

	for (i = 0; i < n; i++) {
		r[i] = rank(v, n, v[i]);
		sum += i < na ? r[i] : 0;
	}
	for (set = 0; set < 1u << n; set++) {
		double s = 0;

		if ((size_t)__builtin_popcount(set) != na)
			continue;
		for (i = 0; i < n; i++)
			s += set & 1u << i ? r[i] : 0;
		all++;
		low += s <= sum + 1e-9;
		high += s >= sum - 1e-9;
	}
	return share_two_sided(low, high, all);
}

static void test_compare_stats_are_exact_with_ties(void **state)
{
	struct stats_rng rng = { 7 };
	double v[12];
	int trial;
	size_t i;

	for (trial = 0; trial < 40; trial++) {
		for (i = 0; i < 12; i++)
			v[i] = (double)stats_uniform(&rng, 1, 6) *
			       (stats_random(&rng) >> 63 ? 1 : -1);
		NEAR(cmp_pairs_p(v, 12), signs_counted(v, 12), 1e-9);
		NEAR(cmp_two_p(v, 5, v + 5, 7), choices_counted(v, 5, 12),
		     1e-9);
	}
}

/* Where counting ends the normal distribution goes on without a step. */
static void test_compare_stats_large_numbers_agree(void **state)
{
	struct stats_rng rng = { 11 };
	double d[50], a[33], b[33];
	size_t i;

	for (i = 0; i < 50; i++)
		d[i] = (double)stats_uniform(&rng, 0, 1000) - 400;
	NEAR(log(cmp_pairs_p(d, 48)), log(cmp_pairs_p(d, 49)), 0.4);
	for (i = 0; i < 33; i++) {
		a[i] = (double)stats_uniform(&rng, 0, 1000);
		b[i] = (double)stats_uniform(&rng, 0, 1000) + 250;
	}
	NEAR(log(cmp_two_p(a, 32, b, 32)), log(cmp_two_p(a, 33, b, 32)), 0.6);
}

static void test_compare_stats_nothing_is_no_difference(void **state)
{
	static const double none[8];

	NEAR(cmp_pairs_p(none, 8), 1, 0);
	NEAR(cmp_two_p(none, 4, none, 4), 1, 0);
	NEAR(cmp_pairs_least_p(8), 0.0078125, 1e-12);
	NEAR(cmp_two_least_p(5, 5), 2.0 / 252, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare_stats_textbook_pairs),
		cmocka_unit_test(test_compare_stats_textbook_two_samples),
		cmocka_unit_test(test_compare_stats_textbook_intervals),
		cmocka_unit_test(test_compare_stats_holm),
		cmocka_unit_test(test_compare_stats_normal),
		cmocka_unit_test(test_compare_stats_are_exact_with_ties),
		cmocka_unit_test(test_compare_stats_large_numbers_agree),
		cmocka_unit_test(test_compare_stats_nothing_is_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
