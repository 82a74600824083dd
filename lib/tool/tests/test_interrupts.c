// SPDX-License-Identifier: GPL-2.0-only
/* Reading the kernel's counters of interrupts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/interrupts.h"

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
	char path[] = "/tmp/ipi-interrupts-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	err = interrupts_read(path, row, cpus, n, sum);
	unlink(path);
	return err;
}

static void test_interrupts_reads_by_cpu_name(void **state)
{
	const int cpus[] = { 2, 3 }, first[] = { 0 }, twice[] = { 3, 3 };
	double sum = -1;

	assert_int_equal(read_text(normal, "CAL", cpus, 2, &sum), 0);
	assert_true(sum == 500);
	assert_int_equal(read_text(normal, "RES", first, 1, &sum), 0);
	assert_true(sum == 10);
	/* All that have a column. */
	assert_int_equal(read_text(normal, "CAL", NULL, 0, &sum), 0);
	assert_true(sum == 600);
	/* Two targets on one processor: its count is taken once. */
	assert_int_equal(read_text(normal, "RES", twice, 2, &sum), 0);
	assert_true(sum == 30);
}

static const char lines[] =
	"           CPU0       CPU1\n"
	"  24:          0          5  ipi  0 Edge      ipi-cpu0\n"
	"  25:          7          1  ipi  1 Edge      ipi-cpu1\n"
	"  26:        100        100  ipi  2 Edge      ipi-cpus\n"
	"  27:        100        100  ipi  3 Edge      ipi-cpu\n"
	"  28:        100        100  ipi  4 Edge      an-ipi-cpu2\n";

static void test_interrupts_reads_rows_of_each_cpu(void **state)
{
	const int both[] = { 0, 1 }, second[] = { 1 };
	double sum = -1;

	assert_int_equal(read_text(lines, "ipi-cpu", both, 2, &sum), 0);
	assert_true(sum == 13);
	assert_int_equal(read_text(lines, "ipi-cpu", second, 1, &sum), 0);
	assert_true(sum == 6);
	assert_int_equal(read_text(lines, "24", second, 1, &sum), 0);
	assert_true(sum == 5);
}

static void test_interrupts_says_what_it_cannot_read(void **state)
{
	const int cpus[] = { 0 }, offline[] = { 1 };
	double sum = -1;

	assert_int_equal(read_text("", "CAL", cpus, 1, &sum), -ENODATA);
	assert_int_equal(read_text(zero, "CAL", cpus, 1, &sum), -ENODATA);
	assert_int_equal(read_text(normal, "PLT", cpus, 1, &sum), -ENOKEY);
	assert_int_equal(read_text(normal, "CAL", offline, 1, &sum), -ENOKEY);
	assert_int_equal(
		interrupts_read("/nonexistent/interrupts", "CAL", cpus, 1, &sum),
		-ENOENT);
	assert_true(sum == -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interrupts_reads_by_cpu_name),
		cmocka_unit_test(test_interrupts_reads_rows_of_each_cpu),
		cmocka_unit_test(test_interrupts_says_what_it_cannot_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
