/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small machine for tests that run the probes as plain code: the kernel's
 * helpers, the maps as arrays, a clock that stands, and which CPU it is.
 */
#ifndef IPI_TRACE_TEST_MACHINE_H
#define IPI_TRACE_TEST_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bpf/call.bpf.h"
#include "bpf/pairing.bpf.h"

#define CPUS 70
#define TARGET 66
#define OTHERS_TGID 7
#define US 1000ull
#define CSD_SHIFT 6

static struct trace_slot slot_list[CPUS * TRACE_CLASSES];
static struct trace_cpu cpu_list[CPUS];
static struct trace_times pair_value, blank_value, node_list[TRACE_TIMED * 2];
static __u64 pair_key, clock_ns;
static bool pair_there, pair_refused;
static struct trace_csd csd_list[CPUS << CSD_SHIFT];
static struct trace_here here_list[CPUS];
static struct trace_hist stage_list[CPUS][TRACE_STAGES];
static struct trace_call call_value;
static __u64 call_key;
static bool call_there;
/* One more array, of a test that has it. */
static void *other_map, *other_list;
static size_t other_size;
static __thread __u32 cpu_now;
static __thread __u32 tgid_now;

void *bpf_map_lookup_elem(void *map, const void *key)
{
	__u32 at = *(const __u32 *)key;

	if (map == &slots)
		return &slot_list[at];
	if (map == &cpus)
		return &cpu_list[at];
	if (map == &blank)
		return &blank_value;
	if (map == &nodes)
		return &node_list[at];
	if (map == &csds)
		return &csd_list[at];
	if (map == other_map)
		return (char *)other_list + at * other_size;
	if (map == &heres)
		return &here_list[cpu_now];
	if (map == &stages)
		return &stage_list[cpu_now][at];
	if (map == &calls)
		return call_there && *(const __u64 *)key == call_key
			       ? &call_value
			       : NULL;
	if (map != &pairs)
		return NULL;
	return pair_there && *(const __u64 *)key == pair_key ? &pair_value
							     : NULL;
}

long bpf_map_update_elem(void *map, const void *key, const void *value,
			 __u64 flags)
{
	if (map == &calls) {
		call_key = *(const __u64 *)key;
		memcpy(&call_value, value, sizeof(call_value));
		call_there = true;
		return 0;
	}
	if (pair_refused || pair_there)
		return -1;
	pair_key = *(const __u64 *)key;
	memcpy(&pair_value, value, sizeof(pair_value));
	pair_there = true;
	return 0;
}

long bpf_map_delete_elem(void *map, const void *key)
{
	call_there = false;
	return 0;
}

__u64 bpf_ktime_get_ns(void)
{
	return clock_ns;
}

__u32 bpf_get_smp_processor_id(void)
{
	return cpu_now;
}

__u64 bpf_get_current_pid_tgid(void)
{
	return (__u64)tgid_now << 32 | 1; /* not the idle thread */
}

long bpf_get_ns_current_pid_tgid(__u64 dev, __u64 ino,
				 struct bpf_pidns_info *info, __u32 size)
{
	return -1;
}

long bpf_probe_read_kernel(void *to, __u32 size, const void *from)
{
	memcpy(to, from, size);
	return 0;
}

long bpf_loop(__u32 n, void *function, void *ctx, __u64 flags)
{
	long (*call)(__u32, void *) = (long (*)(__u32, void *))function;
	__u32 i;

	for (i = 0; i < n; i++)
		if (call(i, ctx))
			return i + 1;
	return n;
}

/* ---- a small machine ----------------------------------------------------- */

static int fresh(void **state)
{
	int i;

	memset(slot_list, 0, sizeof(slot_list));
	memset(cpu_list, 0, sizeof(cpu_list));
	memset(&pair_value, 0, sizeof(pair_value));
	memset(node_list, 0, sizeof(node_list));
	memset(csd_list, 0, sizeof(csd_list));
	memset(here_list, 0, sizeof(here_list));
	memset(stage_list, 0, sizeof(stage_list));
	for (i = 0; i < CPUS; i++)
		cpu_list[i].traced = 1;
	for (i = 0; i < CPUS * TRACE_CLASSES; i++)
		slot_list[i].traced = 1;
	pair_there = pair_refused = call_there = false;
	own_tgid = OTHERS_TGID;
	armed_at = 1;
	clock_ns = 10 * TRACE_QUARANTINE_NS;
	return 0;
}

#endif
