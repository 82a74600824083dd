/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What core's files share: sections, frames, waiting, publishing, grace.
 *
 * SECTION: from a send's first store into somebody's mailbox or pending word
 * until its notify returned. Delivery is held off meanwhile: the sender that
 * saw the target idle is the only one who will notify, so no handler of its
 * own may run, and wait, in between. Sections never nest and never wait.
 *
 * FRAME: a stretch in which handlers run on this CPU. Frames nest when a
 * handler waits; the pass word is odd from the first to the last. Whoever opens
 * one does so between ipi_env_pass_begin() and ipi_env_pass_end(), and serves
 * before the latter what was noted meanwhile.
 */
#ifndef IPI_CORE_INTERNAL_H
#define IPI_CORE_INTERNAL_H

#include "core/check.h"
#include "core/domain.h"

/* What a mailbox says to a post. */
enum ipi_post {
	IPI_POST_OK,
	IPI_POST_BEHIND, /* whoever posted before has told the target, or will */
	IPI_POST_SEEN, /* the target watches for it: it need not be told */
	IPI_POST_FULL,
	IPI_POST_DROPPED, /* complete without having been run */
};

/* What a wait is for, should it have to be reported. */
struct ipi_about {
	const char *what;
	uint32_t target; /* UINT32_MAX: not one CPU */
	ipi_func_t func;
	struct ipi_msg_private
		*msg; /* a target that owes its answer; or NULL */
};

/* Runs what is pending here; the handlers run. Not inside a section. */
unsigned ipi_serve(struct ipi_domain *dom, struct ipi_cpu *self,
		   enum ipi_way way);
/* Serves what came while delivery was held off. */
void ipi_unhold(struct ipi_domain *dom, struct ipi_cpu *self);
/* The delivery interrupted self. */
void ipi_interrupt(struct ipi_domain *dom, struct ipi_cpu *self);

/*
 * One step of waiting until *word is no longer seen: serves, or spins, or
 * sleeps a little. -ETIMEDOUT or 0: look again. self NULL: no CPU.
 */
int ipi_wait_step(struct ipi_domain *dom, struct ipi_cpu *self,
		  struct ipi_env_wait *w, ipi_a32 *word, uint32_t seen,
		  bool sleeper, const struct ipi_about *about);
/* Waits without end while *word == seen. */
void ipi_wait_change(struct ipi_domain *dom, struct ipi_cpu *self,
		     ipi_a32 *word, uint32_t seen,
		     const struct ipi_about *about);
/*
 * Waits until any of the own nodes from first to first + n is free: a certain
 * one may be with a target that waits for this very CPU.
 */
void ipi_wait_node(struct ipi_domain *dom, struct ipi_cpu *self, uint32_t first,
		   uint32_t n, const struct ipi_about *about);
/* Asks the delivery again where it had no room. In a section. */
void ipi_notify(struct ipi_domain *dom, struct ipi_cpu *self,
		struct ipi_cpu *target);
/* Gives a whole set to the delivery, and empties it. In a section. */
void ipi_notify_set(struct ipi_domain *dom, struct ipi_cpu *self,
		    struct ipi_cpuset *set);
void ipi_settle_owed(struct ipi_domain *dom, struct ipi_cpu *self);

/* Waits until every section begun before has ended. */
void ipi_grace_sections(struct ipi_domain *dom, struct ipi_cpu *self);
/* Waits until every CPU is outside a pass or has ended the one it was in. */
void ipi_grace_passes(struct ipi_domain *dom, struct ipi_cpu *self);

/* The position of a name in a list that a function walks; -EINVAL: none. */
int ipi_design_find(const char *(*name_of)(unsigned n), const char *name);
/*
 * Chooses by params' names and sizes; the machine has so many processors. The
 * world allocates: dom->cpus and dom->pools of cpus_max entries, ipi_cpu_bytes()
 * zeroed for each CPU, and ipi_tree_bytes() for dom->tree where tree_stride says
 * that there is one. 0 or -EINVAL.
 */
int ipi_design_choose(struct ipi_domain *dom, const struct ipi_params *params,
		      uint32_t processors);
/* Finds room behind a CPU for its blocks, its nodes and its queue memory. */
void ipi_cpu_place(struct ipi_domain *dom, struct ipi_cpu *cpu, uint32_t index);

/* CPUs come and go (cpu.c); the world calls these. */
void ipi_cpu_setup(struct ipi_domain *dom, struct ipi_cpu *cpu, uint32_t index,
		   uint32_t group);
