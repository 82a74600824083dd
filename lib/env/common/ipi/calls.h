/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seam's calls that are functions in every world. The rest, memory
 * operations and what a world prefers inline, is in its <ipi/env.h>, which has
 * defined ipi_a32 before it includes this.
 */
#ifndef IPI_ENV_CALLS_H
#define IPI_ENV_CALLS_H

#include <ipi/ipi.h>
#include <ipi/seam.h>

/* State of one wait; the world's own, but naps: how often it has slept. */
struct ipi_env_wait;

void ipi_env_wait_begin(struct ipi_domain *dom, struct ipi_env_wait *w,
			bool timed, uint64_t timeout_ns);
/*
 * One turn: waits while *word == seen and own has no work bits, for a bounded
 * while; a mask of enum ipi_turn. sleeper: the other side wakes us.
 */
unsigned ipi_env_wait_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
			   ipi_a32 *word, uint32_t seen, ipi_a32 *own,
			   bool sleeper);
/*
 * One turn of a wait that only spins, while *word == seen; false: its time is
 * over.
 */
bool ipi_env_spin_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
		       ipi_a32 *word, uint32_t seen);
uint64_t ipi_env_waited_ns(const struct ipi_env_wait *w);
void ipi_env_wake(ipi_a32 *word);

/* 0; -EAGAIN: ask again; -ESRCH: the target has died. */
int ipi_env_notify(struct ipi_domain *dom, struct ipi_cpu *target);
/*
 * Has the CPU's thread ended without detaching? True for one caller only, who
 * reaps the CPU and then calls ipi_env_buried().
 */
bool ipi_env_died(struct ipi_cpu *cpu);
void ipi_env_buried(struct ipi_cpu *cpu);
void ipi_env_stall(struct ipi_domain *dom, const struct ipi_stall *stall);
struct ipi_domain *ipi_env_default(void);
/*
 * The calling CPU sleeps while its notify word == seen, for timeout_ns at most;
 * seen says that it is asleep, so who changes the word notifies.
 */
void ipi_env_sleep(struct ipi_cpu *self, uint32_t seen, uint64_t timeout_ns);

#endif
