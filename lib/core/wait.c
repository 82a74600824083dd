/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waiting: for acknowledgement, for room, for a grace period. */
#include "core/ack.h"

/*
 * May this CPU run handlers while it waits? A frame at the bound may not; nor
 * who buries a CPU that a handler could wait for.
 */
static bool may_serve(struct ipi_cpu *self)
{
	return ipi_load_relaxed(&self->depth) < IPI_NEST_MAX &&
	       !ipi_load_relaxed(&self->reaping);
}

/* A target that has not answered, for the report. */
static uint32_t msg_target(struct ipi_domain *dom, struct ipi_msg_private *p)
{
	uint32_t from = 0;
	struct ipi_node *n = p->handle ? ipi_node_of(dom, p->handle)
				       : ipi_ack_missing(dom, p, &from);

	return n ? ipi_load_relaxed(&n->target) : UINT32_MAX;
}

static void report(struct ipi_domain *dom, struct ipi_cpu *self,
		   struct ipi_env_wait *w, const struct ipi_about *about)
{
	uint32_t index =
		about->msg ? msg_target(dom, about->msg) : about->target;
	struct ipi_cpu *target = NULL;
	struct ipi_stall stall = {
		.waiter = self ? self->index : UINT32_MAX,
		.target = index,
		.func = about->func,
		.waited_ns = ipi_env_waited_ns(w),
		.what = about->what,
	};

	if (index < dom->cpus_max)
		target = ipi_cpu_at(dom, index);
	if (target)
		stall.polling =
			ipi_load_relaxed(&target->notify) & IPI_W_POLLING;
	if (self)
		ipi_count_any(self, stalls);
	ipi_env_stall(dom, &stall);
}

int ipi_wait_step(struct ipi_domain *dom, struct ipi_cpu *self,
		  struct ipi_env_wait *w, ipi_a32 *word, uint32_t seen,
		  bool sleeper, const struct ipi_about *about)
{
	ipi_a32 *own = NULL;
	unsigned turn;

	if (self && may_serve(self)) {
		own = &self->notify;
		if (ipi_load_relaxed(&self->look) ||
		    ipi_load_relaxed(own) & IPI_W_WORK) {
			ipi_serve(dom, self, IPI_WAY_WAITER);
			return 0;
		}
	}
	ipi_env_point(IPI_POINT_WAIT_TURN, self);
	turn = ipi_env_wait_turn(dom, w, word, seen, own, sleeper);
	if (turn == IPI_TURN_AGAIN)
		return 0;
	if (self && self->owed_n)
		ipi_settle_owed(dom, self);
	if (turn & IPI_TURN_SLOW)
		ipi_reap_dead(dom, self);
	if (turn & IPI_TURN_STALL)
		report(dom, self, w, about);
	return turn & IPI_TURN_TIMEOUT ? -ETIMEDOUT : 0;
}

void ipi_wait_change(struct ipi_domain *dom, struct ipi_cpu *self,
		     ipi_a32 *word, uint32_t seen,
		     const struct ipi_about *about)
{
	struct ipi_env_wait w;

	ipi_env_wait_begin(dom, &w, false, 0);
	/* F1, C1: what the other side did; pairs with F0 and C0. */
	while (ipi_load_acquire(word) == seen)
		(void)ipi_wait_step(dom, self, &w, word, seen, false, about);
}

void ipi_wait_node(struct ipi_domain *dom, struct ipi_cpu *self, uint32_t first,
		   uint32_t n, const struct ipi_about *about)
{
	ipi_a32 *word = &ipi_own_node(dom, self->index, first)->done;
	struct ipi_env_wait w;

	ipi_env_wait_begin(dom, &w, false, 0);
	for (;;) {
		uint32_t seen = ipi_load_relaxed(word);

		for (uint32_t i = 0; i < n; i++)
			if (ipi_node_is_free(
				    ipi_own_node(dom, self->index, first + i)))
				return;
		(void)ipi_wait_step(dom, self, &w, word, seen, false, about);
	}
}

/* 0, -EAGAIN or -ESRCH. In a section. */
static int notify_once(struct ipi_domain *dom, struct ipi_cpu *self,
		       struct ipi_cpu *target)
{
	int err = ipi_env_notify(dom, target);

