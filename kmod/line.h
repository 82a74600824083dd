/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line on which several domains ring a CPU: one vector, or the NMI. Who was
 * meant is told by a count for each CPU of each domain: whoever notifies adds
 * one before the interrupt, and the interrupt answers each domain whose count
 * is not what it was when it last looked.
 */
#ifndef IPI_KMOD_LINE_H
#define IPI_KMOD_LINE_H

#include <linux/mutex.h>

#include "core/internal.h"

struct ipi_line {
	struct mutex lock; /* joining against leaving */
	struct hlist_head domains; /* RCU */
	int (*connect)(void); /* before the first has joined; 0 or -errno */
	void (*disconnect)(void); /* when the last has left */
};

#define IPI_LINE(name, up, down)                                               \
	static struct ipi_line name = {                                        \
		.lock = __MUTEX_INITIALIZER(name.lock),                        \
		.domains = HLIST_HEAD_INIT,                                    \
		.connect = (up),                                               \
		.disconnect = (down),                                          \
	}

/* 0, or what connect says. */
int ipi_line_join(struct ipi_line *line, struct ipi_domain *dom);
/* Nobody rings for the domain any more; on return nobody answers either. */
void ipi_line_leave(struct ipi_line *line, struct ipi_domain *dom);
/* The interrupt has come to this CPU: how many had rung. Interrupts are off. */
unsigned ipi_line_answer(struct ipi_line *line);

/* Before the interrupt is sent; a full barrier, as are Linux's that return. */
static inline void ipi_line_ring(struct ipi_cpu *target)
{
	(void)atomic_fetch_inc((atomic_t *)&target->env.rung.v);
}

/* A CPU has come: nobody has rung yet, and what was lost with it is over. */
static inline void ipi_line_forget(struct ipi_cpu *self)
{
	self->env.heard = ipi_load_acquire(&self->env.rung);
}

#endif
