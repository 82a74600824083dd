// SPDX-License-Identifier: GPL-2.0-only
/* Filing: which record a sample gets into, from logs made by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "records.h"

#define TARGETS 2u

static struct bench_target target[TARGETS];
static struct bench_source source;
static struct bench_opts opts;
static struct bench_item item;
static struct bench_cell cell;
static struct record_run run;

static int setup(void **state)
{
	uint32_t i;

	memset(target, 0, sizeof(target));
	memset(&source, 0, sizeof(source));
	memset(&cell, 0, sizeof(cell));
	memset(&run, 0, sizeof(run));
	memset(&opts, 0, sizeof(opts));
	opts.driver = opts.run = (char *)"signal";
	opts.metrics = (1u << METRIC_MAX_OF_UNICASTS) - 1;
	item.opts = &opts;
	run.item = &item;
	run.driver = bench_driver_find("signal");
	run.route = "signal";
	run.counter = "";
	cell.item = &item;
	cell.opts = &opts;
	cell.batch = 1;
	cell.messages = 1;
	cell.state = "spinning";
	cell.targets_n = 1;
	cell.target = target;
	cell.src = &source;
	cell.witnessing = WITNESS_HANDLER;
	cell.answers = true;
	for (i = 0; i < BENCH_LOG; i++)
		target[0].way[i] = target[1].way[i] = IPI_WAY_INTERRUPT;
	return 0;
}

static int teardown(void **state)
{
	struct bench_results res = { 0 };

	record_finish(&run, &res);
	bench_results_free(&res);
	return 0;
}

static void take(uint32_t n)
{
	uint32_t i;

	source.n = n;
	for (i = 0; i < n; i++)
		source.ticks[i] = 1000 + i;
	source.sent = source.base + (uint64_t)n * cell.batch;
}

static uint64_t filed(enum bench_metric metric, enum ipi_way way)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < run.acc_n; i++)
		if (run.acc[i].metric == metric && run.acc[i].way == way)
			n += run.acc[i].block->n;
	return n;
}

/* A wake by store is a poll, and no interrupt's histogram ever sees it. */
static void test_samples_polled_never_enter_the_interrupts(void **state)
{
	take(10);
	target[0].way[3] = IPI_WAY_POLL;
	target[0].way[7] = IPI_WAY_WAITER;
	record_file(&run, &cell, false);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_INTERRUPT), 8);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_POLL), 1);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_WAITER), 1);
}

static void test_samples_of_a_later_chunk_use_its_own_ways(void **state)
{
	take(4);
	source.base = BENCH_LOG - 2;
	source.sent = source.base + 4;
	target[0].way[BENCH_LOG - 1] = IPI_WAY_POLL;
	target[0].way[1] = IPI_WAY_POLL;
	record_file(&run, &cell, false);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_POLL), 2);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_INTERRUPT), 2);
}

static void test_samples_of_mixed_batches_are_of_no_way(void **state)
{
	cell.batch = 8;
	take(4);
	target[0].way[17] = IPI_WAY_POLL;
	record_file(&run, &cell, false);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_INTERRUPT), 3);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_POLL), 0);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_NONE), 1);
}

static void test_samples_of_a_broadcast_need_all_targets(void **state)
{
	cell.targets_n = TARGETS;
	take(6);
	target[1].way[2] = IPI_WAY_POLL;
	record_file(&run, &cell, false);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_INTERRUPT), 5);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_NONE), 1);
}

static void test_samples_without_heartbeat_are_counted_apart(void **state)
{
	cell.witnessing = WITNESS_HEARTBEAT;
	take(5);
	memset(source.way, IPI_WAY_INTERRUPT, 5);
	source.way[1] = IPI_WAY_NONE;
	record_file(&run, &cell, false);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_INTERRUPT), 4);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_NONE), 1);
	assert_true(run.att[SERIES_PLAIN].absent == 1);
}

