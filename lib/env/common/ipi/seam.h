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
