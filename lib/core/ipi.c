/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The calls: checks, ids and triggers, and the way to the message path. */
#include "core/path_of.h"

static int refuse(struct ipi_cpu *self, int err)
{
	ipi_count_any(self, asked);
	ipi_count_any(self, refused);
	return err;
}

/* The calling CPU, if it may send. */
static int sender(struct ipi_domain *dom, struct ipi_cpu **self)
{
	*self = dom ? ipi_env_curcpu(dom) : NULL;
	if (!*self)
		return -EPERM;
	return ipi_env_atomic_context() ? 0 : refuse(*self, -EPERM);
}

static bool one_remote(struct ipi_domain *dom, struct ipi_cpu *self,
		       struct ipi_cpu *target)
{
	return target && target != self && target->dom == dom;
}

/* ---- ids ---------------------------------------------------------------- */

unsigned ipi_domain_register(struct ipi_domain *dom, ipi_func_t func, void *arg)
{
	if (!dom || !func)
		return 0;
	for (unsigned id = 1; id < IPI_IDS; id++) {
		struct ipi_id *entry = &dom->ids[id];

		/* I1: the last owner's runs are over; pairs with I0. */
		if (ipi_load_relaxed(&entry->state) != IPI_ID_FREE ||
		    !ipi_cas_acq_rel(&entry->state, IPI_ID_FREE, IPI_ID_BUSY))
			continue;
		entry->func = func;
		entry->arg = arg;
		/* G0: func and arg; pairs with G1. */
		ipi_store_release(&entry->state, IPI_ID_LIVE);
		return id;
	}
	return 0;
}

int ipi_domain_unregister(struct ipi_domain *dom, unsigned id)
{
	struct ipi_cpu *self;

	if (!dom || id == 0 || id >= IPI_IDS)
		return -EINVAL;
	if (ipi_env_delivery_held())
		return -EDEADLK;
	self = ipi_env_curcpu(dom);
	/* D1: a section that begins later sees it; pairs with D0. */
	if (!ipi_cas_seq_cst(&dom->ids[id].state, IPI_ID_LIVE, IPI_ID_DEAD))
		return -ENOENT;
	ipi_env_point(IPI_POINT_TOMBSTONED, self);
	ipi_grace_sections(dom, self);
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		/* E1: a pass that took the bit is seen now; pairs with E0. */
		if (cpu)
			(void)ipi_fetch_and_acq_rel(
				&cpu->leaf[id / 64],
				~(UINT64_C(1) << (id % 64)));
	}
	ipi_grace_passes(dom, self);
	ipi_env_point(IPI_POINT_DRAINED, self);
	/* I0: nobody runs it; pairs with I1. */
	ipi_store_release(&dom->ids[id].state, IPI_ID_FREE);
	return 0;
}

/* A section must have begun: the tombstone or the section is seen. */
static bool id_is_live(struct ipi_domain *dom, unsigned id)
{
	return id && id < IPI_IDS &&
	       ipi_load_seq_cst(&dom->ids[id].state) == IPI_ID_LIVE;
}

/* In a section. True: notify. */
static bool trigger_one(struct ipi_cpu *self, struct ipi_cpu *target,
			unsigned id)
{
	uint64_t bit = UINT64_C(1) << (id % 64);
	/* A0: the caller's stores; pairs with A1. A bit that was set is taken
	 * by a run that begins later and sees them all the same. */
	uint64_t old = ipi_fetch_or_release(&target->leaf[id / 64], bit);

	ipi_count(self, asked);
	ipi_env_point(IPI_POINT_POSTED, self);
	ipi_env_event(post, target->dom, self->index, target->index, id);
	if (old & bit) {
		ipi_count(self, already_pending);
		return false;
	}
	return ipi_publish(self, target, IPI_W_LEAF(id / 64));
}

/* The local CPU: in place, or after the pass that is on. In a section. */
static void trigger_local(struct ipi_domain *dom, struct ipi_cpu *self,
			  unsigned id)
{
	enum ipi_way outer;

	ipi_count(self, asked);
	ipi_count(self, local);
	ipi_env_event(post, dom, self->index, self->index, id);
	if (ipi_load_relaxed(&self->depth)) {
		(void)ipi_fetch_or_release(&self->leaf[id / 64],
					   UINT64_C(1) << (id % 64));
		if (!(ipi_fetch_or_release(&self->notify, IPI_W_LEAF(id / 64)) &
		      IPI_W_WORK))
			self->local_pending = true;
		/* No interrupt will come for it. */
		ipi_store_relaxed(&self->noted, 1);
		ipi_send_end(dom, self);
		return;
	}
	ipi_env_pass_begin();
	outer = ipi_frame_begin(self, IPI_WAY_LOCAL);
	ipi_send_end(dom, self);
	(void)ipi_run_id(dom, self, id);
	ipi_frame_end(self, outer);
	ipi_unhold(dom, self);
	ipi_env_pass_end();
}

