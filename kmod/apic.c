// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts by the local APIC's driver. */
#include <linux/cpumask.h>
#include <linux/slab.h>

#include "apic.h"

#if IPI_APIC

#include <asm/apic.h>
#include <asm/cpufeature.h>

const char *ipi_apic_probe(void)
{
	if (boot_cpu_has(X86_FEATURE_XENPV))
		return "a Xen PV guest has no local APIC";
	if (!boot_cpu_has(X86_FEATURE_APIC))
		return "the local APIC is switched off";
	if (!apic->send_IPI || !apic->send_IPI_mask)
		return "the APIC's driver has no function that interrupts";
	return NULL;
}

bool ipi_apic_is_uv(void)
{
	return apic->name && !strncmp(apic->name, "UV ", 3);
}

/* ---- an NMI's own sends -------------------------------------------------- */

#define ICR_TURNS 1000u /* a message leaves within a few */

static void wait_idle(void)
{
	for (unsigned turn = 0; turn < ICR_TURNS; turn++) {
		if (!(apic->read(APIC_ICR) & APIC_ICR_BUSY))
			break;
		cpu_relax();
	}
}

/*
 * But for x2APIC a send is two writes, the target and then the command, and an
 * NMI may have met one between them: the target is put back.
 */
static u32 save_target(void)
{
	if (!in_nmi() || x2apic_mode)
		return 0;
	wait_idle();
	return apic->read(APIC_ICR2);
}

static void restore_target(u32 target)
{
	if (!in_nmi() || x2apic_mode)
		return;
	wait_idle();
	apic->write(APIC_ICR2, target);
}

/* ---- sends --------------------------------------------------------------- */

void ipi_apic_send(uint32_t index, int vector)
{
	u32 target = save_target();

	apic->send_IPI(index, vector);
	restore_target(target);
}

/*
 * No CPU leaves while interrupts are off here, and one that comes was present
 * before. CPUs that were left out at boot are present and not online.
 */
static bool is_everybody_else(const struct cpumask *mask)
{
	return apic->send_IPI_allbutself &&
	       cpumask_weight(mask) + 1 == num_online_cpus() &&
	       cpumask_equal(cpu_present_mask, cpu_online_mask);
}

void ipi_apic_send_set(struct ipi_cpu *self, const ipi_cpuset_t *set,
		       int vector, bool all_but_self)
{
	struct cpumask *mask = self->env.mask;
	uint32_t index;
	u32 target;

	cpumask_clear(mask);
	IPI_CPUSET_FOREACH(index, set)
		cpumask_set_cpu(index, mask);
	if (all_but_self && is_everybody_else(mask)) {
		self->env.by_shorthand++;
		apic->send_IPI_allbutself(vector);
		return;
	}
	self->env.by_mask++;
	target = save_target();
	apic->send_IPI_mask(mask, vector);
	restore_target(target);
}

/* A section may be in an NMI, so each CPU's mask is its domain's own. */
int ipi_apic_masks(struct ipi_domain *dom)
{
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (!cpu)
			continue;
		cpu->env.mask = kzalloc_node(cpumask_size(), GFP_KERNEL,
					     cpu_to_node(i));
		if (!cpu->env.mask)
			return -ENOMEM;
	}
	return 0;
}

void ipi_apic_free_masks(struct ipi_domain *dom)
{
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (!cpu)
			continue;
		kfree(cpu->env.mask);
		cpu->env.mask = NULL;
	}
}

#else

const char *ipi_apic_probe(void)
{
	return IS_ENABLED(CONFIG_X86_LOCAL_APIC) ?
		       "this kernel does not export its APIC driver" :
		       "only an x86 machine with a local APIC has it";
}

bool ipi_apic_is_uv(void)
{
	return false;
}

#endif
