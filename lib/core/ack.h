/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How the targets of one message say that they have run it. Where the sender
 * expects n answers it says so before it posts; whoever answers, or will never
 * have to, is counted once. In none of the designs is a line that several CPUs
 * answer in one that others read func and arg from.
 *
 *   counter  all targets count down one word of the message
 *   word     each target ends its node, and who waits looks at the nodes of the
 *            sender's pool one by one; nobody shares a line with another target
 *   tree     the targets of a group of near CPUs count down a word of theirs,
 *            and the last of a group one word of the sender's; memory for
 *            IPI_ACK_BLOCKS such messages of a sender at a time, others are
 *            counted
 *
 * When CPUs have died a count may be too great; then the nodes tell, as they do
 * for `word`.
 */
#ifndef IPI_CORE_ACK_H
#define IPI_CORE_ACK_H

#include "core/internal.h"

/* Before the first post: n remote targets are in set. */
void ipi_ack_begin(struct ipi_domain *dom, struct ipi_cpu *self,
		   struct ipi_msg_private *p, const struct ipi_cpuset *set,
		   unsigned n);
/* After the last post. */
void ipi_ack_end(struct ipi_domain *dom, struct ipi_msg_private *p);
/* Where a target of the message is counted: goes into its node. */
ipi_a32 *ipi_ack_cell(struct ipi_domain *dom, struct ipi_msg_private *p,
		      const struct ipi_cpu *target);
/*
 * Is a node's cell one of this message, which is not over? What was read of the
 * node before is then the message's, too.
 */
bool ipi_ack_is_of(struct ipi_domain *dom, const struct ipi_msg_private *p,
		   const ipi_a32 *cell);
/*
 * Where to wait for what is missing, what is seen there now, and whether all
 * have answered. from: nodes below it have; 0 at first.
 */
ipi_a32 *ipi_ack_word(struct ipi_domain *dom, struct ipi_msg_private *p,
		      uint32_t *from, uint32_t *seen, bool *done);
/* A node of the message that its target has not ended, or NULL. */
struct ipi_node *ipi_ack_missing(struct ipi_domain *dom,
				 const struct ipi_msg_private *p,
				 uint32_t *from);

#endif
