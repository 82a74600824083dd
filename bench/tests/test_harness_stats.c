// SPDX-License-Identifier: GPL-2.0-only
/* Quantiles and when they may be stated, errors, orders, gaps, the clock. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "stats.h"

#define SEED 7u

static struct ipi_hist h, max;

static void fill(uint64_t n)
{
	uint64_t i;

	ipi_hist_clear(&h);
	for (i = 0; i < n; i++)
		ipi_hist_add(&h, i % 1000);
}

static void test_stats_quantile_needs_100_samples_beyond(void **state)
{
	fill(9999);
	assert_true(isnan(stats_quantile_stated(&h, 0.99)));
	fill(10000);
	assert_false(isnan(stats_quantile_stated(&h, 0.99)));
	assert_true(isnan(stats_quantile_stated(&h, 0.999)));
	fill(100000);
	assert_false(isnan(stats_quantile_stated(&h, 0.999)));
	fill(3);
	assert_false(isnan(stats_quantile_stated(&h, 0.5)));
	assert_true(isnan(stats_quantile_stated(&h, 0.9)));
	fill(0);
	assert_true(isnan(stats_quantile_stated(&h, 0.5)));
}

static void test_stats_batches_have_no_p99(void **state)
{
	struct bench_record rec = {.hist = &h, .batch = 64, .tick_ns = 2};

	fill(100000);
	assert_true(isnan(bench_record_quantile(&rec, 0.99)));
	assert_true(fabs(bench_record_quantile(&rec, 0.5) - 999) < 3);
	rec.batch = 1;
	assert_false(isnan(bench_record_quantile(&rec, 0.99)));
}

/* Above 4096 a bucket is many ticks wide: a median must not jump by it. */
static void test_stats_quantile_is_interpolated(void **state)
{
	uint64_t i;

	ipi_hist_clear(&h);
	for (i = 20000; i < 22000; i++)
		ipi_hist_add(&h, i);
	assert_true(fabs(stats_quantile(&h, 0.5) - 21000) < 4);
	ipi_hist_clear(&h);
	ipi_hist_add(&h, 20000);
	assert_true(stats_quantile(&h, 0.5) == 20000);
}

static void test_stats_error_covers_the_blocks(void **state)
{
	const struct stats_block apart[] = {
		{100, 0}, {120, 0}, {80, 0}, {100, 0}};
	const struct stats_block strata[] = {
		{100, 0}, {100, 0}, {900, 1}, {900, 1}};
	struct stats_block many[20];
	double e, calm;
	size_t i;

	fill(1000000);
	/* sd 16.33 over 4 blocks: 5.841 * 16.33 / 2 */
	e = stats_median_error(&h, apart, 4);
	assert_true(fabs(e - 47.69) < 0.1);
	/* With many blocks a disturbed one costs what any other does. */
	for (i = 0; i < 20; i++) {
		many[i].p50 = 100 + (double)(i % 5);
		many[i].stratum = 0;
	}
	calm = stats_median_error(&h, many, 20);
	many[3].p50 = 1e9;
	assert_true(stats_median_error(&h, many, 20) < 2 * calm);
	/* Pairs that differ are no noise; only the samples' own stays. */
	e = stats_median_error(&h, strata, 4);
	assert_true(e > 0.5 && e < 3);
}

/* Over all rows each treatment follows each other one equally often. */
static void test_stats_order_is_balanced(void **state)
{
	size_t n, r, i;

	for (n = 2; n <= 9; n++) {
		size_t follows[9][9] = {{0}}, order[9], each = 0;

		for (r = 0; r < STATS_ORDER_ROWS(n); r++) {
			size_t seen = 0;

			stats_order(n, r, SEED, order);
			for (i = 0; i < n; i++)
				seen |= (size_t)1 << order[i];
			assert_int_equal(seen, ((size_t)1 << n) - 1);
			for (i = 1; i < n; i++)
				follows[order[i - 1]][order[i]]++;
		}
		each = STATS_ORDER_ROWS(n) / n;
		for (r = 0; r < n; r++)
			for (i = 0; i < n; i++)
				assert_int_equal(follows[r][i],
						 r == i ? 0 : each);
	}
}

static void test_stats_order_is_seeded(void **state)
{
	size_t one[8], two[8], other[8];

	stats_order(8, 0, SEED, one);
	stats_order(8, 0, SEED, two);
	stats_order(8, 0, SEED + 1, other);
	assert_memory_equal(one, two, sizeof(one));
	assert_memory_not_equal(one, other, sizeof(one));
}

