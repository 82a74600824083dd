// SPDX-License-Identifier: GPL-2.0-only
/* Messages of ipi.ko: the probes of --ko as code. */
#include "machine.h"
#include "bpf/ko.bpf.h"

#define NUMBER (7ull << 32 | 1)
#define SOURCE 3

static struct trace_ko ko_list[CPUS << CSD_SHIFT];

static int fresh_messages(void **state)
{
	/* The tracer sets it before loading; gcc keeps it writable. */
	*(__u32 *)&ko_shift = CSD_SHIFT;
	other_map = &kos;
	other_list = ko_list;
	other_size = sizeof(ko_list[0]);
	memset(ko_list, 0, sizeof(ko_list));
	return fresh(state);
}

/* An event, on its CPU, as the module says it. */
static void event(void (*note)(const __u64 *), __u32 cpu, __u64 number,
		  __u32 source)
{
	const __u64 args[5] = { number, source, TARGET, 0x1000, 0x2000 };

	cpu_now = cpu;
	note(args);
}

/* Plain functions, for the probes' own are always inlined. */
#define PLAIN(name)                                                            \
	static void name(const __u64 *args)                                    \
	{                                                                      \
		note_##name(args);                                             \
	}
PLAIN(post)
PLAIN(notify)
PLAIN(ko_entry)
PLAIN(dequeue)
PLAIN(done)

static const struct trace_hist *hist(__u32 cpu, enum trace_stage stage)
{
	return &stage_list[cpu][stage];
}

static void messages_hold(void)
{
	const struct trace_here *from = &here_list[SOURCE];
	const struct trace_here *to = &here_list[TARGET];
	__u64 left = 0;
	int i;

	for (i = 0; i < CPUS << CSD_SHIFT; i++)
		left += ko_list[i].number != 0;
	assert_int_equal(from->ko_posted,
			 to->ko_done + from->ko_lost + from->ko_no_room + left);
}

static void send(__u64 number)
{
	event(post, SOURCE, number, SOURCE);
	clock_ns += 2 * US;
	event(notify, SOURCE, number, SOURCE);
}

static void take(__u64 number)
{
	event(dequeue, TARGET, number, SOURCE);
	clock_ns += 4 * US;
	event(done, TARGET, number, SOURCE);
}

static void test_each_stage_has_its_time(void **state)
{
	send(NUMBER);
	clock_ns += 7 * US;
	event(ko_entry, TARGET, NUMBER, SOURCE);
	clock_ns += 3 * US;
	take(NUMBER);
	assert_int_equal(hist(SOURCE, TRACE_KO_POST)->max, 2 * US);
	assert_int_equal(hist(TARGET, TRACE_KO_FLIGHT)->max, 7 * US);
	assert_int_equal(hist(TARGET, TRACE_KO_DEQUEUE)->max, 3 * US);
	assert_int_equal(hist(TARGET, TRACE_KO_HANDLER)->max, 4 * US);
	assert_int_equal(here_list[TARGET].ko_done, 1);
	messages_hold();
}

static void test_those_that_join_have_no_interrupt(void **state)
{
	send(NUMBER);
	event(post, SOURCE, NUMBER + 1, SOURCE);
	event(ko_entry, TARGET, NUMBER, SOURCE);
	take(NUMBER + 1);
	take(NUMBER);
	assert_int_equal(hist(TARGET, TRACE_KO_FLIGHT)->n, 1);
	assert_int_equal(hist(TARGET, TRACE_KO_DEQUEUE)->n, 1);
	assert_int_equal(hist(TARGET, TRACE_KO_DEQUEUE)->max, 4 * US);
	assert_int_equal(hist(TARGET, TRACE_KO_HANDLER)->n, 2);
	messages_hold();
}

static void test_an_interrupt_quicker_than_its_notify(void **state)
{
	event(post, SOURCE, NUMBER, SOURCE);
	event(ko_entry, TARGET, NUMBER, SOURCE);
	take(NUMBER);
	event(notify, SOURCE, NUMBER, SOURCE);
	assert_int_equal(here_list[TARGET].ko_overtaken, 1);
	assert_int_equal(hist(TARGET, TRACE_KO_FLIGHT)->n, 0);
	assert_int_equal(hist(SOURCE, TRACE_KO_POST)->n, 0);
	messages_hold();
}

static void test_a_target_that_polls_is_quicker_than_the_post(void **state)
{
	take(NUMBER);
	event(post, SOURCE, NUMBER, SOURCE);
	assert_int_equal(here_list[TARGET].ko_unpaired, 1);
	assert_int_equal(hist(TARGET, TRACE_KO_HANDLER)->n, 0);
	messages_hold();
}

static const struct trace_ko *places(__u32 source)
{
	const __u64 args[5] = { NUMBER, source, TARGET, 0x1000, 0x2000 };
	struct ko_event e = ko_event_of(args);

	return ko_at(&e, 0);
}

static void test_one_number_of_two_sources(void **state)
{
	__u32 other = SOURCE + 1;

	while (places(other) != places(SOURCE))
		other++;
	event(post, SOURCE, NUMBER, SOURCE);
	clock_ns += 5 * US;
	event(post, SOURCE, NUMBER, other);
	clock_ns += US;
	event(notify, SOURCE, NUMBER, other);
	assert_int_equal(hist(SOURCE, TRACE_KO_POST)->max, US);
	event(dequeue, TARGET, NUMBER, other);
	event(done, TARGET, NUMBER, other);
	assert_int_equal(here_list[TARGET].ko_done, 1);
	take(NUMBER);
	assert_int_equal(here_list[TARGET].ko_done, 2);
	assert_int_equal(here_list[TARGET].ko_unpaired, 0);
	messages_hold();
}

static void test_triggers_are_counted_only(void **state)
{
	send(5);
	event(ko_entry, TARGET, 5, SOURCE);
	take(5);
	assert_int_equal(here_list[SOURCE].ko_triggers, 1);
	assert_int_equal(here_list[SOURCE].ko_posted, 0);
	assert_int_equal(hist(TARGET, TRACE_KO_HANDLER)->n, 0);
}

static void test_no_room_is_counted(void **state)
{
	int i;

	for (i = 0; i < 2 << CSD_SHIFT; i++)
		event(post, SOURCE, NUMBER + i, SOURCE);
	assert_true(here_list[SOURCE].ko_no_room >= 1 << CSD_SHIFT);
	messages_hold();
	clock_ns += TRACE_CSD_LOST_NS;
	event(post, SOURCE, NUMBER, SOURCE);
	assert_int_equal(here_list[SOURCE].ko_lost, 1);
	messages_hold();
}

#define TEST(name) cmocka_unit_test_setup(test_##name, fresh_messages)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_stage_has_its_time),
		TEST(those_that_join_have_no_interrupt),
		TEST(an_interrupt_quicker_than_its_notify),
		TEST(a_target_that_polls_is_quicker_than_the_post),
		TEST(one_number_of_two_sources),
		TEST(triggers_are_counted_only),
		TEST(no_room_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
