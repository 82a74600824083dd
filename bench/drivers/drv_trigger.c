// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trigger of a registered id, which nobody acknowledges: the handler stores
 * a flag, as after a bare signal.
 */
#include "library.h"

static int send(struct bench_cell *c)
{
	const struct library_state *s = library_state(c);

	c->target->request++;
	return ipi_domain_trigger(s->dom, s->id, c->target->cpu);
}

static int wait(struct bench_cell *c)
{
	struct bench_target *t = c->target;

	if (bench_await(&t->flag, t->request, bench_spin_loads(c)))
		return 0;
	return bench_cell_deaf(c, 0, "trigger");
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, send, wait);
}

static const char *probe(const struct bench_opts *o)
{
	if (o->inject == INJECT_ACK)
		return "ack can't be injected: a trigger has no "
		       "acknowledgement, only its handler's flag";
	if (o->waiter == IPI_WAITER_SLEEP)
		return "its waiter can't sleep: the handler's flag wakes "
		       "nobody";
	return library_probe(o);
}

static const struct bench_driver_ops ops = {
	.open = library_open_flag,
	.source_run = source_run,
	LIBRARY_DRIVER_OPS,
};

const struct bench_driver ipi_bench_trigger = {
	.name = "trigger",
	.help = "a coalescing trigger of one CPU, to its handler's flag",
	.uses_lib = true,
	.metrics = METRICS_OF_ONE,
	.probe = probe,
	.ops = &ops,
};
