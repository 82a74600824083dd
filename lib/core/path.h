/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The message path, stamped once per queue design, so that no table is looked
 * up inside it. A design's file defines IPI_QUEUE_NAME and
 *
 *   enum ipi_post queue_post(dom, target, h)  puts handle h into the mailbox
 *   uint32_t queue_take(self, pos)            next handle or 0; *pos is 0 first
 *   void queue_peek(dom, self)                asks for the lines take will want
 *   ipi_a32 *queue_room(target, seen)         a word that changes from *seen
 *                                             when a full mailbox has room;
 *                                             NULL: it has some by now
 *
 * and includes this file, which makes ipi_path_<design>.
 */
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

/* A free node of the sender's own pool, or NULL. In a section. */
static struct ipi_node *PATH(node_get)(struct ipi_domain *dom,
				       struct ipi_cpu *self)
{
	for (uint32_t i = 0; i < dom->pool_nodes; i++) {
		uint32_t at = self->cursor + i;
		struct ipi_node *n;

		if (at >= dom->pool_nodes)
			at -= dom->pool_nodes;
		n = &self->pool[at];
		if (ipi_node_is_free(n)) {
			self->cursor = at;
			return n;
		}
	}
	return NULL;
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
	struct ipi_node *n = PATH(node_get)(dom, self);
	enum ipi_post post;

	*node = n;
	if (!n) {
		*room = NULL;
		*seen = 0;
		ipi_count(self, full);
		return IPI_POST_FULL;
	}
	(void)PATH(node_fill)(n, msg, target, counter);
	post = queue_post(dom, target, n->handle);
	if (post == IPI_POST_FULL) {
		PATH(node_drop)(n);
		*room = queue_room(target, seen);
		ipi_count(self, full);
	}
	return post;
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
			ipi_wait_node(dom, self, &about);
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
	if (post == IPI_POST_DROPPED) {
		ipi_count(self, polled);
		ipi_node_answer(dom, n, p->seq, NULL);
	} else if (ipi_publish(self, target, IPI_W_MAIL)) {
		ipi_notify(dom, self, target);
	}
	ipi_send_end(dom, self);
	return 0;
}

/* Gives a whole set to the delivery. In a section. */
static void PATH(notify_set)(struct ipi_domain *dom, struct ipi_cpu *self,
			     struct ipi_cpuset *set)
{
	uint32_t index;

	IPI_CPUSET_FOREACH(index, set)
		ipi_notify(dom, self, ipi_cpu_at(dom, index));
	ipi_cpuset_zero(set);
}

/*
 * Posts to every remote member of left that is still running, all marked
 * before any is notified; a member leaves the set as it is dealt with. In a
 * section; returns in one, having waited for room outside of it. The number
 * sent to.
 */
