// SPDX-License-Identifier: GPL-2.0-only
/* What is queued, sent, joined and polled for, to its cause: probes as code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tools/causes.bpf.c"

#define CPUS 4
#define ROWS 16
#define SENDER 0
#define TARGET 2
#define SITE 0x1000
#define OTHER_SITE 0x2000
#define FUNC 0x3000
#define PREP 0x4000

static struct trace_cause key_list[ROWS];
static struct trace_cause_n n_list[ROWS];
static size_t rows, room;
static __u32 target_list[CPUS];
static struct trace_pending pending_list[CPUS][CPUS];
static __u32 cpu_now, flags_now;
static __u64 frame_now;

/* ---- the kernel's helpers ------------------------------------------------ */

static struct trace_cause_n *row_of(const struct trace_cause *key)
{
	size_t i;

	for (i = 0; i < rows; i++)
		if (!memcmp(&key_list[i], key, sizeof(*key)))
			return &n_list[i];
	return NULL;
}

void *bpf_map_lookup_elem(void *map, const void *key)
{
	__u32 at = *(const __u32 *)key;

	if (map == &causes)
		return row_of(key);
	if (at >= CPUS)
		return NULL;
	return map == &targets ? (void *)&target_list[at]
			       : (void *)&pending_list[cpu_now][at];
}

long bpf_map_update_elem(void *map, const void *key, const void *value,
			 __u64 flags)
{
	if (rows == room)
		return -1;
	memcpy(&key_list[rows], key, sizeof(key_list[0]));
	memcpy(&n_list[rows++], value, sizeof(n_list[0]));
	return 0;
}

__u64 bpf_ktime_get_ns(void)
{
	return 1;
}

__u32 bpf_get_smp_processor_id(void)
{
	return cpu_now;
}

__u64 bpf_get_current_pid_tgid(void)
{
	return 5ull << 32;
}

long bpf_get_ns_current_pid_tgid(__u64 dev, __u64 ino,
				 struct bpf_pidns_info *info, __u32 size)
{
	return -1;
}

long bpf_get_current_comm(void *to, __u32 size)
{
	memset(to, 0, size);
	return 0;
}

long bpf_get_stackid(void *ctx, void *map, __u64 flags)
{
	return -1;
}

long bpf_get_stack(void *ctx, void *to, __u32 size, __u64 flags)
{
	memcpy((__u64 *)to + 2, &frame_now, sizeof(frame_now));
	return size;
}

long bpf_probe_read_kernel(void *to, __u32 size, const void *from)
{
	if (size == sizeof(flags_now))
		memcpy(to, &flags_now, size);
	else
		memcpy(to, from, size);
	return 0;
}

long bpf_loop(__u32 n, void *function, void *ctx, __u64 flags)
{
	long (*call)(__u32, void *) = (long (*)(__u32, void *))function;
	__u32 i;

	for (i = 0; i < n && !call(i, ctx); i++)
		;
	return i;
}

/* ---- a small machine ----------------------------------------------------- */

static int fresh(void **state)
{
	size_t i;

	memset(pending_list, 0, sizeof(pending_list));
	memset((void *)&lost, 0, sizeof(lost));
	for (i = 0; i < CPUS; i++)
		target_list[i] = 1;
	rows = 0;
	room = ROWS;
	cpu_now = SENDER;
	flags_now = CAUSE_CALL << TYPE_SHIFT;
	frame_now = 0;
	armed_at = 1;
	*(volatile bool *)&with_queue = true;
	*(volatile __u64 *)&prep_low = PREP;
	*(volatile __u64 *)&prep_high = PREP + 16;
	return 0;
}

static void queue(__u64 site, __u64 func)
{
	queued(NULL, TARGET, site, func, 0x100);
}

static void send(__u64 site)
{
	sent_one(NULL, TARGET, CAUSE_NOT_TOLD, site);
}

static void expect(__u64 func, __u32 kind, struct trace_cause_n n)
{
	size_t i;

	for (i = 0; i < rows; i++)
		if (key_list[i].func == func && key_list[i].kind == kind)
			break;
	assert_true(i < rows);
	assert_int_equal(key_list[i].to, TARGET);
	assert_memory_equal(&n_list[i], &n, sizeof(n));
}

/* ---- tests --------------------------------------------------------------- */