void ipi_cpu_enter(struct ipi_domain *dom, struct ipi_cpu *cpu);
/* dying: the thread's stack goes away, so its sends are given up. */
void ipi_cpu_leave(struct ipi_domain *dom, struct ipi_cpu *cpu, bool dying);
/* Frees the index; the caller touches neither cpu nor dom from then on. */
void ipi_cpu_left(struct ipi_domain *dom, struct ipi_cpu *cpu);
bool ipi_cpus_all_left(struct ipi_domain *dom);
/* Ends a CPU whose thread is gone; the caller holds its liveness lock. */
void ipi_cpu_reap(struct ipi_domain *dom, struct ipi_cpu *self,
		  struct ipi_cpu *dead);
/* Does each own node say of this post or of the one before that it is done? */
bool ipi_nodes_are_sound(struct ipi_domain *dom, struct ipi_cpu *self);
/* Looks for CPUs whose thread is gone. */
void ipi_reap_dead(struct ipi_domain *dom, struct ipi_cpu *self);
/*
 * Changes the state bits of the own notify word. Work that is pending already
 * is served now, or when delivery is no longer held off.
 */
void ipi_cpu_rebase(struct ipi_domain *dom, struct ipi_cpu *self,
		    uint32_t base);
/*
 * From now on the delivery reaches this CPU wherever it is. False: work is
 * pending already, of which it may not have been told.
 */
bool ipi_cpu_arm(struct ipi_cpu *self);
/* splhigh has begun or ended; the world says so before it calls. */
void ipi_cpu_hold(struct ipi_domain *dom, struct ipi_cpu *self, bool on);

/* Frees a node and tells who waits for it. */
void ipi_node_end(struct ipi_domain *dom, struct ipi_node *n, uint32_t seq);
/* A target's answer for one node: counts it and ends the node. */
void ipi_node_answer(struct ipi_domain *dom, struct ipi_node *n, uint32_t seq,
		     ipi_a32 *counter);
/* Ends a node that a dead CPU was sent; claim is what was found in it. */
void ipi_node_bury(struct ipi_domain *dom, struct ipi_cpu *dead,
		   struct ipi_node *n, uint32_t claim);
/*
 * Ends the nodes for this CPU that a sender had filled, but perhaps not posted,
 * when it died. The mailbox has been emptied since.
 */
void ipi_free_orphans(struct ipi_domain *dom, struct ipi_cpu *self);
/* One answer less to wait for, where a node says that it is counted. */
void ipi_ack_answer(struct ipi_domain *dom, ipi_a32 *cell);
/* Runs the handlers of the leaves that old names; how many. In a frame. */
unsigned ipi_run_leaves(struct ipi_domain *dom, struct ipi_cpu *self,
			uint32_t old);
/* Runs one id unless its handler is on this CPU's stack: then after it. */
unsigned ipi_run_id(struct ipi_domain *dom, struct ipi_cpu *self, unsigned id);
/* Counts work taken: was an interrupt asked for it, is this the one? */
void ipi_count_taken(struct ipi_cpu *self, uint32_t old, bool *interrupt);
void ipi_count_taken_of_dead(struct ipi_cpu *dead, uint32_t old);
void ipi_count_way(struct ipi_cpu *self, enum ipi_way way);

#define IPI_QUEUE(name, depth, conforms, fifo, help)                           \
	extern const struct ipi_path ipi_path_##name;
#include "core/queues.def"
#undef IPI_QUEUE

/* Of a node that nobody waits for any more: it may be posted again. */
static inline void ipi_node_free(struct ipi_node *n)
{
	/* C0: the target is through with it; pairs with C1. */
	ipi_store_release(&n->done, ipi_load_relaxed(&n->seq) << 1);
}

static inline bool ipi_node_is_free(struct ipi_node *n)
{
	/* C1: the last target is through with it; pairs with C0. */
	return ipi_load_acquire(&n->done) >> 1 == ipi_load_relaxed(&n->seq);
}

/* Takes a node away from its target if it was posted and is not begun. */
static inline bool ipi_node_give_up(struct ipi_node *n, uint32_t claim)
{
	/* H1: pairs with H0; a node posted anew has another sequence. */
	return (claim & IPI_CLAIM_STATE) == IPI_CLAIM_POSTED &&
	       ipi_cas_acq_rel(&n->claim, claim,
			       (claim & ~IPI_CLAIM_STATE) | IPI_CLAIM_GIVEN_UP);
}