static void test_samples_stolen_of_a_stalled_target_are_apart(void **state)
{
	cell.series = SERIES_STOLEN;
	take(1);
	source.stalled = true;
	record_file(&run, &cell, false);
	assert_int_equal(filed(METRIC_STOLEN, IPI_WAY_INTERRUPT), 0);
	assert_int_equal(filed(METRIC_STOLEN, IPI_WAY_NONE), 1);
}

static void test_samples_of_the_first_tenth_are_only_counted(void **state)
{
	take(5);
	record_file(&run, &cell, true);
	assert_int_equal(filed(METRIC_RTT, IPI_WAY_INTERRUPT), 0);
	assert_int_equal(run.acc_n, 1);
	assert_int_equal(run.acc[0].discarded, 5);
}

static uint64_t only(enum bench_metric metric)
{
	size_t i;

	for (i = 0; i < run.acc_n; i++)
		if (run.acc[i].metric == metric && run.acc[i].block->n == 1)
			return run.acc[i].block->min;
	return UINT64_MAX;
}

static void test_samples_stamped_order_the_targets(void **state)
{
	size_t i;

	cell.series = SERIES_STAMPED;
	cell.targets_n = TARGETS;
	take(1);
	source.start[0] = 100000;
	target[0].entry[0] = 100300;
	target[0].done[0] = 100900;
	target[1].entry[0] = 100200;
	target[1].done[0] = 100500;
	record_file(&run, &cell, false);
	assert_int_equal(only(METRIC_FIRST_ENTRY), 200);
	assert_int_equal(only(METRIC_LAST_ENTRY), 300);
	assert_int_equal(only(METRIC_FIRST_ACK), 500);
	assert_int_equal(only(METRIC_LAST_ACK), 1000);
	assert_true(only(METRIC_ONE_WAY) == UINT64_MAX);
	for (i = 0; i < run.acc_n; i++)
		if (run.acc[i].metric == METRIC_LAST_ACK)
			assert_int_equal(run.acc[i].last_n[0], 1);
}

/* An entry "before" the send is the clocks' offset, not a huge number. */
static void test_samples_stamped_are_never_negative(void **state)
{
	cell.series = SERIES_STAMPED;
	take(1);
	source.start[0] = 100000;
	target[0].entry[0] = 99990;
	target[0].done[0] = 100010;
	record_file(&run, &cell, false);
	assert_int_equal(only(METRIC_ONE_WAY), 0);
}

static void close_block(bool marked, uint64_t ticks, uint32_t n)
{
	struct bench_block block = { .marked = marked };
	uint32_t i;

	take(n);
	for (i = 0; i < n; i++)
		source.ticks[i] = ticks;
	record_file(&run, &cell, false);
	record_block_close(&run, SERIES_PLAIN, 0, &block);
}

static void test_samples_of_marked_blocks_stay_and_are_told_apart(void **state)
{
	struct bench_results res = { 0 };
	double unit = bench_clock_get()->unit_ns;

	opts.metrics = 1u << METRIC_RTT;
	close_block(false, 1000, 400);
	close_block(true, 3000, 600);
	record_pair_close(&run, 0, 1);
	record_finish(&run, &res);
	assert_int_equal(res.n, 1);
	assert_int_equal(res.rec[0].samples_n, 1000);
	assert_int_equal(res.rec[0].blocks_n, 2);
	assert_true(fabs(bench_record_quantile(&res.rec[0], 0.5) -
			 3000 * unit) < 1);
	assert_true(fabs(res.rec[0].p50_ns_without_marked - 1000 * unit) < 1);
	assert_int_equal(res.rec[0].pairs_n, 1);
	assert_int_equal(res.rec[0].pairs[0].n, 1000);
	bench_results_free(&res);
}

