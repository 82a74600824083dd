// SPDX-License-Identifier: GPL-2.0-only
/* A message to all other CPUs of the domain, until the last has answered. */
#include "library.h"

static int send(struct bench_cell *c)
{
	const struct library_state *s = library_state(c);

	return ipi_domain_broadcast(s->dom, s->msg, IPI_SKIP_SELF);
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

const struct bench_driver ipi_bench_broadcast = {
	.name = "broadcast",
	.help = "a message to many CPUs, until the last has answered",
	.shape = SHAPE_SPREAD,
	.uses_lib = true,
	.metrics = METRICS_OF_SET,
	.probe = library_probe,
	.ops = &ops,
};
