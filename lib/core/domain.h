/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What core keeps: domains, CPUs, ids and queue nodes.
 *
 * THE NOTIFY WORD, one per CPU, is where senders and the target meet. Work
 * bits say what is pending; state bits say how the target will learn of it.
 * A sender publishes with one fetch_or and decides by the old value; only the
 * target clears, by one exchange. All orders:
 *
 *   A0 post to the mailbox, or id bit (release)  -> A1 take of it (acquire)
 *   B0 notify word fetch_or (release)            -> B1 notify word exchange
 *   C0 node done / counter (release)             -> C1 wait (acquire)
 *   D0 section entered (seq_cst)                 -> D1 grace looks at it,
 *      having changed what the section checks; either the section sees the
 *      change or the grace period sees the section
 *   E0 pass begun, published by the take         -> E1 grace, after its own
 *      read-modify-write of the same leaf
 *   F0 section or pass ended (release)           -> F1 grace (acquire)
 *   G0 id made live (release)                    -> G1 run of it (acquire)
 *   H0 node claimed (exchange)                   -> H1 give-up (compare and
 *      swap): exactly one of the two has it
 *   H2 node filled (release)                     -> H3 give-up looks at it
 *   J0 node's new sequence (release)             -> J1 a reaper reads it
 *   K0 a CPU has left (release)                  -> K1 the domain may go
 *   I0 id freed (release)                        -> I1 next register (acquire)
 *   L0 a CPU has died (release)                  -> L1 a multi-target wait:
 *      the counter may be too great, the nodes tell
 *
 * Some protect what others protect, too; each of them alone would do: the
 * mailbox (A0, A1) and the claim (H2, H0) of a node; G1 where A1 hands on what
 * the sender knew; H3 where the pool is one's own; C0 of a node given up.
 */
#ifndef IPI_CORE_DOMAIN_H
#define IPI_CORE_DOMAIN_H

#include <ipi/env.h>
#include "core/cpuset.h"

#ifndef IPI_IDS
#define IPI_IDS 256
#endif
#define IPI_LEAVES (IPI_IDS / 64)

/* Memory is placed by pages of at least this size. */
#define IPI_PAGE_BYTES 4096u

/* The notify word. */
#define IPI_W_MAIL 0x1u /* the mailbox has something */
#define IPI_W_POLLING 0x2u /* the target serves by itself */
#define IPI_W_ASLEEP 0x4u /* the target sleeps in idle: wake it */
#define IPI_W_HELD 0x8u /* splhigh: the target will look when it ends */
#define IPI_W_ORPHANS 0x10u /* a sender died: see what it left behind */
#define IPI_W_AWAKE 0x20u /* nothing interrupts it: it looks before it sleeps */
#define IPI_W_LEAF(n) (0x100u << (n)) /* leaf n of the id bits */
#define IPI_W_LEAVES (((1u << IPI_LEAVES) - 1) << 8)
#define IPI_W_WORK (IPI_W_MAIL | IPI_W_ORPHANS | IPI_W_LEAVES)
/* The target will look by itself, unless it is asleep. */
#define IPI_W_LOOKS (IPI_W_POLLING | IPI_W_HELD | IPI_W_AWAKE)

_Static_assert(IPI_IDS % 64 == 0 && IPI_LEAVES <= 16,
	       "the id table must fit the notify word");

/* self->look */
#define IPI_LOOK_MAIL 1u /* a pass below may not have taken all its mail */
#define IPI_LOOK_WATCHED 2u /* the link of a node is watched: nobody will tell */

/* node->link, where it is watched. */
#define IPI_LINK_WATCHED 1u
#define IPI_LINK_POSTED 2u

/* node->claim: sequence << 2 | state. */
#define IPI_CLAIM_IDLE 0u
#define IPI_CLAIM_POSTED 1u
#define IPI_CLAIM_TAKEN 2u
#define IPI_CLAIM_GIVEN_UP 3u
#define IPI_CLAIM_STATE 3u
#define IPI_SEQ_MASK 0x3fffffffu

