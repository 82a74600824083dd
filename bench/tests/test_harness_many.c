// SPDX-License-Identifier: GPL-2.0-only
/* Several senders: who sent what, how it came, and what ends it. */
#include "many.h"
#include "stats.h"

static struct bench_item incast(const struct bench_opts *o, size_t senders)
{
	return (struct bench_item){ .opts = o,
				    .source = cpus[0],
				    .sources = cpus,
				    .sources_n = senders,
				    .targets = &one_target,
				    .targets_n = 1 };
}

static struct bench_item alltoall(const struct bench_opts *o, size_t n)
{
	return (struct bench_item){ .opts = o,
				    .source = cpus[0],
				    .sources = cpus,
				    .sources_n = n,
				    .targets = cpus,
				    .targets_n = n };
}

static const uint32_t all_metrics =
	1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_INTERVAL;

/* Every sample of a series is some sender's, and each came in some way. */
static void counts_agree(enum bench_metric metric, size_t senders)
{
	uint64_t samples = 0, counted = 0;
	size_t i;

	for (i = 0; i < res.n; i++) {
		const struct bench_record *rec = &res.rec[i];

		if (rec->metric != metric)
			continue;
		if (rec->att.has_lib)
			adds_up(rec);
		assert_int_not_equal(rec->way, IPI_WAY_NONE);
		assert_int_equal(rec->senders_n, senders);
		samples += rec->samples_n;
		counted = sum(rec->sender_n, senders);
	}
	assert_true(samples > 0);
	assert_int_equal(samples, counted);
}

static const struct bench_record *interval(void)
{
	size_t i;

	for (i = 0; i < res.n; i++)
		if (res.rec[i].metric == METRIC_INTERVAL)
			return &res.rec[i];
	fail_msg("no record of interval");
	return NULL;
}

static void windows_are_whole(size_t senders)
{
	const struct bench_record *rec = interval();

	if (rec->att.has_lib)
		adds_up(rec);
	assert_int_equal(rec->batch, BENCH_BATCH_WINDOW);
	assert_true(isnan(bench_record_quantile(rec, 0.99)));
	assert_int_equal(rec->senders_n, senders);
	assert_true(sum(rec->sender_n, senders) > 0);
	/* Each message that the senders counted came in some way. */
	assert_true(sum(rec->way_n, IPI_WAYS) >= sum(rec->sender_n, senders));
}

static void check_incast(const char *delivery, size_t senders,
			 uint32_t inflight)
{
	struct bench_opts o = options("incast", all_metrics, delivery);
	struct bench_item it = incast(&o, senders);

	o.inflight = inflight;
	measure(&it);
	counts_agree(METRIC_RTT, senders);
	counts_agree(METRIC_SEND, senders);
	windows_are_whole(senders);
}

static void test_many_one_sender(void **state)
{
	check_incast("poll", 1, 1);
	assert_true(res.rec[0].way == IPI_WAY_POLL && !res.rec[0].crowded);
}

/* cpus[1] is the target's own processor, too. */
static void test_many_senders_share_processors(void **state)
{
	check_incast("signal", 3, 1);
	assert_true(res.rec[0].crowded && res.rec[0].blocks[0].marked);
}

static void test_many_messages_on_the_way(void **state)
{
	check_incast("poll", 1, 5);
}

static void test_many_peers_serve_themselves(void **state)
{
	struct bench_opts o = options("alltoall", all_metrics, "poll");
	struct bench_item it = alltoall(&o, 2);
	uint64_t served = 0;
	size_t i;

	measure(&it);
	counts_agree(METRIC_RTT, 2);
	windows_are_whole(2);
	for (i = 0; i < res.n; i++) {
		assert_string_equal(res.rec[i].target_state, "busy");
		assert_int_equal(res.rec[i].att.lib.notified, 0);
		if (res.rec[i].way == IPI_WAY_WAITER)
			served += res.rec[i].samples_n;
	}
	assert_true(served > 0);
}

static void test_many_peers_share_processors(void **state)
{
	struct bench_opts o = options("alltoall", all_metrics, "signal");
	struct bench_item it = alltoall(&o, 4);

	o.inflight = 2;
	measure(&it);
	counts_agree(METRIC_RTT, 4);
	windows_are_whole(4);
	assert_true(res.rec[0].crowded);
}

static const char *const external[] = { "wfcqueue", "ck-fifo", "ck-ring" };

static bool is_here(const struct bench_opts *o)
{
	const char *why = bench_driver_find(o->driver)->probe(o);

	if (why)
		print_message("# left out: %s: %s\n", o->driver, why);
	return !why;
}

/* With room for two of six messages in the ring, too. */
static void test_many_through_others_queues(void **state)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		struct bench_opts o = options(external[i], all_metrics, NULL);
		struct bench_item it = incast(&o, 2);
		size_t k;

		o.inflight = 3;
		o.depth = 2;
		if (!is_here(&o))
			continue;
		measure(&it);
		counts_agree(METRIC_RTT, 2);
		counts_agree(METRIC_SEND, 2);
		windows_are_whole(2);
		for (k = 0; k < res.n; k++)
			assert_int_equal(res.rec[k].way, IPI_WAY_POLL);
		teardown(NULL);
	}
}

static void test_many_peers_through_others_queues(void **state)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		struct bench_opts o = options(external[i], all_metrics, NULL);
		struct bench_item it = alltoall(&o, 3);

		o.pattern = PATTERN_ALLTOALL;
		o.inflight = 2;
		if (!is_here(&o))
			continue;
		measure(&it);
		counts_agree(METRIC_RTT, 3);
		windows_are_whole(3);
		assert_string_equal(res.rec[0].target_state, "busy");
		teardown(NULL);
	}
}

