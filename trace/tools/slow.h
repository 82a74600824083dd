/* SPDX-License-Identifier: GPL-2.0-only */
/* What `slow`'s probes and its reader share. */
#ifndef IPI_TRACE_SLOW_H
#define IPI_TRACE_SLOW_H

#include <linux/types.h>

#define SLOW_FRAMES 20
#define SLOW_COMM 16

/* Who runs on a CPU at one moment. */
struct slow_end {
	__u32 pid;
	__s32 stack; /* negative: not known */
	char comm[SLOW_COMM];
};

/*
 * Who sent last to one CPU, or to a set. Only what was written at the very time
 * that the target's word has is believed.
 */
struct slow_note {
	__u64 at; /* 0: being written */
	struct slow_end sender;
};

#define SLOW_SET 0xffffu /* instead of a target */
#define SLOW_NOTE_KEY(from, to, class)                                         \
	((__u64)(class) << 32 | (__u64)(to) << 16 | (from))

struct slow_event {
	__u64 at, took; /* ns */
	__u32 from, to, class;
	__u32 sender_known;
	struct slow_end sender, target;
};

struct slow_counts {
	__u64 judged; /* paired, so that their time is known */
	__u64 over; /* of them over the threshold */
	__u64 dropped; /* of these, events without room in the ring */
	__u64 strangers; /* and those whose sender is not known any more */
	__u64 stacks; /* stacks without room */
};

#endif
