// SPDX-License-Identifier: GPL-2.0-only
/* Yardstick: an empty system call. */
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers.h"

static int call(struct bench_cell *c)
{
	syscall(SYS_getppid);
	return 0;
}

static int nothing(struct bench_cell *c)
{
	return 0;
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, call, nothing);
}

static const struct bench_driver_ops ops = {.source_run = source_run};

const struct bench_driver ipi_bench_syscall = {
	.name = "syscall",
	.help = "an empty system call (getppid)",
	.yardstick = true,
	.shape = SHAPE_ALONE,
	.syscall_in_path = true,
	.metrics = 1u << METRIC_RTT,
	.route = "syscall",
	.probe = drivers_probe_plain,
	.ops = &ops,
};