	if (err == -EAGAIN)
		ipi_count(self, notify_retries);
	ipi_env_point(IPI_POINT_NOTIFIED, self);
	return err;
}

void ipi_notify(struct ipi_domain *dom, struct ipi_cpu *self,
		struct ipi_cpu *target)
{
	if (!notify_once(dom, self, target) ||
	    ipi_cpuset_isset(&self->owed, target->index))
		return;
	ipi_cpuset_set(&self->owed, target->index);
	self->owed_n++;
}

void ipi_notify_set(struct ipi_domain *dom, struct ipi_cpu *self,
		    struct ipi_cpuset *set)
{
	uint32_t index;

	if (!ipi_env_notify_set(dom, self, set))
		IPI_CPUSET_FOREACH(index, set)
			ipi_notify(dom, self, ipi_cpu_at(dom, index));
	ipi_cpuset_zero(set);
}

/* Asks again for every target owed; one that is gone is reaped. */
static void retry_owed(struct ipi_domain *dom, struct ipi_cpu *self)
{
	uint32_t index;

	IPI_CPUSET_FOREACH(index, &self->owed) {
		struct ipi_cpu *target = ipi_cpu_at(dom, index);
		int err = 0;

		ipi_section_enter(self);
		if (ipi_cpuset_isset(&self->owed, index)) {
			err = notify_once(dom, self, target);
			if (err != -EAGAIN) {
				ipi_cpuset_clear(&self->owed, index);
				self->owed_n--;
			}
		}
		ipi_section_leave(dom, self);
		if (err == -ESRCH)
			ipi_reap_dead(dom, self);
	}
}

void ipi_settle_owed(struct ipi_domain *dom, struct ipi_cpu *self)
{
	struct ipi_about about = { "room in the target's signal queue",
				   UINT32_MAX, NULL };
	struct ipi_env_wait w;

	ipi_env_wait_begin(dom, &w, false, 0);
	for (;;) {
		unsigned turn;

		retry_owed(dom, self);
		if (!self->owed_n)
			return;
		about.target = ipi_cpuset_next(&self->owed, 0);
		if (may_serve(self) &&
		    (ipi_load_relaxed(&self->look) ||
		     ipi_load_relaxed(&self->notify) & IPI_W_WORK))
			ipi_serve(dom, self, IPI_WAY_WAITER);
		ipi_env_point(IPI_POINT_WAIT_TURN, self);
		turn = ipi_env_wait_turn(dom, &w, &self->section,
					 ipi_load_relaxed(&self->section), NULL,
					 false);
		if (turn & IPI_TURN_STALL)
			report(dom, self, &w, &about);
	}
}

/* ---- messages ----------------------------------------------------------- */

/*
 * Where a live message's answer is, what it says now, and whether all is in.
 * from: see ipi_ack_word().
 */
static ipi_a32 *msg_word(struct ipi_domain *dom, struct ipi_msg_private *p,
			 uint32_t *from, uint32_t *seen, bool *done)
{
	ipi_a32 *word;

	if (!p->handle)
		return ipi_ack_word(dom, p, from, seen, done);
	word = &ipi_node_of(dom, p->handle)->done;
	/* C1: what the handler stored; pairs with C0. */
	*seen = ipi_load_acquire(word);
	*done = ipi_seq_reached(*seen, p->seq);
	return word;
}

bool ipi_domain_done(struct ipi_domain *dom, const ipi_msg_t *msg)
{
	struct ipi_msg_private *p = ipi_msg_private(msg);
	uint32_t seen, from = 0;
	bool done;

	if (!dom || ipi_load_acquire(&p->live) != ipi_live_mark(dom, msg))
		return true;
	(void)msg_word(dom, p, &from, &seen, &done);
	return done;
}

/* Says in the word that somebody sleeps on it; false: it changed meanwhile. */
static bool mark_sleeper(struct ipi_domain *dom, struct ipi_msg_private *p,
			 ipi_a32 *word, uint32_t *seen)
{
	uint32_t bit =
		word == &p->counter ? IPI_COUNTER_SLEEPER : IPI_DONE_SLEEPER;

	if (*seen & bit)
		return true;
	if (!ipi_cas_acq_rel(word, *seen, *seen | bit))
		return false;
	*seen |= bit;
	return true;
}

