// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probes of `latency`, one set for each rung of the ladder. Arguments are
 * read by their place. Sends and entries look into no structure of the kernel,
 * so that they need its type information only where the rung itself does.
 */
#include <linux/ptrace.h>

#include "../bpf/call.bpf.h"
#include "../bpf/floor.bpf.h"
#include "../bpf/ko.bpf.h"
#include "../bpf/probe.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

static __always_inline void send_one(__u32 target, __u32 class)
{
	if (armed_at)
		note_send(target, class, bpf_ktime_get_ns(), asked_for());
}

/*
 * ipi_send_cpu(cpu, callsite, callback): a reschedule has no callback. The
 * kernel's own irq_work goes to the CPU that sends it, and is told by that.
 */
static __always_inline void send_cpu(const __u64 *args)
{
	send_one(args[0], args[2] ? TRACE_SINGLE : TRACE_RESCHEDULE);
}

/*
 * The set's address is fetched as data: as an argument the verifier would
 * take it for a typed pointer, which can't be stepped through.
 */
static __always_inline void send_set_of(const __u64 *args)
{
	__u64 bits;

	if (!bpf_probe_read_kernel(&bits, sizeof(bits), args))
		note_send_set(bits);
}

#define SEND_BY_TRACEPOINT(rung) \
	PROBE(send_cpu_##rung, #rung "/ipi_send_cpu", send_cpu(args)) \
	PROBE(send_set_##rung, #rung "/ipi_send_cpumask", send_set_of(args))

SEND_BY_TRACEPOINT(tp_btf)
SEND_BY_TRACEPOINT(raw_tp)

PROBE(send_single_fentry, "fentry/native_send_call_func_single_ipi",
      send_one(args[0], TRACE_SINGLE))
PROBE(send_many_fentry, "fentry/native_send_call_func_ipi", send_set_of(args))
PROBE(send_resched_fentry, "fentry/native_smp_send_reschedule",
      send_one(args[0], TRACE_RESCHEDULE))

#define KPROBE(name, function, statement) \
	SEC("kprobe/" function) int name(struct pt_regs *regs) \
	{ \
		statement; \
		return 0; \
	}

KPROBE(send_single_kprobe, "native_send_call_func_single_ipi",
       send_one(PT_REGS_PARM1(regs), TRACE_SINGLE))
KPROBE(send_many_kprobe, "native_send_call_func_ipi",
       note_send_set(PT_REGS_PARM1(regs)))
KPROBE(send_resched_kprobe, "native_smp_send_reschedule",
       send_one(PT_REGS_PARM1(regs), TRACE_RESCHEDULE))

#define ENTRY(rung, prefix) \
	PROBE(single_entry_##rung, prefix "call_function_single_entry", \
	      note_entry(TRACE_SINGLE)) \
	PROBE(single_exit_##rung, prefix "call_function_single_exit", \
	      note_exit(TRACE_SINGLE)) \
	PROBE(many_entry_##rung, prefix "call_function_entry", \
	      note_entry(TRACE_MANY)) \
	PROBE(many_exit_##rung, prefix "call_function_exit", \
	      note_exit(TRACE_MANY)) \
	PROBE(resched_entry_##rung, prefix "reschedule_entry", \
	      note_entry(TRACE_RESCHEDULE))

ENTRY(tp_btf, "tp_btf/")
ENTRY(raw_tp, "raw_tp/")
ENTRY(tp, "tp/irq_vectors/")

PROBE(no_ipi_tp_btf, "tp_btf/sched_wake_idle_without_ipi", note_no_ipi(args[0]))
PROBE(no_ipi_raw_tp, "raw_tp/sched_wake_idle_without_ipi", note_no_ipi(args[0]))

/* In this order on one tracepoint. */
SEC("raw_tp")
int floor_first(void *args)
{
	if (floor_on)
		floor_first_of(floor_on - 1);
	return 0;
}

SEC("raw_tp")
int floor_second(void *args)
{
	if (floor_on)
		floor_second_of(floor_on - 1);
	return 0;
}

/* Run on a CPU by the tracer, when nothing is counted any more. */
SEC("raw_tp")
int settle_here(void *args)
{
	settle_all();
	return 0;
}

/* ---- function calls ------------------------------------------------------ */

#define CSD(rung, csd) \
	PROBE(csd_queue_##rung, #rung "/csd_queue_cpu", \
	      note_queue(args[0], csd(args + 3))) \
	PROBE(csd_entry_##rung, #rung "/csd_function_entry", \
	      note_function_entry(csd(args + 1))) \
	PROBE(csd_exit_##rung, #rung "/csd_function_exit", \
	      note_function_exit(csd(args + 1)))

/* Typed pointers can't be reckoned with: fetched as data, as above. */
static __always_inline __u64 address_of(const __u64 *arg)
{
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), arg);
	return address;
}

#define PLAIN(arg) (*(arg))
CSD(raw_tp, PLAIN)
CSD(tp_btf, address_of)

/* ---- ipi.ko's messages --------------------------------------------------- */

#define KO(rung) \
	PROBE(ko_post_##rung, #rung "/post", note_post(args)) \
	PROBE(ko_notify_##rung, #rung "/notify", note_notify(args)) \
	PROBE(ko_entry_##rung, #rung "/entry", note_ko_entry(args)) \
	PROBE(ko_dequeue_##rung, #rung "/dequeue", note_dequeue(args)) \
	PROBE(ko_done_##rung, #rung "/done", note_done(args))

KO(raw_tp)
KO(tp_btf)

/* ---- the sender's call --------------------------------------------------- */

/* (cpu, func, info, wait), and (mask, func, info, flags, cond): bit 0 waits. */
#define WAITS(arg) ((arg) & 1)
#define FUNCTION(name, function) \
	PROBE(name##_fentry, "fentry/" function, note_call(WAITS(args[3]))) \
	PROBE(name##_fexit, "fexit/" function, note_return()) \
	KPROBE(name##_kprobe, function, note_call(WAITS(PT_REGS_PARM4(regs)))) \
	SEC("kretprobe/" function) int name##_kretprobe(struct pt_regs *regs) \
	{ \
		note_return(); \
		return 0; \
	}

FUNCTION(call_one, "smp_call_function_single")
FUNCTION(call_many, "smp_call_function_many_cond")
