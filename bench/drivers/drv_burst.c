// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several messages to one CPU at once, then the wait for all of them: does one
 * interrupt do for all? What the sender knows (it found work pending) is in
 * the library's counters.
 */
#include "library.h"

static int open_cell(struct bench_cell *c)
{
	int err = library_open_message(c);
	uint32_t i;

	for (i = 0; i < c->messages && !err; i++)
		*library_message(c->src, i) = *library_state(c)->msg;
	return err;
}

static int send(struct bench_cell *c)
{
	const struct library_state *s = library_state(c);
	struct bench_source *src = c->src;
	uint32_t i;
	int err = 0;

	for (i = 0; i < c->messages && !err; i++)
		err = ipi_domain_unicast(s->dom, library_message(src, i),
					 c->target->cpu, 0);
	/* The loop counts one for the step. */
	src->sent += c->messages - 1;
	return err;
}

static int wait(struct bench_cell *c)
{
	const struct library_state *s = library_state(c);
	uint32_t i;
	int err = 0;

	for (i = 0; i < c->messages && !err; i++)
		err = ipi_domain_wait_timeout(
			s->dom, library_message(c->src, i), BENCH_DEAF_NS);
	return BENCH_UNLIKELY(err) ? library_deaf(c, err) : 0;
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, send, wait);
}

static const struct bench_driver_ops ops = {
	.open = open_cell,
	.source_run = source_run,
	LIBRARY_DRIVER_OPS,
};

const struct bench_driver ipi_bench_burst = {
	.name = "burst",
	.help = "messages to one CPU at once, then their acknowledgements",
	.uses_lib = true,
	.bursts = true,
	.metrics = 1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_INTERVAL,
	.probe = library_probe,
	.ops = &ops,
};