/* One-way times are worth nothing where the clocks may be as far apart. */
static void test_samples_one_way_is_refused_past_a_fifth(void **state)
{
	struct bench_results res = { 0 };
	struct bench_block block = { 0 };
	double unit = bench_clock_get()->unit_ns;
	int wide;

	opts.metrics = 1u << METRIC_ONE_WAY;
	for (wide = 0; wide < 2; wide++) {
		cell.series = SERIES_STAMPED;
		take(1);
		source.start[0] = 0;
		target[0].entry[0] = target[0].done[0] = 1000;
		record_file(&run, &cell, false);
		record_block_close(&run, SERIES_STAMPED, 0, &block);
		run.offset_bound_ns = unit * (wide ? 201 : 199);
		record_finish(&run, &res);
	}
	assert_int_equal(res.n, 2);
	assert_int_equal(res.rec[0].status, STATUS_OK);
	assert_true(res.rec[0].offset_bound_ns > 0);
	assert_int_equal(res.rec[1].status, STATUS_SKIPPED);
	assert_null(res.rec[1].hist);
	bench_results_free(&res);
}

#define SAMPLE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* What went below nothing was counted as 0: the least is not known then. */
static void test_samples_stolen_below_noise(void **state)
{
	const struct bench_block block = { 0 };
	uint64_t zeros;

	for (zeros = 0; zeros < 2; zeros++) {
		struct bench_results res = { 0 };

		setup(state);
		opts.metrics = 1u << METRIC_STOLEN;
		cell.series = SERIES_STOLEN;
		take(10);
		source.ticks[0] = zeros ? 0 : 1;
		record_file(&run, &cell, false);
		record_block_close(&run, SERIES_STOLEN, 0, &block);
		record_finish(&run, &res);
		assert_int_equal(res.n, 1);
		assert_int_equal(res.rec[0].below_noise, zeros);
		assert_int_equal(isnan(res.rec[0].min_ns), zeros);
		assert_int_equal(isnan(res.rec[0].mean_ns), zeros);
		bench_results_free(&res);
	}
	setup(state);
}

/* Any selection of blocks can be put together again from their bands. */
static void test_samples_of_a_block_are_all_in_its_bands(void **state)
{
	struct bench_block block = { .source = 0, .target = 1 };
	struct bench_results res = { 0 };
	const struct bench_record *rec;
	uint64_t sum = 0, seen = 0;
	size_t i, b;

	opts.metrics = 1u << METRIC_RTT;
	for (i = 0; i < 3; i++) {
		take(500 + 100 * (uint32_t)i);
		record_file(&run, &cell, false);
		record_block_close(&run, SERIES_PLAIN, 0, &block);
	}
	assert_int_equal(record_finish(&run, &res), 0);
	rec = &res.rec[0];
	assert_int_equal(rec->blocks_n, 3);
	assert_true(rec->bands_n > 15);
	for (i = 0; i < 3; i++)
		for (b = 0; b < rec->bands_n; b++)
			sum += rec->blocks[i].band[b];
	assert_int_equal(sum, rec->samples_n);
	/* The first bands of all blocks hold what the histogram holds there. */
	for (b = 0; b <= rec->band_last[4]; b++)
		seen += rec->hist->count[b];
	for (b = 0; b <= 4; b++)
		for (i = 0; i < 3; i++)
			seen -= rec->blocks[i].band[b];
	assert_int_equal(seen, 0);
	bench_results_free(&res);
	setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples_stolen_below_noise),
		SAMPLE_TEST(test_samples_polled_never_enter_the_interrupts),
		SAMPLE_TEST(test_samples_of_a_later_chunk_use_its_own_ways),
		SAMPLE_TEST(test_samples_of_mixed_batches_are_of_no_way),
		SAMPLE_TEST(test_samples_of_a_broadcast_need_all_targets),
		SAMPLE_TEST(test_samples_without_heartbeat_are_counted_apart),
		SAMPLE_TEST(test_samples_stolen_of_a_stalled_target_are_apart),
		SAMPLE_TEST(test_samples_of_the_first_tenth_are_only_counted),
		SAMPLE_TEST(test_samples_stamped_order_the_targets),
		SAMPLE_TEST(test_samples_stamped_are_never_negative),
		SAMPLE_TEST(
			test_samples_of_marked_blocks_stay_and_are_told_apart),
		SAMPLE_TEST(test_samples_one_way_is_refused_past_a_fifth),
		SAMPLE_TEST(test_samples_of_a_block_are_all_in_its_bands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
