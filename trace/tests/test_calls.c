// SPDX-License-Identifier: GPL-2.0-only
/* Function calls: the probes of --csd as code. */
#include <pthread.h>
#include <sched.h>

#include "machine.h"

#define SYNC 0x10
#define ASYNC 0x00

static struct __call_single_node csd[8];

static int fresh_calls(void **state)
{
	/* The tracer sets them before loading; gcc keeps them writable. */
	*(bool *)&with_csd = true;
	*(__u32 *)&csd_shift = CSD_SHIFT;
	memset(csd, 0, sizeof(csd));
	return fresh(state);
}

static void queue(__u32 from, struct __call_single_node *node, unsigned type)
{
	cpu_now = from;
	/* The lowest bits say that it is locked. */
	node->u_flags = type | 1;
	note_queue(TARGET, (uintptr_t)node);
}

static void send(__u32 from, enum trace_class class)
{
	cpu_now = from;
	note_send(TARGET, class, clock_ns, asked_for());
}

static void run(struct __call_single_node *node)
{
	cpu_now = TARGET;
	note_function_entry((uintptr_t)node);
	clock_ns += US;
	note_function_exit((uintptr_t)node);
}

static void enter(enum trace_class class)
{
	cpu_now = TARGET;
	note_entry(class);
}

static void leave(enum trace_class class)
{
	cpu_now = TARGET;
	note_exit(class);
}

static const struct trace_hist *hist(enum trace_stage stage)
{
	return &stage_list[TARGET][stage];
}

static struct trace_here sum_of_here(void)
{
	struct trace_here sum = { .queued = 0 };
	int cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		sum.queued += here_list[cpu].queued;
		sum.entered += here_list[cpu].entered;
		sum.batched += here_list[cpu].batched;
		sum.lost += here_list[cpu].lost;
		sum.no_room += here_list[cpu].no_room;
		sum.unpaired += here_list[cpu].unpaired;
	}
	return sum;
}

static void calls_hold(void)
{
	struct trace_here sum = sum_of_here();
	__u64 left = 0;
	int i;

	for (i = 0; i < CPUS << CSD_SHIFT; i++)
		left += csd_list[i].csd && csd_list[i].flags & TRACE_CSD_ASKED;
	assert_int_equal(sum.queued, sum.entered + sum.batched + sum.lost +
					     sum.no_room + left);
}

/* ---- one call ------------------------------------------------------------ */

static void test_each_stage_has_its_time(void **state)
{
	queue(3, &csd[0], SYNC);
	clock_ns += 2 * US;
	send(3, TRACE_SINGLE);
	clock_ns += 7 * US;
	enter(TRACE_SINGLE);
	clock_ns += 3 * US;
	run(&csd[0]);
	clock_ns += 4 * US;
	leave(TRACE_SINGLE);
	assert_int_equal(hist(TRACE_QUEUE)->max, 2 * US);
	assert_int_equal(pair_value.wire.max, 7 * US);
	assert_int_equal(hist(TRACE_DISPATCH)->max, 3 * US);
	assert_int_equal(hist(TRACE_FUNCTION)->max, US);
	assert_int_equal(hist(TRACE_EXIT)->max, 4 * US);
	assert_int_equal(hist(TRACE_QUEUE)->n, 1);
	calls_hold();
}

static void test_a_local_run_is_nobodys_call(void **state)
{
	enter(TRACE_SINGLE);
	run(NULL);
	leave(TRACE_SINGLE);
	assert_int_equal(here_list[TARGET].local, 1);
	assert_int_equal(here_list[TARGET].unpaired, 0);
	assert_int_equal(hist(TRACE_DISPATCH)->n, 0);
	assert_int_equal(hist(TRACE_FUNCTION)->n, 0);
}

static void test_without_an_interrupt_only_the_function_is_timed(void **state)
{
	queue(3, &csd[0], SYNC);
	run(&csd[0]);
	assert_int_equal(here_list[TARGET].no_interrupt, 1);
	assert_int_equal(hist(TRACE_FUNCTION)->n, 1);
	assert_int_equal(hist(TRACE_DISPATCH)->n, 0);
	calls_hold();
}

static void test_irq_work_has_no_function(void **state)
{
	queue(3, &csd[0], CSD_TYPE_IRQ_WORK);
	assert_int_equal(here_list[3].irq_works, 1);
	assert_int_equal(here_list[3].queued, 0);
	calls_hold();
}

