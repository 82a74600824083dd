// SPDX-License-Identifier: GPL-2.0-only
/* Yardstick: what a sample costs that measures nothing, its two readings. */
#include "drivers.h"

static int step(struct bench_cell *c)
{
	return 0;
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, step, step);
}

static const struct bench_driver_ops ops = {.source_run = source_run};

const struct bench_driver ipi_bench_clock = {
	.name = "clock",
	.help = "two clock readings with nothing between them",
	.yardstick = true,
	.shape = SHAPE_ALONE,
	.metrics = 1u << METRIC_RTT,
	.route = "none",
	.probe = drivers_probe_plain,
	.ops = &ops,
};
