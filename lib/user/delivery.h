/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a delivery is. Ops are const, in one array, checked once. */
#ifndef IPI_USER_DELIVERY_H
#define IPI_USER_DELIVERY_H

#include <time.h>

#include "core/domain.h"

struct ipi_delivery {
	const char *name;
	uint32_t word_base; /* state bits of a CPU that has just attached */
	/* NULL: works here; else a sentence that says why not. */
	const char *(*probe)(void);
	/* Of what follows, NULL: there is nothing to do. */
	/* Around the life of a domain; 0 or -errno. */
	int (*open)(struct ipi_domain *dom, const struct ipi_params *params);
	void (*close)(struct ipi_domain *dom);
	/*
	 * What a CPU must have before it can be sent to: 0 or -errno; and the
	 * end of that, on any thread, when no section may notify it any more.
	 */
	int (*acquire)(struct ipi_cpu *cpu);
	void (*release)(struct ipi_cpu *cpu);
	/* Around the life of a CPU, on its thread. */
	void (*attach)(struct ipi_domain *dom, struct ipi_cpu *cpu);
	void (*detach)(struct ipi_domain *dom, struct ipi_cpu *cpu);
	/* Always there. 0, -EAGAIN or -ESRCH. */
	int (*notify)(struct ipi_domain *dom, struct ipi_cpu *target);
	/* Instead of a futex: as ipi_env_sleep(). */
	void (*sleep)(struct ipi_cpu *self, uint32_t seen, uint64_t timeout_ns);
	/* A descriptor for event loops. */
	int (*fd)(struct ipi_cpu *self);
};

#define IPI_DELIVERY(name, help)                                               \
	extern const struct ipi_delivery ipi_delivery_##name;
#include "user/deliveries.def"
#undef IPI_DELIVERY

extern const struct ipi_delivery *const ipi_deliveries[];

static inline struct timespec ipi_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000),
				  .tv_nsec = (long)(ns % 1000000000) };
}

static inline const struct ipi_delivery *ipi_delivery_of(struct ipi_domain *dom)
{
	return ipi_deliveries[dom->delivery];
}

/* A notify: wakes a target that sleeps on its notify word in idle. */
int ipi_delivery_wake(struct ipi_domain *dom, struct ipi_cpu *target);

#endif
