/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls that wait for their answer, as their sender sees them: from the entry
 * of the kernel's function to its return. By thread, for the entry may be on
 * another CPU than the rest; on the idle thread, which all CPUs have, by CPU.
 */
#ifndef IPI_TRACE_CALL_BPF_H
#define IPI_TRACE_CALL_BPF_H

#include "frame.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct trace_call);
} calls SEC(".maps");

static __always_inline __u64 caller(void)
{
	__u32 thread = bpf_get_current_pid_tgid();

	return thread ? thread
		      : 1ull << 32 | bpf_get_smp_processor_id();
}

/* An interrupt of the caller may call, too: only the outer one is timed. */
static __always_inline void note_call(bool waits)
{
	struct trace_here *h = here();
	struct trace_call *c, fresh = {};
	__u64 key = caller();

	if (!armed_at || !h || !asked_for())
		return;
	c = bpf_map_lookup_elem(&calls, &key);
	if (c) {
		c->depth++;
		return;
	}
	fresh.depth = 1;
	fresh.waits = waits;
	fresh.cpu = bpf_get_smp_processor_id();
	fresh.sends = h->sends;
	fresh.at = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&calls, &key, &fresh, BPF_NOEXIST))
		h->calls_no_room++;
}

static __always_inline void note_return(void)
{
	__u64 now = bpf_ktime_get_ns(), key = caller();
	struct trace_call *c = bpf_map_lookup_elem(&calls, &key);
	struct trace_here *h = here();

	if (!c || !h || --c->depth)
		return;
	if (c->waits && armed_at) {
		h->calls++;
		if (c->cpu != bpf_get_smp_processor_id())
			h->calls_moved++;
		else if (c->sends == h->sends)
			h->calls_no_ipi++;
		else
			stage_add(TRACE_COMPLETE, now - c->at);
	}
	bpf_map_delete_elem(&calls, &key);
}

#endif
