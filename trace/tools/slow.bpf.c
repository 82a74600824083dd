// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probes of `slow`: interrupts are paired as `latency` does, and of those
 * that took long an event goes to the reader, which looks by itself: to wake
 * it would take an interrupt.
 */
#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

#include "slow.h"

/* In pairing.bpf.h, for each entry whose one send is known. */
#define TRACE_PAIRED judge
struct trace_slot;
static inline __attribute__((always_inline)) void
judge(struct trace_slot *s, __u64 now, __u32 to, __u32 class);

#include "../bpf/pairing.bpf.h"
#include "../bpf/probe.bpf.h"
#include "../bpf/stack.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile __u64 threshold_ns = 100000;
const volatile bool sender_stack, target_stack;

volatile struct slow_counts counts;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct slow_note);
} notes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, SLOW_FRAMES * sizeof(__u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/* What this CPU's entry has found to be slow, from there to its event. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slow_event);
} found SEC(".maps");

/* ---- the sender ---------------------------------------------------------- */

static __always_inline void who(void *ctx, struct slow_end *end, bool stack)
{
	end->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(end->comm, sizeof(end->comm));
	end->stack = -1;
	if (!stack)
		return;
	end->stack = stack_of(ctx, &stacks);
	if (end->stack < 0)
		__sync_fetch_and_add(&counts.stacks, 1);
}

static __always_inline struct slow_note *note_at(__u64 key)
{
	struct slow_note *n = bpf_map_lookup_elem(&notes, &key), fresh = {};

	if (n)
		return n;
	bpf_map_update_elem(&notes, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&notes, &key);
}

/* The clock is read last, so that none of this is in the time. */
static __always_inline __u64 note_sender(void *ctx, __u32 to, __u32 class)
{
	__u32 self = bpf_get_smp_processor_id();
	struct slow_note *n = note_at(SLOW_NOTE_KEY(self, to, class));
	__u64 now;

	if (!n)
		return bpf_ktime_get_ns();
	*(volatile __u64 *)&n->at = 0;
	who(ctx, &n->sender, sender_stack);
	now = bpf_ktime_get_ns();
	*(volatile __u64 *)&n->at = now;
	return now;
}

static __always_inline void send_one(void *ctx, __u32 target, __u32 class)
{
	bool asked;
	__u64 now;

	if (!armed_at)
		return;
	asked = asked_for();
	now = asked ? note_sender(ctx, target, class) : bpf_ktime_get_ns();
	note_send(target, class, now, asked);
}

static __always_inline void send_set(void *ctx, __u64 bits)
{
	if (armed_at)
		note_send_set_at(bits, note_sender(ctx, SLOW_SET, TRACE_MANY));
}

/* ---- the target ---------------------------------------------------------- */

static __always_inline void recall(struct slow_event *e)
{
	__u64 key = SLOW_NOTE_KEY(
		e->from, e->class == TRACE_MANY ? SLOW_SET : e->to, e->class);
	struct slow_note *n = bpf_map_lookup_elem(&notes, &key);

	e->sender_known = 0;
	if (!n || *(volatile __u64 *)&n->at != e->at)
		return;
	e->sender = n->sender;
	e->sender_known = *(volatile __u64 *)&n->at == e->at;
}

/* Nothing is left for the exit, which is not looked at. */
static __always_inline void judge(struct trace_slot *s, __u64 now, __u32 to,
				  __u32 class)
{
	__u32 from = s->from - 1, zero = 0;
	__u64 took = s->took;
	struct slow_event *e;

	s->from = 0;
	__sync_fetch_and_add(&counts.judged, 1);
	e = bpf_map_lookup_elem(&found, &zero);
	if (took <= threshold_ns || !e)
		return;
	__sync_fetch_and_add(&counts.over, 1);
	e->at = now - took;
	e->from = from;
	e->to = to;
	e->class = class;
	e->took = took;
	recall(e);
	if (!e->sender_known)
		__sync_fetch_and_add(&counts.strangers, 1);
}

static __always_inline void enter(void *ctx, __u32 class)
{
	struct slow_event *e;
	__u32 zero = 0;

	note_entry(class);
	e = bpf_map_lookup_elem(&found, &zero);
	if (!e || !e->took)
		return;
	who(ctx, &e->target, target_stack);
	if (bpf_ringbuf_output(&events, e, sizeof(*e), BPF_RB_NO_WAKEUP))
		__sync_fetch_and_add(&counts.dropped, 1);
	e->took = 0;
}

/* ---- the rungs ----------------------------------------------------------- */

/* As data: a typed pointer can't be stepped through. */
static __always_inline void send_set_of(__u64 *args)
{
	__u64 bits;

	if (!bpf_probe_read_kernel(&bits, sizeof(bits), args))
		send_set(args, bits);
}

/* Reschedules, which have no callback, merge too often to be timed. */
#define SEND_BY_TRACEPOINT(rung) \
	PROBE(slow_cpu_##rung, #rung "/ipi_send_cpu", \
	      if (args[2]) send_one(args, args[0], TRACE_SINGLE)) \
	PROBE(slow_set_##rung, #rung "/ipi_send_cpumask", send_set_of(args))

SEND_BY_TRACEPOINT(tp_btf)
SEND_BY_TRACEPOINT(raw_tp)

PROBE(slow_single_fentry, "fentry/native_send_call_func_single_ipi",
      send_one(args, args[0], TRACE_SINGLE))
PROBE(slow_many_fentry, "fentry/native_send_call_func_ipi", send_set_of(args))

#define KPROBE(name, function, statement) \
	SEC("kprobe/" function) int name(struct pt_regs *regs) \
	{ \
		statement; \
		return 0; \
	}

KPROBE(slow_single_kprobe, "native_send_call_func_single_ipi",
       send_one(regs, PT_REGS_PARM1(regs), TRACE_SINGLE))
KPROBE(slow_many_kprobe, "native_send_call_func_ipi",
       send_set(regs, PT_REGS_PARM1(regs)))

#define ENTRY(rung, prefix) \
	PROBE(slow_enter_single_##rung, prefix "call_function_single_entry", \
	      enter(args, TRACE_SINGLE)) \
	PROBE(slow_enter_many_##rung, prefix "call_function_entry", \
	      enter(args, TRACE_MANY))

ENTRY(tp_btf, "tp_btf/")
ENTRY(raw_tp, "raw_tp/")
ENTRY(tp, "tp/irq_vectors/")
