/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seam as plain external functions, for the worlds that inline nothing:
 * bare, which proves that core asks for no more than this, and model.
 */
#ifndef IPI_ENV_EXTERN_H
#define IPI_ENV_EXTERN_H

#include <ipi/ipi.h>
#include <ipi/seam.h>

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
};

void ipi_env_wait_begin(struct ipi_domain *dom, struct ipi_env_wait *w,
			bool timed, uint64_t timeout_ns);
unsigned ipi_env_wait_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
			   ipi_a32 *word, uint32_t seen, ipi_a32 *own,
			   bool sleeper);
uint64_t ipi_env_waited_ns(const struct ipi_env_wait *w);
void ipi_env_wake(ipi_a32 *word);
int ipi_env_notify(struct ipi_domain *dom, struct ipi_cpu *target);
bool ipi_env_died(struct ipi_cpu *cpu);
void ipi_env_buried(struct ipi_cpu *cpu);
void ipi_env_stall(struct ipi_domain *dom, const struct ipi_stall *stall);
struct ipi_domain *ipi_env_default(void);
void ipi_env_sleep(ipi_a32 *word, uint32_t seen, uint64_t timeout_ns);
struct ipi_cpu *ipi_env_curcpu(struct ipi_domain *dom);
bool ipi_env_atomic_context(void);
bool ipi_env_delivery_held(void);
bool ipi_env_spl_held(void);
void ipi_env_pass_begin(void);
void ipi_env_pass_end(void);
void ipi_env_point(int point, struct ipi_cpu *cpu);

#endif
