// SPDX-License-Identifier: GPL-2.0-only
/* Progress in a pipe, by a clock that the test moves. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "tool/log.h"

static time_t clock_s = 1000;
static char heard[256];

int __wrap_clock_gettime(clockid_t id, struct timespec *now);
int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
	*now = (struct timespec){ .tv_sec = clock_s };
	return 0;
}

/* What is said of it, in heard. */
static void progress(double done, const char *label)
{
	int ends[2], before = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	assert_true(before >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
	log_progress(done, label);
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[1]);
	n = read(ends[0], heard, sizeof(heard) - 1);
	close(ends[0]);
	heard[n > 0 ? n : 0] = '\0';
}

static void a_pipe_hears_of_progress_each_half_minute(void **state)
{
	progress(0, "begun");
	assert_string_equal(heard, "");
	clock_s += 29;
	progress(0.1, "early");
	assert_string_equal(heard, "");
	clock_s += 1;
	progress(0.25, "slots");
	assert_holds(heard, "25 % done: slots\n");
	progress(0.3, "again");
	assert_string_equal(heard, "");
	clock_s += 100;
	progress(0.75, "pair");
	assert_holds(heard, "75 % done: pair\n");
}

static void who_wants_quiet_hears_nothing(void **state)
{
	log_quiet(true);
	clock_s += 60;
	progress(0.9, "lock");
	log_quiet(false);
	assert_string_equal(heard, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_hears_of_progress_each_half_minute),
		cmocka_unit_test(who_wants_quiet_hears_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