static void test_wakeups_that_run_together(void **state)
{
	int i;

	for (i = 0; i < 5; i++)
		queue(i, &csd[i], CSD_TYPE_TTWU);
	for (i = 0; i < 4; i++)
		csd[i].llist.next = &csd[i + 1];
	run(&csd[0]);
	assert_int_equal(here_list[TARGET].entered, 1);
	assert_int_equal(here_list[TARGET].batched, 4);
	calls_hold();
}

static void test_others_are_left_out(void **state)
{
	tgid_now = OTHERS_TGID;
	queue(3, &csd[0], SYNC);
	tgid_now = 0;
	enter(TRACE_SINGLE);
	run(&csd[0]);
	leave(TRACE_SINGLE);
	assert_int_equal(here_list[3].other_queued, 1);
	assert_int_equal(here_list[TARGET].other_entered, 1);
	assert_int_equal(here_list[TARGET].entered, 0);
	assert_int_equal(hist(TRACE_DISPATCH)->n, 0);
	assert_int_equal(hist(TRACE_FUNCTION)->n, 0);
	assert_int_equal(hist(TRACE_EXIT)->n, 0);
}

/* ---- several ------------------------------------------------------------- */

static void test_three_to_one_the_interrupt_is_the_first_ones(void **state)
{
	int i;

	queue(3, &csd[0], SYNC);
	clock_ns += US;
	send(3, TRACE_SINGLE);
	for (i = 1; i < 3; i++)
		queue(3 + i, &csd[i], SYNC);
	clock_ns += US;
	enter(TRACE_SINGLE);
	for (i = 0; i < 3; i++)
		run(&csd[i]);
	leave(TRACE_SINGLE);
	assert_int_equal(hist(TRACE_QUEUE)->n, 1);
	assert_int_equal(hist(TRACE_QUEUE)->max, US);
	assert_int_equal(hist(TRACE_DISPATCH)->n, 1);
	assert_int_equal(hist(TRACE_FUNCTION)->n, 3);
	assert_int_equal(hist(TRACE_EXIT)->n, 1);
	calls_hold();
}

static void test_two_broadcasts_at_once_own_no_interrupt(void **state)
{
	queue(3, &csd[0], SYNC);
	queue(4, &csd[1], SYNC);
	send(3, TRACE_MANY);
	send(4, TRACE_MANY);
	enter(TRACE_MANY);
	run(&csd[0]);
	run(&csd[1]);
	leave(TRACE_MANY);
	assert_int_equal(hist(TRACE_QUEUE)->n, 0);
	assert_int_equal(hist(TRACE_FUNCTION)->n, 2);
	assert_int_equal(here_list[TARGET].entered, 2);
	calls_hold();
}

/* An interrupt of the sender calls, too, before the sender itself has sent. */
static void test_two_that_may_be_the_interrupts_are_not_timed(void **state)
{
	queue(3, &csd[0], SYNC);
	clock_ns += US;
	queue(3, &csd[1], SYNC);
	clock_ns += US;
	send(3, TRACE_SINGLE);
	enter(TRACE_SINGLE);
	run(&csd[0]);
	run(&csd[1]);
	leave(TRACE_SINGLE);
	assert_int_equal(hist(TRACE_QUEUE)->n, 0);
	assert_int_equal(here_list[TARGET].two_owners, 1);
}

/* ---- losses -------------------------------------------------------------- */

static void test_a_lost_entry_gives_its_time_to_nobody(void **state)
{
	queue(3, &csd[0], SYNC);
	send(3, TRACE_SINGLE);
	enter(TRACE_SINGLE);
	leave(TRACE_SINGLE);
	clock_ns += 10 * TRACE_QUARANTINE_NS;
	test_each_stage_has_its_time(state);
	assert_int_equal(sum_of_here().lost, 1);
}

/* An asynchronous csd is given back before its function runs. */
static void test_queued_again_before_its_function(void **state)
{
	queue(3, &csd[0], ASYNC);
	send(3, TRACE_SINGLE);
	clock_ns += US;
	enter(TRACE_SINGLE);
	clock_ns += US;
	queue(3, &csd[0], ASYNC);
	run(&csd[0]);
	leave(TRACE_SINGLE);
	send(3, TRACE_SINGLE);
	enter(TRACE_SINGLE);
	run(&csd[0]);
	leave(TRACE_SINGLE);
	assert_int_equal(hist(TRACE_QUEUE)->n, 0);
	assert_int_equal(hist(TRACE_QUEUE)->negative, 0);
	assert_int_equal(sum_of_here().lost, 1);
	assert_int_equal(sum_of_here().unpaired, 1);
	calls_hold();
}

