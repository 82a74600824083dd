// SPDX-License-Identifier: GPL-2.0-only
/* Several CPUs send to one: what a queue does under contention. */
#include "library.h"

static int send(struct bench_source *s, uint32_t i)
{
	return library_send_one(s, i, 0);
}

static int wait(struct bench_source *s, uint32_t i)
{
	return library_wait_one(s, i, 0);
}

static int one_window(struct bench_source *s)
{
	return bench_one_loop(s, send, wait);
}

static const struct bench_driver_ops ops = {
	.one_window = one_window,
	LIBRARY_MANY_OPS,
};

const struct bench_driver ipi_bench_incast = {
	.name = "incast",
	.help = "messages of several senders to one CPU",
	.shape = SHAPE_INCAST,
	.uses_lib = true,
	.back_to_back = true, /* it is about what a target can take */
	.metrics = 1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_INTERVAL,
	.probe = library_many_probe,
	.ops = &ops,
};
