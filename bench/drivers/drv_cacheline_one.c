// SPDX-License-Identifier: GPL-2.0-only
/*
 * Yardstick: one and the same line there and back between two CPUs. Nothing
 * that tells another CPU something and hears of it can be faster than this.
 */
#include "drivers.h"

/* The answer that the source waits for: its own, on a line of its own. */
static uint64_t *answer_to(struct bench_cell *c)
{
	return (uint64_t *)c->scratch;
}

static int send(struct bench_cell *c)
{
	uint64_t asked = *answer_to(c) + 1;

	/* Odd: asked; even: answered. */
	*answer_to(c) = asked + 1;
	__atomic_store_n(&c->target->request, asked, __ATOMIC_RELEASE);
	return 0;
}

static int wait(struct bench_cell *c)
{
	if (bench_await(&c->target->request, *answer_to(c),
			bench_spin_loads(c)))
		return 0;
	return bench_cell_deaf(c, 0, "cache line");
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, send, wait);
}

static unsigned answer(struct bench_target *t)
{
	uint64_t asked = __atomic_load_n(&t->request, __ATOMIC_ACQUIRE);

	if (!(asked & 1))
		return 0;
	__atomic_store_n(&t->request, asked + 1, __ATOMIC_RELEASE);
	return 1;
}

static void target_run(struct bench_target *t)
{
	bench_target_loop(t, answer);
}

static const struct bench_driver_ops ops = {
	.source_run = source_run,
	.target_run = target_run,
};

const struct bench_driver ipi_bench_cacheline_one = {
	.name = "cacheline-one",
	.help = "the round trip of one line that is both request and answer",
	.yardstick = true,
	.metrics = 1u << METRIC_RTT | 1u << METRIC_STOLEN,
	.route = "cacheline",
	.probe = drivers_probe_plain,
	.ops = &ops,
};
