/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * null: accepts and completes every message without running it. What a send
 * and a wait cost when the queue and the target cost nothing. Memory: none.
 *
 *           post   take    check      -  may run together   X  caller must exclude
 *   post     -      -       -         wait-free
 *   take            -       -         finds nothing
 */
#include "core/internal.h"

#define IPI_QUEUE_NAME null

static inline enum ipi_post queue_post(struct ipi_domain *dom,
				       struct ipi_cpu *self,
				       struct ipi_cpu *target,
				       struct ipi_node *n)
{
	return IPI_POST_DROPPED;
}

static inline uint32_t queue_take(struct ipi_domain *dom, struct ipi_cpu *self,
				  uint32_t *pos)
{
	return 0;
}

static inline ipi_a32 *queue_room(struct ipi_domain *dom,
				  struct ipi_cpu *target, uint32_t *seen)
{
	return NULL;
}

#include "core/path.h"
