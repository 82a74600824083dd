// SPDX-License-Identifier: GPL-2.0-only
/*
 * vector: interrupts of our own, raised by the APIC's driver, without Linux's
 * cross-call queue in between.
 *
 * One target: each CPU of each domain has an interrupt from the vector domain, as
 * a device's would be. It is a managed one with one CPU in its mask: nobody moves
 * it, Linux shuts it down when the CPU leaves and starts it, perhaps on another
 * vector, before our hotplug state comes to the CPU again, where it is read anew.
 * In /proc/interrupts it is ipi-cpuN.
 *
 * A set: these vectors differ from CPU to CPU, and a multicast needs one that is
 * the same everywhere. Linux has 0xf7 for the platform, and only HPE's UV uses
 * it; its handler does nothing but count and call a tracepoint, from the hard
 * interrupt, with interrupts off. We are a probe on it. The APIC is told once for
 * all, by mask or, where that is safe, by "all but self". Where the vector is not
 * to be had, sets are told one by one. /proc/interrupts shows Linux's count (PLT)
 * to those only who own the vector's callback: it is in the module's parameter
 * platform_ipis.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>

#include "apic.h"
#include "delivery.h"
#include "line.h"

#if IPI_APIC && IPI_HAS_x86_vector_domain && IPI_HAS_irqd_cfg &&               \
	IPI_HAS___irq_domain_alloc_irqs && IPI_HAS_irq_dispose_mapping

#include <asm/hardirq.h>
#include <asm/hw_irq.h>
#include <asm/irq_vectors.h>
#include <asm/irqdomain.h>

static const char *vector_probe(void)
{
	return ipi_apic_probe();
}

/* ---- a set: the platform's vector ---------------------------------------- */

static int connect(void);
static void disconnect(void);
IPI_LINE(line, connect, disconnect);

static struct tracepoint *platform_entry;

static void on_platform_ipi(void *data, int vector)
{
	(void)ipi_line_answer(&line);
}

static void find(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "x86_platform_ipi_entry"))
		platform_entry = tp;
}

static int connect(void)
{
	if (ipi_apic_is_uv())
		return -EBUSY; /* its clock's */
	for_each_kernel_tracepoint(find, NULL);
	return platform_entry ? tracepoint_probe_register(
					platform_entry, on_platform_ipi, NULL) :
				-ENOENT;
}

static void disconnect(void)
{
	tracepoint_probe_unregister(platform_entry, on_platform_ipi, NULL);
	tracepoint_synchronize_unregister();
}

#if IPI_HAS_irq_stat
#define VECTOR_ROW "ipi-cpu+platform_ipis"

static int count_get(char *buffer, const struct kernel_param *param)
{
	unsigned int cpu, sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(irq_stat, cpu).x86_platform_ipis);
	return sysfs_emit(buffer, "%u\n", sum);
}

static const struct kernel_param_ops count_ops = { .get = count_get };
module_param_cb(platform_ipis, &count_ops, NULL, 0444);
MODULE_PARM_DESC(platform_ipis, "interrupts of the platform's vector, by Linux's own count");
#else
#define VECTOR_ROW "ipi-cpu"
#endif

/* ---- one target: a CPU's own --------------------------------------------- */

static irqreturn_t on_vector(int irq, void *data)
{
	struct ipi_cpu *self = data;

	ipi_arrive(self->dom, self);
	return IRQ_HANDLED;
}

/* Makes it and puts it in its CPU's table, if that is online; 0 or -errno. */
static int make_irq(struct ipi_domain *dom, uint32_t i,
		    struct irq_affinity_desc *affinity)
{
	const unsigned long flags = IRQF_NOBALANCING | IRQF_NO_THREAD;
	struct irq_alloc_info info = {};
	char *name = kasprintf(GFP_KERNEL, "ipi-cpu%u", i);
	int irq, err;

