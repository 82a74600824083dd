// SPDX-License-Identifier: GPL-2.0-only
/* bench_measure() itself, on two processors: what comes out, not how fast. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"
#include "clock.h"
#include "processors.h"

static struct bench_pair pair, self;
static int targets[3];
static struct bench_results res;

static struct bench_opts options(const char *driver, uint32_t metrics)
{
	return (struct bench_opts){
		.run = (char *)driver,
		.driver = (char *)driver,
		.metrics = metrics,
		.gap_ns_min = 2000,
		.gap_ns_max = 20000,
		.seed = 1,
	};
}

static struct bench_opts design(const char *driver, uint32_t metrics,
				const char *queue, const char *delivery)
{
	struct bench_opts o = options(driver, metrics);

	o.queue = (char *)queue;
	o.ack = (char *)"counter";
	o.delivery = (char *)delivery;
	return o;
}

static struct bench_item item_of(const struct bench_opts *o)
{
	const struct bench_driver *d = bench_driver_find(o->driver);
	struct bench_item it = { .opts = o };

	if (d && d->shape == SHAPE_SPREAD) {
		it.source = pair.source;
		it.targets = targets;
		it.targets_n = 1;
		return it;
	}
	it.pairs = d && d->shape == SHAPE_ALONE ? &self : &pair;
	it.pairs_n = 1;
	return it;
}

static int setup(void **state)
{
	memset(&res, 0, sizeof(res));
	bench_stop = 0;
	return 0;
}

static int teardown(void **state)
{
	bench_results_free(&res);
	return 0;
}

static uint64_t blocks_sum(const struct bench_record *rec)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < rec->blocks_n; i++)
		n += rec->blocks[i].n;
	return n;
}

static uint64_t hist_sum(const struct bench_record *rec)
{
	uint64_t n = 0;
	uint32_t b;

	for (b = 0; b < IPI_HIST_BUCKETS; b++)
		n += rec->hist->count[b];
	return n;
}

/*
 * On a machine with more than twice its processors' work, one of them held by
 * real-time threads perhaps, a target may be deaf without anyone's fault.
 */
static void leave_if_starved(const struct bench_record *rec)
{
	double load = 0;

	if (rec->status != STATUS_FAILED || getloadavg(&load, 1) != 1 ||
	    load < 2.0 * (double)sysconf(_SC_NPROCESSORS_ONLN))
		return;
	printf("skipped: load %.1f: %s\n", load, rec->reason);
	fflush(stdout);
	_exit(77);
}

static void whole(const struct bench_record *rec)
{
	leave_if_starved(rec);
	assert_string_equal(rec->reason, "");
	assert_int_equal(rec->status, STATUS_OK);
	assert_true(rec->samples_n > 0);
	assert_int_equal(rec->samples_n, hist_sum(rec));
	assert_int_equal(rec->samples_n, blocks_sum(rec));
	assert_true(rec->error_ns > 0);
	if (rec->below_noise) { /* hidden by noise, as only a loss can be */
		assert_int_equal(rec->metric, METRIC_STOLEN);
		assert_true(isnan(rec->min_ns) && isnan(rec->mean_ns));
		return;
	}
	assert_true(rec->min_ns <= rec->mean_ns && rec->mean_ns <= rec->max_ns);
}

static void test_measure_yardsticks_alternate(void **state)
{
	struct bench_opts o[3] = {
		options("clock", 1u << METRIC_RTT),
		options("syscall", 1u << METRIC_RTT),
		options("cacheline", 1u << METRIC_RTT),
	};
	struct bench_item it[3];
	size_t i;

	for (i = 0; i < 3; i++)
		it[i] = item_of(&o[i]);
	assert_int_equal(bench_measure(it, 3, &res, NULL, NULL), 0);
	assert_int_equal(res.n, 3);
	for (i = 0; i < 3; i++)
		whole(&res.rec[i]);
	for (i = 0; i < 3; i++) {
		assert_ptr_equal(res.rec[i].item, &it[i]);
		assert_int_equal(res.rec[i].att.verdict,
				 VERDICT_NOT_APPLICABLE);
		/* The first round's blocks lie before the second's. */
		assert_true(res.rec[i].blocks[1].t_s >
			    res.rec[(i + 1) % 3].blocks[0].t_s);
	}
}

