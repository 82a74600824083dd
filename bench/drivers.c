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