/* node->done: sequence << 1 | a waiter sleeps on it. */
#define IPI_DONE_SLEEPER 1u
/* The same bit in a message's counter. */
#define IPI_COUNTER_SLEEPER 0x80000000u

typedef struct {
	ipi_a32 *v;
} ipi_acounter;

/*
 * A queue node. It belongs to its sender's pool, never to the message, and is
 * free when done holds the sequence it was last posted with. Func and arg are
 * read by one target only, so that the same line may carry its answer.
 */
struct ipi_node {
	ipi_a32 claim;
	ipi_a32 done;
	ipi_a32 seq; /* of the last post; written by the owner */
	ipi_a32 target; /* CPU index */
	ipi_func_t func;
	void *arg;
	ipi_acounter counter; /* NULL: done is the acknowledgement */
	uint32_t handle; /* its own */
	ipi_a32 link; /* a linked queue's: the next handle */
	ipi_a64 next; /* likewise, with the post that it belongs to */
	uint64_t spare;
} __attribute__((aligned(IPI_CACHELINE_BYTES)));
_Static_assert(sizeof(struct ipi_node) == IPI_CACHELINE_BYTES, "one line");

/*
 * What a multi-target message that is acknowledged by `tree` needs of its
 * sender: how many groups of CPUs have still to answer. The counters of the
 * groups are in dom->tree. Free when done holds its sequence.
 */
struct ipi_ack_block {
	ipi_a32 left; /* groups, and 1 until all is posted */
	ipi_a32 done; /* as in a node */
	uint32_t seq;
	bool posting; /* the sender's own: do not look for it among the free */
} __attribute__((aligned(IPI_CACHELINE_BYTES)));

struct ipi_ack_cell {
	ipi_a32 left; /* targets of the group */
} __attribute__((aligned(IPI_CACHELINE_BYTES)));

/* Multi-target messages of one sender that `tree` acknowledges at a time. */
#define IPI_ACK_BLOCKS 4u

/* A message's private part. */
struct ipi_msg_private {
	ipi_a64 live; /* the domain's secret and the address; else not live */
	ipi_a32 counter; /* targets still to answer, of a multi-target send */
	uint32_t count; /* targets sent to */
	uint32_t handle; /* unicast: its node; 0: multi-target */
	uint32_t seq; /* unicast: of that node */
	uint32_t sender;
	uint32_t block; /* of the sender, + 1; 0: none */
	uint32_t block_seq;
	uint32_t pad[3];
};
_Static_assert(sizeof(struct ipi_msg_private) ==
		       sizeof(((ipi_msg_t *)0)->ipi_private),
	       "the private part of a message");

static inline struct ipi_msg_private *ipi_msg_private(const ipi_msg_t *msg)
{
	return (struct ipi_msg_private *)(uintptr_t)msg->ipi_private;
}

enum ipi_id_state { IPI_ID_FREE, IPI_ID_BUSY, IPI_ID_LIVE, IPI_ID_DEAD };

struct ipi_id {
	ipi_a32 state;
	ipi_func_t func; /* written only while BUSY */
	void *arg;
};

enum ipi_cpu_state { IPI_CPU_FREE, IPI_CPU_ATTACHED, IPI_CPU_LEAVING };

struct ipi_cpu {
	/* Constant while attached: senders read it, so nothing busy is near. */
	struct ipi_domain *dom __attribute__((aligned(IPI_APART_BYTES)));
	struct ipi_node *pool;
	struct ipi_ack_block *blocks; /* NULL: the domain needs none */
	uint32_t index;
	uint32_t group; /* of the index's first thread; constant */
	ipi_a32 state; /* enum ipi_cpu_state */

