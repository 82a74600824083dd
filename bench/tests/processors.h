/* SPDX-License-Identifier: GPL-2.0-only */
/* Where tests of several CPUs run. */
#ifndef BENCH_TESTS_PROCESSORS_H
#define BENCH_TESTS_PROCESSORS_H

#include <sched.h>
#include <stdbool.h>

/* The first two processors this process may use. */
static inline bool two_processors(int found[2])
{
	cpu_set_t set;
	int n = 0, i;

	if (sched_getaffinity(0, sizeof(set), &set))
		return false;
	for (i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &set))
			found[n++] = i;
	return n == 2;
}

#endif
