/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The receiving side that no queue design changes, and acknowledgement. */
#include "core/path_of.h"

/* Did the sender that set the first of these work bits notify? */
static bool was_notified(struct ipi_cpu *cpu, uint32_t old)
{
	bool local = cpu->local_pending;

	cpu->local_pending = false;
	return !local && (old & IPI_W_ASLEEP || !(old & IPI_W_LOOKS));
}

void ipi_count_taken_of_dead(struct ipi_cpu *dead, uint32_t old)
{
	if (old & IPI_W_WORK && was_notified(dead, old))
		ipi_count_any(dead, merged);
}

void ipi_count_taken(struct ipi_cpu *self, uint32_t old, bool *interrupt)
{
	if (!was_notified(self, old))
		return;
	/* Who wakes from idle was notified to. */
	if (*interrupt || self->told ||
	    (old & IPI_W_ASLEEP &&
	     ipi_load_relaxed(&self->way) == IPI_WAY_IDLE))
		ipi_count(self, entries);
	else
		ipi_count(self, merged);
	*interrupt = self->told = false;
}

void ipi_count_way(struct ipi_cpu *self, enum ipi_way way)
{
	switch (way) {
	case IPI_WAY_INTERRUPT:
		ipi_count(self, run_interrupt);
		break;
	case IPI_WAY_WAITER:
		ipi_count(self, run_waiter);
		break;
	case IPI_WAY_UNHOLD:
		ipi_count(self, run_unhold);
		break;
	case IPI_WAY_IDLE:
		ipi_count(self, run_idle);
		break;
	default:
		ipi_count(self, run_poll);
		break;
	}
}

void ipi_node_end(struct ipi_domain *dom, struct ipi_node *n, uint32_t seq)
{
	/* C0: what the handler stored; pairs with C1. */
	if (dom->waiter != IPI_WAITER_SLEEP)
		ipi_store_release(&n->done, seq << 1);
	else if (ipi_xchg_acq_rel(&n->done, seq << 1) & IPI_DONE_SLEEPER)
		ipi_env_wake(&n->done);
}

void ipi_node_answer(struct ipi_domain *dom, struct ipi_node *n, uint32_t seq,
		     ipi_a32 *counter)
{
	/* The counter first: where all nodes are done, it is not touched any
	 * more, though a CPU that died may have left it too great. */
	if (counter)
		ipi_ack_answer(dom, counter);
	ipi_node_end(dom, n, seq);
}

static bool run_id(struct ipi_domain *dom, struct ipi_cpu *self, unsigned id)
{
	struct ipi_id *entry = &dom->ids[id];

	/* G1: func and arg; pairs with G0. A stale bit meets no handler. */
	if (ipi_load_acquire(&entry->state) != IPI_ID_LIVE)
		return false;
	ipi_count(self, runs);
	ipi_env_event(dequeue, dom, UINT32_MAX, self->index, id);
	entry->func(entry->arg);
	ipi_env_event(done, dom, UINT32_MAX, self->index, id);
	return true;
}

unsigned ipi_run_id(struct ipi_domain *dom, struct ipi_cpu *self, unsigned id)
{
	unsigned n = id / 64, run = 0;
	uint64_t bit = UINT64_C(1) << (id % 64);

	if (self->active[n] & bit) {
		self->deferred[n] |= bit;
		return 0;
	}
	self->active[n] |= bit;
	do {
		self->deferred[n] &= ~bit;
		run += run_id(dom, self, id);
	} while (self->deferred[n] & bit);
	self->active[n] &= ~bit;
	return run;
}

unsigned ipi_run_leaves(struct ipi_domain *dom, struct ipi_cpu *self,
			uint32_t old)
{
	unsigned run = 0;

	for (unsigned n = 0; n < IPI_LEAVES; n++) {
		uint64_t bits;

		if (!(old & IPI_W_LEAF(n)))
			continue;
		/* A1: what the senders stored; pairs with A0. Also publishes
		 * E0 to a grace period that touches the leaf later. */
		bits = ipi_xchg_acq_rel(&self->leaf[n], 0);
		for (; bits; bits &= bits - 1)
			run += ipi_run_id(
				dom, self,
				n * 64 + (unsigned)__builtin_ctzll(bits));
	}
	return run;
}

unsigned ipi_serve(struct ipi_domain *dom, struct ipi_cpu *self,
		   enum ipi_way way)
{
	unsigned run;

	ipi_env_pass_begin();
	run = IPI_PATH(dom, pass)(dom, self, way);
	ipi_unhold(dom, self);
	ipi_env_pass_end();
	return run;
}

static bool held(struct ipi_cpu *self)
{
	return ipi_load_relaxed(&self->section) & 1 ||
	       ipi_load_relaxed(&self->depth) ||
	       ipi_load_relaxed(&self->reaping) || ipi_env_spl_held();
}

void ipi_unhold(struct ipi_domain *dom, struct ipi_cpu *self)
{
	if (!ipi_load_relaxed(&self->noted) || held(self))
		return;
	ipi_env_pass_begin();
	do {
		ipi_store_relaxed(&self->noted, 0);
		(void)IPI_PATH(dom, pass)(dom, self, IPI_WAY_UNHOLD);
	} while (ipi_load_relaxed(&self->noted) && !held(self));
	ipi_env_pass_end();
}

void ipi_interrupt(struct ipi_domain *dom, struct ipi_cpu *self)
{
	if (held(self)) {
		ipi_store_relaxed(&self->noted, 1);
		ipi_count_any(self, spurious);
		return;
	}
	ipi_serve(dom, self, IPI_WAY_INTERRUPT);
}
