/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock of all samples: the time stamp counter where it is invariant and
 * the kernel itself trusts it, else CLOCK_MONOTONIC_RAW. Reading is ordered:
 * what stands before the reading in the program has happened, what stands
 * behind it has not begun.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "bench.h"

/* Set once by bench_clock_get(), before any thread that measures exists. */
extern bool bench_clock_counts;

static inline uint64_t bench_clock_raw_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

#if defined(__x86_64__)
static inline uint64_t bench_clock_counter(void)
{
	uint32_t lo, hi, aux;

	__asm__ volatile("rdtscp\n\tlfence"
			 : "=a"(lo), "=d"(hi), "=c"(aux)
			 :
			 : "memory");
	return ((uint64_t)hi << 32) | lo;
}
#elif defined(__aarch64__)
static inline uint64_t bench_clock_counter(void)
{
	uint64_t t;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb"
			 : "=r"(t)
			 :
			 : "memory");
	return t;
}
#else
static inline uint64_t bench_clock_counter(void)
{
	return bench_clock_raw_ns();
}
#endif

static inline uint64_t bench_clock_now(void)
{
	if (__builtin_expect(bench_clock_counts, 1))
		return bench_clock_counter();
	return bench_clock_raw_ns();
}

/* Nothing in flight when it begins, nothing overtakes it when it ends. */
static inline void bench_clock_fence(void)
{
#if defined(__x86_64__)
	__asm__ volatile("lfence" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("isb" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/*
 * A delay of a known length: a chain of dependent operations between two
 * fences. It reads no clock, whose own step is as long as what is injected.
 */
static inline void bench_delay(uint32_t turns)
{
	bench_clock_fence();
	while (turns--)
		__asm__ volatile("" : "+r"(turns));
	bench_clock_fence();
}

/* Units of bench_clock_now() in ns, and back. */
double bench_clock_ns(uint64_t units);
uint64_t bench_clock_units(double ns);

/* Turns of bench_delay() that last ns here and now (calling CPU, its speed). */
uint32_t bench_delay_calibrate(uint64_t ns);

/* True where stamps of two CPUs are readings of one counter. */
bool bench_clock_is_shared(void);

#endif
