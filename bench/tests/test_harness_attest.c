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
	"  24:          1          0          7   IO-APIC   5-edge  ACPI:Ged\n"
	" NMI:          0          0          0   Non-maskable interrupts\n"
	" RES:         10         20         30   Rescheduling interrupts\n"
	" CAL:        100        200        300   Function call interrupts\n"
	" ERR:          0\n";
static const char zero[] =
	"           CPU0       CPU1\n"
	" CAL:          0          0   Function call interrupts\n"
	" RES:          0          0   Rescheduling interrupts\n";

static int read_text(const char *text, const char *row, const int *cpus,
		     size_t n, double *sum)
{
	char path[] = "/tmp/ipi-attest-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	err = attest_read(path, row, cpus, n, sum);
	unlink(path);
	return err;
}

static void test_attest_reads_by_cpu_name(void **state)
{
	const int cpus[] = { 2, 3 }, first[] = { 0 }, twice[] = { 3, 3 };
	double sum = -1;

	assert_int_equal(read_text(normal, "CAL", cpus, 2, &sum), 0);
	assert_true(sum == 500);
	assert_int_equal(read_text(normal, "RES", first, 1, &sum), 0);
	assert_true(sum == 10);
	/* Two targets on one processor: its count is taken once. */
	assert_int_equal(read_text(normal, "RES", twice, 2, &sum), 0);
	assert_true(sum == 30);
}

static void test_attest_says_what_it_cannot_read(void **state)
{
	const int cpus[] = { 0 }, offline[] = { 1 };
	double sum = -1;

	assert_int_equal(read_text("", "CAL", cpus, 1, &sum), -ENODATA);
	assert_int_equal(read_text(zero, "CAL", cpus, 1, &sum), -ENODATA);
	assert_int_equal(read_text(normal, "PLT", cpus, 1, &sum), -ENOKEY);
	assert_int_equal(read_text(normal, "CAL", offline, 1, &sum), -ENOKEY);
	assert_int_equal(
		attest_read("/nonexistent/interrupts", "CAL", cpus, 1, &sum),
		-ENOENT);
	assert_true(sum == -1);
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
		cmocka_unit_test(test_attest_reads_by_cpu_name),
		cmocka_unit_test(test_attest_says_what_it_cannot_read),
		cmocka_unit_test(test_attest_takes_the_background_off),
		cmocka_unit_test(test_attest_contradicts_both_ways),
		cmocka_unit_test(test_attest_sets_absent_targets_apart),
		cmocka_unit_test(test_attest_surplus_of_disturbed_blocks),
		cmocka_unit_test(test_attest_background_has_a_spread),
		cmocka_unit_test(test_attest_masked_is_unattested),
		cmocka_unit_test(test_attest_library_must_add_up),
		cmocka_unit_test(test_attest_polled_asks_no_interrupt),
		cmocka_unit_test(test_attest_yardsticks_have_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
