/* SPDX-License-Identifier: GPL-2.0-only */
/* Items of several CPUs on the two processors that a test has. */
#ifndef BENCH_TESTS_MANY_H
#define BENCH_TESTS_MANY_H

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"
#include "processors.h"

#define MANY_MAX 8

static int cpus[MANY_MAX], one_target;
static struct bench_results res;

/* The first two processors this process may use, in turn; the last: target. */
static inline bool find_processors(void)
{
	int found[2], i;

	if (!two_processors(found))
		return false;
	for (i = 0; i < MANY_MAX; i++)
		cpus[i] = found[i % 2];
	one_target = found[1];
	return true;
}

static inline struct bench_opts options(const char *driver, uint32_t metrics,
					const char *delivery)
{
	return (struct bench_opts){
		.run = (char *)driver,
		.driver = (char *)driver,
		.ack = (char *)"counter",
		.queue = (char *)"slots",
		.delivery = (char *)delivery,
		.metrics = metrics,
		.inflight = 1,
		.seed = 1,
	};
}

static inline int setup(void **state)
{
	memset(&res, 0, sizeof(res));
	bench_stop = 0;
	return 0;
}

static inline int teardown(void **state)
{
	bench_results_free(&res);
	return 0;
}

/*
 * On a machine with more than twice its processors' work, one of them held by
 * real-time threads perhaps, a target may be deaf without anyone's fault.
 */
static inline void leave_if_starved(const struct bench_record *rec)
{
	double load = 0;

	if (rec->status != STATUS_FAILED || getloadavg(&load, 1) != 1 ||
	    load < 2.0 * (double)sysconf(_SC_NPROCESSORS_ONLN))
		return;
	printf("skipped: load %.1f: %s\n", load, rec->reason);
	fflush(stdout);
	_exit(77);
}

/* Each block's samples lie in its bands; of several CPUs it names none. */
static inline void blocks_hold(const struct bench_record *rec)
{
	size_t i, k;

	assert_true(rec->blocks_n > 0 && rec->bands_n > 0);
	for (i = 0; i < rec->blocks_n; i++) {
		const struct bench_block *b = &rec->blocks[i];
		uint64_t in_bands = 0;

		for (k = 0; k < rec->bands_n; k++)
			in_bands += b->band[k];
		assert_int_equal(in_bands, b->n);
		assert_true(b->mean_ns > 0);
		assert_int_equal(b->source<0, rec->item->sources_n> 1);
		assert_int_equal(b->target<0, rec->item->targets_n> 1);
	}
}

/* Measures the item, and each record of it must be whole. */
static inline void measure(const struct bench_item *it)
{
	size_t i;

	assert_int_equal(bench_measure(it, 1, &res, NULL, NULL), 0);
	assert_true(res.n > 0);
	for (i = 0; i < res.n; i++) {
		const struct bench_record *rec = &res.rec[i];

		leave_if_starved(rec);
		assert_string_equal(rec->reason, "");
		assert_int_equal(rec->status, STATUS_OK);
		assert_true(rec->samples_n > 0);
		blocks_hold(rec);
	}
}

/* The library's own arithmetic, over all CPUs of the domain. */
static inline void adds_up(const struct bench_record *rec)
{
	const struct ipi_counters *n = &rec->att.lib;

	assert_true(rec->att.has_lib && n->asked > 0);
	assert_int_equal(n->asked, n->notified + n->already_pending +
					   n->polled + n->local + n->refused);
	assert_int_equal(n->entries + n->merged, n->notified);
}

static inline uint64_t sum(const uint64_t *n, size_t count)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < count; i++)
		all += n[i];
	return all;
}

#define MANY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
