// SPDX-License-Identifier: GPL-2.0-only
/* Sends and entries that find each other, or must not: the probes as code. */
#include <pthread.h>

#include "machine.h"

static struct trace_slot *at(enum trace_class class)
{
	return &slot_list[TARGET * TRACE_CLASSES + class];
}

static void send_from(__u32 cpu, enum trace_class class)
{
	cpu_now = cpu;
	note_send(TARGET, class, clock_ns, asked_for());
}

static void enter(enum trace_class class)
{
	cpu_now = TARGET;
	note_entry(class);
}

static void handle(enum trace_class class)
{
	enter(class);
	note_exit(class);
}

static void sum_holds(void)
{
	struct trace_slot *s = at(TRACE_SINGLE);
	__u64 left = s->word & TRACE_WORD_AMBIGUOUS
			     ? s->word >> TRACE_WORD_SHIFT
			     : s->word && !(s->word & TRACE_WORD_OTHER);

	assert_int_equal(s->sends, s->entries - s->unpaired + s->merged -
					   s->late + left + s->contended);
}

/* ---- one send ------------------------------------------------------------ */

static void test_one_send_is_timed(void **state)
{
	send_from(3, TRACE_SINGLE);
	clock_ns += 7 * US;
	enter(TRACE_SINGLE);
	clock_ns += 2 * US;
	note_exit(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->paired, 1);
	assert_int_equal(pair_key, TRACE_PAIR_KEY(3, TARGET, TRACE_SINGLE));
	assert_int_equal(pair_value.wire.min, 7 * US);
	assert_int_equal(pair_value.wire.n, 1);
	assert_int_equal(pair_value.handler.max, 2 * US);
	sum_holds();
}

static void test_the_clock_wraps_in_the_word(void **state)
{
	clock_ns = (1ull << 48) - 3 * US;
	send_from(3, TRACE_SINGLE);
	clock_ns += 7 * US;
	handle(TRACE_SINGLE);
	assert_int_equal(pair_value.wire.max, 7 * US);
	assert_int_equal(at(TRACE_SINGLE)->paired, 1);
}

static void test_an_entry_before_its_send_is_negative(void **state)
{
	send_from(3, TRACE_SINGLE);
	clock_ns -= 1;
	handle(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->negative, 1);
	assert_false(pair_there);
	sum_holds();
}

static void test_an_entry_without_a_send(void **state)
{
	handle(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->unpaired, 1);
	sum_holds();
}

static void test_a_handler_whose_exit_is_not_seen(void **state)
{
	send_from(3, TRACE_SINGLE);
	clock_ns += 7 * US;
	enter(TRACE_SINGLE);
	assert_false(pair_there);
	enter(TRACE_SINGLE);
	assert_int_equal(pair_value.wire.n, 1);
	send_from(3, TRACE_SINGLE);
	clock_ns += 5 * US;
	enter(TRACE_SINGLE);
	armed_at = 0;
	note_exit(TRACE_SINGLE);
	assert_int_equal(pair_value.wire.n, 1);
	settle_all();
	assert_int_equal(pair_value.wire.n, 2);
	assert_int_equal(pair_value.wire.min, 5 * US);
	assert_int_equal(pair_value.handler.n, 0);
	assert_int_equal(at(TRACE_SINGLE)->paired, 2);
}

static void test_no_room_for_the_pair_goes_to_the_nodes(void **state)
{
	pair_refused = true;
	send_from(3, TRACE_SINGLE);
	clock_ns += 7 * US;
	enter(TRACE_SINGLE);
	clock_ns += US;
	note_exit(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->map_full, 1);
	assert_int_equal(node_list[0].wire.n, 1);
	assert_int_equal(node_list[0].handler.n, 1);
}

/* ---- more than one ------------------------------------------------------- */