static unsigned PATH(post_all)(struct ipi_domain *dom, struct ipi_cpu *self,
			       ipi_msg_t *msg, struct ipi_cpuset *left,
			       ipi_a32 *counter, unsigned flags, bool *full)
{
	struct ipi_cpuset need;
	unsigned sent = 0;
	uint32_t index;

	ipi_cpuset_zero(&need);
	IPI_CPUSET_FOREACH(index, left) {
		struct ipi_cpu *target = ipi_cpu_at(dom, index);
		const struct ipi_about about = { "room", index, msg->func };
		struct ipi_node *n;
		ipi_a32 *room;
		uint32_t seen;
		enum ipi_post post = IPI_POST_FULL;

		while (ipi_is_running(dom, index)) {
			(void)ipi_fetch_add_relaxed(counter, 1u);
			post = PATH(post)(dom, self, msg, target, counter, &n,
					  &room, &seen);
			if (post != IPI_POST_FULL)
				break;
			(void)ipi_fetch_sub_acq_rel(counter, 1u);
			if (flags & IPI_NOWAIT) {
				*full = true;
				ipi_count(self, asked);
				ipi_count(self, refused);
				break;
			}
			PATH(notify_set)(dom, self, &need);
			ipi_send_end(dom, self);
			if (!n)
				ipi_wait_node(dom, self, &about);
			else if (room)
				ipi_wait_change(dom, self, room, seen, &about);
			ipi_section_enter(self);
		}
		if (post == IPI_POST_FULL)
			continue;
		sent++;
		ipi_count(self, asked);
		ipi_env_point(IPI_POINT_POSTED, self);
		if (post == IPI_POST_DROPPED) {
			ipi_count(self, polled);
			ipi_node_answer(dom, n, ipi_load_relaxed(&n->seq),
					counter);
		} else if (ipi_publish(self, target, IPI_W_MAIL)) {
			ipi_cpuset_set(&need, index);
		}
	}
	PATH(notify_set)(dom, self, &need);
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
	/* One for the sender: it is not complete before all is posted. */
	ipi_store_relaxed(&p->counter, 1);
	ipi_store_release(&p->live, ipi_live_mark(dom, msg));
	sent = PATH(post_all)(dom, self, msg, &left, &p->counter, flags, &full);
	p->count = sent + local;
	ipi_count_add(self, asked, (uint64_t)local);
	ipi_count_add(self, local, (uint64_t)local);
	ipi_send_end(dom, self);
	if (local) {
		enum ipi_way outer = ipi_frame_begin(self, IPI_WAY_LOCAL);

		ipi_count(self, run_local);
		msg->func(msg->arg);
		ipi_frame_end(self, outer);
		ipi_unhold(dom, self);
	}
	ipi_counter_answer(dom, &p->counter);
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

	if ((old & IPI_CLAIM_STATE) != IPI_CLAIM_POSTED) {
		ipi_node_free(n);
		return 0;
	}
	ipi_env_point(IPI_POINT_CLAIMED, self);
	ipi_count_way(self, way);
	n->func(n->arg);
	ipi_env_point(IPI_POINT_RAN, self);
	ipi_node_answer(dom, n, old >> 2, counter);
	ipi_env_point(IPI_POINT_ACKED, self);
	return 1;
}

/* Also what an outer pass has yet to take, whose handler waits below. */
static unsigned PATH(run_mail)(struct ipi_domain *dom, struct ipi_cpu *self,
			       enum ipi_way way)
{
	uint32_t pos = 0, h;
	unsigned run = 0;

	while ((h = queue_take(self, &pos))) {
		self->mail_left = true;
		run += PATH(run_node)(dom, self, h, way);
	}
	self->mail_left = false;
	return run;
}

VERB unsigned PATH(pass)(struct ipi_domain *dom, struct ipi_cpu *self,
			 enum ipi_way way)
{
	enum ipi_way outer = ipi_frame_begin(self, way);
	bool interrupt = way == IPI_WAY_INTERRUPT;
	unsigned run = 0;
	uint32_t old;

	ipi_env_point(IPI_POINT_PASS_BEGIN, self);
	if (self->mail_left)
		run += PATH(run_mail)(dom, self, way);
	while (ipi_load_relaxed(&self->notify) & IPI_W_WORK) {
		queue_peek(dom, self);
		/* B1: the work bits and what they stand for; pairs with B0. */
		old = ipi_xchg_acq_rel(&self->notify, self->base);
		ipi_count_taken(self, old, &interrupt);
		ipi_env_point(IPI_POINT_TAKEN, self);
		if (old & IPI_W_MAIL)
			run += PATH(run_mail)(dom, self, way);
		if (old & IPI_W_ORPHANS)
			ipi_free_orphans(dom, self);
		if (old & IPI_W_LEAVES)
			run += ipi_run_leaves(dom, self, old);
	}
	if (interrupt)
		ipi_count(self, spurious);
	ipi_frame_end(self, outer);
	return run;
}

/* Ends what a dead CPU had been sent. The caller excludes posts and takes. */
VERB void PATH(reap)(struct ipi_domain *dom, struct ipi_cpu *dead)
{
	uint32_t pos = 0, h;

	while ((h = queue_take(dead, &pos))) {
		struct ipi_node *n = ipi_node_of(dom, h);

		/* H0: pairs with H1. */
		ipi_node_bury(dom, dead, n,
			      ipi_xchg_acq_rel(&n->claim, IPI_CLAIM_TAKEN));
	}
}

const struct ipi_path IPI_PASTE(ipi_path_, IPI_QUEUE_NAME) = {
	.unicast = PATH(unicast),
	.multi = PATH(multi),
	.pass = PATH(pass),
	.reap = PATH(reap),
};
