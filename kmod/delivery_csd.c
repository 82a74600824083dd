// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * csd: smp_call_function_single_async(), the portable one. A call can't be
 * queued twice, so each CPU has one for each other. One that is still queued
 * (-EBUSY) has not begun: it will find what was published before it was asked
 * for again.
 *
 * Linux raises no interrupt for a CPU that idles polling, nor onto a queue that
 * is not empty: that is Linux's own cross-call, and what it costs.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "delivery.h"

/* Linux empties the queue from its idle loop, too: that is no interrupt. */
static void csd_call(void *info)
{
	struct ipi_cpu *self = info;

	if (in_hardirq())
		ipi_arrive(self->dom, self);
	else
		ipi_serve(self->dom, self, IPI_WAY_IDLE);
}

static void csd_close(struct ipi_domain *dom)
{
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (!cpu)
			continue;
		kvfree(cpu->env.csd);
		cpu->env.csd = NULL;
	}
}

static int csd_of(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	cpu->env.csd = kvcalloc(dom->cpus_max, sizeof(*cpu->env.csd),
				GFP_KERNEL);
	if (!cpu->env.csd)
		return -ENOMEM;
	for (uint32_t i = 0; i < dom->cpus_max; i++)
		INIT_CSD(&cpu->env.csd[i], csd_call, ipi_cpu_at(dom, i));
	return 0;
}

static int csd_open(struct ipi_domain *dom)
{
	int err = 0;

	for (uint32_t i = 0; i < dom->cpus_max && !err; i++)
		if (ipi_cpu_at(dom, i))
			err = csd_of(dom, ipi_cpu_at(dom, i));
	if (err)
		csd_close(dom);
	return err;
}

static int csd_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	struct ipi_cpu *self = ipi_cpu_at(dom, smp_processor_id());
	int err;

	/* What was published comes before the look at the call's own flag. */
	smp_mb__after_atomic();
	err = smp_call_function_single_async(target->index,
					     &self->env.csd[target->index]);
	return err == -EBUSY ? 0 : err ? -ESRCH : 0;
}

const struct ipi_delivery ipi_delivery_csd = {
	.name = "csd",
	.row = "CAL",
	.open = csd_open,
	.close = csd_close,
	.notify = csd_notify,
};