/* A known answer: a message can't take less than its handler does. */
static void test_many_finds_an_injected_delay(void **state)
{
	struct bench_opts o = options("incast", 1u << METRIC_INTERVAL, "poll");
	struct bench_item it = incast(&o, 1);
	double ns;

	o.inject = INJECT_HANDLER;
	o.inject_ns = 20000;
	measure(&it);
	ns = bench_record_quantile(interval(), 0.5);
	assert_true(ns > 0.8 * (double)o.inject_ns);
}

/* One message of four: the middle one does not know of it, the mean does. */
static void test_many_finds_a_delay_of_one_in_four(void **state)
{
	struct bench_opts o = options("incast", 1u << METRIC_RTT, "poll");
	struct bench_item it = incast(&o, 1);
	const struct bench_record *rec;

	o.inject = INJECT_HANDLER;
	o.inject_ns = 100000;
	o.inject_every = 4;
	measure(&it);
	rec = &res.rec[0];
	assert_true(bench_record_quantile(rec, 0.5) < (double)o.inject_ns);
	assert_true(rec->mean_ns > 0.2 * (double)o.inject_ns);
}

/* Another: one sender of two pauses for a thousand messages' time. */
static void test_many_finds_the_unfair_sender(void **state)
{
	struct bench_opts o = options("incast", 1u << METRIC_INTERVAL, "poll");
	struct bench_item it = incast(&o, 2);
	int both_first[2] = { cpus[0], cpus[0] };
	const struct bench_record *rec = NULL;
	double fairness = 1;

	o.inject = INJECT_SENDER;
	o.inject_ns = 2000000;
	it.sources = both_first;
	/* A busy machine takes as much from the other one: not every time. */
	for (unsigned i = 0; i < 5 && fairness > 0.8; i++) {
		teardown(NULL);
		measure(&it);
		rec = interval();
		fairness = stats_fairness(rec->sender_n, 2);
	}
	assert_true(fairness < 0.8);
	assert_true(rec->sender_n[0] < rec->sender_n[1]);
	teardown(NULL);
	/* Once in so many sends is next to never. */
	o.inject_every = 1000000;
	measure(&it);
	assert_true(stats_fairness(interval()->sender_n, 2) > 0.8);
}

/* Five handlers of 0.9 s, one after another: the last waits for too long. */
static void test_many_ends_at_a_deaf_target(void **state)
{
	struct bench_opts o = options("incast", 1u << METRIC_RTT, "poll");
	struct bench_item it = incast(&o, 5);
	char words[64];
	int i;

	o.inject = INJECT_HANDLER;
	o.inject_ns = 900000000;
	for (i = 0; i < 5; i++)
		cpus[i] = cpus[0];
	assert_int_equal(bench_measure(&it, 1, &res, NULL, NULL), 0);
	assert_int_equal(res.n, 1);
	assert_int_equal(res.rec[0].status, STATUS_FAILED);
	snprintf(words, sizeof(words), "CPU %d did not answer CPU %d",
		 one_target, cpus[0]);
	assert_non_null(strstr(res.rec[0].reason, words));
	find_processors();
}

static void stop_after(double done, const char *label, void *arg)
{
	unsigned *calls = arg;

	if (++*calls > 2)
		bench_stop = 1;
}

static void test_many_stopped_keeps_what_it_has(void **state)
{
	struct bench_opts o = options("alltoall", all_metrics, "poll");
	struct bench_item it = alltoall(&o, 2);
	unsigned calls = 0;

	assert_int_equal(bench_measure(&it, 1, &res, stop_after, &calls),
			 -EINTR);
	assert_true(res.n > 0);
	assert_int_equal(res.rec[0].status, STATUS_OK);
	assert_true(res.rec[0].samples_n > 0);
}

static void test_many_fairness_is_jains(void **state)
{
	const uint64_t equal[] = { 7, 7, 7, 7 }, one[] = { 0, 9, 0, 0 };
	const uint64_t half[] = { 4, 4, 0, 0 }, none[] = { 0, 0 };
	const uint64_t odd[] = { 1, 2, 3 };

	assert_true(stats_fairness(equal, 4) == 1);
	assert_true(stats_fairness(one, 4) == 0.25);
	assert_true(stats_fairness(half, 4) == 0.5);
	assert_true(fabs(stats_fairness(odd, 3) - 36.0 / 42.0) < 1e-12);
	assert_true(isnan(stats_fairness(none, 2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MANY_TEST(test_many_fairness_is_jains),
		MANY_TEST(test_many_one_sender),
		MANY_TEST(test_many_senders_share_processors),
		MANY_TEST(test_many_messages_on_the_way),
		MANY_TEST(test_many_peers_serve_themselves),
		MANY_TEST(test_many_peers_share_processors),
		MANY_TEST(test_many_through_others_queues),
		MANY_TEST(test_many_peers_through_others_queues),
		MANY_TEST(test_many_finds_an_injected_delay),
		MANY_TEST(test_many_finds_a_delay_of_one_in_four),
		MANY_TEST(test_many_finds_the_unfair_sender),
		MANY_TEST(test_many_ends_at_a_deaf_target),
		MANY_TEST(test_many_stopped_keeps_what_it_has),
	};

	if (!find_processors()) {
		printf("skipped: two processors are needed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
