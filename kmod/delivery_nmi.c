// SPDX-License-Identifier: GPL-2.0-only
/*
 * nmi: a non-maskable interrupt, which comes through where interrupts are off.
 * Only in private domains: what its handlers touch must be NMI-safe, which no
 * other module that shares the default domain would expect. They send and wait
 * in their own domain only; in any other they are no CPU (-EPERM). Neither
 * ipi_splhigh() nor interrupts that are off hold it off.
 *
 * In core an NMI may come between any two instructions. Where it meets a section
 * or a frame of its domain it is noted, and who ends the section or the frame
 * serves before interrupts are let in again: an interrupt's handler may spin on a
 * lock whose holder an NMI made wait for this CPU. All that core changes with
 * plain loads and stores, the counters too, it changes in one of these, and the
 * counter of the noted ones is added to by one locked instruction. So takes never
 * overlap, and no handler runs while this CPU posts.
 *
 * Queues: all may be used. The lock-free ones say so in their tables. The lock of
 * `lock` is only held inside a section or a frame, so who interrupts its holder
 * runs no code that wants it; others who wait for it leave their section after
 * some turns. Acknowledgements: all. Waiters: all; a stall report from a handler
 * calls on_stall in the NMI.
 *
 * An NMI has no sender, and every handler on its list is asked. An NMI of
 * somebody else's may come between the ring and our own: then it is answered for
 * ours, and ours, coming late, finds nothing rung and is claimed all the same.
 */
#include <linux/jiffies.h>

#include "apic.h"
#include "delivery.h"
#include "line.h"

#if IPI_APIC && IPI_HAS___register_nmi_handler

#include <asm/irq_vectors.h>
#include <asm/nmi.h>

#define LATE_JIFFIES (HZ / 10 + 1)

struct late {
	unsigned n; /* NMIs that may still come for rings that were answered */
	unsigned long until;
};
static DEFINE_PER_CPU(struct late, late);

static int connect(void);

static void disconnect(void)
{
	unregister_nmi_handler(NMI_LOCAL, "ipi");
}

IPI_LINE(line, connect, disconnect);

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	struct late *l = this_cpu_ptr(&late);
	unsigned rings = ipi_line_answer(&line);

	if (rings) {
		l->n = rings;
		l->until = jiffies + LATE_JIFFIES;
		return rings;
	}
	if (!l->n || time_after(jiffies, l->until))
		return NMI_DONE;
	l->n--;
	return NMI_HANDLED;
}

static int connect(void)
{
	return register_nmi_handler(NMI_LOCAL, on_nmi, 0, "ipi");
}

static const char *nmi_probe(void)
{
	return ipi_apic_probe();
}

static int nmi_open(struct ipi_domain *dom)
{
	int err = ipi_apic_masks(dom);

	if (!err)
		err = ipi_line_join(&line, dom);
	if (err)
		ipi_apic_free_masks(dom);
	return err;
}

/* The domain has been drained, so each NMI has come, or its CPU has left. */
static void nmi_close(struct ipi_domain *dom)
{
	ipi_line_leave(&line, dom);
	ipi_apic_free_masks(dom);
}

static int nmi_attach(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	ipi_line_forget(cpu);
	return 0;
}

static int nmi_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	ipi_line_ring(target);
	ipi_apic_send(target->index, NMI_VECTOR);
	return 0;
}

static bool nmi_notify_set(struct ipi_domain *dom, struct ipi_cpu *self,
			   const ipi_cpuset_t *set)
{
	uint32_t index;

	IPI_CPUSET_FOREACH(index, set)
		ipi_line_ring(ipi_cpu_at(dom, index));
	ipi_apic_send_set(self, set, NMI_VECTOR, false);
	return true;
}

const struct ipi_delivery ipi_delivery_nmi = {
	.name = "nmi",
	.private_only = true,
	.row = "NMI",
	.probe = nmi_probe,
	.open = nmi_open,
	.close = nmi_close,
	.attach = nmi_attach,
	.notify = nmi_notify,
	.notify_set = nmi_notify_set,
};

#else

static const char *nmi_probe(void)
{
	return ipi_apic_probe() ?: "this kernel lets no module handle an NMI";
}

const struct ipi_delivery ipi_delivery_nmi = {
	.name = "nmi",
	.private_only = true,
	.probe = nmi_probe,
};

#endif
