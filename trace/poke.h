/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts of a known number, sent by this process. */
#ifndef IPI_TRACE_POKE_H
#define IPI_TRACE_POKE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "tool/error.h"

#define POKE_TARGETS 2

/*
 * While they are poked the targets are kept at work by a thread each: a CPU that
 * idles polling is told by a store, without an interrupt. The caller is pinned
 * elsewhere.
 */
struct poke {
	int prog; /* does nothing; the kernel runs it where it is asked to */
	size_t n;
	struct poke_target {
		int cpu;
		pthread_t thread;
		sem_t go;
		atomic_int state;
	} target[POKE_TARGETS];
};

int poke_open(struct poke *p, const int *cpus, size_t n,
	      struct tool_error *err);
/* The targets work, and rest again; to wake them takes interrupts, too. */
int poke_wake(struct poke *p, struct tool_error *err);
void poke_rest(struct poke *p);
/*
 * One interrupt each to the first target (call function, single). A call that
 * joins another CPU's at the same moment needs none. 0 or -errno.
 */
int poke_single(struct poke *p, unsigned n);
/*
 * Ours is kept from others' work, for some milliseconds at most: the caller's
 * thread and the targets' are real-time ones, if that is allowed.
 */
void poke_real_time(struct poke *p, bool on);
/* Moves the first target's thread away and back: some reschedules. */
int poke_reschedule(struct poke *p, int home, unsigned n);
/* Asks all targets at once; those whose thread runs now are interrupted. */
int poke_many(unsigned n);
void poke_close(struct poke *p);

#endif
