/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ring: a bounded array, filled in order. A cell that is free says for which
 * position, so that one compare-and-swap puts a handle there or finds that the
 * position is taken; the tail is moved after that, by whoever comes first. A
 * sender that takes a ticket and fills its cell later would need less, but if
 * it dies in between nobody gets past its cell. FIFO.
 * Memory per CPU: 4 bytes in the mailbox line, and a line and 4 bytes a cell of
 * its own; there is a cell for each node that one sender has, rounded up to a
 * power of 2, so that a broadcast from everywhere fits.
 *
 *           post   take    check      -  may run together   X  caller must exclude
 *   post     -      -       X         lock-free, any context, NMI too
 *   take            X       X         single consumer, wait-free per message
 */
#include "core/internal.h"

#define IPI_QUEUE_NAME ring
#define TAIL(cpu) (&(cpu)->mail[0])
#define POSITION(cpu) ((cpu)->taken[0])
/* A line of its own: written by the target, read by who finds no room. */
#define HEAD(cpu) ((ipi_a32 *)(cpu)->queue)
#define CELL(dom, cpu, pos)                                                    \
	(HEAD(cpu) + LINE + ((pos) & (uint32_t)(cells(dom) - 1)))
#define LINE (IPI_APART_BYTES / sizeof(ipi_a32))
#define FREE_FOR(pos) (UINT32_C(0x80000000) | (pos))

static inline size_t cells(const struct ipi_domain *dom)
{
	return dom->queue_bytes / sizeof(ipi_a32) - LINE;
}

/* True when the position is a whole round ahead of what the target has taken. */
static inline bool is_full(struct ipi_domain *dom, uint32_t pos, uint32_t head)
{
	return (int32_t)(pos - head) >= (int32_t)cells(dom);
}

static inline enum ipi_post queue_post(struct ipi_domain *dom,
				       struct ipi_cpu *self,
				       struct ipi_cpu *target,
				       struct ipi_node *n)
{
	for (;;) {
		uint32_t pos = ipi_load_relaxed(TAIL(target));
		ipi_a32 *cell = CELL(dom, target, pos);
		uint32_t head;

		if (ipi_load_relaxed(cell) == FREE_FOR(pos)) {
			/* A0: publishes the node; pairs with A1. */
			if (!ipi_cas_acq_rel(cell, FREE_FOR(pos), n->handle))
				continue;
			(void)ipi_cas_acq_rel(TAIL(target), pos, pos + 1);
			return IPI_POST_OK;
		}
		/* A1: the cell below is not older than this; pairs with A0. */
		head = ipi_load_acquire(HEAD(target));
		if (is_full(dom, pos, head))
			return IPI_POST_FULL;
		/* Taken, and the tail is behind: not the round before. */
		if (ipi_load_relaxed(cell) != FREE_FOR(pos))
			(void)ipi_cas_acq_rel(TAIL(target), pos, pos + 1);
	}
}

static inline uint32_t queue_take(struct ipi_domain *dom, struct ipi_cpu *self,
				  uint32_t *pos)
{
	uint32_t at = POSITION(self);
	ipi_a32 *cell = CELL(dom, self, at);
	/* A1: the node; pairs with A0. */
	uint32_t h = ipi_load_acquire(cell);

	if (h & FREE_FOR(0))
		return 0;
	ipi_store_relaxed(cell, FREE_FOR(at + (uint32_t)cells(dom)));
	POSITION(self) = at + 1;
	/* A0: the cell is free; pairs with A1. */
	ipi_store_release(HEAD(self), at + 1);
	return h;
}

#define queue_bytes queue_bytes
static inline size_t queue_bytes(uint32_t cpus_max, uint32_t depth)
{
	size_t cells = 1;

#ifdef IPI_RING_CELLS
	return IPI_APART_BYTES + IPI_RING_CELLS * sizeof(ipi_a32);
#endif
	while (cells < cpus_max + depth)
		cells *= 2;
	return IPI_APART_BYTES + cells * sizeof(ipi_a32);
}

#define queue_reset queue_reset
static inline void queue_reset(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	/* Not where it was: somebody may wait for room, and the dead CPU too
	 * may not have said what it had taken. */
	uint32_t first = ipi_load_relaxed(HEAD(cpu)) + 1;

	for (uint32_t i = 0; i < cells(dom); i++)
		ipi_store_relaxed(CELL(dom, cpu, first + i),
				  FREE_FOR(first + i));
	POSITION(cpu) = first;
	ipi_store_relaxed(TAIL(cpu), first);
	/* A0: the cells are free; pairs with A1. */
	ipi_store_release(HEAD(cpu), first);
}

static inline ipi_a32 *queue_room(struct ipi_domain *dom,
				  struct ipi_cpu *target, uint32_t *seen)
{
	*seen = ipi_load_relaxed(HEAD(target));
	return is_full(dom, ipi_load_relaxed(TAIL(target)), *seen)
		       ? HEAD(target)
		       : NULL;
}

#include "core/path.h"
