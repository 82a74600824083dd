// SPDX-License-Identifier: GPL-2.0-only
/*
 * Yardstick: one line there and one line back between the same two CPUs, at
 * the same home, waited for in the same way as the messages are.
 */
#include "drivers.h"

static int send(struct bench_cell *c)
{
	struct bench_target *t = c->target;

	__atomic_store_n(&t->request, t->request + 1, __ATOMIC_RELEASE);
	return 0;
}

static int wait(struct bench_cell *c)
{
	struct bench_target *t = c->target;

	if (bench_await(&t->flag, t->request, bench_spin_loads(c)))
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

	/* Only this thread writes flag. */
	if (asked == t->flag)
		return 0;
	__atomic_store_n(&t->flag, asked, __ATOMIC_RELEASE);
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

const struct bench_driver ipi_bench_cacheline = {
	.name = "cacheline",
	.help = "a cache line's round trip between the two CPUs",
	.yardstick = true,
	.metrics = 1u << METRIC_RTT | 1u << METRIC_STOLEN,
	.route = "cacheline",
	.probe = drivers_probe_plain,
	.ops = &ops,
};
