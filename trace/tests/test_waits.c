// SPDX-License-Identifier: GPL-2.0-only
/* Senders that wait for their calls: the probes of --call as code. */
#include "machine.h"

static int fresh_waits(void **state)
{
	/* The tracer sets it before loading; gcc keeps it writable. */
	*(bool *)&with_call = true;
	return fresh(state);
}

static void test_a_call_is_timed_from_entry_to_return(void **state)
{
	cpu_now = 3;
	note_call(true);
	note_send(TARGET, TRACE_SINGLE, clock_ns, true);
	clock_ns += 9 * US;
	note_return();
	assert_int_equal(stage_list[3][TRACE_COMPLETE].n, 1);
	assert_int_equal(stage_list[3][TRACE_COMPLETE].max, 9 * US);
	assert_int_equal(here_list[3].calls, 1);
}

static void test_calls_that_waited_for_no_interrupt(void **state)
{
	cpu_now = 3;
	note_call(true);
	note_return();
	assert_int_equal(here_list[3].calls_no_ipi, 1);
	note_call(false);
	note_send(TARGET, TRACE_SINGLE, clock_ns, true);
	note_return();
	assert_int_equal(here_list[3].calls, 1);
	note_call(true);
	cpu_now = 4;
	note_return();
	assert_int_equal(here_list[4].calls_moved, 1);
	assert_int_equal(stage_list[3][TRACE_COMPLETE].n, 0);
	assert_int_equal(stage_list[4][TRACE_COMPLETE].n, 0);
}

static void test_a_call_within_a_call_does_not_end_it(void **state)
{
	cpu_now = 3;
	note_call(true);
	note_send(TARGET, TRACE_SINGLE, clock_ns, true);
	clock_ns += US;
	note_call(false);
	note_return();
	clock_ns += US;
	note_return();
	assert_int_equal(stage_list[3][TRACE_COMPLETE].n, 1);
	assert_int_equal(stage_list[3][TRACE_COMPLETE].max, 2 * US);
	assert_false(call_there);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, fresh_waits)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_call_is_timed_from_entry_to_return),
		TEST(calls_that_waited_for_no_interrupt),
		TEST(a_call_within_a_call_does_not_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