static void test_a_send_is_the_call_that_was_queued(void **state)
{
	queue(SITE, FUNC);
	send(SITE);
	assert_int_equal(rows, 1);
	expect(FUNC, CAUSE_CALL, (struct trace_cause_n){ 1, 1, 0, 0 });
	assert_int_equal(lost.unmatched, 0);
}

static void test_a_call_that_joins_is_not_sent(void **state)
{
	queue(SITE, FUNC);
	send(SITE);
	queue(SITE, FUNC + 1);
	queue(SITE, FUNC + 2);
	expect(FUNC, CAUSE_CALL, (struct trace_cause_n){ 1, 1, 0, 0 });
	expect(FUNC + 1, CAUSE_CALL, (struct trace_cause_n){ 1, 0, 0, 0 });
	expect(FUNC + 2, CAUSE_CALL, (struct trace_cause_n){ 1, 0, 0, 0 });
}

static void test_what_joined_is_not_claimed_by_another_place(void **state)
{
	queue(SITE, FUNC);
	send(OTHER_SITE);
	assert_int_equal(lost.unmatched, 1);
	expect(FUNC, CAUSE_CALL, (struct trace_cause_n){ 1, 0, 0, 0 });
	expect(0, CAUSE_NOT_TOLD, (struct trace_cause_n){ 0, 1, 0, 0 });
}

static void test_a_send_claims_once(void **state)
{
	queue(SITE, FUNC);
	send(SITE);
	send(SITE);
	assert_int_equal(lost.unmatched, 1);
	expect(FUNC, CAUSE_CALL, (struct trace_cause_n){ 1, 1, 0, 0 });
}

static void test_another_cpu_does_not_claim_it(void **state)
{
	queue(SITE, FUNC);
	cpu_now = SENDER + 1;
	send(SITE);
	assert_int_equal(lost.unmatched, 1);
	expect(FUNC, CAUSE_CALL, (struct trace_cause_n){ 1, 0, 0, 0 });
}

static void test_a_set_is_claimed_by_each_target(void **state)
{
	__u64 set = 1 << TARGET | 1 << 3;

	queue(SITE, FUNC);
	queued(NULL, 3, SITE, FUNC + 1, 0x100);
	sent_set(NULL, (__u64)(uintptr_t)&set, SITE);
	assert_int_equal(lost.unmatched, 0);
	expect(FUNC, CAUSE_CALL, (struct trace_cause_n){ 1, 0, 1, 0 });
	assert_int_equal(n_list[1].many, 1);
}

static void test_a_call_to_one_that_polls(void **state)
{
	flags_now = CAUSE_WAKE_UP << TYPE_SHIFT;
	queue(SITE, FUNC);
	frame_now = PREP + 4;
	polled(NULL, TARGET);
	expect(FUNC, CAUSE_WAKE_UP, (struct trace_cause_n){ 1, 0, 0, 1 });
}

static void test_a_reschedule_of_one_that_polls_takes_no_call(void **state)
{
	queue(SITE, FUNC);
	frame_now = PREP - 4;
	polled(NULL, TARGET);
	expect(FUNC, CAUSE_CALL, (struct trace_cause_n){ 1, 0, 0, 0 });
	expect(0, CAUSE_RESCHEDULE, (struct trace_cause_n){ 0, 0, 0, 1 });
}

static void test_what_is_not_counted_is_counted_as_that(void **state)
{
	room = 1;
	queue(SITE, FUNC);
	queue(SITE, FUNC + 1);
	assert_int_equal(lost.map_full, 1);
	cpu_now = TARGET;
	send(SITE);
	assert_int_equal(lost.self, 1);
	cpu_now = SENDER;
	own_tgid = 5;
	send(SITE);
	assert_int_equal(lost.other, 1);
	own_tgid = 0;
	target_list[TARGET] = 0;
	send(SITE);
	assert_int_equal(lost.unmatched, 0);
	assert_int_equal(n_list[0].queued + n_list[0].single, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(test_##name, fresh)
	static const struct CMUnitTest tests[] = {
		TEST(a_send_is_the_call_that_was_queued),
		TEST(a_call_that_joins_is_not_sent),
		TEST(what_joined_is_not_claimed_by_another_place),
		TEST(a_send_claims_once),
		TEST(another_cpu_does_not_claim_it),
		TEST(a_set_is_claimed_by_each_target),
		TEST(a_call_to_one_that_polls),
		TEST(a_reschedule_of_one_that_polls_takes_no_call),
		TEST(what_is_not_counted_is_counted_as_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
