/* SPDX-License-Identifier: GPL-2.0-only */
/* Known to the probes and to who arms them. */
#ifndef IPI_TRACE_QUARANTINE_H
#define IPI_TRACE_QUARANTINE_H

/*
 * Nothing is timed for so long after arming, and behind an ambiguous entry:
 * interrupts may be under way whose sends were not seen, or which that entry
 * did not answer for. A send's ICR write follows its probe at once, but for a
 * hypervisor that takes the CPU away in between.
 */
#define TRACE_QUARANTINE_NS 1000000ull

#endif
