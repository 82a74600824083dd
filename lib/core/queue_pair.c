/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pair: a line for each sender and target, in the target's memory: the queue
 * node itself, with function, argument, sequence and acknowledgement. A target
 * that polls watches the line of whom it last talked with. So in a running
 * conversation one line goes to and fro and nothing else; everybody else sets
 * a bit for itself in the mailbox and tells the target as usual. Not FIFO.
 *
 * node->link says whose turn it is in a line: 0 nobody's, POSTED, or WATCHED by the
 * target, who need not be told then.
 *
 * A sender has as many lines for a target as its depth says, but one for each
 * level of nesting at least: handlers that wait for one another hold a line
 * each. Of these the target watches the first only.
 * Memory per CPU: 32 bytes in the mailbox line, which is a bit for each sender,
 * or, with more than 256 CPUs, for several; and 64 bytes a line for each sender
 * that there may be.
 *
 *           post   take    check      -  may run together   X  caller must exclude
 *   post     -      -       X         wait-free, any context, NMI too
 *   take            X       X         single consumer, wait-free
 */
#include "core/internal.h"

#define IPI_QUEUE_NAME pair
#define BITS 256u
#ifndef IPI_PAIR_LEAST
#define IPI_PAIR_LEAST IPI_NEST_MAX
#endif

/* What was taken of the bits: word, bits of it, and the line to look at next. */
#define WORD(cpu) ((cpu)->taken[0])
#define BITS_LOW(cpu) ((cpu)->taken[1])
#define BITS_HIGH(cpu) ((cpu)->taken[2])
#define NEXT_LINE(cpu) ((cpu)->taken[3])
/* The line of whom was last taken of the bits, by its place, + 1. */
#define LAST(cpu) ((cpu)->taken[4])

/* Senders that share a bit. */
static inline uint32_t senders_per_bit(const struct ipi_domain *dom)
{
	return (dom->cpus_max + BITS - 1) / BITS;
}

static inline enum ipi_post queue_post(struct ipi_domain *dom,
				       struct ipi_cpu *self,
				       struct ipi_cpu *target,
				       struct ipi_node *n)
{
	uint32_t at = self->index / senders_per_bit(dom);
	uint64_t bit = UINT64_C(1) << (at % 64);

	/* A0: publishes the node; pairs with A1. */
	if (ipi_xchg_acq_rel(&n->link, IPI_LINK_POSTED) == IPI_LINK_WATCHED)
		return IPI_POST_SEEN;
	/* A0: the line is POSTED; pairs with A1. */
	return ipi_fetch_or_acq_rel(&target->mail_wide[at / 64], bit) & bit
		       ? IPI_POST_BEHIND
		       : IPI_POST_OK;
}

/* A message that waits in a line; then it is the target's turn. */
static inline bool is_posted(struct ipi_node *n)
{
	/* A1: the node; pairs with A0. */
	return ipi_load_acquire(&n->link) == IPI_LINK_POSTED;
}

/* Ceases to watch a line; false: something has come. */
static inline bool watch_end(struct ipi_cpu *self)
{
	struct ipi_node *n = &self->pool[self->watched - 1];

	/* A1: it may be POSTED by now; pairs with A0. */
	if (!ipi_cas_acq_rel(&n->link, IPI_LINK_WATCHED, 0) && is_posted(n))
		return false;
	self->watched = 0;
	ipi_look_clear(self, IPI_LOOK_WATCHED);
	return true;
}

/* Only in the outermost pass of a CPU that goes on polling. */
static inline bool may_watch(struct ipi_cpu *self)
{
	return ipi_load_relaxed(&self->way) == IPI_WAY_POLL &&
	       ipi_load_relaxed(&self->depth) == 1 &&
	       self->base & IPI_W_POLLING;
}

