// SPDX-License-Identifier: GPL-2.0-only
/* The histogram of ticks: exactness, error bound, merging, ranks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/hist.h"
#include "stats.h"

#define SEED 20140525u
#define SAMPLES 50000u

static struct ipi_hist a, b;
static uint64_t sample[SAMPLES];

static int by_value(const void *x, const void *y)
{
	uint64_t p = *(const uint64_t *)x, q = *(const uint64_t *)y;

	return (p > q) - (p < q);
}

/* Of every magnitude, so that every octave is met. */
static uint64_t draw(struct stats_rng *rng)
{
	return stats_random(rng) >> (stats_random(rng) % 64);
}

static void test_hist_is_exact_to_4096(void **state)
{
	uint64_t v;

	for (v = 0; v < IPI_HIST_EXACT; v++) {
		assert_int_equal(ipi_hist_bucket(v), v);
		assert_int_equal(ipi_hist_low((uint32_t)v), v);
		assert_int_equal(ipi_hist_high((uint32_t)v), v);
	}
}

static void test_hist_buckets_tile_all_values(void **state)
{
	uint32_t i;

	for (i = 0; i + 1 < IPI_HIST_BUCKETS; i++)
		assert_true(ipi_hist_high(i) + 1 == ipi_hist_low(i + 1));
	assert_true(ipi_hist_high(IPI_HIST_BUCKETS - 1) == UINT64_MAX);
	assert_int_equal(ipi_hist_bucket(UINT64_MAX), IPI_HIST_BUCKETS - 1);
}

static void test_hist_error_is_below_one_in_128(void **state)
{
	struct stats_rng rng = {SEED};
	uint32_t i;

	for (i = 0; i < SAMPLES; i++) {
		uint64_t v = draw(&rng);
		uint32_t at = ipi_hist_bucket(v);

		assert_true(ipi_hist_low(at) <= v && v <= ipi_hist_high(at));
		assert_true((ipi_hist_high(at) - ipi_hist_low(at)) <=
			    ipi_hist_low(at) / 128);
	}
}

static void test_hist_rank_agrees_with_a_sorted_array(void **state)
{
	struct stats_rng rng = {SEED};
	uint32_t i;

	ipi_hist_clear(&a);
	for (i = 0; i < SAMPLES; i++) {
		sample[i] = draw(&rng);
		ipi_hist_add(&a, sample[i]);
	}
	qsort(sample, SAMPLES, sizeof(sample[0]), by_value);
	assert_true(a.n == SAMPLES && a.min == sample[0] &&
		    a.max == sample[SAMPLES - 1]);
	for (i = 0; i < SAMPLES; i += 97)
		assert_int_equal(ipi_hist_rank(&a, i),
				 ipi_hist_bucket(sample[i]));
	assert_int_equal(ipi_hist_rank(&a, SAMPLES), IPI_HIST_BUCKETS);
}

static void test_hist_merge_is_adding_all(void **state)
{
	static struct ipi_hist both;
	struct stats_rng rng = {SEED};
	uint32_t i;

	ipi_hist_clear(&a);
	ipi_hist_clear(&b);
	ipi_hist_clear(&both);
	for (i = 0; i < SAMPLES; i++) {
		uint64_t v = draw(&rng);

		ipi_hist_add(i % 3 ? &a : &b, v);
		ipi_hist_add(&both, v);
	}
	ipi_hist_merge(&a, &b);
	assert_memory_equal(&a, &both, sizeof(a));
}

static void test_hist_merge_of_an_empty_one_changes_nothing(void **state)
{
	static struct ipi_hist copy;

	ipi_hist_clear(&a);
	ipi_hist_clear(&b);
	ipi_hist_add(&a, 7);
	copy = a;
	ipi_hist_merge(&a, &b);
	assert_memory_equal(&a, &copy, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hist_is_exact_to_4096),
		cmocka_unit_test(test_hist_buckets_tile_all_values),
		cmocka_unit_test(test_hist_error_is_below_one_in_128),
		cmocka_unit_test(test_hist_rank_agrees_with_a_sorted_array),
		cmocka_unit_test(test_hist_merge_is_adding_all),
		cmocka_unit_test(
			test_hist_merge_of_an_empty_one_changes_nothing),
	};

	printf("# seed %u\n", SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
