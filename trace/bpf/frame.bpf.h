/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one CPU knows of itself: the handler that runs there now, its counts of
 * calls, and the histograms of stages that have no pair. Written by this CPU
 * alone; what may interrupt it there is another program, with other members.
 */
#ifndef IPI_TRACE_FRAME_BPF_H
#define IPI_TRACE_FRAME_BPF_H

#include "filter.bpf.h"
#include "../tools/latency.h"

/* Set before loading: what is not asked for costs nothing. */
const volatile bool with_csd, with_call;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_here);
} heres SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TRACE_STAGES);
	__type(key, __u32);
	__type(value, struct trace_hist);
} stages SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_cpu);
} cpus SEC(".maps");

static __always_inline struct trace_cpu *cpu_of(__u32 cpu)
{
	return bpf_map_lookup_elem(&cpus, &cpu);
}

static __always_inline bool is_traced(__u32 cpu)
{
	struct trace_cpu *c = cpu_of(cpu);

	return c && c->traced;
}

static __always_inline struct trace_here *here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&heres, &zero);
}

static __always_inline void stage_add(__u32 stage, __u64 took)
{
	struct trace_hist *h = bpf_map_lookup_elem(&stages, &stage);

	if (h && took >> 63)
		h->negative++;
	else if (h)
		trace_hist_add(h, took);
}

/* A handler of function calls begins; sent: 0, if its send is not known. */
static __always_inline void frame_begin(__u64 sent, __u32 from)
{
	struct trace_here *h = here();

	if (!h)
		return;
	h->functions = h->owners = 0;
	h->left_at = 0;
	h->from = from;
	h->sent = sent;
	h->entered_at = bpf_ktime_get_ns();
}

static __always_inline void frame_end(__u64 now)
{
	struct trace_here *h = here();

	if (!h || !h->entered_at)
		return;
	h->entered_at = 0;
	if (h->left_at)
		stage_add(TRACE_EXIT, now - h->left_at);
	if (h->owners == 1)
		stage_add(TRACE_QUEUE, h->queue_took);
	else if (h->owners)
		h->two_owners++;
}

#endif