/* Is a line, whose message is taken, one to watch from now on? */
static inline bool is_to_watch(struct ipi_domain *dom, struct ipi_cpu *self,
			       uint32_t line)
{
	bool again = LAST(self) == line + 1;

	if (line % dom->lines)
		return false;
	LAST(self) = line + 1;
	/* Whoever comes once does not end a conversation. */
	if (!again || !may_watch(self) || (self->watched && !watch_end(self)))
		return false;
	self->watched = line + 1;
	ipi_look_set(self, IPI_LOOK_WATCHED);
	return true;
}

/* The handle in a line that is POSTED. */
static inline uint32_t take_line(struct ipi_domain *dom, struct ipi_cpu *self,
				 uint32_t line)
{
	struct ipi_node *n = &self->pool[line];

	if (self->watched == line + 1 || is_to_watch(dom, self, line))
		ipi_store_relaxed(&n->link, IPI_LINK_WATCHED);
	else
		ipi_store_relaxed(&n->link, 0);
	return n->handle;
}

/* The next of the senders that the bits taken stand for; 0: none is left. */
static inline uint32_t take_of_bits(struct ipi_domain *dom,
				    struct ipi_cpu *self)
{
	uint32_t each = senders_per_bit(dom) * dom->lines;
	uint64_t bits;

	while ((bits = (uint64_t)BITS_HIGH(self) << 32 | BITS_LOW(self))) {
		uint32_t at = WORD(self) * 64 + (uint32_t)__builtin_ctzll(bits);

		while (NEXT_LINE(self) < each) {
			uint32_t line = at * each + NEXT_LINE(self)++;

			if (line < dom->pool_nodes &&
			    is_posted(&self->pool[line]))
				return take_line(dom, self, line);
		}
		bits &= bits - 1;
		BITS_LOW(self) = (uint32_t)bits;
		BITS_HIGH(self) = (uint32_t)(bits >> 32);
		NEXT_LINE(self) = 0;
	}
	return 0;
}

static inline uint32_t queue_take(struct ipi_domain *dom, struct ipi_cpu *self,
				  uint32_t *pos)
{
	uint32_t h = take_of_bits(dom, self);

	for (uint32_t i = 0; !h && i < BITS / 64; i++) {
		uint64_t bits;

		if (!ipi_load_relaxed(&self->mail_wide[i]))
			continue;
		/* A1: the lines; pairs with A0. */
		bits = ipi_xchg_acq_rel(&self->mail_wide[i], 0);
		WORD(self) = i;
		BITS_LOW(self) = (uint32_t)bits;
		BITS_HIGH(self) = (uint32_t)(bits >> 32);
		h = take_of_bits(dom, self);
	}
	return h;
}

static inline bool queue_unseen(struct ipi_domain *dom, struct ipi_cpu *self)
{
	return ipi_load_relaxed(&self->pool[self->watched - 1].link) !=
	       IPI_LINK_POSTED;
}

#define queue_watched queue_watched
static inline uint32_t queue_watched(struct ipi_domain *dom,
				     struct ipi_cpu *self)
{
	uint32_t line = self->watched - 1;

	if (!may_watch(self)) {
		if (watch_end(self))
			return 0;
		self->watched = 0;
		LAST(self) = 0;
		ipi_look_clear(self, IPI_LOOK_WATCHED);
	} else if (!is_posted(&self->pool[line])) {
		return 0;
	}
	return take_line(dom, self, line);
}

#define queue_lines queue_lines
static inline uint32_t queue_lines(uint32_t depth)
{
	return depth > IPI_PAIR_LEAST ? depth : IPI_PAIR_LEAST;
}

#define queue_reset queue_reset
static inline void queue_reset(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	/* A thread that died here may have left its mark. */
	if (cpu->watched)
		ipi_store_relaxed(&cpu->pool[cpu->watched - 1].link, 0);
	cpu->watched = 0;
}

static inline ipi_a32 *queue_room(struct ipi_domain *dom,
				  struct ipi_cpu *target, uint32_t *seen)
{
	return NULL; /* a node is room */
}

#include "core/path.h"