/* Handlers that have run on this CPU, but for messages run in place. */
static inline uint64_t ipi_handlers_run(struct ipi_cpu *self)
{
	return ipi_load_relaxed(&self->count.run_interrupt) +
	       ipi_load_relaxed(&self->count.run_idle) +
	       ipi_load_relaxed(&self->count.run_waiter) +
	       ipi_load_relaxed(&self->count.run_poll) +
	       ipi_load_relaxed(&self->count.run_unhold) +
	       ipi_load_relaxed(&self->count.runs);
}

/* Does a word of sequence << 1 say that this one is over? */
static inline bool ipi_seq_reached(uint32_t done, uint32_t seq)
{
	return (((done >> 1) - seq) & IPI_SEQ_MASK) <= IPI_SEQ_MASK / 2;
}

static inline uint64_t ipi_live_mark(struct ipi_domain *dom,
				     const ipi_msg_t *msg)
{
	return dom->secret ^ (uint64_t)(uintptr_t)msg;
}

/* The CPU's own and its interrupts'; no other looks at it. */
static inline void ipi_look_set(struct ipi_cpu *self, uint32_t bits)
{
	ipi_store_relaxed(&self->look, ipi_load_relaxed(&self->look) | bits);
}

static inline void ipi_look_clear(struct ipi_cpu *self, uint32_t bits)
{
	ipi_store_relaxed(&self->look, ipi_load_relaxed(&self->look) & ~bits);
}

static inline void ipi_section_enter(struct ipi_cpu *self)
{
	uint32_t in;

	ipi_env_section_begin(self);
	in = ipi_load_relaxed(&self->section) + 1;
	/* D0: before what the section checks; pairs with D1. */
	(void)ipi_xchg_seq_cst(&self->section, in);
	ipi_env_point(IPI_POINT_SECTION_ENTERED, self);
}

static inline void ipi_section_leave(struct ipi_domain *dom,
				     struct ipi_cpu *self)
{
	/* F0: what the section did; pairs with F1. */
	ipi_store_release(&self->section, ipi_load_relaxed(&self->section) + 1);
	/* Here, for what comes when the section's end lets interrupts in again
	 * may wait for whoever waits for this CPU. */
	if (ipi_load_relaxed(&self->noted))
		ipi_unhold(dom, self);
	ipi_env_section_end(self);
}

/* Ends a send: the section, and what the delivery could not take. */
static inline void ipi_send_end(struct ipi_domain *dom, struct ipi_cpu *self)
{
	ipi_section_leave(dom, self);
	if (self->owed_n)
		ipi_settle_owed(dom, self);
}

static inline enum ipi_way ipi_frame_begin(struct ipi_cpu *self,
					   enum ipi_way way)
{
	enum ipi_way outer = (enum ipi_way)ipi_load_relaxed(&self->way);
	uint32_t depth = ipi_load_relaxed(&self->depth);

	ipi_check(1, depth < IPI_NEST_MAX);
	ipi_store_relaxed(&self->depth, depth + 1);
	/* E0: published by the take that follows, or by the end of the
	 * section that this frame began in; pairs with E1. F0: a grace period
	 * that waits for the pass before may see this one first; pairs with
	 * F1. */
	if (depth == 0)
		ipi_store_release(&self->pass,
				  ipi_load_relaxed(&self->pass) + 1);
	ipi_store_relaxed(&self->way, (uint32_t)way);
	return outer;
}

static inline void ipi_frame_end(struct ipi_cpu *self, enum ipi_way outer)
{
	uint32_t depth = ipi_load_relaxed(&self->depth) - 1;

	ipi_check(1, depth < IPI_NEST_MAX);
	ipi_check(1, ipi_load_relaxed(&self->pass) & 1);
	ipi_store_relaxed(&self->way, (uint32_t)outer);
	/* F0: what the handlers did; pairs with F1. */
	if (depth == 0)
		ipi_store_release(&self->pass,
				  ipi_load_relaxed(&self->pass) + 1);
	ipi_store_relaxed(&self->depth, depth);
}

/*
 * Tells the target that bits are pending: one fetch_or publishes and decides.
 * True: the caller has to notify.
 */
static inline bool ipi_publish(struct ipi_cpu *self, struct ipi_cpu *target,
			       uint32_t bits)
{
	/* B0: what was posted; pairs with B1. */
	uint32_t old = ipi_fetch_or_release(&target->notify, bits);

	ipi_env_point(IPI_POINT_PUBLISHED, self);
	if (old & IPI_W_WORK) {
		ipi_count(self, already_pending);
	} else if (!(old & IPI_W_ASLEEP) && old & IPI_W_LOOKS) {
		ipi_count(self, polled);
	} else {
		ipi_count(self, notified);
		ipi_env_event(told, target->dom, self->index, target->index, 0);
		return true;
	}
	return false;
}

#endif
