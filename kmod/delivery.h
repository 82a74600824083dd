/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How a CPU is interrupted. Ops are const, in one array, checked once. */
#ifndef IPI_KMOD_DELIVERY_H
#define IPI_KMOD_DELIVERY_H

#include "core/internal.h"

struct ipi_delivery {
	const char *name;
	uint32_t word_base; /* state bits of a CPU that has just come */
	bool private_only; /* not for the domain that everybody shares */
	const char *row; /* as ipi_uapi_query.row; NULL: nothing counts it */
	/* NULL: works here; else a sentence that says why not. */
	const char *(*probe)(void);
	/* Of what follows, NULL: there is nothing to do. */
	/* Around the life of a domain, with all its CPUs' memory; 0 or -errno. */
	int (*open)(struct ipi_domain *dom);
	void (*close)(struct ipi_domain *dom);
	/* On a CPU that has come, before it is sent to; 0, or it stays out. */
	int (*attach)(struct ipi_domain *dom, struct ipi_cpu *cpu);
	/* Around the life of the module; 0 or -errno. */
	int (*init)(void);
	void (*exit)(void);
	/* Always there. 0, -EAGAIN or -ESRCH. Interrupts are off. */
	int (*notify)(struct ipi_domain *dom, struct ipi_cpu *target);
	/* The whole set at once; false: it has told nobody. */
	bool (*notify_set)(struct ipi_domain *dom, struct ipi_cpu *self,
			   const ipi_cpuset_t *set);
};

#define IPI_DELIVERY(name, help)                                               \
	extern const struct ipi_delivery ipi_delivery_##name;
#include "deliveries.def"
#undef IPI_DELIVERY

extern const struct ipi_delivery *const ipi_deliveries[];

static inline const struct ipi_delivery *ipi_delivery_of(struct ipi_domain *dom)
{
	return ipi_deliveries[dom->delivery];
}

/* The interrupt has come to self, for dom. Interrupts are off. */
void ipi_arrive(struct ipi_domain *dom, struct ipi_cpu *self);
/* Of sets that went to the interrupt controller whole: how often by which way. */
void ipi_domain_sets(struct ipi_domain *dom, uint64_t *by_mask,
		     uint64_t *by_shorthand);

/* The row of the n-th delivery; "": none. */
const char *ipi_delivery_row(unsigned n);

int ipi_deliveries_init(void);
void ipi_deliveries_exit(void);

#endif