static void test_stats_gaps_are_uniform_and_seeded(void **state)
{
	struct stats_rng a = {SEED}, b = {SEED};
	unsigned bin[10] = {0}, i;

	for (i = 0; i < 100000; i++) {
		uint64_t gap = stats_uniform(&a, 2000, 2999);

		assert_true(gap >= 2000 && gap <= 2999);
		assert_int_equal(gap, stats_uniform(&b, 2000, 2999));
		bin[(gap - 2000) / 100]++;
	}
	/* 10 000 each, standard deviation 95 */
	for (i = 0; i < 10; i++)
		assert_true(bin[i] > 9500 && bin[i] < 10500);
	assert_int_equal(stats_uniform(&a, 5, 5), 5);
}

/* Two uniform draws: the greater lies below x with probability x squared. */
static void test_stats_max_of_is_the_product(void **state)
{
	const struct ipi_hist *two[] = {&h, &h};

	fill(1000000);
	stats_max_of(two, 2, &max);
	assert_int_equal(max.n, 1000000);
	assert_true(fabs(stats_quantile(&max, 0.5) - 707.1) < 2);
	assert_true(fabs(stats_quantile(&max, 0.9) - 948.7) < 2);
}

static void test_stats_midmean_leaves_out_the_ends(void **state)
{
	double v[] = {1e9, 4, 5, 6, 7, -1e9, 5, 7};

	assert_true(fabs(stats_midmean(v, 8) - 5.75) < 1e-9);
	assert_true(isnan(stats_midmean(v, 0)));
}

static void test_clock_is_priced_and_ordered(void **state)
{
	const struct bench_clock *clk = bench_clock_get();
	uint64_t before = bench_clock_now();
	unsigned i;

	assert_true(clk->tick_ns > 0 && clk->read_ns > 0 && clk->unit_ns > 0);
	assert_true(clk->tick_ns >= clk->unit_ns);
	assert_ptr_equal(clk, bench_clock_get());
	for (i = 0; i < 100000; i++) {
		uint64_t now = bench_clock_now();

		assert_true(now >= before);
		before = now;
	}
}

/* Against the kernel's clock, which the calibration is not made of alone. */
static void test_clock_agrees_with_the_kernel(void **state)
{
	uint64_t r0 = bench_clock_raw_ns(), c0 = bench_clock_now();
	double counted, passed;

	while (bench_clock_raw_ns() - r0 < 20000000u)
		;
	counted = bench_clock_ns(bench_clock_now() - c0);
	passed = (double)(bench_clock_raw_ns() - r0);
	assert_true(counted <= passed * 1.001);
	assert_int_equal(bench_clock_units(bench_clock_ns(1000000)), 1000000);
}

/* 10.3 ns in whole ones: 10 or 11 apart, which only 1 divides. */
static void test_stats_step_of_a_rounded_clock(void **state)
{
	struct stats_rng rng = { 5 };
	double v[400];
	size_t i;

	for (i = 0; i < 400; i++)
		v[i] = floor((double)stats_uniform(&rng, 2, 9) * 10.3 +
			     (double)stats_uniform(&rng, 0, 1));
	assert_true(fabs(stats_step(v, 400) - 10) <= 1);
	for (i = 0; i < 400; i++)
		v[i] = (double)stats_uniform(&rng, 20, 90);
	assert_true(stats_step(v, 400) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stats_quantile_needs_100_samples_beyond),
		cmocka_unit_test(test_stats_batches_have_no_p99),
		cmocka_unit_test(test_stats_quantile_is_interpolated),
		cmocka_unit_test(test_stats_error_covers_the_blocks),
		cmocka_unit_test(test_stats_order_is_balanced),
		cmocka_unit_test(test_stats_order_is_seeded),
		cmocka_unit_test(test_stats_gaps_are_uniform_and_seeded),
		cmocka_unit_test(test_stats_max_of_is_the_product),
		cmocka_unit_test(test_stats_midmean_leaves_out_the_ends),
		cmocka_unit_test(test_clock_is_priced_and_ordered),
		cmocka_unit_test(test_clock_agrees_with_the_kernel),
		cmocka_unit_test(test_stats_step_of_a_rounded_clock),
	};

	printf("# seed %u\n", SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
