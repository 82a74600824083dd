/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Acknowledgement of messages with several targets; see ack.h. */
#include "core/ack.h"

/* ---- tree --------------------------------------------------------------- */

static struct ipi_ack_cell *cell_of(struct ipi_domain *dom, uint32_t group,
				    uint32_t sender, uint32_t block)
{
	return &dom->tree[group * dom->tree_stride + sender * IPI_ACK_BLOCKS +
			  block];
}

/* Which sender's which block a cell of the tree belongs to; NULL: no cell. */
static struct ipi_ack_block *block_of(struct ipi_domain *dom,
				      const ipi_a32 *cell)
{
	size_t at = (size_t)((const char *)cell - (const char *)dom->tree) /
		    sizeof(struct ipi_ack_cell);

	if (ipi_ack_of(dom) != IPI_ACK_tree ||
	    at >= dom->groups * dom->tree_stride)
		return NULL;
	at %= dom->tree_stride;
	return &ipi_cpu_at(dom, (uint32_t)(at / IPI_ACK_BLOCKS))
			->blocks[at % IPI_ACK_BLOCKS];
}

static struct ipi_ack_block *block_of_msg(struct ipi_domain *dom,
					  const struct ipi_msg_private *p)
{
	return &ipi_cpu_at(dom, p->sender)->blocks[p->block - 1];
}

/*
 * A target that died may have answered or not, so that its block is never done:
 * it is not used again, as nobody could tell when.
 */
static struct ipi_ack_block *block_get(struct ipi_cpu *self)
{
	for (uint32_t b = 0; b < IPI_ACK_BLOCKS; b++) {
		struct ipi_ack_block *block = &self->blocks[b];

		/* C1: the last answer; pairs with C0. */
		if (!block->posting &&
		    ipi_load_acquire(&block->done) >> 1 == block->seq)
			return block;
	}
	return NULL;
}

/* False: no block is free. */
static bool tree_begin(struct ipi_domain *dom, struct ipi_cpu *self,
		       struct ipi_msg_private *p, const struct ipi_cpuset *set)
{
	struct ipi_ack_block *block = block_get(self);
	uint16_t left[IPI_GROUPS_MAX] = { 0 };
	uint32_t index, groups = 0;

	if (!block)
		return false;
	block->posting = true;
	block->seq = (block->seq + 1) & IPI_SEQ_MASK;
	p->block = (uint32_t)(block - self->blocks) + 1;
	p->block_seq = block->seq;
	IPI_CPUSET_FOREACH(index, set)
		left[ipi_cpu_at(dom, index)->group]++;
	for (uint32_t g = 0; g < dom->groups; g++) {
		if (!left[g])
			continue;
		ipi_store_relaxed(
			&cell_of(dom, g, self->index, p->block - 1)->left,
			left[g]);
		groups++;
	}
	ipi_store_relaxed(&block->left, groups + 1);
	return true;
}

static void block_done(struct ipi_domain *dom, struct ipi_ack_block *block,
		       uint32_t seq)
{
	/* C0: what the handlers stored; pairs with C1. */
	if (dom->waiter != IPI_WAITER_SLEEP)
		ipi_store_release(&block->done, seq << 1);
	else if (ipi_xchg_acq_rel(&block->done, seq << 1) & IPI_DONE_SLEEPER)
		ipi_env_wake(&block->done);
}

static void block_answer(struct ipi_domain *dom, struct ipi_ack_block *block)
{
	uint32_t seq = block->seq;

	/* C0: what the handlers stored; pairs with C1. */
	if (ipi_fetch_sub_acq_rel(&block->left, 1u) == 1)
		block_done(dom, block, seq);
}

/* ---- any design --------------------------------------------------------- */

static void count_answer(ipi_a32 *counter)
{
	/* C0: what the handler stored; pairs with C1. */
	if (ipi_fetch_sub_acq_rel(counter, 1u) == (IPI_COUNTER_SLEEPER | 1))
		ipi_env_wake(counter);
}