/* Nodes that share their few places: so many more than these. */
static int crowd(struct __call_single_node *list, int n)
{
	const struct trace_csd *first = csd_at(TARGET, (uintptr_t)&list[0], 0);
	int found = 1, i;

	for (i = 1; i < n && found <= TRACE_CSD_WAYS; i++)
		if (csd_at(TARGET, (uintptr_t)&list[i], 0) == first) {
			queue(3, &list[i], SYNC);
			found++;
		}
	return found - 1;
}

static void test_no_room_is_counted_and_lost_ones_make_some(void **state)
{
	static struct __call_single_node list[1000];

	assert_int_equal(crowd(list, 1000), TRACE_CSD_WAYS);
	queue(3, &list[0], SYNC);
	assert_int_equal(here_list[3].no_room, 1);
	calls_hold();
	clock_ns += TRACE_CSD_LOST_NS;
	queue(3, &list[0], SYNC);
	assert_int_equal(here_list[3].no_room, 1);
	assert_int_equal(here_list[3].lost, 1);
	calls_hold();
}

/* Else the next to run would be taken for one of these. */
static void test_lost_ones_leave_room_for_the_next(void **state)
{
	int i;

	for (i = 0; i < 3 * TRACE_CSD_WAYS; i++) {
		queue(3, &csd[0], SYNC);
		clock_ns += US;
	}
	assert_int_equal(here_list[3].no_room, 0);
	clock_ns += 10 * TRACE_QUARANTINE_NS;
	test_each_stage_has_its_time(state);
	assert_int_equal(sum_of_here().lost, 3 * TRACE_CSD_WAYS);
}

static void test_a_call_from_before_is_unpaired(void **state)
{
	run(&csd[0]);
	assert_int_equal(here_list[TARGET].unpaired, 1);
	assert_int_equal(hist(TRACE_FUNCTION)->n, 0);
}

/* ---- at once ------------------------------------------------------------- */

#define SENDERS 3
#define ROUNDS 100000

static struct __call_single_node *on_its_way[SENDERS];
static int senders_done;

/* Queues, waits for its function, queues the same csd again. */
static void *sender(void *arg)
{
	__u32 self = (__u32)(uintptr_t)arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		while (__atomic_load_n(&on_its_way[self], __ATOMIC_ACQUIRE))
			sched_yield();
		queue(self, &csd[self], SYNC);
		__atomic_store_n(&on_its_way[self], &csd[self],
				 __ATOMIC_RELEASE);
	}
	__atomic_add_fetch(&senders_done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void run_all(void)
{
	struct __call_single_node *node;
	int i;

	for (i = 0; i < SENDERS; i++) {
		node = __atomic_load_n(&on_its_way[i], __ATOMIC_ACQUIRE);
		if (!node)
			continue;
		note_function_entry((uintptr_t)node);
		note_function_exit((uintptr_t)node);
		__atomic_store_n(&on_its_way[i], NULL, __ATOMIC_RELEASE);
	}
}

static void test_three_senders_at_once_add_up(void **state)
{
	pthread_t thread[SENDERS];
	struct trace_here sum;
	uintptr_t i;

	for (i = 0; i < SENDERS; i++)
		pthread_create(&thread[i], NULL, sender, (void *)i);
	cpu_now = TARGET;
	while (__atomic_load_n(&senders_done, __ATOMIC_ACQUIRE) < SENDERS) {
		run_all();
		sched_yield();
	}
	for (i = 0; i < SENDERS; i++)
		pthread_join(thread[i], NULL);
	run_all();
	sum = sum_of_here();
	assert_int_equal(sum.queued, SENDERS * ROUNDS);
	assert_int_equal(sum.entered, SENDERS * ROUNDS);
	assert_int_equal(sum.lost + sum.no_room + sum.unpaired, 0);
	calls_hold();
}

#define TEST(name) cmocka_unit_test_setup(test_##name, fresh_calls)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_stage_has_its_time),
		TEST(a_local_run_is_nobodys_call),
		TEST(without_an_interrupt_only_the_function_is_timed),
		TEST(irq_work_has_no_function),
		TEST(wakeups_that_run_together),
		TEST(others_are_left_out),
		TEST(three_to_one_the_interrupt_is_the_first_ones),
		TEST(two_broadcasts_at_once_own_no_interrupt),
		TEST(two_that_may_be_the_interrupts_are_not_timed),
		TEST(a_lost_entry_gives_its_time_to_nobody),
		TEST(queued_again_before_its_function),
		TEST(no_room_is_counted_and_lost_ones_make_some),
		TEST(lost_ones_leave_room_for_the_next),
		TEST(a_call_from_before_is_unpaired),
		TEST(three_senders_at_once_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
