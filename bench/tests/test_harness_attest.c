// SPDX-License-Identifier: GPL-2.0-only
/* Attestation: reading counter files, and every verdict there is. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "attest.h"

/* CPU 1 is offline, so it has no column. */
static const char normal[] =
	"           CPU0       CPU2       CPU3\n"
	" CAL:        100        200        300   Function call interrupts\n";

static void write_text(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
}

/* A row alone; a row and a number; a number that is not there, or is none. */
static void test_attest_adds_what_the_module_counts(void **state)
{
	char folder[] = "/tmp/ipi-attest-XXXXXX", rows[64], path[64];
	const int cpus[] = { 0, 3 };
	double sum = 0;

	assert_non_null(mkdtemp(folder));
	write_text(folder, "rows", normal);
	write_text(folder, "seven", "7\n");
	write_text(folder, "words", "none\n");
	snprintf(rows, sizeof(rows), "%s/rows", folder);
#define READ(counter) attest_read_counter(rows, folder, counter, cpus, 2, &sum)
	assert_int_equal(READ("CAL"), 0);
	assert_true(sum == 400);
	assert_int_equal(READ("CAL+seven"), 0);
	assert_true(sum == 407);
	assert_int_equal(READ("CAL+eight"), -ENOKEY);
	assert_int_equal(READ("CAL+words"), -ENOKEY);
	assert_int_equal(READ("CIL+seven"), -ENOKEY);
	assert_true(sum == 407);
#undef READ
	unlink(rows);
	snprintf(path, sizeof(path), "%s/seven", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/words", folder);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

/* 10 000 asked in a second, with a background of 30 in each tenth of it. */
static struct attest_sum machine(double taken)
{
	struct attest_sum s = { .asked = 10000, .blocks_s = 1 };

	attest_add_quiet(&s, 30, 0.1);
	attest_add_quiet(&s, 30, 0.1);
	s.taken = taken;
	return s;
}

static enum bench_verdict verdict(const struct attest_sum *s,
				  struct bench_attestation *att)
{
	attest_judge(s, "CAL", true, IPI_WAY_NONE, att);
	return att->verdict;
}

static void test_attest_takes_the_background_off(void **state)
{
	struct attest_sum s = machine(10300);
	struct bench_attestation att;

	assert_int_equal(verdict(&s, &att), VERDICT_ATTESTED);
	assert_true(att.background == 300 && att.expected == 10000);
	assert_string_equal(att.counter, "CAL");
}

static void test_attest_contradicts_both_ways(void **state)
{
	struct attest_sum few = machine(310), many = machine(10800);
	struct bench_attestation att;

	few.absent = 9990;
	few.samples = 10000;
	assert_int_equal(verdict(&few, &att), VERDICT_CONTRADICTED);
	assert_non_null(strstr(att.why, "9990 too few"));
	assert_non_null(strstr(att.why, "did not run in 9990 of 10000"));
	assert_int_equal(verdict(&many, &att), VERDICT_CONTRADICTED);
	assert_non_null(strstr(att.why, "500 too many"));
}

/* Who did not run got none: the interrupts of the others are still that. */
static void test_attest_sets_absent_targets_apart(void **state)
{
	struct attest_sum s = machine(9700);
	struct bench_attestation att;

	s.absent = 600;
	s.samples = 10000;
	attest_judge(&s, "CAL", true, IPI_WAY_INTERRUPT, &att);
	assert_int_equal(att.verdict, VERDICT_ATTESTED);
	assert_true(att.expected == 9400);
	assert_non_null(strstr(att.why, "600 of 10000 samples"));
	assert_int_equal(verdict(&s, &att), VERDICT_CONTRADICTED);
	s.taken = 9000;
	attest_judge(&s, "CAL", true, IPI_WAY_INTERRUPT, &att);
	assert_int_equal(att.verdict, VERDICT_CONTRADICTED);
}

/* Senders take signals as they leave the kernel: no interrupts, and why. */
static void test_attest_peers_take_signals_without(void **state)
{
	struct attest_sum few = machine(310);
	struct bench_attestation att;

	few.peers = true;
	assert_int_equal(verdict(&few, &att), VERDICT_CONTRADICTED);
	assert_non_null(strstr(att.why, "9990 too few; who was in a system"));
}

/* Other work's interrupts on top are no proof against ours, too few are. */
static void test_attest_surplus_of_disturbed_blocks(void **state)
{
	struct attest_sum few = machine(310), many = machine(10800);
	struct bench_attestation att;

	few.disturbed = many.disturbed = 3;
	few.blocks = many.blocks = 10;
	assert_int_equal(verdict(&few, &att), VERDICT_CONTRADICTED);
	assert_int_equal(verdict(&many, &att), VERDICT_UNATTESTED);
	assert_non_null(strstr(att.why, "3 of 10 blocks"));
}

/* Windows that differ among themselves say how little they say. */
static void test_attest_background_has_a_spread(void **state)
{
	struct attest_sum calm = { .blocks_s = 1 }, wild = { .blocks_s = 1 };
	double calm_spread, wild_spread;
	int i;

	for (i = 0; i < 10; i++) {
		attest_add_quiet(&calm, 10, 0.1);
		attest_add_quiet(&wild, i % 2 ? 20 : 0, 0.1);
	}
	assert_true(fabs(attest_background(&calm, &calm_spread) - 100) < 1e-6);
	assert_true(fabs(attest_background(&wild, &wild_spread) - 100) < 1e-6);
	assert_true(calm_spread > 29 && calm_spread < 31);
	/* sd 100 per s of one window, ten windows, three of it */
	assert_true(wild_spread > 120 && wild_spread < 130);
}

static void test_attest_masked_is_unattested(void **state)
{
	struct attest_sum s = machine(0);
	struct bench_attestation att;

	s.error = -ENODATA;
	assert_int_equal(verdict(&s, &att), VERDICT_UNATTESTED);
	assert_non_null(strstr(att.why, "masked"));
	s.error = -ENOENT;
	assert_int_equal(verdict(&s, &att), VERDICT_UNATTESTED);
	assert_non_null(strstr(att.why, "does not exist"));
}

static void test_attest_library_must_add_up(void **state)
{
	struct ipi_counters from = { .asked = 5, .notified = 5, .entries = 5 };
	struct ipi_counters good = {
		.asked = 10005, .notified = 10005, .entries = 10000, .merged = 5
	};
	struct ipi_counters lost = good;
	struct attest_sum s = machine(10300), t = s;
	struct bench_attestation att;

	lost.entries = 9999;
	attest_add_lib(&s, &from, &good);
	assert_int_equal(verdict(&s, &att), VERDICT_ATTESTED);
	assert_int_equal(att.lib.asked, 10000);
	attest_add_lib(&t, &from, &lost);
	assert_int_equal(verdict(&t, &att), VERDICT_CONTRADICTED);
	assert_non_null(strstr(att.why, "1 too few"));
}

static void test_attest_polled_asks_no_interrupt(void **state)
{
	struct ipi_counters none = { 0 };
	struct ipi_counters polled = { .asked = 100, .polled = 100 };
	struct attest_sum s = { 0 };
	struct bench_attestation att;

	attest_add_lib(&s, &none, &polled);
	attest_judge(&s, "", true, IPI_WAY_NONE, &att);
	assert_int_equal(att.verdict, VERDICT_ATTESTED);
	assert_non_null(strstr(att.why, "100 of 100 sends polled"));
	polled.polled = 99;
	memset(&s, 0, sizeof(s));
	attest_add_lib(&s, &none, &polled);
	attest_judge(&s, "", true, IPI_WAY_NONE, &att);
	assert_int_equal(att.verdict, VERDICT_CONTRADICTED);
}

/* A store woke the target: attested when the machine took none for it. */
static void test_attest_polling_idle_gets_no_interrupt(void **state)
{
	struct ipi_counters none = { 0 };
	struct ipi_counters all = { .asked = 500,
				    .notified = 500,
				    .entries = 500 };
	struct attest_sum s = { .unsent = 500, .blocks_s = 1 };
	struct bench_attestation att;

	attest_add_lib(&s, &none, &all);
	attest_add_quiet(&s, 0, 1);
	attest_judge(&s, "CAL", true, IPI_WAY_IDLE, &att);
	assert_int_equal(att.verdict, VERDICT_ATTESTED);
	assert_non_null(strstr(att.why, "no interrupt was sent for 500"));
	assert_true(att.unsent == 500);
	s.taken = 500;
	attest_judge(&s, "CAL", true, IPI_WAY_IDLE, &att);
	assert_int_equal(att.verdict, VERDICT_CONTRADICTED);
	/* The few that did get one are a series of their own. */
	s.asked = 500;
	attest_judge(&s, "CAL", true, IPI_WAY_INTERRUPT, &att);
	assert_int_equal(att.verdict, VERDICT_ATTESTED);
	assert_true(att.unsent == 0);
}

/* Two senders in one interrupt: half of them is the least, and no more. */
static void test_attest_senders_may_share_one(void **state)
{
	struct attest_sum s = { .asked = 4000,
				.shared = 2000,
				.taken = 2100,
				.blocks_s = 1 };
	struct bench_attestation att;

	attest_add_quiet(&s, 0, 1);
	assert_int_equal(verdict(&s, &att), VERDICT_ATTESTED);
	assert_non_null(strstr(att.why, "may share one"));
	s.taken = 1500;
	assert_int_equal(verdict(&s, &att), VERDICT_CONTRADICTED);
	s.taken = 4500;
	assert_int_equal(verdict(&s, &att), VERDICT_CONTRADICTED);
}

/* Who was to sleep and did not is no sleeper, whatever the machine counts. */
static void test_attest_sleepers_must_have_slept(void **state)
{
	struct attest_sum s = { .sleeps = true, .messages = 1000 };
	struct bench_attestation att;

	s.slept = 1003;
	assert_int_equal(verdict(&s, &att), VERDICT_ATTESTED);
	assert_non_null(strstr(att.why, "asleep: 1003 times for 1000"));
	s.slept = 980;
	assert_int_equal(verdict(&s, &att), VERDICT_CONTRADICTED);
	assert_non_null(strstr(att.why, "found it awake"));
}

static void test_attest_yardsticks_have_no_verdict(void **state)
{
	struct attest_sum s = { 0 };
	struct bench_attestation att;

	attest_judge(&s, "", false, IPI_WAY_NONE, &att);
	assert_int_equal(att.verdict, VERDICT_NOT_APPLICABLE);
	attest_judge(&s, "", true, IPI_WAY_NONE, &att);
	assert_int_equal(att.verdict, VERDICT_UNATTESTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attest_adds_what_the_module_counts),
		cmocka_unit_test(test_attest_takes_the_background_off),
		cmocka_unit_test(test_attest_contradicts_both_ways),
		cmocka_unit_test(test_attest_sets_absent_targets_apart),
		cmocka_unit_test(test_attest_peers_take_signals_without),
		cmocka_unit_test(test_attest_surplus_of_disturbed_blocks),
		cmocka_unit_test(test_attest_background_has_a_spread),
		cmocka_unit_test(test_attest_masked_is_unattested),
		cmocka_unit_test(test_attest_library_must_add_up),
		cmocka_unit_test(test_attest_polled_asks_no_interrupt),
		cmocka_unit_test(test_attest_polling_idle_gets_no_interrupt),
		cmocka_unit_test(test_attest_senders_may_share_one),
		cmocka_unit_test(test_attest_sleepers_must_have_slept),
		cmocka_unit_test(test_attest_yardsticks_have_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