static void test_two_sends_and_one_entry_are_not_timed(void **state)
{
	send_from(3, TRACE_SINGLE);
	send_from(4, TRACE_SINGLE);
	sum_holds();
	handle(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->ambiguous, 1);
	assert_int_equal(at(TRACE_SINGLE)->merged, 1);
	sum_holds();
	/* The second comes after all, and would fit a third send. */
	clock_ns += US;
	send_from(3, TRACE_SINGLE);
	handle(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->ambiguous, 2);
	handle(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->late, 1);
	assert_int_equal(at(TRACE_SINGLE)->unpaired, 0);
	assert_false(pair_there);
	sum_holds();
}

static void test_quarantine_ends(void **state)
{
	test_two_sends_and_one_entry_are_not_timed(state);
	clock_ns += TRACE_QUARANTINE_NS;
	send_from(3, TRACE_SINGLE);
	clock_ns += US;
	handle(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->paired, 1);
	sum_holds();
}

static void test_classes_do_not_mix(void **state)
{
	send_from(3, TRACE_SINGLE);
	send_from(4, TRACE_RESCHEDULE);
	enter(TRACE_RESCHEDULE);
	assert_false(pair_there);
	handle(TRACE_SINGLE);
	assert_int_equal(pair_key, TRACE_PAIR_KEY(3, TARGET, TRACE_SINGLE));
}

static void test_own_sends_are_left_out_but_never_mistaken(void **state)
{
	tgid_now = OTHERS_TGID;
	send_from(3, TRACE_SINGLE);
	handle(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->entries, 0);
	assert_int_equal(at(TRACE_SINGLE)->other_entries, 1);
	send_from(3, TRACE_SINGLE);
	tgid_now = 0;
	send_from(4, TRACE_SINGLE);
	handle(TRACE_SINGLE);
	assert_int_equal(at(TRACE_SINGLE)->ambiguous, 1);
	assert_int_equal(at(TRACE_SINGLE)->merged, 0);
	assert_int_equal(at(TRACE_SINGLE)->sends, 1);
	sum_holds();
}

static void test_a_set_beyond_one_word(void **state)
{
	__u64 bits[2] = { 1ull << 63 | 1ull << 5, 1ull << (TARGET - 64) };
	static const int targets[] = { 5, 63, TARGET };
	int i;

	/* The tracer sets it before loading; gcc keeps it writable. */
	*(__u32 *)&set_words = 2;
	cpu_now = 5;
	note_send_set((__u64)(uintptr_t)bits);
	assert_int_equal(cpu_list[5].self, 1);
	for (i = 1; i < 3; i++)
		assert_int_equal(
			slot_list[targets[i] * TRACE_CLASSES + TRACE_MANY]
				.sends,
			1);
	handle(TRACE_MANY);
	assert_int_equal(pair_key, TRACE_PAIR_KEY(5, TARGET, TRACE_MANY));
}

/* ---- at once ------------------------------------------------------------- */

#define SENDERS 3
#define ROUNDS 15000000

static int senders_done;

static void *sender(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		send_from((__u32)(uintptr_t)arg, TRACE_SINGLE);
	__atomic_add_fetch(&senders_done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void test_three_senders_at_once_add_up(void **state)
{
	pthread_t thread[SENDERS];
	uintptr_t i;

	for (i = 0; i < SENDERS; i++)
		pthread_create(&thread[i], NULL, sender, (void *)i);
	while (__atomic_load_n(&senders_done, __ATOMIC_ACQUIRE) < SENDERS)
		handle(TRACE_SINGLE);
	for (i = 0; i < SENDERS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(at(TRACE_SINGLE)->sends, SENDERS * ROUNDS);
	sum_holds();
}

#define TEST(name) cmocka_unit_test_setup(test_##name, fresh)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(one_send_is_timed),
		TEST(the_clock_wraps_in_the_word),
		TEST(an_entry_before_its_send_is_negative),
		TEST(an_entry_without_a_send),
		TEST(a_handler_whose_exit_is_not_seen),
		TEST(no_room_for_the_pair_goes_to_the_nodes),
		TEST(two_sends_and_one_entry_are_not_timed),
		TEST(quarantine_ends),
		TEST(classes_do_not_mix),
		TEST(own_sends_are_left_out_but_never_mistaken),
		TEST(a_set_beyond_one_word),
		TEST(three_senders_at_once_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
