/* SPDX-License-Identifier: GPL-2.0-only */
/* What `latency`'s probes and its reader share. */
#ifndef IPI_TRACE_LATENCY_H
#define IPI_TRACE_LATENCY_H

#include <linux/types.h>

#include "../hist.h"
#include "../quarantine.h"

/* One interrupt vector each. */
enum trace_class {
	TRACE_SINGLE, /* call function, one CPU */
	TRACE_MANY, /* call function, a set of CPUs */
	TRACE_RESCHEDULE,
	TRACE_CLASSES
};
/* Reschedules merge too often to be timed: they are counted only. */
#define TRACE_TIMED 2

/*
 * What is on its way to one CPU in one class. The word is empty (0), one send,
 * or more than one ("ambiguous"):
 *
 *   bit 0     something is on the way
 *   bit 1     ambiguous
 *   bit 2     one send: it is not of those asked for; ambiguous: some are not
 *   one send: bits 3..16 the sender, 17..63 its time, modulo 2^47 ns
 *   ambiguous: bits 3..63 how many are of those asked for
 */
#define TRACE_WORD_VALID 1ull
#define TRACE_WORD_AMBIGUOUS 2ull
#define TRACE_WORD_OTHER 4ull
#define TRACE_WORD_SHIFT 3
#define TRACE_WORD_CPU_MASK 0x3fffull
#define TRACE_WORD_TIME_SHIFT 17
#define TRACE_CPUS_MAX 16384

struct trace_slot {
	/* Written by whoever sends to this CPU: the one line that travels. */
	__u64 word;
	__u64 sends; /* of those asked for */
	__u64 other_sends;
	__u64 contended; /* sends that found no way into the word */
	__u64 until; /* end of the quarantine */
	__u64 traced; /* this CPU is a target that was asked for */
	__u64 pad[2];
	/* Written by this CPU alone. */
	__u64 from; /* who sent what the handler runs for that runs now, + 1; */
	__u64 took; /* from its send to its entry, */
	__u64 entered; /* and its entry */
	__u64 entries; /* but for other_entries */
	__u64 paired;
	__u64 ambiguous;
	__u64 unpaired; /* no send was seen */
	__u64 late; /* no send, in quarantine: of an ambiguous one */
	__u64 negative;
	__u64 merged; /* sends beyond the one that an entry answers for */
	__u64 other_entries;
	__u64 map_full; /* paired, but no room for the pair */
	__u64 pad2[4];
};

/* What is known of a CPU, and what is counted for it as a target. */
struct trace_cpu {
	__u32 node;
	__u32 traced; /* as a target */
	__u64 self; /* sent to itself */
	__u64 no_ipi; /* woken from polling idle without an interrupt */
	__u64 pad[5];
};

/* A function call on its way to one target; csd 0: this place is free. */
struct trace_csd {
	__u64 csd;
	__u64 queued_at; /* 0: not filled yet */
	__u32 from;
	__u32 flags; /* the kernel's type, and ours */
	__u64 pad;
};
#define TRACE_CSD_WAYS 4 /* places that one may be in */
#define TRACE_CSD_ASKED 0x100u
/* Whose function has not been seen for so long has run all the same. */
#define TRACE_CSD_LOST_NS 1000000000ull

/* A message of ipi.ko on its way to one target; number 0: a free place. */
struct trace_ko {
	__u64 number, path;
	__u64 posted_at; /* 0: not filled yet */
	__u64 notified_at, dequeued_at;
	__u64 pad[3];
};

/* A call that its sender is in. */
struct trace_call {
	__u64 at, sends;
	__u32 cpu, depth;
	__u64 waits;
};

/* Of one CPU, written there. */
struct trace_here {
	/* The handler that runs now; entered_at 0: none. */
	__u64 entered_at, sent;
	__u64 function_at, left_at; /* the function's entry; its exit */
	__u64 functions; /* so far, in this handler */
	__u64 owners; /* of those, from whom the interrupt may be */
	__u64 queue_took;
	__u64 from;
	/* The message whose interrupt came last; ko_entered_at 0: none. */
	__u64 ko_entered_at, ko_number, ko_path;
	/* Counts; of calls asked for, where there is no "other". */
	__u64 queued, other_queued, irq_works, no_room;
	__u64 entered, other_entered, batched, unpaired, local, no_interrupt;
	__u64 two_owners, lost;
	__u64 ko_posted, ko_done, ko_lost, ko_no_room, ko_unpaired;
	__u64 ko_overtaken, ko_triggers;
	__u64 calls, calls_moved, calls_no_ipi, calls_no_room;
	__u64 sends; /* to others */
};

/* The path's stages, in its order. */
enum trace_stage {
	TRACE_QUEUE,
	TRACE_FLIGHT,
	TRACE_HANDLER, /* whole; where its parts are known, these */
	TRACE_DISPATCH,
	TRACE_FUNCTION,
	TRACE_EXIT,
	TRACE_COMPLETE, /* the whole call, as its sender sees it */
	TRACE_KO_POST,
	TRACE_KO_FLIGHT,
	TRACE_KO_DEQUEUE,
	TRACE_KO_HANDLER,
	TRACE_STAGES
};

#define TRACE_FLOORS 64 /* samples of a floor; a power of two */

/* Send to entry, entry to exit. */
struct trace_times {
	struct trace_hist wire, handler;
};

#define TRACE_PAIR_KEY(from, to, class)                                        \
	((__u64)(class) << 32 | (__u64)(to) << 16 | (from))

#endif