int ipi_domain_trigger(struct ipi_domain *dom, unsigned id,
		       struct ipi_cpu *target)
{
	struct ipi_cpu *self;
	int err = sender(dom, &self);

	if (err)
		return err;
	if (!one_remote(dom, self, target))
		return refuse(self, -EINVAL);
	ipi_section_enter(self);
	if (!id_is_live(dom, id))
		err = -EINVAL;
	else if (!ipi_is_running(dom, target->index))
		err = -ENXIO;
	else if (trigger_one(self, target, id))
		ipi_notify(dom, self, target);
	ipi_send_end(dom, self);
	return err ? refuse(self, err) : 0;
}

int ipi_domain_trigger_multi(struct ipi_domain *dom, unsigned id,
			     const ipi_cpuset_t *target)
{
	struct ipi_cpuset need;
	struct ipi_cpu *self;
	uint32_t index;
	int err = sender(dom, &self);

	if (err)
		return err;
	if (!target)
		return refuse(self, -EINVAL);
	ipi_section_enter(self);
	if (!id_is_live(dom, id)) {
		ipi_section_leave(dom, self);
		return refuse(self, -EINVAL);
	}
	ipi_cpuset_zero(&need);
	IPI_CPUSET_FOREACH(index, target)
		if (index != self->index && ipi_is_running(dom, index) &&
		    trigger_one(self, ipi_cpu_at(dom, index), id))
			ipi_cpuset_set(&need, index);
	ipi_notify_set(dom, self, &need);
	if (ipi_cpuset_isset(target, self->index) &&
	    ipi_is_running(dom, self->index))
		trigger_local(dom, self, id);
	else
		ipi_send_end(dom, self);
	return 0;
}

int ipi_domain_trigger_broadcast(struct ipi_domain *dom, unsigned id,
				 bool skip_self)
{
	struct ipi_cpuset all;
	struct ipi_cpu *self;
	int err = sender(dom, &self);

	if (err)
		return err;
	ipi_cpuset_copy(&all, &dom->running);
	if (skip_self)
		ipi_cpuset_clear(&all, self->index);
	return ipi_domain_trigger_multi(dom, id, &all);
}

/* ---- messages ----------------------------------------------------------- */

/* What every send of a message checks; the message is not live after. */
static int sendable(struct ipi_domain *dom, struct ipi_cpu *self,
		    ipi_msg_t *msg, unsigned flags)
{
	if (!msg || !msg->func)
		return -EINVAL;
	if (!ipi_domain_done(dom, msg))
		return -EBUSY;
	ipi_store_relaxed(&ipi_msg_private(msg)->live, 0);
	ipi_msg_private(msg)->count = 0;
	if (!(flags & IPI_NOWAIT) &&
	    ipi_load_relaxed(&self->depth) >= IPI_NEST_MAX)
		return -EDEADLK;
	return 0;
}

int ipi_domain_unicast(struct ipi_domain *dom, ipi_msg_t *msg,
		       struct ipi_cpu *target, unsigned flags)
{
	struct ipi_cpu *self;
	int err = sender(dom, &self);

	if (err)
		return err;
	err = one_remote(dom, self, target) ? sendable(dom, self, msg, flags)
					    : -EINVAL;
	if (!err)
		err = IPI_PATH(dom, unicast)(dom, self, msg, target, flags);
	return err ? refuse(self, err) : 0;
}

int ipi_domain_multicast(struct ipi_domain *dom, ipi_msg_t *msg,
			 const ipi_cpuset_t *target, unsigned flags)
{
	struct ipi_cpu *self;
	int err = sender(dom, &self);

	if (err)
		return err;
	err = target ? sendable(dom, self, msg, flags) : -EINVAL;
	if (!err && ipi_load_relaxed(&self->depth) >= IPI_NEST_MAX &&
	    ipi_cpuset_isset(target, self->index))
		err = -EDEADLK;
	if (err)
		return refuse(self, err);
	return IPI_PATH(dom, multi)(dom, self, msg, target, flags);
}

int ipi_domain_broadcast(struct ipi_domain *dom, ipi_msg_t *msg, unsigned flags)
{
	struct ipi_cpuset all;
	struct ipi_cpu *self;
	int err = sender(dom, &self);

	if (err)
		return err;
	ipi_cpuset_copy(&all, &dom->running);
	if (flags & IPI_SKIP_SELF)
		ipi_cpuset_clear(&all, self->index);
	return ipi_domain_multicast(dom, msg, &all, flags & ~IPI_SKIP_SELF);
}