/* The library polls: no sample may claim to have been an interrupt. */
static void test_measure_poll_is_no_interrupt(void **state)
{
	struct bench_opts o =
		design("unicast", 1u << METRIC_RTT, "slots", "poll");
	struct bench_item it = item_of(&o);
	uint64_t polled = 0;
	size_t i;

	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	for (i = 0; i < res.n; i++) {
		whole(&res.rec[i]);
		assert_int_not_equal(res.rec[i].way, IPI_WAY_INTERRUPT);
		if (res.rec[i].way == IPI_WAY_POLL)
			polled += res.rec[i].samples_n;
		assert_string_equal(res.rec[i].route, "poll");
		assert_int_equal(res.rec[i].att.verdict, VERDICT_ATTESTED);
		assert_int_equal(res.rec[i].att.lib.notified, 0);
		assert_int_equal(res.rec[i].att.lib.asked,
				 res.rec[i].att.lib.polled);
	}
	assert_true(polled > 0);
}

static void test_measure_signal_counts_add_up(void **state)
{
	struct bench_opts o = design("unicast",
				     1u << METRIC_RTT | 1u << METRIC_SEND |
					     1u << METRIC_STOLEN,
				     "slots", "signal");
	struct bench_item it = item_of(&o);
	size_t i;

	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	assert_true(res.n >= 3);
	for (i = 0; i < res.n; i++) {
		const struct ipi_counters *n = &res.rec[i].att.lib;

		whole(&res.rec[i]);
		assert_true(res.rec[i].att.has_lib && n->asked > 0);
		assert_int_equal(n->asked, n->notified + n->already_pending +
						   n->polled + n->local +
						   n->refused);
		assert_int_equal(n->entries + n->merged, n->notified);
		assert_true(res.rec[i].syscall_in_path);
	}
}

static void test_measure_null_runs_nothing(void **state)
{
	struct bench_opts o =
		design("unicast", 1u << METRIC_RTT, "null", "poll");
	struct bench_item it = item_of(&o);

	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	assert_int_equal(res.n, 1);
	whole(&res.rec[0]);
	assert_int_equal(res.rec[0].way, IPI_WAY_NONE);
	assert_int_equal(res.rec[0].att.verdict, VERDICT_NOT_APPLICABLE);
}

/* The kernel answers for a target that sleeps: nothing was interrupted. */
static void test_measure_held_target_is_never_attested(void **state)
{
	struct bench_opts o = options("membarrier", 1u << METRIC_RTT);
	const struct bench_driver *d = bench_driver_find("membarrier");
	struct bench_item it = item_of(&o);
	size_t i;

	if (d->probe(&o)) {
		print_message("# left out: %s\n", d->probe(&o));
		return;
	}
	o.hold_target = true;
	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	assert_true(res.n > 0);
	for (i = 0; i < res.n; i++) {
		whole(&res.rec[i]);
		assert_int_equal(res.rec[i].way, IPI_WAY_NONE);
		assert_string_equal(res.rec[i].target_state, "asleep");
		assert_int_not_equal(res.rec[i].att.verdict, VERDICT_ATTESTED);
	}
}

/* On CPUs that take turns a target's loss is not measured, and says why. */
static void test_measure_crowded_leaves_out_stolen(void **state)
{
	struct bench_opts o = design("unicast",
				     1u << METRIC_RTT | 1u << METRIC_STOLEN,
				     "slots", "poll");
	struct bench_item it = item_of(&o);
	size_t i, skipped = 0;

	it.crowded = true;
	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	for (i = 0; i < res.n; i++) {
		if (res.rec[i].metric == METRIC_STOLEN) {
			assert_int_equal(res.rec[i].status, STATUS_SKIPPED);
			assert_non_null(strstr(res.rec[i].reason, "turns"));
			skipped++;
			continue;
		}
		assert_true(res.rec[i].crowded);
		assert_true(res.rec[i].blocks[0].marked);
	}
	assert_int_equal(skipped, 1);
}

/* More CPUs than processors: slow, marked, and each target answered. */
static void test_measure_broadcast_to_crowded_targets(void **state)
{
	struct bench_opts o = design("broadcast",
				     1u << METRIC_RTT | 1u << METRIC_LAST_ACK |
					     1u << METRIC_MAX_OF_UNICASTS,
				     "slots", "signal");
	struct bench_item it = item_of(&o);
	uint64_t last = 0;
	size_t i, k;

	it.targets_n = 3;
	o.samples = 5;
	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	for (i = 0; i < res.n; i++) {
		if (res.rec[i].metric == METRIC_MAX_OF_UNICASTS) {
			assert_int_equal(res.rec[i].status, STATUS_SKIPPED);
			continue;
		}
		leave_if_starved(&res.rec[i]);
		if (res.rec[i].metric == METRIC_LAST_ACK &&
		    !bench_clock_is_shared()) {
			assert_int_equal(res.rec[i].status, STATUS_SKIPPED);
			assert_non_null(
				strstr(res.rec[i].reason, "not the TSC"));
			continue;
		}
		assert_string_equal(res.rec[i].reason, "");
		for (k = 0; k < res.rec[i].blocks_n; k++)
			assert_true(res.rec[i].blocks[k].marked);
		for (k = 0; k < res.rec[i].last_cpus; k++)
			last += res.rec[i].last_n[k];
		if (res.rec[i].metric == METRIC_LAST_ACK)
			assert_int_equal(res.rec[i].last_cpus, 3);
	}
	assert_int_equal(last > 0, bench_clock_is_shared());
}

