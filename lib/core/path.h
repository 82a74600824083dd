/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The message path, stamped once per queue design, so that no table is looked
 * up inside it. A design's file defines IPI_QUEUE_NAME and
 *
 *   enum ipi_post queue_post(dom, self, target, n)
 *	puts node n into the target's mailbox
 *   uint32_t queue_take(dom, self, pos)
 *	the next handle or 0; *pos is 0 first. Handlers run, and takes nest,
 *	between two calls: what was taken and not handed out is kept in
 *	self->taken, not on the stack
 *   ipi_a32 *queue_room(dom, target, seen)
 *	a word that changes from *seen when a full mailbox has room; NULL: it
 *	has some by now
 *
 * and, where it has a need for them, with a macro of the same name,
 *
 *   void queue_peek(dom, self)       asks for the lines that take will want
 *   void queue_reset(dom, cpu)       an empty mailbox, where all zero is none
 *   size_t queue_bytes(cpus, depth)  of cpu->queue, memory near the target
 *   void queue_release(dom, dead)    lets go of what a dead CPU holds
 *   uint32_t queue_lines(depth)      nodes that a sender has for each target, in
 *	the target's memory; 0: one pool for all
 *   bool queue_unseen(dom, self)     nothing has come to what it watches
 *   uint32_t queue_watched(dom, self)
 *	with self->look & IPI_LOOK_WATCHED: the handle that has come to what it
 *	watches, or 0; ceases to watch unless self polls
 *   bool queue_missed(self)          the last take may have left something; it
 *	will be told of it
 *
 * and includes this file, which makes ipi_path_<design>.
 */
#include "core/ack.h"
#include "core/path_of.h"

#define IPI_PASTE_(a, b) a##b
#define IPI_PASTE(a, b) IPI_PASTE_(a, b)
#define PATH(name)                                                             \
	IPI_PASTE(IPI_PASTE(IPI_PASTE(ipi_path_, IPI_QUEUE_NAME), _), name)
/* A single-design build calls the four verbs by name. */
#ifdef IPI_SINGLE
#define VERB
#else
#define VERB static
#endif

#ifndef queue_peek
static inline void queue_peek(struct ipi_domain *dom, struct ipi_cpu *self)
{
}
#endif
#ifndef queue_reset
static inline void queue_reset(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
}
#endif
#ifndef queue_bytes
static inline size_t queue_bytes(uint32_t cpus_max, uint32_t depth)
{
	return 0;
}
#endif
#ifndef queue_missed
#define QUEUE_MISSES 0
#define queue_missed(self) false
#else
#define QUEUE_MISSES 1
#endif
#ifndef queue_lines
#define QUEUE_HAS_LINES 0
#define queue_lines(depth) 0
#else
#define QUEUE_HAS_LINES 1
#endif
#ifndef queue_watched
#define QUEUE_WATCHES 0
#define queue_unseen(dom, self) true
#define queue_watched(dom, self) 0
#else
#define QUEUE_WATCHES 1
#endif
#ifndef queue_release
static inline void queue_release(struct ipi_domain *dom, struct ipi_cpu *dead)
{
}
#endif

/* A free one of the sender's nodes for a target, or NULL. In a section. */
static struct ipi_node *PATH(node_get)(struct ipi_domain *dom,
				       struct ipi_cpu *self,
				       struct ipi_cpu *target)
{
	uint32_t lines = QUEUE_HAS_LINES ? dom->lines : dom->pool_nodes;
	/* A line that is used again is one that the target may watch. */
	uint32_t from = QUEUE_HAS_LINES ? 0 : self->cursor;
	struct ipi_node *pool =
		QUEUE_HAS_LINES ? target->pool + self->index * lines
				: self->pool;

	for (uint32_t i = 0; i < lines; i++) {
		uint32_t at = from + i;

		if (at >= lines)
			at -= lines;
		if (ipi_node_is_free(&pool[at])) {
			self->cursor = at;
			if (QUEUE_HAS_LINES)
				self->cursor += target->index * lines;
			return &pool[at];
		}
	}
	return NULL;
}