	/* The mailbox line: written by senders. */
	ipi_a32 notify __attribute__((aligned(IPI_APART_BYTES)));
	union { /* as the queue design likes */
		ipi_a32 mail[8];
		ipi_a64 mail_wide[4];
	};
	void *queue; /* the memory it asked for */

	/* Written by senders of triggers. */
	ipi_a64 leaf[IPI_LEAVES] __attribute__((aligned(IPI_APART_BYTES)));

	/* Own: written by this CPU, read by grace periods. */
	ipi_a32 section __attribute__((aligned(IPI_APART_BYTES))); /* odd: in */
	ipi_a32 pass; /* odd: in */
	ipi_a32 depth; /* handler passes on the stack */
	ipi_a32 reaping; /* buries the dead: no handler may wait for them */
	ipi_a32 noted; /* an interrupt came while delivery was held off */
	ipi_a32 way; /* enum ipi_way of the running pass */
	/* What a pass finds beside the notify word: IPI_LOOK_. */
	ipi_a32 look;
	uint32_t base; /* the state bits that the word falls back to */
	uint32_t cursor; /* where the search for a free node begins */
	uint32_t owed_n; /* targets in owed */
	uint32_t orphans; /* IPI_W_ORPHANS: still to be freed */
	uint32_t watched; /* the node of the own memory that is, + 1; 0: none */
	uint32_t taken[5]; /* the queue design's: taken, not yet handed out */
	uint64_t idle_seen; /* handlers run when idle last returned */
	bool local_pending; /* the work bits were first set by this CPU */
	bool told; /* the delivery told of work that is yet to be found */
	uint64_t active[IPI_LEAVES]; /* ids whose handler is on the stack */
	uint64_t deferred[IPI_LEAVES]; /* of these, those to run again */
	struct ipi_cpuset owed; /* targets that the delivery refused for now */
	struct {
#define IPI_COUNTER(name, unit, help) ipi_a64 name;
#include <ipi/counters.def>
#undef IPI_COUNTER
	} count __attribute__((aligned(IPI_APART_BYTES)));
	struct ipi_env_cpu env;
} __attribute__((aligned(IPI_APART_BYTES)));

typedef struct {
	struct ipi_cpu *v;
} ipi_acpu;

/* A stamped message path; see path.h. */
struct ipi_path {
	int (*unicast)(struct ipi_domain *dom, struct ipi_cpu *self,
		       ipi_msg_t *msg, struct ipi_cpu *target, unsigned flags);
	int (*multi)(struct ipi_domain *dom, struct ipi_cpu *self,
		     ipi_msg_t *msg, const struct ipi_cpuset *target,
		     unsigned flags);
	unsigned (*pass)(struct ipi_domain *dom, struct ipi_cpu *self,
			 enum ipi_way way);
	void (*reap)(struct ipi_domain *dom, struct ipi_cpu *dead);
	void (*release)(struct ipi_domain *dom, struct ipi_cpu *dead);
	void (*reset)(struct ipi_domain *dom, struct ipi_cpu *cpu);
	size_t (*bytes)(uint32_t cpus_max, uint32_t depth);
	uint32_t (*lines)(uint32_t depth);
};

struct ipi_domain {
	/* Constant while a CPU is attached. */
	const struct ipi_path *path;
	ipi_acpu *cpus; /* [cpus_max], NULL: never attached */
	struct ipi_node **pools; /* [cpus_max] */
	uint32_t cpus_max;
	uint32_t pool_nodes; /* nodes per sender */
	/* Of these for each target, in the target's memory; 0: in the sender's,
	 * for all of them. */
	uint32_t lines;
	size_t queue_bytes; /* of a CPU's queue memory */
	uint32_t queue, ack, delivery; /* indices in their lists */
	uint32_t groups; /* of CPUs that are near one another */
	struct ipi_ack_cell *tree; /* [groups][tree_stride]; NULL: no tree */
	size_t tree_stride;
	uint32_t word_base; /* state bits of a CPU at rest */
	enum ipi_waiter waiter;
	uint32_t spin_loads;
	uint64_t idle_spin_ns;
	uint64_t secret;
	uint64_t stall_ns;
	struct ipi_env_domain env;

