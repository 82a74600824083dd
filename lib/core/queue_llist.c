/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * llist: a stack that senders push on and the target takes whole, then turns
 * round, so that messages run in post order. Who pushes on a message that is
 * there already leaves it to that one's sender to tell the target. FIFO.
 * Memory per CPU: 4 bytes in the mailbox line; the links are in the nodes.
 *
 *           post   take    check      -  may run together   X  caller must exclude
 *   post     -      -       X         lock-free, any context, NMI too
 *   take            X       X         single consumer, wait-free per message
 */
#include "core/internal.h"

#define IPI_QUEUE_NAME llist
#define TOP(cpu) (&(cpu)->mail[0])

static inline enum ipi_post queue_post(struct ipi_domain *dom,
				       struct ipi_cpu *self,
				       struct ipi_cpu *target,
				       struct ipi_node *n)
{
	uint32_t below;

	do {
		below = ipi_load_relaxed(TOP(target));
		ipi_store_relaxed(&n->link, below);
		/* A0: publishes the node; pairs with A1. */
	} while (!ipi_cas_acq_rel(TOP(target), below, n->handle));
	return below ? IPI_POST_BEHIND : IPI_POST_OK;
}

/* The stack, oldest first. */
static inline uint32_t take_all(struct ipi_domain *dom, struct ipi_cpu *self)
{
	uint32_t first = 0, next;
	/* A1: all that were pushed; pairs with A0. */
	uint32_t h = ipi_xchg_acq_rel(TOP(self), 0);

	for (; h; h = next) {
		ipi_a32 *link = &ipi_node_of(dom, h)->link;

		next = ipi_load_relaxed(link);
		ipi_store_relaxed(link, first);
		first = h;
	}
	return first;
}

static inline uint32_t queue_take(struct ipi_domain *dom, struct ipi_cpu *self,
				  uint32_t *pos)
{
	uint32_t h = self->taken[0];

	if (!h && ipi_load_relaxed(TOP(self)))
		h = take_all(dom, self);
	if (h)
		self->taken[0] = ipi_load_relaxed(&ipi_node_of(dom, h)->link);
	return h;
}

static inline ipi_a32 *queue_room(struct ipi_domain *dom,
				  struct ipi_cpu *target, uint32_t *seen)
{
	return NULL; /* never full */
}

#include "core/path.h"
