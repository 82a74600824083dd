/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is drawn: each operation of each CPU has a generator of its own, made
 * from (seed, combination, CPU, number of the operation). So what an operation
 * draws does not depend on how the one before it ended.
 */
#ifndef IPI_TORTURE_RANDOM_H
#define IPI_TORTURE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* splitmix64's finish. */
static inline uint64_t mix64(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline struct dice dice_for(uint64_t base, uint64_t nth)
{
	return (struct dice){ mix64(base ^ mix64(nth + 1)) };
}

static inline uint64_t roll64(struct dice *d)
{
	d->state += UINT64_C(0x9e3779b97f4a7c15);
	return mix64(d->state);
}

static inline unsigned roll(struct dice *d, unsigned sides)
{
	return (unsigned)((roll64(d) >> 32) * sides >> 32);
}

static inline bool chance(struct dice *d, unsigned in)
{
	return roll(d, in) == 0;
}

/* Word i of what goes with a message; known from its stamp alone. */
static inline uint64_t payload(uint64_t stamp, unsigned i)
{
	return mix64(stamp * 31 + i);
}

#endif
