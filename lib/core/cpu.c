/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPUs come and go; grace periods. */
#include "core/path_of.h"

static const struct ipi_about grace = { "grace period", UINT32_MAX, NULL };

/* Waits until the odd stretch that *word counts, if one is on, has ended. */
static void wait_even(struct ipi_domain *dom, struct ipi_cpu *self,
		      ipi_a32 *word, uint32_t index)
{
	struct ipi_about about = grace;
	/* D1: looks after the caller's change; pairs with D0. */
	uint32_t seen = ipi_load_seq_cst(word);

	about.target = index;
	if (seen & 1)
		ipi_wait_change(dom, self, word, seen, &about);
}

void ipi_grace_sections(struct ipi_domain *dom, struct ipi_cpu *self)
{
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (cpu && cpu != self)
			wait_even(dom, self, &cpu->section, i);
	}
}

void ipi_grace_passes(struct ipi_domain *dom, struct ipi_cpu *self)
{
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		/* E1: after the caller's operation on the leaf; pairs with E0. */
		if (cpu && cpu != self)
			wait_even(dom, self, &cpu->pass, i);
	}
}

void ipi_cpu_setup(struct ipi_domain *dom, struct ipi_cpu *cpu, uint32_t index,
		   uint32_t group)
{
	cpu->dom = dom;
	cpu->index = index;
	cpu->pool = dom->pools[index];
	cpu->group = group;
	for (uint32_t i = 0; i < dom->pool_nodes; i++)
		cpu->pool[i].handle = ipi_handle_of(index, i);
}

void ipi_cpu_enter(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	ipi_store_relaxed(&cpu->depth, 0);
	ipi_store_relaxed(&cpu->reaping, 0);
	ipi_store_relaxed(&cpu->noted, 0);
	ipi_store_relaxed(&cpu->way, IPI_WAY_NONE);
	cpu->base = dom->word_base;
	cpu->owed_n = 0;
	cpu->idle_seen = ipi_handlers_run(cpu);
	cpu->orphans = 0;
	cpu->told = false;
	ipi_cpuset_zero(&cpu->owed);
	IPI_PATH(dom, reset)(dom, cpu);
	ipi_store_relaxed(&cpu->look, 0);
	cpu->watched = 0;
	for (uint32_t b = 0; cpu->blocks && b < IPI_ACK_BLOCKS; b++)
		cpu->blocks[b].posting = false;
	for (unsigned n = 0; n < IPI_LEAVES; n++) {
		ipi_store_relaxed(&cpu->leaf[n], 0);
		cpu->active[n] = 0;
		cpu->deferred[n] = 0;
	}
	ipi_store_release(&cpu->notify, cpu->base);
	ipi_store_release(&cpu->state, IPI_CPU_ATTACHED);
	ipi_cpuset_atomic_set(&dom->attached, cpu->index);
	ipi_cpuset_atomic_set(&dom->running, cpu->index);
}

/* No section that begins from now on sends to it. */
static void stop_sends(struct ipi_domain *dom, struct ipi_cpu *self,
		       struct ipi_cpu *cpu)
{
	/* D1: pairs with D0. */
	(void)ipi_fetch_and_seq_cst(ipi_cpuset_word(&dom->running, cpu->index),
				    ~ipi_cpuset_bit(cpu->index));
	ipi_grace_sections(dom, self);
}

void ipi_cpu_left(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	ipi_store_release(&cpu->state, IPI_CPU_FREE);
	/* K0: the last touch of the domain; pairs with K1. */
	(void)ipi_fetch_and_acq_rel(ipi_cpuset_word(&dom->attached, cpu->index),
				    ~ipi_cpuset_bit(cpu->index));
}

bool ipi_cpus_all_left(struct ipi_domain *dom)
{
	/* K1: whoever left is through with the domain; pairs with K0. */
	for (unsigned i = 0; i < IPI_CPUSET_WORDS; i++)
		if (ipi_load_acquire(&dom->attached.word[i]))
			return false;
	return true;
}

/* Of the CPU's own sends, gives up those that no target has begun. */
static void give_up_sends(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	for (uint32_t i = 0; i < dom->pool_nodes; i++) {
		struct ipi_node *n = ipi_own_node(dom, cpu->index, i);
		ipi_a32 *counter;
		uint32_t claim;

		if (!n)
			continue;
		/* H3: pairs with H2. */
		claim = ipi_load_acquire(&n->claim);
		counter = ipi_load_relaxed(&n->counter);
		if (ipi_node_is_free(n) || !ipi_node_give_up(n, claim))
			continue;
		ipi_count_any(cpu, abandoned);
		if (counter)
			ipi_ack_answer(dom, counter);
	}
}

