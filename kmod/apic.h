/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC, as far as a module may use it: the driver that Linux has
 * chosen, through the pointer `apic`. Its own functions have the fence that
 * x2APIC needs between what was published and the write that interrupts.
 *
 * A kernel is asked for what it exports when the module is built, not for its
 * version: see Kbuild.
 */
#ifndef IPI_KMOD_APIC_H
#define IPI_KMOD_APIC_H

#include "core/internal.h"

#if IS_ENABLED(CONFIG_X86_LOCAL_APIC) && IPI_HAS_apic
#define IPI_APIC 1
#else
#define IPI_APIC 0
#endif

/* NULL: a module may interrupt by it; else a sentence that says why not. */
const char *ipi_apic_probe(void);
/* Is it one of HPE's UV, whose clock owns the platform's vector? */
bool ipi_apic_is_uv(void);

#if IPI_APIC
/* All with interrupts off. An NMI vector makes it an NMI. */
void ipi_apic_send(uint32_t index, int vector);
/*
 * To each member of a set that has no self, by self's mask. all_but_self: by
 * the hardware's shorthand if the set is everybody else; never for an NMI,
 * which reaches CPUs that are parked.
 */
void ipi_apic_send_set(struct ipi_cpu *self, const ipi_cpuset_t *set,
		       int vector, bool all_but_self);
/* A mask for each CPU of a domain; 0 or -ENOMEM. */
int ipi_apic_masks(struct ipi_domain *dom);
void ipi_apic_free_masks(struct ipi_domain *dom);
#endif

#endif
