/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a thread waits: it spins for a bounded while, yields a few times, then
 * sleeps on a futex for growing stretches. More CPUs than processors must
 * work, and yielding alone starves a target of lower priority.
 */
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <ipi/clock.h>

#include "user/delivery.h"

#define SPIN_TURNS 1000u /* some 20 to 100 us */
#define YIELD_TURNS 8u
#define NAP_FIRST_NS UINT64_C(50000)
#define NAP_LONGEST_NS UINT64_C(2000000)
#define NAPS_PER_LOOK 8u /* naps between two searches for dead threads */

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("isb" ::: "memory");
#endif
}

uint64_t ipi_env_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) +
	       (uint64_t)ts.tv_nsec;
}

static long futex(ipi_a32 *word, int op, uint32_t val,
		  const struct timespec *timeout)
{
	return syscall(SYS_futex, &word->v, op | FUTEX_PRIVATE_FLAG, val,
		       timeout, NULL, 0);
}

static void nap(ipi_a32 *word, uint32_t seen, uint64_t ns)
{
	struct timespec ts = ipi_timespec(ns);
	int saved = errno;

	futex(word, FUTEX_WAIT, seen, &ts);
	errno = saved;
}

void ipi_env_wake(ipi_a32 *word)
{
	int saved = errno;

	futex(word, FUTEX_WAKE, INT32_MAX, NULL);
	errno = saved;
}

void ipi_env_sleep(struct ipi_cpu *self, uint32_t seen, uint64_t timeout_ns)
{
	const struct ipi_delivery *delivery = ipi_delivery_of(self->dom);
	ipi_a32 *word = &self->notify;
	uint64_t began = ipi_env_now_ns(), passed = 0;

	if (delivery->sleep) {
		delivery->sleep(self, seen, timeout_ns);
		return;
	}
	while (ipi_load_acquire(word) == seen && passed < timeout_ns) {
		nap(word, seen, timeout_ns - passed);
		passed = ipi_env_now_ns() - began;
	}
}

void ipi_env_wait_begin(struct ipi_domain *dom, struct ipi_env_wait *w,
			bool timed, uint64_t timeout_ns)
{
	w->turns = 0;
	w->naps = 0;
	w->timed = timed;
	w->deadline_ns = timeout_ns; /* made absolute at the first look */
	w->began_ns = 0;
	w->report_ns = 0;
}

static unsigned look_at_clock(struct ipi_domain *dom, struct ipi_env_wait *w,
			      uint64_t *left_ns)
{
	uint64_t now = ipi_env_now_ns();
	unsigned turn = ipi_wait_clock(w, now, dom->stall_ns);

	if (!w->timed)
		*left_ns = UINT64_MAX;
	else
		*left_ns = turn & IPI_TURN_TIMEOUT ? 0 : w->deadline_ns - now;
	return turn;
}

static bool worth_napping(ipi_a32 *word, uint32_t seen, ipi_a32 *own)
{
	return ipi_load_acquire(word) == seen &&
	       !(own && ipi_load_relaxed(own) & IPI_W_WORK);
}

unsigned ipi_env_wait_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
			   ipi_a32 *word, uint32_t seen, ipi_a32 *own,
			   bool sleeper)
{
	uint64_t left_ns, length_ns;
	unsigned turn;

	w->turns++;
	if (!sleeper && w->turns <= SPIN_TURNS + dom->spin_loads) {
		if (w->turns > dom->spin_loads)
			relax();
		return w->turns % IPI_CLOCK_EVERY
			       ? IPI_TURN_AGAIN
			       : look_at_clock(dom, w, &left_ns);
	}
	turn = look_at_clock(dom, w, &left_ns);
	if (turn & IPI_TURN_TIMEOUT)
		return turn;
	if (!sleeper &&
	    w->turns <= SPIN_TURNS + dom->spin_loads + YIELD_TURNS) {
		sched_yield();
		return turn;
	}
	if (w->naps % NAPS_PER_LOOK == 0)
		turn |= IPI_TURN_SLOW;
	length_ns = NAP_FIRST_NS << (w->naps < 6 ? w->naps : 6);
	if (length_ns > NAP_LONGEST_NS)
		length_ns = NAP_LONGEST_NS;
	if (length_ns > left_ns)
		length_ns = left_ns;
	if (worth_napping(word, seen, own))
		nap(word, seen, length_ns);
	w->naps++;
	return turn;
}

bool ipi_env_spin_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
		       ipi_a32 *word, uint32_t seen)
{
	uint64_t left_ns;

	for (unsigned i = 0;
	     i < IPI_CLOCK_EVERY && ipi_load_acquire(word) == seen; i++)
		relax();
	return !(look_at_clock(dom, w, &left_ns) & IPI_TURN_TIMEOUT);
}

uint64_t ipi_env_waited_ns(const struct ipi_env_wait *w)
{
	return w->began_ns ? ipi_env_now_ns() - w->began_ns : 0;
}

void ipi_env_bug(const char *file, int line, const char *what)
{
	dprintf(STDERR_FILENO, "libipi: bug at %s:%d: %s does not hold\n",
		file, line, what);
	abort();
}

void ipi_env_stall(struct ipi_domain *dom, const struct ipi_stall *stall)
{
	if (dom->env.on_stall)
		dom->env.on_stall(stall, dom->env.on_stall_arg);
}
