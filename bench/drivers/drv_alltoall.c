// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every CPU sends to every other in turn, and serves what it is sent: while it
 * waits by itself, else by interrupt.
 */
#include "library.h"

static int send(struct bench_source *s, uint32_t i)
{
	return library_send_one(s, i, drivers_next(s, i));
}

static int wait(struct bench_source *s, uint32_t i)
{
	return library_wait_one(s, i, drivers_whom(s, i));
}

static int one_window(struct bench_source *s)
{
	return bench_one_loop(s, send, wait);
}

static const struct bench_driver_ops ops = {
	.one_window = one_window,
	LIBRARY_MANY_OPS,
};

const struct bench_driver ipi_bench_alltoall = {
	.name = "alltoall",
	.help = "messages of every CPU to every other, in turn",
	.shape = SHAPE_ALLTOALL,
	.uses_lib = true,
	.back_to_back = true, /* it is about what a target can take */
	.metrics = 1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_INTERVAL,
	.probe = library_many_probe,
	.ops = &ops,
};
