/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a wait makes of the clock, in the worlds that have one. Their
 * struct ipi_env_wait holds timed, deadline_ns, began_ns and report_ns.
 */
#ifndef IPI_ENV_CLOCK_H
#define IPI_ENV_CLOCK_H

#include <ipi/env.h>

/* The clock is looked at seldom: most waits end before the first time. */
#define IPI_CLOCK_EVERY 64u /* turns between two looks at it */
#define IPI_REPORT_EVERY_NS UINT64_C(10000000000)

/* A look: a mask of enum ipi_turn. The first one makes deadline_ns absolute. */
static inline unsigned ipi_wait_clock(struct ipi_env_wait *w, uint64_t now,
				      uint64_t stall_ns)
{
	unsigned turn = IPI_TURN_AGAIN;

	if (!w->began_ns) {
		w->began_ns = now;
		w->report_ns = now + stall_ns;
		if (w->timed && __builtin_add_overflow(now, w->deadline_ns,
						       &w->deadline_ns))
			w->timed = false; /* for ever */
	}
	if (now >= w->report_ns) {
		w->report_ns = now + IPI_REPORT_EVERY_NS;
		turn |= IPI_TURN_STALL;
	}
	if (w->timed && now >= w->deadline_ns)
		turn |= IPI_TURN_TIMEOUT;
	return turn;
}

#endif