/* Waits for such a one. */
static void PATH(node_wait)(struct ipi_domain *dom, struct ipi_cpu *self,
			    struct ipi_cpu *target,
			    const struct ipi_about *about)
{
	if (QUEUE_HAS_LINES)
		ipi_wait_node(dom, self, target->index * dom->lines, dom->lines,
			      about);
	else
		ipi_wait_node(dom, self, 0, dom->pool_nodes, about);
}

static uint32_t PATH(node_fill)(struct ipi_node *n, const ipi_msg_t *msg,
				struct ipi_cpu *target, ipi_a32 *counter)
{
	uint32_t seq = (ipi_load_relaxed(&n->seq) + 1) & IPI_SEQ_MASK;

	n->func = msg->func;
	n->arg = msg->arg;
	ipi_store_relaxed(&n->counter, counter);
	ipi_store_relaxed(&n->target, target->index);
	/* H2: who gives it up sees the counter above; pairs with H3. */
	ipi_store_release(&n->claim, seq << 2 | IPI_CLAIM_POSTED);
	/* J0: who sees the new sequence, which makes the node taken, sees the
	 * target and the claim; pairs with J1. */
	ipi_store_release(&n->seq, seq);
	return seq;
}

/* Takes back a node that found no room. */
static void PATH(node_drop)(struct ipi_node *n)
{
	/* In this order: a sender that dies in between has lost no node. */
	ipi_store_relaxed(&n->done, ipi_load_relaxed(&n->seq) << 1);
	ipi_store_relaxed(&n->claim, IPI_CLAIM_IDLE);
}

/*
 * Puts one message into one mailbox. In a section. FULL leaves NULL in *node if
 * there is none that is free; else in *room the word to wait on, NULL to
 * look again at once, and in *seen its value.
 */
static enum ipi_post PATH(post)(struct ipi_domain *dom, struct ipi_cpu *self,
				ipi_msg_t *msg, struct ipi_cpu *target,
				ipi_a32 *counter, struct ipi_node **node,
				ipi_a32 **room, uint32_t *seen)
{
	struct ipi_node *n = PATH(node_get)(dom, self, target);
	enum ipi_post post;

	*node = n;
	if (!n) {
		*room = NULL;
		*seen = 0;
		ipi_count(self, full);
		return IPI_POST_FULL;
	}
	(void)PATH(node_fill)(n, msg, target, counter);
	post = queue_post(dom, self, target, n);
	if (post == IPI_POST_FULL) {
		PATH(node_drop)(n);
		*room = queue_room(dom, target, seen);
		ipi_count(self, full);
	}
	return post;
}

/* True: the caller has to notify. */
static inline bool PATH(tell)(struct ipi_cpu *self, struct ipi_cpu *target,
			      enum ipi_post post)
{
	if (post == IPI_POST_OK)
		return ipi_publish(self, target, IPI_W_MAIL);
	if (post == IPI_POST_SEEN)
		ipi_count(self, polled);
	else
		ipi_count(self, already_pending);
	return false;
}

