// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The deliveries' list, and the core's way to them. */
#include "delivery.h"

const struct ipi_delivery *const ipi_deliveries[] = {
#define IPI_DELIVERY(name, help) &ipi_delivery_##name,
#include "deliveries.def"
#undef IPI_DELIVERY
	NULL,
};

static const char *const helps[] = {
#define IPI_DELIVERY(name, help) help,
#include "deliveries.def"
#undef IPI_DELIVERY
};
#define DELIVERIES ARRAY_SIZE(helps)

int ipi_env_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	int err = ipi_delivery_of(dom)->notify(dom, target);

	ipi_env_event(notify, dom, smp_processor_id(), target->index, 0);
	return err;
}

static void trace_set(struct ipi_domain *dom, struct ipi_cpu *self,
		      const ipi_cpuset_t *set)
{
	uint32_t index;

	IPI_CPUSET_FOREACH(index, set)
		ipi_env_event(notify, dom, self->index, index, 0);
}

bool ipi_env_notify_set(struct ipi_domain *dom, struct ipi_cpu *self,
			const ipi_cpuset_t *set)
{
	const struct ipi_delivery *delivery = ipi_delivery_of(dom);

	if (!delivery->notify_set || !delivery->notify_set(dom, self, set))
		return false;
	if (static_branch_unlikely(&ipi_traced))
		trace_set(dom, self, set);
	return true;
}

void ipi_arrive(struct ipi_domain *dom, struct ipi_cpu *self)
{
	ipi_env_event(entry, dom, UINT32_MAX, self->index, 0);
	ipi_interrupt(dom, self);
}

void ipi_domain_sets(struct ipi_domain *dom, uint64_t *by_mask,
		     uint64_t *by_shorthand)
{
	*by_mask = *by_shorthand = 0;
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (!cpu)
			continue;
		*by_mask += READ_ONCE(cpu->env.by_mask);
		*by_shorthand += READ_ONCE(cpu->env.by_shorthand);
	}
}

/* The first of them that can't be had is undone with those before it. */
int ipi_deliveries_init(void)
{
	int err = 0;
	unsigned n;

	for (n = 0; n < DELIVERIES && !err; n++)
		if (ipi_deliveries[n]->init)
			err = ipi_deliveries[n]->init();
	if (!err)
		return 0;
	for (n--; n--;)
		if (ipi_deliveries[n]->exit)
			ipi_deliveries[n]->exit();
	return err;
}

void ipi_deliveries_exit(void)
{
	for (unsigned n = DELIVERIES; n--;)
		if (ipi_deliveries[n]->exit)
			ipi_deliveries[n]->exit();
}

const char *ipi_delivery_name(unsigned n)
{
	return n < DELIVERIES ? ipi_deliveries[n]->name : NULL;
}

const char *ipi_delivery_help(unsigned n)
{
	return n < DELIVERIES ? helps[n] : NULL;
}

const char *ipi_delivery_row(unsigned n)
{
	return n < DELIVERIES && ipi_deliveries[n]->row ? ipi_deliveries[n]->row
							: "";
}

const char *ipi_delivery_probe(const char *name)
{
	int n = ipi_design_find(ipi_delivery_name, name);

	if (n < 0)
		return "no such delivery";
	return ipi_deliveries[n]->probe ? ipi_deliveries[n]->probe() : NULL;
}

const char *ipi_domain_delivery(const struct ipi_domain *dom)
{
	return ipi_delivery_name(dom->delivery);
}

/* ---- poll --------------------------------------------------------------- */

static int poll_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	return 0;
}

const struct ipi_delivery ipi_delivery_poll = {
	.name = "poll",
	.word_base = IPI_W_POLLING,
	.notify = poll_notify,
};
