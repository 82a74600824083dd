/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seam as plain external functions, for the worlds that inline nothing:
 * bare, which proves that core asks for no more than this, and model.
 */
#ifndef IPI_ENV_EXTERN_H
#define IPI_ENV_EXTERN_H

#include <ipi/calls.h>

/* Linux' numbers: what core returns. */
#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define ENXIO 6
#define EAGAIN 11
#define EBUSY 16
#define EINVAL 22
#define EDEADLK 35
#define ETIMEDOUT 110

struct ipi_env_cpu {
	int processor;
};

struct ipi_env_domain {
	unsigned slot;
};

struct ipi_env_wait {
	uint32_t naps;
	bool timed;
};

struct ipi_cpu *ipi_env_curcpu(struct ipi_domain *dom);
bool ipi_env_atomic_context(void);
bool ipi_env_delivery_held(void);
bool ipi_env_spl_held(void);
#define ipi_env_drain(cpu) ((void)(cpu), false)
#define ipi_env_section_begin(self) ((void)(self))
#define ipi_env_section_end(self) ((void)(self))
#define ipi_env_notify_set(dom, self, set) (false)
void ipi_env_pass_begin(void);
void ipi_env_pass_end(void);
/* core/check.h: something core believes does not hold. Does not return. */
void ipi_env_bug(const char *file, int line, const char *what);
void ipi_env_point(int point, struct ipi_cpu *cpu);
#define ipi_env_event(event, dom, from, to, number) ((void)0)

#endif
