/* SPDX-License-Identifier: GPL-2.0-only */
/* What the probes of `senders` and `wakes` and their readers share. */
#ifndef IPI_TRACE_CAUSES_H
#define IPI_TRACE_CAUSES_H

#include <linux/types.h>

#define CAUSE_FRAMES 16
#define CAUSE_COMM 16

/* The first four are the kernel's types of a queued call, in its order. */
enum cause_kind {
	CAUSE_CALL,
	CAUSE_CALL_WAITS,
	CAUSE_IRQ_WORK,
	CAUSE_WAKE_UP,
	CAUSE_RESCHEDULE,
	CAUSE_NOT_TOLD, /* a call: no more is known */
	CAUSE_KINDS
};

/* Who told whom what. No holes: it is a key. */
struct trace_cause {
	__u64 func; /* 0: not told */
	__u64 callsite; /* as the tracepoint has it; 0: not told */
	__s32 stack; /* negative: not known */
	__u32 pid; /* of the process that ran */
	__u32 kind;
	__u16 from, to;
	char comm[CAUSE_COMM];
};

struct trace_cause_n {
	__u64 queued; /* calls; of them */
	__u64 single, many; /* needed an interrupt, by vector; or reschedules */
	__u64 polled; /* needed none, for the target polls */
};

/* The call that this CPU queued last for one target. */
struct trace_pending {
	struct trace_cause cause;
	__u64 valid;
};

struct trace_lost {
	__u64 map_full; /* events of a cause that found no room */
	__u64 stacks; /* stacks that found none */
	__u64 unmatched; /* sends of calls that nobody was seen to queue */
	__u64 self; /* to the sending CPU itself */
	__u64 other; /* not asked for */
};

#endif