/* ---- the CPU's own side ------------------------------------------------- */

/* Takes what the delivery has told; the work that it meant is to follow. */
static void hear(struct ipi_cpu *self)
{
	if (ipi_env_drain(self))
		self->told = true;
}

static void unhear(struct ipi_cpu *self)
{
	if (!self->told)
		return;
	self->told = false;
	ipi_count_any(self, spurious);
}

unsigned ipi_domain_serve(struct ipi_domain *dom)
{
	struct ipi_cpu *self = dom ? ipi_env_curcpu(dom) : NULL;
	unsigned run = 0;

	if (!self || ipi_load_relaxed(&self->depth) >= IPI_NEST_MAX)
		return 0;
	hear(self);
	if (ipi_load_relaxed(&self->look) ||
	    ipi_load_relaxed(&self->notify) & IPI_W_WORK)
		run = ipi_serve(dom, self, IPI_WAY_POLL);
	unhear(self);
	return run;
}

int ipi_domain_polling(struct ipi_domain *dom, bool on)
{
	struct ipi_cpu *self = dom ? ipi_env_curcpu(dom) : NULL;
	uint32_t base;

	if (!self)
		return -EPERM;
	base = (self->base & ~IPI_W_POLLING) | (dom->word_base & IPI_W_POLLING);
	if (on)
		base |= IPI_W_POLLING;
	ipi_cpu_rebase(dom, self, base);
	return 0;
}

/* Says how the CPU rests, unless something is pending. */
static bool rest_as(struct ipi_cpu *self, uint32_t state)
{
	uint32_t word = ipi_load_relaxed(&self->notify);

	return !(word & IPI_W_WORK) &&
	       ipi_cas_acq_rel(&self->notify, word, self->base | state);
}

/*
 * Says that it polls, which spares senders the notify, and does. Whatever ends
 * it, the word falls back to base with the work, or becomes ASLEEP.
 */
static void spin(struct ipi_domain *dom, struct ipi_cpu *self, uint64_t ns)
{
	uint32_t spinning = self->base | IPI_W_POLLING;
	struct ipi_env_wait w;

	if (!rest_as(self, IPI_W_POLLING))
		return;
	ipi_env_wait_begin(dom, &w, true, ns);
	do {
		ipi_env_point(IPI_POINT_WAIT_TURN, self);
		if (ipi_load_relaxed(&self->notify) != spinning ||
		    ipi_handlers_run(self) != self->idle_seen)
			return;
	} while (ipi_env_spin_turn(dom, &w, &self->notify, spinning));
}

/* Spins, then sleeps, until something comes; true: look again. */
static bool rest(struct ipi_domain *dom, struct ipi_cpu *self,
		 uint64_t timeout_ns)
{
	uint32_t asleep = self->base | IPI_W_ASLEEP;
	uint64_t spin_ns = dom->idle_spin_ns;

	if (spin_ns > timeout_ns)
		spin_ns = timeout_ns;
	if (spin_ns)
		spin(dom, self, spin_ns);
	if (timeout_ns != UINT64_MAX)
		timeout_ns -= spin_ns;
	if (!rest_as(self, IPI_W_ASLEEP))
		return true;
	/* A handler that ran before ASLEEP was set wakes nobody. */
	if (ipi_handlers_run(self) == self->idle_seen)
		ipi_env_sleep(self, asleep, timeout_ns);
	/* Awake: the bit goes unless a pass took it with the work. */
	return !ipi_cas_acq_rel(&self->notify, asleep, self->base);
}

int ipi_domain_idle(struct ipi_domain *dom, uint64_t timeout_ns)
{
	struct ipi_cpu *self = dom ? ipi_env_curcpu(dom) : NULL;
	uint64_t run;

	if (!self)
		return -EPERM;
	if (ipi_env_delivery_held())
		return -EDEADLK;
	hear(self);
	if (ipi_load_relaxed(&self->look))
		ipi_serve(dom, self, IPI_WAY_IDLE);
	if (rest(dom, self, timeout_ns) &&
	    ipi_load_relaxed(&self->notify) & IPI_W_WORK)
		ipi_serve(dom, self, IPI_WAY_IDLE);
	unhear(self);
	run = ipi_handlers_run(self) - self->idle_seen;
	self->idle_seen += run;
	return (int)run;
}

enum ipi_way ipi_domain_way(struct ipi_domain *dom)
{
	struct ipi_cpu *self = dom ? ipi_env_curcpu(dom) : NULL;

	return self ? (enum ipi_way)ipi_load_relaxed(&self->way) : IPI_WAY_NONE;
}
