/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mpsc: a linked FIFO in the manner of Michael and Scott (PODC 1996), for one
 * consumer. Senders link a node behind the last one by compare-and-swap, and
 * then move the tail; whoever finds the tail behind moves it. A stub is linked
 * in behind the last node before that one is taken, so that a node is its
 * sender's again as soon as it is answered. Who links a node behind another
 * leaves it to that one's sender to tell the target. FIFO.
 *
 * A queue with one exchange per post, as Vyukov's or liburcu's wfcqueue, needs
 * less; but a sender that dies between its exchange and its link cuts off what
 * others post behind it. Here the link is the post.
 *
 * A node goes back to its sender and comes again while another sender may
 * still hold an old tail that names it. So a link says of which post it is,
 * node->next = sequence << 32 | handle, and so does the tail.
 * Memory per CPU: 16 bytes in the mailbox line; the links are in the nodes.
 *
 *           post   take    check      -  may run together   X  caller must exclude
 *   post     -      -       X         lock-free, any context, NMI too
 *   take            X       X         single consumer, lock-free
 */
#include "core/internal.h"

#define IPI_QUEUE_NAME mpsc
#define TAIL(cpu) (&(cpu)->mail_wide[0])
#define STUB_NEXT(cpu) (&(cpu)->mail_wide[1])
#define HEAD(cpu) ((cpu)->taken[0])
#define STUB UINT32_MAX
#define HANDLE(ref) ((uint32_t)(ref))
#define SEQ(ref) ((ref) & ~(uint64_t)UINT32_MAX)

static inline ipi_a64 *next_of(struct ipi_domain *dom, struct ipi_cpu *target,
			       uint32_t h)
{
	return h == STUB ? STUB_NEXT(target) : &ipi_node_of(dom, h)->next;
}

/* Moves the tail from a node that has a next one. */
static inline void move_tail(struct ipi_domain *dom, struct ipi_cpu *target,
			     uint64_t from, uint32_t next)
{
	uint64_t link = ipi_load_relaxed(next_of(dom, target, next));

	(void)ipi_cas_acq_rel(TAIL(target), from, SEQ(link) | next);
}

/* Links what mine names, and whose own link says no next yet; behind whom. */
static inline uint32_t append(struct ipi_domain *dom, struct ipi_cpu *target,
			      uint64_t mine)
{
	for (;;) {
		uint64_t last = ipi_load_relaxed(TAIL(target));
		ipi_a64 *next = next_of(dom, target, HANDLE(last));
		/* A1: the one behind it; pairs with A0. */
		uint64_t link = ipi_load_acquire(next);

		if (SEQ(link) != SEQ(last))
			continue; /* answered and posted anew: an old tail */
		if (HANDLE(link)) {
			move_tail(dom, target, last, HANDLE(link));
			continue;
		}
		/* A0: publishes the node; pairs with A1. */
		if (ipi_cas_acq_rel(next, link, link | HANDLE(mine))) {
			(void)ipi_cas_acq_rel(TAIL(target), last, mine);
			return HANDLE(last);
		}
	}
}

static inline enum ipi_post queue_post(struct ipi_domain *dom,
				       struct ipi_cpu *self,
				       struct ipi_cpu *target,
				       struct ipi_node *n)
{
	uint64_t seq = (uint64_t)ipi_load_relaxed(&n->seq) << 32;

	ipi_store_relaxed(&n->next, seq);
	return append(dom, target, seq | n->handle) == STUB ? IPI_POST_OK
							    : IPI_POST_BEHIND;
}

/* The next one of h, with the tail behind h; 0: there is none. */
static inline uint32_t pass_by(struct ipi_domain *dom, struct ipi_cpu *self,
			       uint32_t h)
{
	/* A1: the node linked there; pairs with A0. */
	uint64_t link = ipi_load_acquire(next_of(dom, self, h));
	uint64_t ref = SEQ(link) | h;

	if (!HANDLE(link))
		return 0;
	/* Not an older tail: this CPU has seen it leave all before h. */
	if (ipi_load_relaxed(TAIL(self)) == ref)
		move_tail(dom, self, ref, HANDLE(link));
	return HANDLE(link);
}

static inline void append_stub(struct ipi_domain *dom, struct ipi_cpu *self)
{
	uint64_t seq =
		SEQ(ipi_load_relaxed(STUB_NEXT(self))) + (UINT64_C(1) << 32);

	ipi_store_relaxed(STUB_NEXT(self), seq);
	(void)append(dom, self, seq | STUB);
}

static inline uint32_t queue_take(struct ipi_domain *dom, struct ipi_cpu *self,
				  uint32_t *pos)
{
	uint32_t h = HEAD(self), next;

	if (h == STUB) {
		h = pass_by(dom, self, STUB);
		if (!h)
			return 0;
		HEAD(self) = h;
	}
	next = pass_by(dom, self, h);
	if (!next) {
		append_stub(dom, self);
		next = pass_by(dom, self, h);
	}
	HEAD(self) = next;
	return h;
}

#define queue_reset queue_reset
static inline void queue_reset(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	HEAD(cpu) = STUB;
	ipi_store_relaxed(TAIL(cpu), (uint64_t)STUB);
}

static inline ipi_a32 *queue_room(struct ipi_domain *dom,
				  struct ipi_cpu *target, uint32_t *seen)
{
	return NULL; /* never full */
}

#include "core/path.h"