/* Waits until every target has answered, or had it given up. */
static void settle_sends(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	for (uint32_t i = 0; i < dom->pool_nodes; i++) {
		struct ipi_node *n = ipi_own_node(dom, cpu->index, i);
		struct ipi_about about = { "acknowledgement" };

		if (!n)
			continue;
		about.target = ipi_load_relaxed(&n->target);
		about.func = n->func;
		for (;;) {
			uint32_t done = ipi_load_acquire(&n->done);
			uint32_t claim = ipi_load_acquire(&n->claim);

			if (done >> 1 == ipi_load_relaxed(&n->seq) ||
			    (claim & IPI_CLAIM_STATE) == IPI_CLAIM_GIVEN_UP)
				break;
			ipi_wait_change(dom, cpu, &n->done, done, &about);
		}
	}
}

void ipi_cpu_leave(struct ipi_domain *dom, struct ipi_cpu *cpu, bool dying)
{
	ipi_store_relaxed(&cpu->state, IPI_CPU_LEAVING);
	stop_sends(dom, cpu, cpu);
	ipi_serve(dom, cpu, IPI_WAY_POLL);
	if (dying)
		give_up_sends(dom, cpu);
	settle_sends(dom, cpu);
}

void ipi_node_bury(struct ipi_domain *dom, struct ipi_cpu *dead,
		   struct ipi_node *n, uint32_t claim)
{
	uint32_t seq = ipi_load_relaxed(&n->seq);

	/* Nobody is to find it in a line any more. */
	ipi_store_relaxed(&n->link, 0);
	switch (claim & IPI_CLAIM_STATE) {
	case IPI_CLAIM_GIVEN_UP:
		ipi_node_free(n);
		break;
	case IPI_CLAIM_POSTED:
		ipi_count_any(dead, dead);
		ipi_node_answer(dom, n, seq, ipi_load_relaxed(&n->counter));
		break;
	default:
		/* It may have been counted: who waits looks at the node. */
		ipi_count_any(dead, dead);
		ipi_node_end(dom, n, seq);
		break;
	}
}

/* A message that the dead CPU had taken from its mailbox and not answered. */
static void answer_taken(struct ipi_domain *dom, struct ipi_cpu *dead,
			 struct ipi_node *n)
{
	uint32_t done = ipi_load_acquire(&n->done);
	uint32_t claim = ipi_load_acquire(&n->claim) & IPI_CLAIM_STATE;
	/* J1: the target below is not older; pairs with J0. */
	uint32_t seq = ipi_load_acquire(&n->seq);

	if (done >> 1 == seq || ipi_load_relaxed(&n->target) != dead->index)
		return;
	if (claim == IPI_CLAIM_POSTED)
		claim = ipi_xchg_acq_rel(&n->claim, IPI_CLAIM_TAKEN) &
			IPI_CLAIM_STATE;
	ipi_node_bury(dom, dead, n, claim);
}

static void answer_all_taken(struct ipi_domain *dom, struct ipi_cpu *dead)
{
	for (uint32_t index = 0; index < dom->cpus_max; index++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, index);

		for (uint32_t i = 0; cpu && i < dom->pool_nodes; i++)
			answer_taken(dom, dead, &cpu->pool[i]);
	}
}

/*
 * The node that a sender was posting when it died may be in its target's
 * mailbox or not. It is marked by its counter, which nobody needs any more;
 * the target frees it when it has emptied its mailbox and not met it there.
 */
static void mark_orphan(struct ipi_domain *dom, struct ipi_cpu *dead)
{
	struct ipi_node *n = ipi_own_node(dom, dead->index, dead->cursor);

	if (n && (ipi_load_acquire(&n->claim) & IPI_CLAIM_STATE) ==
			 IPI_CLAIM_GIVEN_UP)
		ipi_store_relaxed(&n->counter, &dom->deaths);
}

void ipi_free_orphans(struct ipi_domain *dom, struct ipi_cpu *self)
{
	for (uint32_t index = 0; index < dom->cpus_max; index++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, index);

		for (uint32_t i = 0; cpu && i < dom->pool_nodes; i++) {
			struct ipi_node *n = &cpu->pool[i];

			if (ipi_load_relaxed(&n->counter) == &dom->deaths &&
			    ipi_load_relaxed(&n->target) == self->index &&
			    !ipi_node_is_free(n)) {
				/* Nor is it in a line that is looked at. */
				ipi_store_relaxed(&n->link, 0);
				ipi_node_free(n);
			}
		}
	}
}

/*
 * A CPU that died inside a section may have posted without publishing, or
 * published without notifying, and nobody else would: every CPU looks once
 * more at everything.
 */
static void publish_for(struct ipi_domain *dom, struct ipi_cpu *self,
			struct ipi_cpu *dead)
{
	struct ipi_env_wait w;
	uint32_t index;

