/* SPDX-License-Identifier: GPL-2.0-only */
/* The arithmetic of the bench: quantiles, errors, orders, random numbers. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "core/hist.h"

/* A quantile is worth stating when this many samples lie beyond it. */
#define STATS_BEYOND 100u

/* A small seeded generator; every stream is given by its seed alone. */
struct stats_rng {
	uint64_t state;
};

static inline uint64_t stats_random(struct stats_rng *rng)
{
	uint64_t z = (rng->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Uniform in [lo, hi], both ends included. */
static inline uint64_t stats_uniform(struct stats_rng *rng, uint64_t lo,
				     uint64_t hi)
{
	/* 32 random bits scale exactly: ranges here stay below 2^32. */
	return lo + (((stats_random(rng) >> 32) * (hi - lo + 1)) >> 32);
}

/* Sorts v. Mean of the middle half; NAN when n is 0. */
double stats_midmean(double *v, size_t n);
/*
 * The step of a clock whose readings were rounded to whole units, so that no
 * divisor shows it: differences between readings lie in heaps of neighbours,
 * the heaps a step apart. Sorts v. 1 when there are no such heaps.
 */
double stats_step(double *v, size_t n);
/* Sorts v. NAN when n is 0. */
double stats_median(double *v, size_t n);

/* Quantile in ticks, interpolated inside its bucket; NAN when empty. */
double stats_quantile(const struct ipi_hist *h, double p);
/* The same, but NAN unless STATS_BEYOND samples lie beyond it (p50: always). */
double stats_quantile_stated(const struct ipi_hist *h, double p);

/* One block's median, and which stratum (pair) it belongs to. */
struct stats_block {
	double p50;
	size_t stratum;
};

/*
 * Half the width of a 99 % interval of the median, in ticks: the larger of
 * what the samples say by order statistics and what the blocks say by their
 * spread within each stratum. 0 when there is neither.
 */
double stats_median_error(const struct ipi_hist *h,
			  const struct stats_block *blocks, size_t n);

/*
 * Jain's index of the shares of n: 1 when all are equal, 1/n when one has all;
 * NAN when none has any. (Jain, Chiu, Hawe: DEC-TR-301, 1984.)
 */
double stats_fairness(const uint64_t *share, size_t n);

/* Student's t, two-sided 99 %. */
double stats_t99(size_t freedom);

/*
 * Orders of n treatments, balanced for carry-over: over STATS_ORDER_ROWS(n)
 * rows each treatment follows each other equally often. Row r, seeded
 * relabelling, into out[n].
 */
#define STATS_ORDER_ROWS(n) ((n) % 2 ? 2 * (n) : (n))
void stats_order(size_t n, size_t row, uint64_t seed, size_t *out);

/* Cumulative product of k distributions of one unit: the greatest of k draws.
 */
void stats_max_of(const struct ipi_hist *const *h, size_t k,
		  struct ipi_hist *out);

#endif
