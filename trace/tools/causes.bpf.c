// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probes of `senders` and `wakes`: who told another CPU something, why,
 * and whether that took an interrupt.
 *
 * The send's own tracepoint names the same function for all calls, so a call
 * is remembered when it is queued, and sent (or found to be polled for) by the
 * same CPU a moment later. One that joins others in the queue is never sent.
 */
#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

#include "../bpf/filter.bpf.h"
#include "../bpf/probe.bpf.h"
#include "../bpf/stack.bpf.h"
#include "causes.h"

char LICENSE[] SEC("license") = "GPL";

#define TYPE_SHIFT 4
#define TYPE_MASK 3
#define TYPE_AT 8 /* the flags stand behind the list's pointer */
#define GLUE_FRAMES 8

const volatile bool with_queue; /* what is queued is seen */
/* Where the kernel tells an idle CPU that it was called. */
const volatile __u64 prep_low, prep_high;

volatile struct trace_lost lost;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct trace_cause);
	__type(value, struct trace_cause_n);
} causes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_pending);
} pending SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, CAUSE_FRAMES * sizeof(__u64));
} stacks SEC(".maps");

static __always_inline bool is_target(__u32 cpu)
{
	__u32 *traced = bpf_map_lookup_elem(&targets, &cpu);

	return traced && *traced;
}

/* May this be counted? What may not, is counted as that. */
static __always_inline bool counts(__u32 target)
{
	if (!armed_at || !is_target(target))
		return false;
	if (!asked_for()) {
		__sync_fetch_and_add(&lost.other, 1);
		return false;
	}
	if (target == bpf_get_smp_processor_id()) {
		__sync_fetch_and_add(&lost.self, 1);
		return false;
	}
	return true;
}

static __always_inline void describe(void *ctx, struct trace_cause *c,
				     __u32 kind, __u64 callsite)
{
	c->func = 0;
	c->callsite = callsite;
	c->kind = kind;
	c->pid = bpf_get_current_pid_tgid() >> 32;
	c->from = bpf_get_smp_processor_id();
	bpf_get_current_comm(c->comm, sizeof(c->comm));
	c->stack = stack_of(ctx, &stacks);
	if (c->stack < 0)
		__sync_fetch_and_add(&lost.stacks, 1);
}

static __always_inline struct trace_cause_n *
count_of(const struct trace_cause *c)
{
	struct trace_cause_n *n = bpf_map_lookup_elem(&causes, c), zero = {};

	if (n)
		return n;
	bpf_map_update_elem(&causes, c, &zero, BPF_NOEXIST);
	n = bpf_map_lookup_elem(&causes, c);
	if (!n)
		__sync_fetch_and_add(&lost.map_full, 1);
	return n;
}

/* ---- queued -------------------------------------------------------------- */

static __always_inline void queued(void *ctx, __u32 target, __u64 callsite,
				   __u64 func, __u64 csd)
{
	struct trace_pending *p = bpf_map_lookup_elem(&pending, &target);
	struct trace_cause_n *n;
	__u32 flags = 0;

	if (!p)
		return;
	p->valid = 0;
	if (!counts(target))
		return;
	bpf_probe_read_kernel(&flags, sizeof(flags),
			      (const void *)(csd + TYPE_AT));
	describe(ctx, &p->cause, flags >> TYPE_SHIFT & TYPE_MASK, callsite);
	p->cause.func = func;
	p->cause.to = target;
	n = count_of(&p->cause);
	if (!n)
		return;
	__sync_fetch_and_add(&n->queued, 1);
	p->valid = 1;
}

/* ---- sent ---------------------------------------------------------------- */

/* What was queued from the place that now sends: both are one function. */
static __always_inline struct trace_cause_n *claim(__u32 target, __u64 callsite)
{
	struct trace_pending *p = bpf_map_lookup_elem(&pending, &target);

	if (!p || !p->valid || (callsite && p->cause.callsite != callsite))
		return NULL;
	p->valid = 0;
	return bpf_map_lookup_elem(&causes, &p->cause);
}

static __always_inline struct trace_cause_n *
claim_send(__u32 target, __u32 kind, __u64 callsite)
{
	struct trace_cause_n *n;

	if (kind == CAUSE_RESCHEDULE || !with_queue)
		return NULL;
	n = claim(target, callsite);
	if (!n)
		__sync_fetch_and_add(&lost.unmatched, 1);
	return n;
}

