/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The deliveries' list, and the core's way to them. */
#include "user/delivery.h"

const struct ipi_delivery *const ipi_deliveries[] = {
#define IPI_DELIVERY(name, help) &ipi_delivery_##name,
#include "user/deliveries.def"
#undef IPI_DELIVERY
	NULL,
};

static const char *const helps[] = {
#define IPI_DELIVERY(name, help) help,
#include "user/deliveries.def"
#undef IPI_DELIVERY
};

enum {
#define IPI_DELIVERY(name, help) DELIVERY_##name,
#include "user/deliveries.def"
#undef IPI_DELIVERY
	DELIVERIES
};

int ipi_delivery_wake(struct ipi_domain *dom, struct ipi_cpu *target)
{
	ipi_env_wake(&target->notify);
	return 0;
}

int ipi_env_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	return ipi_delivery_of(dom)->notify(dom, target);
}

const char *ipi_delivery_name(unsigned n)
{
	return n < DELIVERIES ? ipi_deliveries[n]->name : NULL;
}

const char *ipi_delivery_help(unsigned n)
{
	return n < DELIVERIES ? helps[n] : NULL;
}

const char *ipi_delivery_probe(const char *name)
{
	for (unsigned n = 0; n < DELIVERIES; n++)
		if (!strcmp(name, ipi_deliveries[n]->name))
			return ipi_deliveries[n]->probe();
	return "no such delivery";
}

const char *ipi_domain_delivery(const struct ipi_domain *dom)
{
	return ipi_delivery_name(dom->delivery);
}