	IPI_CPUSET_FOREACH(index, &dom->attached) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, index);

		if (!cpu || cpu == dead)
			continue;
		ipi_count_any(dead, asked);
		(void)ipi_publish(dead, cpu, IPI_W_WORK);
		/* One that leaves serves by itself, and what notify needs may
		 * be gone. One seen here waits for this section: D1. */
		if (!ipi_is_running(dom, index))
			continue;
		if (cpu == self) {
			ipi_store_relaxed(&self->noted, 1);
			continue;
		}
		ipi_env_wait_begin(dom, &w, false, 0);
		while (ipi_env_notify(dom, cpu) == -EAGAIN)
			(void)ipi_env_wait_turn(dom, &w, &dead->section, 0,
						NULL, false);
	}
}

void ipi_cpu_reap(struct ipi_domain *dom, struct ipi_cpu *self,
		  struct ipi_cpu *dead)
{
	uint32_t section = ipi_load_relaxed(&dead->section);
	uint32_t pass = ipi_load_relaxed(&dead->pass);

	/* L0: before a node of it is done; pairs with L1. */
	(void)ipi_fetch_or_release(&dom->deaths, 1u);
	ipi_store_relaxed(&dead->state, IPI_CPU_LEAVING);
	IPI_PATH(dom, release)(dom, dead);
	give_up_sends(dom, dead);
	if (section & 1) {
		mark_orphan(dom, dead);
		publish_for(dom, self, dead);
	}
	/* F0: ends only now that its targets know; pairs with F1. */
	ipi_store_release(&dead->section, section + (section & 1));
	ipi_store_release(&dead->pass, pass + (pass & 1));
	stop_sends(dom, self, dead);
	ipi_count_taken_of_dead(dead,
				ipi_xchg_acq_rel(&dead->notify, dead->base));
	IPI_PATH(dom, reap)(dom, dead);
	answer_all_taken(dom, dead);
}

bool ipi_nodes_are_sound(struct ipi_domain *dom, struct ipi_cpu *self)
{
	for (uint32_t i = 0; i < dom->pool_nodes; i++) {
		struct ipi_node *n = ipi_own_node(dom, self->index, i);
		uint32_t seq, done;

		if (!n)
			continue;
		/* An interrupt between the looks may have used it anew. */
		do {
			seq = ipi_load_relaxed(&n->seq);
			done = ipi_load_relaxed(&n->done) >> 1;
		} while (ipi_load_relaxed(&n->seq) != seq);
		if (((seq - done) & IPI_SEQ_MASK) > 1)
			return false;
	}
	return true;
}

static void reap_dead(struct ipi_domain *dom, struct ipi_cpu *self)
{
	uint32_t index;

	IPI_CPUSET_FOREACH(index, &dom->attached) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, index);

		if (cpu && cpu != self && ipi_env_died(cpu)) {
			ipi_cpu_reap(dom, self, cpu);
			ipi_env_buried(cpu);
			ipi_cpu_left(dom, cpu);
		}
	}
}

void ipi_reap_dead(struct ipi_domain *dom, struct ipi_cpu *self)
{
	uint32_t outer;

	if (!self) {
		reap_dead(dom, NULL);
		return;
	}
	outer = ipi_load_relaxed(&self->reaping);
	ipi_store_relaxed(&self->reaping, outer + 1);
	reap_dead(dom, self);
	ipi_store_relaxed(&self->reaping, outer);
	ipi_unhold(dom, self);
}

/*
 * False: work is pending. Nobody will be notified before the pass that takes
 * it, and that falls back to base.
 */
static bool rebase(struct ipi_cpu *self, uint32_t base)
{
	uint32_t word;

	self->base = base;
	do {
		word = ipi_load_relaxed(&self->notify);
		if (word & IPI_W_WORK)
			return false;
	} while (!ipi_cas_acq_rel(&self->notify, word, base));
	return true;
}

void ipi_cpu_rebase(struct ipi_domain *dom, struct ipi_cpu *self, uint32_t base)
{
	/* Who watches a line is not told of it: a pass ends that. */
	bool blind = !(base & IPI_W_POLLING) &&
		     ipi_load_relaxed(&self->look) & IPI_LOOK_WATCHED;

	if (rebase(self, base) && !blind)
		return;
	ipi_store_relaxed(&self->noted, 1);
	ipi_unhold(dom, self);
}

bool ipi_cpu_arm(struct ipi_cpu *self)
{
	return rebase(self, self->base & ~IPI_W_AWAKE);
}

void ipi_cpu_hold(struct ipi_domain *dom, struct ipi_cpu *self, bool on)
{
	ipi_cpu_rebase(dom, self,
		       (self->base & ~IPI_W_HELD) | (on ? IPI_W_HELD : 0));
	if (!on)
		ipi_unhold(dom, self);
}
