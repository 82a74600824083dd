/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting: for time or a signal, and for probes that are still running. */
#ifndef IPI_TRACE_WAIT_H
#define IPI_TRACE_WAIT_H

#include <stdbool.h>
#include <stdint.h>

uint64_t wait_now_ns(void); /* the clock of the probes */
/* From here on the signals that end a trace are waited for. */
void wait_block_signals(void);
/* Until the time, or (true) until such a signal. */
bool wait_until(uint64_t end_ns);
/*
 * Arms probes, and returns when what is sent from then on is timed. Such a signal
 * is left for wait_until().
 */
void wait_armed(volatile uint64_t *armed_at);
/* Probes that ran when it was called have ended. 0 or -errno. */
int wait_for_probes(void);

#endif