/* 0 or -ETIMEDOUT; when 0 the message is not live any more. */
static int wait_msg(struct ipi_domain *dom, struct ipi_cpu *self,
		    ipi_msg_t *msg, bool timed, uint64_t timeout_ns)
{
	struct ipi_msg_private *p = ipi_msg_private(msg);
	const struct ipi_about about = { "acknowledgement", UINT32_MAX,
					 msg->func, p };
	bool sleeper = dom->waiter == IPI_WAITER_SLEEP;
	struct ipi_env_wait w;
	uint32_t from = 0;
	int err = 0;

	ipi_env_wait_begin(dom, &w, timed, timeout_ns);
	for (;;) {
		uint32_t seen;
		bool done;
		ipi_a32 *word = msg_word(dom, p, &from, &seen, &done);

		if (done)
			break;
		if (err || (timed && !timeout_ns))
			return -ETIMEDOUT;
		if (sleeper && !mark_sleeper(dom, p, word, &seen))
			continue;
		err = ipi_wait_step(dom, self, &w, word, seen, sleeper, &about);
	}
	ipi_store_relaxed(&p->live, 0);
	return 0;
}

static bool at_bound(struct ipi_cpu *self)
{
	return self && !may_serve(self);
}

void ipi_domain_wait(struct ipi_domain *dom, ipi_msg_t *msg)
{
	struct ipi_cpu *self;

	if (!dom || !msg || ipi_domain_done(dom, msg))
		return;
	self = ipi_env_curcpu(dom);
	if (at_bound(self))
		(void)ipi_domain_msg_detach(dom, msg);
	else
		(void)wait_msg(dom, self, msg, false, 0);
}

int ipi_domain_wait_timeout(struct ipi_domain *dom, ipi_msg_t *msg,
			    uint64_t timeout_ns)
{
	struct ipi_cpu *self;

	if (!dom || !msg)
		return -EINVAL;
	if (ipi_domain_done(dom, msg))
		return 0;
	self = ipi_env_curcpu(dom);
	if (at_bound(self) && timeout_ns)
		return -EDEADLK;
	return wait_msg(dom, self, msg, true, timeout_ns);
}

static int give_up_multi(struct ipi_domain *dom, struct ipi_msg_private *p)
{
	int given = 0;

	for (uint32_t i = 0; i < dom->pool_nodes; i++) {
		struct ipi_node *n = ipi_own_node(dom, p->sender, i);
		ipi_a32 *cell;
		uint32_t claim;

		if (!n)
			continue;
		/* H3: the node's counter is not older; pairs with H2. */
		claim = ipi_load_acquire(&n->claim);
		cell = ipi_load_relaxed(&n->counter);
		if (ipi_ack_is_of(dom, p, cell) && ipi_node_give_up(n, claim)) {
			ipi_ack_answer(dom, cell);
			given++;
		}
	}
	return given;
}

int ipi_domain_msg_detach(struct ipi_domain *dom, ipi_msg_t *msg)
{
	struct ipi_msg_private *p;
	struct ipi_node *n;
	int given;

	if (!dom || !msg)
		return -EINVAL;
	if (ipi_domain_done(dom, msg))
		return 0;
	p = ipi_msg_private(msg);
	if (p->handle) {
		n = ipi_node_of(dom, p->handle);
		given = !ipi_load_relaxed(&n->counter) &&
			ipi_node_give_up(n, p->seq << 2 | IPI_CLAIM_POSTED);
	} else {
		given = give_up_multi(dom, p);
	}
	for (int i = 0; i < given; i++)
		ipi_count_any(ipi_cpu_at(dom, p->sender), abandoned);
	if (p->handle && given)
		ipi_store_relaxed(&p->live, 0);
	else
		(void)wait_msg(dom, ipi_env_curcpu(dom), msg, false, 0);
	return given;
}

unsigned ipi_msg_count(const ipi_msg_t *msg)
{
	return ipi_msg_private(msg)->count;
}
