// SPDX-License-Identifier: GPL-2.0-only
/*
 * A message to a set of CPUs, until the last has answered. The library posts
 * to a set in the order of its CPUs' indices, and target i has index i: so the
 * order of the targets is the order in which they are sent to.
 */
#include "library.h"

static int open_cell(struct bench_cell *c)
{
	struct library_state *s;
	ipi_cpuset_t *set;
	uint32_t i;
	int err = ipi_cpuset_create(&set, true);

	if (err)
		return err;
	err = library_open_message(c);
	if (err) {
		ipi_cpuset_destroy(set);
		return err;
	}
	for (i = 0; i < c->targets_n; i++)
		ipi_cpuset_set(set, i);
	s = library_state(c);
	s->indexed = true;
	s->set = set;
	return 0;
}

static int send(struct bench_cell *c)
{
	const struct library_state *s = library_state(c);

	return ipi_domain_multicast(s->dom, s->msg, s->set, 0);
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, send, library_wait);
}

static const struct bench_driver_ops ops = {
	.open = open_cell,
	.source_run = source_run,
	LIBRARY_DRIVER_OPS,
};

const struct bench_driver ipi_bench_multicast = {
	.name = "multicast",
	.help = "a message to so many CPUs, until the last has answered",
	.shape = SHAPE_SET,
	.uses_lib = true,
	.metrics = METRICS_OF_SET,
	.probe = library_probe,
	.ops = &ops,
};
