// SPDX-License-Identifier: GPL-2.0-only
/* The table of drivers, made from drivers.def. */
#include <string.h>

#include "bench.h"

#define BENCH_DRIVER(name) extern const struct bench_driver ipi_bench_##name;
#include "drivers.def"
#undef BENCH_DRIVER

const struct bench_driver *const bench_drivers[] = {
#define BENCH_DRIVER(name) &ipi_bench_##name,
#include "drivers.def"
#undef BENCH_DRIVER
	NULL};

const struct bench_driver *bench_driver_find(const char *name)
{
	size_t i;

	for (i = 0; name && bench_drivers[i]; i++)
		if (!strcmp(bench_drivers[i]->name, name))
			return bench_drivers[i];
	return NULL;
}

enum bench_shape bench_driver_shape(const struct bench_opts *opts)
{
	const struct bench_driver *d = bench_driver_find(opts->driver);

	if (!d)
		return SHAPE_PAIR;
	if (d->patterns && opts->pattern == PATTERN_ALLTOALL)
		return SHAPE_ALLTOALL;
	return d->shape;
}