static void test_measure_broadcast_beside_its_unicasts(void **state)
{
	struct bench_opts o[2] = {
		design("unicast", 1u << METRIC_RTT, "slots", "poll"),
		design("broadcast",
		       1u << METRIC_RTT | 1u << METRIC_MAX_OF_UNICASTS, "slots",
		       "poll"),
	};
	struct bench_item it[2] = { item_of(&o[0]), item_of(&o[1]) };
	const struct bench_record *max;

	assert_int_equal(bench_measure(it, 2, &res, NULL, NULL), 0);
	max = &res.rec[res.n - 1];
	assert_int_equal(max->metric, METRIC_MAX_OF_UNICASTS);
	assert_int_equal(max->status, STATUS_OK);
	/* The greatest of one draw is that draw. */
	assert_true(fabs(bench_record_quantile(max, 0.5) -
			 bench_record_quantile(&res.rec[0], 0.5)) <=
		    max->tick_ns * 2);
}

static void test_measure_says_why_it_did_not(void **state)
{
	struct bench_opts o[4] = {
		options("nosuch", 1u << METRIC_RTT),
		options("signal", 1u << METRIC_RTT),
		options("cacheline", 1u << METRIC_SEND),
		options("cacheline", 1u << METRIC_RTT),
	};
	struct bench_pair absent = { pair.source, 1 << 20 };
	struct bench_item it[4];
	size_t i;

	o[1].inject = INJECT_ACK;
	o[1].inject_ns = 200;
	for (i = 0; i < 4; i++)
		it[i] = item_of(&o[i]);
	it[3].pairs = &absent;
	assert_int_equal(bench_measure(it, 4, &res, NULL, NULL), 0);
	assert_int_equal(res.n, 4);
	for (i = 0; i < 4; i++) {
		assert_int_equal(res.rec[i].status,
				 i < 3 ? STATUS_SKIPPED : STATUS_FAILED);
		assert_true(strlen(res.rec[i].reason) > 10);
		assert_null(res.rec[i].hist);
	}
	assert_non_null(strstr(res.rec[3].reason, "CPU 1048576"));
}

static void stop_soon(double done, const char *label, void *arg)
{
	bench_stop = 1;
}

static void test_measure_stopped_keeps_what_it_has(void **state)
{
	struct bench_opts o = options("clock", 1u << METRIC_RTT);
	struct bench_item it[2] = { item_of(&o), item_of(&o) };

	it[1].group = 1;
	assert_int_equal(bench_measure(it, 2, &res, stop_soon, NULL), -EINTR);
	assert_true(res.n >= 1);
	assert_true(res.n < 2 || res.rec[1].status != STATUS_OK);
}

/* Of the two processors. */
static bool find_processors(void)
{
	int found[2];

	if (!two_processors(found))
		return false;
	pair = (struct bench_pair){ found[0], found[1] };
	self = (struct bench_pair){ found[0], found[0] };
	targets[0] = targets[1] = targets[2] = found[1];
	return true;
}

#define MEASURE_TEST(name)                                                     \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEASURE_TEST(test_measure_yardsticks_alternate),
		MEASURE_TEST(test_measure_poll_is_no_interrupt),
		MEASURE_TEST(test_measure_signal_counts_add_up),
		MEASURE_TEST(test_measure_null_runs_nothing),
		MEASURE_TEST(test_measure_held_target_is_never_attested),
		MEASURE_TEST(test_measure_crowded_leaves_out_stolen),
		MEASURE_TEST(test_measure_broadcast_to_crowded_targets),
		MEASURE_TEST(test_measure_broadcast_beside_its_unicasts),
		MEASURE_TEST(test_measure_says_why_it_did_not),
		MEASURE_TEST(test_measure_stopped_keeps_what_it_has),
	};

	if (!find_processors()) {
		printf("skipped: two processors are needed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
