/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a delivery is. Ops are const, in one array, checked once. */
#ifndef IPI_USER_DELIVERY_H
#define IPI_USER_DELIVERY_H

#include "core/domain.h"

struct ipi_delivery {
	const char *name;
	uint32_t word_base; /* state bits of a CPU at rest */
	/* NULL: works here; else a sentence that says why not. */
	const char *(*probe)(void);
	/* Around the life of a domain; 0 or -errno. */
	int (*open)(struct ipi_domain *dom, const struct ipi_params *params);
	void (*close)(struct ipi_domain *dom);
	/* Around the life of a CPU, on its thread. */
	void (*attach)(struct ipi_domain *dom, struct ipi_cpu *cpu);
	void (*detach)(struct ipi_domain *dom, struct ipi_cpu *cpu);
	/* 0, -EAGAIN or -ESRCH. */
	int (*notify)(struct ipi_domain *dom, struct ipi_cpu *target);
};

#define IPI_DELIVERY(name, help)                                               \
	extern const struct ipi_delivery ipi_delivery_##name;
#include "user/deliveries.def"
#undef IPI_DELIVERY

extern const struct ipi_delivery *const ipi_deliveries[];

#endif