	if (!name)
		return -ENOMEM;
	cpumask_copy(&affinity->mask, cpumask_of(i));
	affinity->is_managed = 1;
	irq = __irq_domain_alloc_irqs(x86_vector_domain, -1, 1, cpu_to_node(i),
				      &info, false, affinity);
	if (irq <= 0) {
		kfree(name);
		return irq ?: -ENOSPC;
	}
	irq_set_handler(irq, handle_edge_irq);
	err = request_irq(irq, on_vector, flags, name, ipi_cpu_at(dom, i));
	if (err) {
		irq_dispose_mapping(irq);
		kfree(name);
		return err;
	}
	dom->env.irqs[i] = irq;
	return 0;
}

/* What is still under way has come: the domain has been drained. */
static void free_irqs(struct ipi_domain *dom)
{
	for (uint32_t i = 0; dom->env.irqs && i < dom->cpus_max; i++) {
		if (!dom->env.irqs[i])
			continue;
		kfree(free_irq(dom->env.irqs[i], ipi_cpu_at(dom, i)));
		irq_dispose_mapping(dom->env.irqs[i]);
	}
	kvfree(dom->env.irqs);
	kvfree(dom->env.vectors);
	dom->env.irqs = NULL;
	dom->env.vectors = NULL;
}

static int make_irqs(struct ipi_domain *dom)
{
	struct irq_affinity_desc *affinity;
	int err = -ENOMEM;

	affinity = kzalloc(sizeof(*affinity), GFP_KERNEL);
	dom->env.irqs = kvcalloc(dom->cpus_max, sizeof(*dom->env.irqs),
				 GFP_KERNEL);
	dom->env.vectors = kvcalloc(dom->cpus_max, sizeof(*dom->env.vectors),
				    GFP_KERNEL);
	if (affinity && dom->env.irqs && dom->env.vectors)
		err = 0;
	for (uint32_t i = 0; i < dom->cpus_max && !err; i++)
		if (ipi_cpu_at(dom, i))
			err = make_irq(dom, i, affinity);
	kfree(affinity);
	if (err)
		free_irqs(dom);
	return err;
}

/* On the CPU, which has come: Linux has started its interrupt again. */
static int vector_attach(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	struct irq_data *data = irq_get_irq_data(dom->env.irqs[cpu->index]);
	struct irq_cfg *cfg = data ? irqd_cfg(data) : NULL;

	if (!cfg || !irqd_is_started(data) ||
	    cfg->vector < FIRST_EXTERNAL_VECTOR)
		return -ENOSPC;
	dom->env.vectors[cpu->index] = cfg->vector;
	ipi_line_forget(cpu);
	return 0;
}

/* ---- the delivery -------------------------------------------------------- */

static int vector_open(struct ipi_domain *dom)
{
	int err = ipi_apic_masks(dom);

	if (!err)
		err = make_irqs(dom);
	if (err) {
		ipi_apic_free_masks(dom);
		return err;
	}
	dom->env.has_line = !ipi_line_join(&line, dom);
	if (!dom->env.has_line)
		pr_info_once("ipi: the platform's vector is not free: sets are told one by one\n");
	return 0;
}

static void vector_close(struct ipi_domain *dom)
{
	if (dom->env.has_line)
		ipi_line_leave(&line, dom);
	free_irqs(dom);
	ipi_apic_free_masks(dom);
}

static int vector_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	ipi_apic_send(target->index, dom->env.vectors[target->index]);
	return 0;
}

static bool vector_notify_set(struct ipi_domain *dom, struct ipi_cpu *self,
			      const ipi_cpuset_t *set)
{
	uint32_t index;

	if (!dom->env.has_line || ipi_cpuset_countset(set) < 2)
		return false;
	IPI_CPUSET_FOREACH(index, set)
		ipi_line_ring(ipi_cpu_at(dom, index));
	ipi_apic_send_set(self, set, X86_PLATFORM_IPI_VECTOR, true);
	return true;
}

const struct ipi_delivery ipi_delivery_vector = {
	.name = "vector",
	.row = VECTOR_ROW,
	.probe = vector_probe,
	.open = vector_open,
	.close = vector_close,
	.attach = vector_attach,
	.notify = vector_notify,
	.notify_set = vector_notify_set,
};

#else

static const char *vector_probe(void)
{
	return ipi_apic_probe() ?:
		       "this kernel lets no module have a vector of its own";
}

const struct ipi_delivery ipi_delivery_vector = {
	.name = "vector",
	.probe = vector_probe,
};

#endif