VERB int PATH(unicast)(struct ipi_domain *dom, struct ipi_cpu *self,
		       ipi_msg_t *msg, struct ipi_cpu *target, unsigned flags)
{
	struct ipi_msg_private *p = ipi_msg_private(msg);
	const struct ipi_about about = { "room", target->index, msg->func };
	struct ipi_node *n;
	ipi_a32 *room;
	uint32_t seen;
	enum ipi_post post;

	for (;;) {
		ipi_section_enter(self);
		if (!ipi_is_running(dom, target->index)) {
			ipi_section_leave(dom, self);
			return -ENXIO;
		}
		post = PATH(post)(dom, self, msg, target, NULL, &n, &room,
				  &seen);
		if (post != IPI_POST_FULL)
			break;
		ipi_section_leave(dom, self);
		if (flags & IPI_NOWAIT)
			return -EAGAIN;
		if (!n)
			PATH(node_wait)(dom, self, target, &about);
		else if (room)
			ipi_wait_change(dom, self, room, seen, &about);
	}
	p->count = 1;
	p->handle = n->handle;
	p->seq = ipi_load_relaxed(&n->seq);
	p->sender = self->index;
	ipi_store_release(&p->live, ipi_live_mark(dom, msg));
	ipi_count(self, asked);
	ipi_env_point(IPI_POINT_POSTED, self);
	ipi_env_event(post, dom, self->index, target->index,
		      ipi_number_of(n->handle, p->seq));
	if (post == IPI_POST_DROPPED) {
		ipi_count(self, polled);
		ipi_node_answer(dom, n, p->seq, NULL);
	} else if (PATH(tell)(self, target, post)) {
		ipi_notify(dom, self, target);
	}
	ipi_send_end(dom, self);
	return 0;
}

/*
 * Posts to every remote member of left that is still running, all marked
 * before any is notified; a member leaves the set as it is dealt with. In a
 * section; returns in one, having waited for room outside of it. The number
 * sent to.
 */
static unsigned PATH(post_all)(struct ipi_domain *dom, struct ipi_cpu *self,
			       ipi_msg_t *msg, struct ipi_cpuset *left,
			       unsigned flags, bool *full)
{
	struct ipi_msg_private *p = ipi_msg_private(msg);
	struct ipi_cpuset need;
	unsigned sent = 0;
	uint32_t index;

	ipi_cpuset_zero(&need);
	IPI_CPUSET_FOREACH(index, left) {
		struct ipi_cpu *target = ipi_cpu_at(dom, index);
		const struct ipi_about about = { "room", index, msg->func };
		ipi_a32 *room, *cell = ipi_ack_cell(dom, p, target);
		struct ipi_node *n;
		uint32_t seen;
		enum ipi_post post = IPI_POST_FULL;

		while (ipi_is_running(dom, index)) {
			post = PATH(post)(dom, self, msg, target, cell, &n,
					  &room, &seen);
			if (post != IPI_POST_FULL)
				break;
			if (flags & IPI_NOWAIT) {
				*full = true;
				ipi_count(self, asked);
				ipi_count(self, refused);
				break;
			}
			ipi_notify_set(dom, self, &need);
			ipi_send_end(dom, self);
			if (!n)
				PATH(node_wait)(dom, self, target, &about);
			else if (room)
				ipi_wait_change(dom, self, room, seen, &about);
			ipi_section_enter(self);
		}
		if (post == IPI_POST_FULL) {
			ipi_ack_answer(dom, cell);
			continue;
		}
		sent++;
		ipi_count(self, asked);
		ipi_env_point(IPI_POINT_POSTED, self);
		ipi_env_event(post, dom, self->index, index,
			      ipi_number_of(n->handle,
					    ipi_load_relaxed(&n->seq)));
		if (post == IPI_POST_DROPPED) {
			ipi_count(self, polled);
			ipi_node_answer(dom, n, ipi_load_relaxed(&n->seq),
					cell);
		} else if (PATH(tell)(self, target, post)) {
			ipi_cpuset_set(&need, index);
		}
	}
	ipi_notify_set(dom, self, &need);
	return sent;
}

