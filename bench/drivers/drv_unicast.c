// SPDX-License-Identifier: GPL-2.0-only
/* A message to one CPU and its acknowledgement, over the library. */
#include "library.h"

static int send(struct bench_cell *c)
{
	const struct library_state *s = library_state(c);

	return ipi_domain_unicast(s->dom, s->msg, c->target->cpu, 0);
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, send, library_wait);
}

static const struct bench_driver_ops ops = {
	.open = library_open_message,
	.source_run = source_run,
	LIBRARY_DRIVER_OPS,
};

const struct bench_driver ipi_bench_unicast = {
	.name = "unicast",
	.help = "a message to one CPU and its acknowledgement",
	.uses_lib = true,
	.metrics = METRICS_OF_ONE,
	.probe = library_probe,
	.ops = &ops,
};
