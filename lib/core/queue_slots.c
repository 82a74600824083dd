/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slots: NetBSD's mailbox, a line of 8 slots that senders fill with
 * compare-and-swap. The slots hold handles, not pointers, so that they fit one
 * line with the notify word. Not FIFO. Post is lock-free; take is wait-free.
 * Memory per CPU: 32 bytes in the mailbox line.
 *
 *           post   take    check      -  may run together   X  caller must exclude
 *   post     -      -       X         lock-free, any context, NMI too
 *   take            X       X         single consumer, wait-free per message
 */
#include "core/internal.h"

#define IPI_QUEUE_NAME slots
#ifndef IPI_SLOTS
#define IPI_SLOTS 8u
#endif

static inline enum ipi_post queue_post(struct ipi_domain *dom,
				       struct ipi_cpu *self,
				       struct ipi_cpu *target,
				       struct ipi_node *n)
{
	for (unsigned i = 0; i < IPI_SLOTS; i++) {
		ipi_a32 *slot = &target->mail[i];

		/* A0: publishes the node; pairs with A1. */
		if (!ipi_load_relaxed(slot) &&
		    ipi_cas_acq_rel(slot, 0, n->handle))
			return IPI_POST_OK;
	}
	return IPI_POST_FULL;
}

static inline uint32_t queue_take(struct ipi_domain *dom, struct ipi_cpu *self,
				  uint32_t *pos)
{
	while (*pos < IPI_SLOTS) {
		ipi_a32 *slot = &self->mail[(*pos)++];
		/* A1: pairs with A0. */
		uint32_t h = ipi_load_acquire(slot);

		if (h) {
			/* Senders only write where they see 0: no exchange. */
			ipi_store_relaxed(slot, 0);
			return h;
		}
	}
	return 0;
}

/* The node's line travels while the mailbox line is made ours. */
#define queue_peek queue_peek
static inline void queue_peek(struct ipi_domain *dom, struct ipi_cpu *self)
{
	/* A1: the sender's pool; pairs with A0. */
	uint32_t h = ipi_load_acquire(&self->mail[0]);

	if (h)
		ipi_prefetch_write(ipi_node_of(dom, h));
}

static inline ipi_a32 *queue_room(struct ipi_domain *dom,
				  struct ipi_cpu *target, uint32_t *seen)
{
	*seen = ipi_load_relaxed(&target->mail[0]);
	return *seen ? &target->mail[0] : NULL;
}

#include "core/path.h"
