// SPDX-License-Identifier: GPL-2.0-only
/* Bursts to one target, messages to a set, targets that sleep. */
#include "many.h"

static struct bench_pair pair;

static struct bench_item burst(const struct bench_opts *o, uint32_t messages)
{
	pair = (struct bench_pair){ cpus[0], cpus[1] };
	return (struct bench_item){
		.opts = o, .pairs = &pair, .pairs_n = 1, .burst = messages
	};
}

static const uint32_t burst_metrics =
	1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_INTERVAL;

static void check_burst(const char *delivery, uint32_t messages)
{
	struct bench_opts o = options("burst", burst_metrics, delivery);
	struct bench_item it = burst(&o, messages);
	size_t i;

	measure(&it);
	for (i = 0; i < res.n; i++) {
		const struct bench_record *rec = &res.rec[i];
		uint64_t asked = rec->att.lib.asked;

		adds_up(rec);
		assert_int_equal(asked % messages, 0);
		assert_true(asked >= rec->samples_n * messages);
		/* The first of a burst finds nothing pending. */
		assert_true(rec->att.lib.already_pending <=
			    asked / messages * (messages - 1));
		assert_int_equal(rec->batch,
				 rec->metric == METRIC_INTERVAL ? messages : 1);
	}
}

static void test_sets_burst_of_one_is_a_unicast(void **state)
{
	check_burst("signal", 1);
	assert_int_equal(res.rec[0].att.lib.already_pending, 0);
}

/* Work is pending when the second is sent, unless the first is done by then. */
static void test_sets_burst_finds_work_pending(void **state)
{
	struct bench_opts o = options("burst", 1u << METRIC_RTT, "signal");
	struct bench_item it = burst(&o, 4);

	check_burst("signal", 4);
	teardown(NULL);
	/* The target is at the first when the others come. */
	o.inject = INJECT_HANDLER;
	o.inject_ns = 1000000;
	measure(&it);
	assert_true(res.rec[0].att.lib.already_pending > 0);
}

/* A known answer: the messages of a burst are handled one after another. */
static void test_sets_burst_takes_all_its_handlers(void **state)
{
	struct bench_opts o = options(
		"burst", 1u << METRIC_RTT | 1u << METRIC_INTERVAL, "poll");
	struct bench_item it = burst(&o, 3);
	size_t i;

	o.inject = INJECT_HANDLER;
	o.inject_ns = 20000;
	measure(&it);
	for (i = 0; i < res.n; i++) {
		double ns = bench_record_quantile(&res.rec[i], 0.5);
		double all = res.rec[i].metric == METRIC_RTT ? 3 : 1;

		assert_true(ns > 0.8 * all * (double)o.inject_ns);
	}
}

static void test_sets_multicast_asks_each_target(void **state)
{
	struct bench_opts o = options("multicast", 1u << METRIC_RTT, "signal");
	struct bench_item it = { .opts = &o,
				 .source = cpus[0],
				 .targets = cpus + 1,
				 .targets_n = 1 };
	uint32_t n;

	o.samples = 5;
	for (n = 1; n <= 3; n += 2) {
		it.targets_n = n;
		measure(&it);
		adds_up(&res.rec[0]);
		assert_int_equal(res.rec[0].att.lib.asked % n, 0);
		assert_true(res.rec[0].att.lib.asked >=
			    n * res.rec[0].samples_n);
		assert_int_equal(res.rec[0].crowded, n > 1);
		teardown(NULL);
	}
}

static struct bench_opts sleeper(enum bench_target_state state)
{
	struct bench_opts o = options("sleeper", 1u << METRIC_RTT, "poll");

	o.target_state = state;
	o.gap_ns_min = 50000;
	o.gap_ns_max = 100000;
	return o;
}

/* On a loaded machine some messages may find it on its way to sleep. */
static void it_slept(const struct bench_record *rec)
{
	double slept, messages;

	assert_int_equal(sscanf(rec->att.why, "asleep: %lf times for %lf",
				&slept, &messages),
			 2);
	assert_true(slept > messages / 2);
}

static void test_sets_sleeper_sleeps_before_each_message(void **state)
{
	struct bench_opts o = sleeper(TARGET_IDLES);
	struct bench_item it = burst(&o, 0);
	const struct ipi_counters *n;

	measure(&it);
	n = &res.rec[0].att.lib;
	adds_up(&res.rec[0]);
	assert_int_equal(res.rec[0].way, IPI_WAY_IDLE);
	assert_string_equal(res.rec[0].target_state, "asleep");
	it_slept(&res.rec[0]);
	/* On a loaded machine some may find it on its way to sleep. */
	assert_true(n->notified > n->asked / 2);
}

static void test_sets_sleeper_in_an_event_loop(void **state)
{
	struct bench_opts o = sleeper(TARGET_EPOLLS);
	struct bench_item it = burst(&o, 0);

	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	assert_int_equal(res.rec[0].status, STATUS_SKIPPED);
	assert_non_null(strstr(res.rec[0].reason, "only the delivery eventfd"));
	teardown(NULL);
	o.delivery = (char *)"eventfd";
	measure(&it);
	adds_up(&res.rec[0]);
	assert_string_equal(res.rec[0].target_state, "asleep in epoll");
	it_slept(&res.rec[0]);
}

static void test_sets_sleeper_spins(void **state)
{
	struct bench_opts o = sleeper(TARGET_SPINS);
	struct bench_item it = burst(&o, 0);

	measure(&it);
	assert_int_equal(res.rec[0].way, IPI_WAY_POLL);
	assert_string_equal(res.rec[0].target_state, "spinning");
	assert_int_equal(res.rec[0].att.lib.notified, 0);
}

static void test_sets_sleeper_needs_time_to_sleep(void **state)
{
	struct bench_opts o = sleeper(TARGET_IDLES);
	struct bench_item it = burst(&o, 0);

	o.gap_ns_min = 19999;
	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	assert_int_equal(res.rec[0].status, STATUS_SKIPPED);
	assert_non_null(strstr(res.rec[0].reason, "no time to fall asleep"));
	assert_string_equal(res.rec[0].target_state, "asleep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MANY_TEST(test_sets_burst_of_one_is_a_unicast),
		MANY_TEST(test_sets_burst_finds_work_pending),
		MANY_TEST(test_sets_burst_takes_all_its_handlers),
		MANY_TEST(test_sets_multicast_asks_each_target),
		MANY_TEST(test_sets_sleeper_sleeps_before_each_message),
		MANY_TEST(test_sets_sleeper_in_an_event_loop),
		MANY_TEST(test_sets_sleeper_spins),
		MANY_TEST(test_sets_sleeper_needs_time_to_sleep),
	};

	if (!find_processors()) {
		printf("skipped: two processors are needed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