void ipi_ack_begin(struct ipi_domain *dom, struct ipi_cpu *self,
		   struct ipi_msg_private *p, const struct ipi_cpuset *set,
		   unsigned n)
{
	p->block = 0;
	/* One for the sender: it is not complete before all is posted. */
	if (ipi_ack_of(dom) == IPI_ACK_word)
		n = 0;
	else if (ipi_ack_of(dom) == IPI_ACK_tree && n &&
		 tree_begin(dom, self, p, set))
		return;
	ipi_store_relaxed(&p->counter, n + 1);
}

void ipi_ack_end(struct ipi_domain *dom, struct ipi_msg_private *p)
{
	struct ipi_ack_block *block;

	if (!p->block) {
		count_answer(&p->counter);
		return;
	}
	block = block_of_msg(dom, p);
	block_answer(dom, block);
	block->posting = false;
}

ipi_a32 *ipi_ack_cell(struct ipi_domain *dom, struct ipi_msg_private *p,
		      const struct ipi_cpu *target)
{
	if (!p->block)
		return &p->counter;
	return &cell_of(dom, target->group, p->sender, p->block - 1)->left;
}

bool ipi_ack_is_of(struct ipi_domain *dom, const struct ipi_msg_private *p,
		   const ipi_a32 *cell)
{
	struct ipi_ack_block *block;

	if (!p->block)
		return cell == &p->counter;
	block = block_of_msg(dom, p);
	/* C1: the last answer, after which the block is the next message's;
	 * pairs with C0. */
	return block_of(dom, cell) == block &&
	       !ipi_seq_reached(ipi_load_acquire(&block->done), p->block_seq);
}

void ipi_ack_answer(struct ipi_domain *dom, ipi_a32 *cell)
{
	struct ipi_ack_block *block;

	if (ipi_ack_of(dom) == IPI_ACK_word)
		return; /* its node says so */
	block = block_of(dom, cell);
	if (!block)
		count_answer(cell);
	/* C0: what the handlers of the group stored; pairs with C1. */
	else if (ipi_fetch_sub_acq_rel(cell, 1u) == 1)
		block_answer(dom, block);
}

/* Then its target owes no answer, but will end it when it comes by. */
static bool is_given_up(struct ipi_node *n)
{
	return (ipi_load_acquire(&n->claim) & IPI_CLAIM_STATE) ==
	       IPI_CLAIM_GIVEN_UP;
}

struct ipi_node *ipi_ack_missing(struct ipi_domain *dom,
				 const struct ipi_msg_private *p,
				 uint32_t *from)
{
	for (; *from < dom->pool_nodes; ++*from) {
		struct ipi_node *n = ipi_own_node(dom, p->sender, *from);
		uint32_t done;

		if (!n)
			continue;
		/* C1: what the handler stored; pairs with C0. */
		done = ipi_load_acquire(&n->done);
		/* J1: the cell below is not older; pairs with J0. */
		if (done >> 1 != ipi_load_acquire(&n->seq) &&
		    ipi_ack_is_of(dom, p, ipi_load_relaxed(&n->counter)) &&
		    !is_given_up(n))
			return n;
	}
	return NULL;
}

/* The message's own word, and whether it says that all have answered. */
static ipi_a32 *own_word(struct ipi_domain *dom, struct ipi_msg_private *p,
			 uint32_t *seen, bool *done)
{
	ipi_a32 *word = p->block ? &block_of_msg(dom, p)->done : &p->counter;

	/* C1: what the handlers stored; pairs with C0. */
	*seen = ipi_load_acquire(word);
	*done = p->block ? ipi_seq_reached(*seen, p->block_seq)
			 : !(*seen & ~IPI_COUNTER_SLEEPER);
	return word;
}

ipi_a32 *ipi_ack_word(struct ipi_domain *dom, struct ipi_msg_private *p,
		      uint32_t *from, uint32_t *seen, bool *done)
{
	ipi_a32 *word = own_word(dom, p, seen, done);
	bool word_tells = ipi_ack_of(dom) != IPI_ACK_word;
	struct ipi_node *n;

	if (*done ? word_tells
		  /* L1: nodes that a dead CPU left are done; pairs with L0. */
		  : !ipi_load_acquire(&dom->deaths))
		return word;
	while ((n = ipi_ack_missing(dom, p, from))) {
		*done = false;
		*seen = ipi_load_acquire(&n->done);
		if (*seen >> 1 != ipi_load_relaxed(&n->seq))
			return &n->done;
	}
	*done = true;
	return word;
}
