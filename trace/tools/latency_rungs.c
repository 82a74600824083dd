// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: what its probes may hang on, best first. */
#include "latency_work.h"

const struct stage latency_stages[STAGES] = {
	{ "send",
	  { { "tp_btf",
	      "ipi_send_cpu, ipi_send_cpumask",
	      { "send_cpu_tp_btf", "send_set_tp_btf" } },
	    { "raw_tp",
	      "ipi_send_cpu, ipi_send_cpumask",
	      { "send_cpu_raw_tp", "send_set_raw_tp" } },
	    { "fentry",
	      "native_send_call_func_*, native_smp_send_reschedule",
	      { "send_single_fentry", "send_many_fentry",
		"send_resched_fentry" } },
	    { "kprobe",
	      "native_send_call_func_*, native_smp_send_reschedule",
	      { "send_single_kprobe", "send_many_kprobe",
		"send_resched_kprobe" } } } },
	{ "entry",
/* clang-format off: it takes the stringification for a directive */
#define ENTRY(rung) \
	{ #rung, "call_function*, reschedule", \
	  { "single_entry_" #rung, "single_exit_" #rung, \
	    "many_entry_" #rung, "many_exit_" #rung, \
	    "resched_entry_" #rung } }
/* clang-format on */
	  { ENTRY(tp_btf), ENTRY(raw_tp), ENTRY(tp) } },
	{ "no-ipi",
	  { { "tp_btf", "sched_wake_idle_without_ipi", { "no_ipi_tp_btf" } },
	    { "raw_tp",
	      "sched_wake_idle_without_ipi",
	      { "no_ipi_raw_tp" } } } },
	/* With a plain argument there is less to do than with a typed one. */
	{ "csd",
/* clang-format off: as above */
#define CSD(rung) \
	{ #rung, "csd_queue_cpu, csd_function_entry, csd_function_exit", \
	  { "csd_queue_" #rung, "csd_entry_" #rung, "csd_exit_" #rung } }
/* clang-format on */
	  { CSD(raw_tp), CSD(tp_btf) } },
	{ "call",
	  { { "fexit",
	      "smp_call_function_single, smp_call_function_many_cond",
	      { "call_one_fentry", "call_one_fexit", "call_many_fentry",
		"call_many_fexit" } },
	    { "kretprobe",
	      "smp_call_function_single, smp_call_function_many_cond",
	      { "call_one_kprobe", "call_one_kretprobe", "call_many_kprobe",
		"call_many_kretprobe" } } } },
	{ "ko",
/* clang-format off: as above */
#define KO(rung) \
	{ #rung, "ipi.ko's post, notify, entry, dequeue, done", \
	  { "ko_post_" #rung, "ko_notify_" #rung, "ko_entry_" #rung, \
	    "ko_dequeue_" #rung, "ko_done_" #rung } }
/* clang-format on */
	  { KO(raw_tp), KO(tp_btf) } },
};
