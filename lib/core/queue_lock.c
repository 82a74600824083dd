/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lock: a list under a spin lock, what one would write first. A sender that
 * does not get the lock within some turns leaves its section and waits for it
 * as for room, serving itself: IPI_NOWAIT says -EAGAIN then. A target that does
 * not get it goes on without: whoever holds it posts, and tells it after that.
 * The lock's word names its holder, so that a dead one's lock can be opened;
 * the list is whole, but for that one's node, whatever the moment. FIFO.
 * Memory per CPU: 12 bytes in the mailbox line; the links are in the nodes.
 *
 *           post   take    check      -  may run together   X  caller must exclude
 *   post     -      -       X         blocks while another one holds the lock
 *   take            X       X         single consumer; may find nothing while
 *                                     another one holds the lock
 */
#include "core/internal.h"

#define IPI_QUEUE_NAME lock
#define LOCK(cpu) (&(cpu)->mail[0]) /* 0, or index + 1 of the holder */
#define FIRST(cpu) (&(cpu)->mail[1])
#define LAST(cpu) (&(cpu)->mail[2])
#define TAKEN(cpu) ((cpu)->taken[0])
#define MISSED(cpu) ((cpu)->taken[1]) /* the last take got no lock */
#ifndef IPI_LOCK_TURNS
#define IPI_LOCK_TURNS 200u
#endif

static inline bool lock(struct ipi_cpu *target, struct ipi_cpu *self)
{
	for (unsigned turn = 0; turn < IPI_LOCK_TURNS; turn++)
		/* A1: the list; pairs with A0. */
		if (!ipi_load_relaxed(LOCK(target)) &&
		    ipi_cas_acq_rel(LOCK(target), 0, self->index + 1))
			return true;
	return false;
}

static inline void unlock(struct ipi_cpu *target)
{
	/* A0: the list and its nodes; pairs with A1. */
	ipi_store_release(LOCK(target), 0);
}

static inline enum ipi_post queue_post(struct ipi_domain *dom,
				       struct ipi_cpu *self,
				       struct ipi_cpu *target,
				       struct ipi_node *n)
{
	uint32_t last;

	ipi_store_relaxed(&n->link, 0);
	if (!lock(target, self))
		return IPI_POST_FULL;
	last = ipi_load_relaxed(LAST(target));
	ipi_store_relaxed(last ? &ipi_node_of(dom, last)->link : FIRST(target),
			  n->handle);
	ipi_store_relaxed(LAST(target), n->handle);
	unlock(target);
	return IPI_POST_OK;
}

static inline uint32_t take_all(struct ipi_cpu *self)
{
	uint32_t first;

	MISSED(self) = !lock(self, self);
	if (MISSED(self))
		return 0;
	first = ipi_load_relaxed(FIRST(self));
	ipi_store_relaxed(FIRST(self), 0);
	ipi_store_relaxed(LAST(self), 0);
	unlock(self);
	return first;
}

static inline uint32_t queue_take(struct ipi_domain *dom, struct ipi_cpu *self,
				  uint32_t *pos)
{
	uint32_t h = TAKEN(self);

	if (!h)
		h = take_all(self);
	if (h)
		TAKEN(self) = ipi_load_relaxed(&ipi_node_of(dom, h)->link);
	return h;
}

#define queue_missed queue_missed
static inline bool queue_missed(struct ipi_cpu *self)
{
	return MISSED(self);
}

#define queue_release queue_release
static inline void queue_release(struct ipi_domain *dom, struct ipi_cpu *dead)
{
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (cpu && ipi_load_relaxed(LOCK(cpu)) == dead->index + 1)
			unlock(cpu);
	}
}

static inline ipi_a32 *queue_room(struct ipi_domain *dom,
				  struct ipi_cpu *target, uint32_t *seen)
{
	*seen = ipi_load_relaxed(LOCK(target));
	return *seen ? LOCK(target) : NULL;
}

#include "core/path.h"