VERB int PATH(multi)(struct ipi_domain *dom, struct ipi_cpu *self,
		     ipi_msg_t *msg, const struct ipi_cpuset *target,
		     unsigned flags)
{
	struct ipi_msg_private *p = ipi_msg_private(msg);
	struct ipi_cpuset left;
	unsigned sent;
	bool local, full = false;

	ipi_section_enter(self);
	ipi_cpuset_copy(&left, target);
	for (unsigned i = 0; i < IPI_CPUSET_WORDS; i++)
		ipi_store_relaxed(
			&left.word[i],
			ipi_load_relaxed(&left.word[i]) &
				ipi_load_seq_cst(&dom->running.word[i]));
	local = ipi_cpuset_isset(&left, self->index);
	ipi_cpuset_clear(&left, self->index);
	p->handle = 0;
	p->sender = self->index;
	ipi_ack_begin(dom, self, p, &left, ipi_cpuset_countset(&left));
	ipi_store_release(&p->live, ipi_live_mark(dom, msg));
	sent = PATH(post_all)(dom, self, msg, &left, flags, &full);
	p->count = sent + local;
	ipi_count_add(self, asked, (uint64_t)local);
	ipi_count_add(self, local, (uint64_t)local);
	ipi_send_end(dom, self);
	if (local) {
		enum ipi_way outer;

		ipi_env_pass_begin();
		outer = ipi_frame_begin(self, IPI_WAY_LOCAL);
		ipi_count(self, run_local);
		msg->func(msg->arg);
		ipi_frame_end(self, outer);
		ipi_unhold(dom, self);
		ipi_env_pass_end();
	}
	ipi_ack_end(dom, p);
	if (full && !p->count) {
		ipi_store_relaxed(&p->live, 0);
		return -EAGAIN;
	}
	return 0;
}

static unsigned PATH(run_node)(struct ipi_domain *dom, struct ipi_cpu *self,
			       uint32_t h, enum ipi_way way)
{
	struct ipi_node *n = ipi_node_of(dom, h);
	/* H0: this CPU runs it, or its sender gave it up; pairs with H1. */
	uint32_t old = ipi_xchg_acq_rel(&n->claim, IPI_CLAIM_TAKEN);
	ipi_a32 *counter = ipi_load_relaxed(&n->counter);

	ipi_check(2, ipi_load_relaxed(&n->target) == self->index);
	if ((old & IPI_CLAIM_STATE) != IPI_CLAIM_POSTED) {
		/* Nobody takes a node twice. */
		ipi_check(2, (old & IPI_CLAIM_STATE) == IPI_CLAIM_GIVEN_UP);
		ipi_node_free(n);
		return 0;
	}
	ipi_env_point(IPI_POINT_CLAIMED, self);
	ipi_env_event(dequeue, dom, ipi_sender_of(dom, h), self->index,
		      ipi_number_of(h, old >> 2));
	ipi_count_way(self, way);
	n->func(n->arg);
	ipi_env_point(IPI_POINT_RAN, self);
	ipi_node_answer(dom, n, old >> 2, counter);
	ipi_env_point(IPI_POINT_ACKED, self);
	ipi_env_event(done, dom, ipi_sender_of(dom, h), self->index,
		      ipi_number_of(h, old >> 2));
	return 1;
}

/* Also what an outer pass has yet to take, whose handler waits below. */
static unsigned PATH(run_mail)(struct ipi_domain *dom, struct ipi_cpu *self,
			       enum ipi_way way)
{
	uint32_t pos = 0, h;
	unsigned run = 0;

	while ((h = queue_take(dom, self, &pos))) {
		ipi_look_set(self, IPI_LOOK_MAIL);
		run += PATH(run_node)(dom, self, h, way);
	}
	ipi_look_clear(self, IPI_LOOK_MAIL);
	return run;
}

/* What the notify word does not tell of. */
static unsigned PATH(run_looked_for)(struct ipi_domain *dom,
				     struct ipi_cpu *self, enum ipi_way way)
{
	unsigned run = 0;
	uint32_t h;

	if (ipi_load_relaxed(&self->look) & IPI_LOOK_MAIL)
		run += PATH(run_mail)(dom, self, way);
	if (QUEUE_WATCHES &&
	    ipi_load_relaxed(&self->look) & IPI_LOOK_WATCHED) {
		h = queue_watched(dom, self);
		if (h)
			run += PATH(run_node)(dom, self, h, way);
	}
	return run;
}