/* What is claimed was described when it was queued: a stack is dear. */
static __always_inline void sent_one(void *ctx, __u32 target, __u32 kind,
				     __u64 callsite)
{
	struct trace_cause c = {};
	struct trace_cause_n *n;

	if (!counts(target))
		return;
	n = claim_send(target, kind, callsite);
	if (!n) {
		describe(ctx, &c, kind, callsite);
		c.to = target;
		n = count_of(&c);
	}
	if (n)
		__sync_fetch_and_add(&n->single, 1);
}

struct set_args {
	struct trace_cause cause;
};

static __always_inline void set_member(__u32 target, struct set_args *args)
{
	struct trace_cause_n *n;

	if (!counts(target))
		return;
	n = claim_send(target, args->cause.kind, args->cause.callsite);
	if (!n) {
		args->cause.to = target;
		n = count_of(&args->cause);
	}
	if (n)
		__sync_fetch_and_add(&n->many, 1);
}

#include "../bpf/set.bpf.h"

static __always_inline void sent_set(void *ctx, __u64 bits, __u64 callsite)
{
	struct send_set set = { .bits = bits };

	if (!armed_at)
		return;
	describe(ctx, &set.args.cause, CAUSE_NOT_TOLD, callsite);
	set_walk(&set);
}

/* ---- not sent, for the target polls -------------------------------------- */

static __always_inline bool was_called(void *ctx)
{
	__u64 frame[GLUE_FRAMES] = {};
	int i;

	bpf_get_stack(ctx, frame, sizeof(frame), 0);
	for (i = 0; i < GLUE_FRAMES; i++)
		if (frame[i] >= prep_low && frame[i] < prep_high)
			return true;
	return false;
}

static __always_inline void polled(void *ctx, __u32 target)
{
	struct trace_cause c = {};
	struct trace_cause_n *n = NULL;
	bool called;

	if (!counts(target))
		return;
	called = was_called(ctx);
	if (called && with_queue)
		n = claim(target, 0);
	if (!n) {
		describe(ctx, &c, called ? CAUSE_NOT_TOLD : CAUSE_RESCHEDULE,
			 0);
		c.to = target;
		n = count_of(&c);
	}
	if (n)
		__sync_fetch_and_add(&n->polled, 1);
}

/* ---- the rungs ----------------------------------------------------------- */

/* As data: a typed pointer can't be stepped through, or is refused. */
static __always_inline __u64 argument(const __u64 *args, int i)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), args + i);
	return value;
}

/* ipi_send_cpu(cpu, callsite, callback): a reschedule has no callback. */
static __always_inline void sent_cpu(__u64 *args)
{
	sent_one(args, args[0],
		 argument(args, 2) ? CAUSE_NOT_TOLD : CAUSE_RESCHEDULE,
		 argument(args, 1));
}

#define BY_TRACEPOINT(rung) \
	PROBE(sent_cpu_##rung, #rung "/ipi_send_cpu", sent_cpu(args)) \
	PROBE(sent_set_##rung, #rung "/ipi_send_cpumask", \
	      sent_set(args, argument(args, 0), argument(args, 1))) \
	PROBE(queued_##rung, #rung "/csd_queue_cpu", \
	      queued(args, args[0], argument(args, 1), argument(args, 2), \
		     argument(args, 3))) \
	PROBE(polled_##rung, #rung "/sched_wake_idle_without_ipi", \
	      polled(args, args[0]))

BY_TRACEPOINT(tp_btf)
BY_TRACEPOINT(raw_tp)

PROBE(sent_single_fentry, "fentry/native_send_call_func_single_ipi",
      sent_one(args, args[0], CAUSE_NOT_TOLD, 0))
PROBE(sent_many_fentry, "fentry/native_send_call_func_ipi",
      sent_set(args, argument(args, 0), 0))
PROBE(sent_resched_fentry, "fentry/native_smp_send_reschedule",
      sent_one(args, args[0], CAUSE_RESCHEDULE, 0))

#define KPROBE(name, function, statement) \
	SEC("kprobe/" function) int name(struct pt_regs *regs) \
	{ \
		statement; \
		return 0; \
	}

KPROBE(sent_single_kprobe, "native_send_call_func_single_ipi",
       sent_one(regs, PT_REGS_PARM1(regs), CAUSE_NOT_TOLD, 0))
KPROBE(sent_many_kprobe, "native_send_call_func_ipi",
       sent_set(regs, PT_REGS_PARM1(regs), 0))
KPROBE(sent_resched_kprobe, "native_smp_send_reschedule",
       sent_one(regs, PT_REGS_PARM1(regs), CAUSE_RESCHEDULE, 0))
