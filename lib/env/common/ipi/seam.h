/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every world's <ipi/env.h> promises to core beside the memory
 * operations, in one place. Core asks for nothing else.
 */
#ifndef IPI_ENV_SEAM_H
#define IPI_ENV_SEAM_H

struct ipi_domain;
struct ipi_cpu;
struct ipi_stall;

/*
 * ipi_env_drain(cpu), a macro: takes back what the delivery has told the calling
 * CPU so far; true: something. Made before the look at the notify word, so that
 * who publishes after the look tells anew.
 */

/*
 * Three more macros. ipi_env_section_begin(self) and ipi_env_section_end(self):
 * nothing else of this CPU may send in between. ipi_env_notify_set(dom, self,
 * set): the delivery has told all members of a set at once; false: it has told
 * nobody, each is to be told alone.
 */

/*
 * And one that a tracer may hear of: ipi_env_event(event, dom, from, to, number),
 * from and to being indices of CPUs. Where nobody traces it is nothing, and its
 * arguments are not computed.
 *   post	a send is in the mailbox, or its id's bit is set
 *   told	from is the one who has to notify to; of its last post
 *   dequeue	to has taken it, no handler begun; ids: from is UINT32_MAX
 *   done	the handler returned, and the answer is given
 * number: of an id's send the id; of a message ipi_number_of() its node, which
 * is unlike that of all others from there to there under way.
 */

/* Moments that a test may make hostile. No-ops but in a hooked build. */
enum ipi_test_point {
	IPI_POINT_SECTION_ENTERED, /* a send began; delivery is held off */
	IPI_POINT_POSTED, /* in the mailbox, or id bit set; word not yet */
	IPI_POINT_PUBLISHED, /* notify word done, notify not yet */
	IPI_POINT_NOTIFIED,
	IPI_POINT_PASS_BEGIN, /* pass marked, notify word not yet taken */
	IPI_POINT_TAKEN, /* notify word taken, no handler begun */
	IPI_POINT_CLAIMED, /* node claimed, func not yet called */
	IPI_POINT_RAN, /* func returned, not yet acknowledged */
	IPI_POINT_ACKED,
	IPI_POINT_WAIT_TURN, /* before each turn of a wait */
	IPI_POINT_TOMBSTONED, /* unregister: no new run begins */
	IPI_POINT_DRAINED, /* unregister: grace is over, id not yet free */
	IPI_POINTS
};

/* What a turn of a wait says beside "look again". */
enum ipi_turn {
	IPI_TURN_AGAIN = 0,
	IPI_TURN_TIMEOUT = 1, /* the deadline has passed */
	IPI_TURN_STALL = 2, /* the stall threshold has passed: report */
	IPI_TURN_SLOW = 4, /* it takes long: see who has died */
};

#endif