	/* Live sets. */
	struct ipi_cpuset attached __attribute__((aligned(IPI_APART_BYTES)));
	struct ipi_cpuset running;
	ipi_a32 deaths; /* not 0: CPUs have died attached */
	struct ipi_id ids[IPI_IDS];
};

/* Bumped only with delivery held off, so that no interrupt tears it. */
#define ipi_count_add(cpu, name, n)                                            \
	ipi_store_relaxed(&(cpu)->count.name,                                  \
			  ipi_load_relaxed(&(cpu)->count.name) + (n))
#define ipi_count(cpu, name) ipi_count_add((cpu), name, 1)
/* From anywhere on the CPU; and by those who act for a dead one. */
#define ipi_count_any(cpu, name)                                               \
	((void)ipi_fetch_add_relaxed(&(cpu)->count.name, UINT64_C(1)))

enum ipi_ack {
#define IPI_ACK(name, help) IPI_ACK_##name,
#include "core/acks.def"
#undef IPI_ACK
};
#ifdef IPI_SINGLE_ACK
#define IPI_ACK_PASTE_(name) IPI_ACK_##name
#define IPI_ACK_PASTE(name) IPI_ACK_PASTE_(name)
#define ipi_ack_of(dom) IPI_ACK_PASTE(IPI_SINGLE_ACK)
#else
#define ipi_ack_of(dom) ((dom)->ack)
#endif

/* A CPU, its blocks, its nodes and its queue memory lie behind one another. */
static inline size_t ipi_cpu_bytes(const struct ipi_domain *dom)
{
	return sizeof(struct ipi_cpu) +
	       (dom->tree_stride ? IPI_ACK_BLOCKS : 0) *
		       sizeof(struct ipi_ack_block) +
	       dom->pool_nodes * sizeof(struct ipi_node) + dom->queue_bytes;
}

static inline size_t ipi_tree_bytes(const struct ipi_domain *dom)
{
	return dom->groups * dom->tree_stride * sizeof(struct ipi_ack_cell);
}

static inline struct ipi_node *ipi_node_of(struct ipi_domain *dom, uint32_t h)
{
	return dom->pools[h >> 16] + (h & 0xffff) - 1;
}

static inline uint32_t ipi_handle_of(uint32_t cpu, uint32_t node)
{
	return cpu << 16 | (node + 1);
}

/* What a tracer knows a message by, beside its sender: node and sequence. */
static inline uint64_t ipi_number_of(uint32_t h, uint32_t seq)
{
	return (uint64_t)(h & 0xffff) << 32 | seq;
}

static inline uint32_t ipi_sender_of(const struct ipi_domain *dom, uint32_t h)
{
	return dom->lines ? ((h & 0xffff) - 1) / dom->lines : h >> 16;
}

/* NULL: that index was never attached. */
static inline struct ipi_cpu *ipi_cpu_at(struct ipi_domain *dom, uint32_t index)
{
	return ipi_load_acquire(&dom->cpus[index]);
}

/* Node i < pool_nodes of a sender; NULL: its target was never attached. */
static inline struct ipi_node *ipi_own_node(struct ipi_domain *dom,
					    uint32_t sender, uint32_t i)
{
	uint32_t lines = dom->lines;
	struct ipi_cpu *target;

	if (!lines)
		return &dom->pools[sender][i];
	target = ipi_cpu_at(dom, i / lines);
	return target ? &target->pool[sender * lines + i % lines] : NULL;
}

static inline bool ipi_is_running(struct ipi_domain *dom, uint32_t index)
{
	return ipi_load_seq_cst(ipi_cpuset_word(&dom->running, index)) &
	       ipi_cpuset_bit(index);
}

#endif