VERB unsigned PATH(pass)(struct ipi_domain *dom, struct ipi_cpu *self,
			 enum ipi_way way)
{
	bool interrupt = way == IPI_WAY_INTERRUPT;
	enum ipi_way outer;
	unsigned run = 0;
	uint32_t old;

	/* A CPU that polls looks often and finds nothing. */
	if (QUEUE_WATCHES && way == IPI_WAY_POLL &&
	    ipi_load_relaxed(&self->look) == IPI_LOOK_WATCHED &&
	    !(ipi_load_relaxed(&self->notify) & IPI_W_WORK) &&
	    queue_unseen(dom, self))
		return 0;
	outer = ipi_frame_begin(self, way);
	ipi_env_point(IPI_POINT_PASS_BEGIN, self);
	if (ipi_load_relaxed(&self->look))
		run += PATH(run_looked_for)(dom, self, way);
	while (ipi_load_relaxed(&self->notify) & IPI_W_WORK) {
		queue_peek(dom, self);
		/* B1: the work bits and what they stand for; pairs with B0. */
		old = ipi_xchg_acq_rel(&self->notify, self->base);
		ipi_count_taken(self, old, &interrupt);
		ipi_env_point(IPI_POINT_TAKEN, self);
		if (old & IPI_W_MAIL)
			run += PATH(run_mail)(dom, self, way);
		if (QUEUE_MISSES) /* kept until the mailbox is empty */
			old |= self->orphans;
		if (old & IPI_W_ORPHANS) {
			if (queue_missed(self)) {
				self->orphans = IPI_W_ORPHANS;
			} else {
				self->orphans = 0;
				ipi_free_orphans(dom, self);
			}
		}
		if (old & IPI_W_LEAVES)
			run += ipi_run_leaves(dom, self, old);
	}
	if (interrupt)
		ipi_count(self, spurious);
	ipi_frame_end(self, outer);
	ipi_check(3, ipi_nodes_are_sound(dom, self));
	return run;
}

/* Empties a mailbox that nobody uses. */
VERB void PATH(reset)(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	for (unsigned i = 0; i < sizeof(cpu->mail) / sizeof(cpu->mail[0]); i++)
		ipi_store_relaxed(&cpu->mail[i], 0);
	for (unsigned i = 0; i < sizeof(cpu->taken) / sizeof(cpu->taken[0]);
	     i++)
		cpu->taken[i] = 0;
	queue_reset(dom, cpu);
}

/* Ends what a dead CPU had been sent. The caller excludes posts and takes. */
VERB void PATH(reap)(struct ipi_domain *dom, struct ipi_cpu *dead)
{
	uint32_t pos = 0, h;

	while ((h = queue_take(dom, dead, &pos))) {
		struct ipi_node *n = ipi_node_of(dom, h);

		/* H0: pairs with H1. */
		ipi_node_bury(dom, dead, n,
			      ipi_xchg_acq_rel(&n->claim, IPI_CLAIM_TAKEN));
	}
	/* Who waits for room in it is to look again. */
	PATH(reset)(dom, dead);
}

/* A CPU has died: nobody may wait for what it holds. */
VERB void PATH(release)(struct ipi_domain *dom, struct ipi_cpu *dead)
{
	queue_release(dom, dead);
}

VERB size_t PATH(bytes)(uint32_t cpus_max, uint32_t depth)
{
	return queue_bytes(cpus_max, depth);
}

VERB uint32_t PATH(lines)(uint32_t depth)
{
	return queue_lines(depth);
}

const struct ipi_path IPI_PASTE(ipi_path_, IPI_QUEUE_NAME) = {
	.unicast = PATH(unicast),
	.multi = PATH(multi),
	.pass = PATH(pass),
	.reap = PATH(reap),
	.release = PATH(release),
	.reset = PATH(reset),
	.bytes = PATH(bytes),
	.lines = PATH(lines),
};
