// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stock kernel's own interrupts, without a module or a privilege: an
 * expedited membarrier interrupts the CPUs that run this process now. One CPU
 * by the restartable-sequence flavour where the kernel has it; else, and for
 * all CPUs, by the private one.
 *
 * A target that does not run at that moment gets no interrupt, and the call
 * returns twenty times faster: hence the heartbeat.
 */
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers.h"

static int membarrier(int cmd, unsigned flags, int cpu)
{
	return (int)syscall(SYS_membarrier, cmd, flags, cpu);
}

static bool has(int cmd)
{
	int cmds = membarrier(MEMBARRIER_CMD_QUERY, 0, 0);

	return cmds >= 0 && cmds & cmd;
}

/* The flag came with Linux 5.10: only a call tells whether it is known. */
static bool has_one_cpu(void)
{
	return has(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) &&
	       !membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0,
			   0) &&
	       !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ,
			   MEMBARRIER_CMD_FLAG_CPU, 0);
}

static int send_one(struct bench_cell *c)
{
	return membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ,
			  MEMBARRIER_CMD_FLAG_CPU, c->target_cpus[0])
		       ? -errno
		       : 0;
}

static int send_all(struct bench_cell *c)
{
	return membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) ? -errno : 0;
}

static int nothing(struct bench_cell *c)
{
	return 0;
}

static int run_one(struct bench_cell *c)
{
	return bench_loop(c, send_one, nothing);
}

static int run_all(struct bench_cell *c)
{
	return bench_loop(c, send_all, nothing);
}

static int source_run(struct bench_cell *c)
{
	return c->priv ? run_one(c) : run_all(c);
}

static int open_cell(struct bench_cell *c)
{
	static char one;

	c->witnessing = WITNESS_HEARTBEAT;
	c->counter = "CAL";
	c->priv = NULL;
	if (c->driver->shape != SHAPE_SPREAD && has_one_cpu()) {
		c->priv = &one;
		return 0;
	}
	return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0)
		       ? -errno
		       : 0;
}

static void target_run(struct bench_target *t)
{
	bench_target_loop(t, NULL);
}

static double expected(const struct bench_cell *c,
		       const struct ipi_counters *lib, uint64_t sent)
{
	return (double)sent * c->targets_n;
}

static const char *probe(const struct bench_opts *o)
{
	struct bench_opts plain = *o;

	if (!has(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		return "this kernel has no expedited membarrier";
	plain.hold_target = false;
	plain.waiter = IPI_WAITER_RELAX; /* the kernel waits, in its own way */
	return drivers_probe_plain(&plain);
}

static const struct bench_driver_ops ops = {
	.open = open_cell,
	.source_run = source_run,
	.target_run = target_run,
	.expected = expected,
};

#define METRICS 1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_STOLEN

const struct bench_driver ipi_bench_membarrier = {
	.name = "membarrier",
	.help = "the kernel's own interrupt of one CPU (membarrier)",
	.syscall_in_path = true,
	.metrics = METRICS,
	.route = "membarrier",
	.probe = probe,
	.ops = &ops,
};

const struct bench_driver ipi_bench_membarrier_all = {
	.name = "membarrier-all",
	.help = "the kernel's own interrupt of many CPUs (membarrier)",
	.shape = SHAPE_SPREAD,
	.syscall_in_path = true,
	.metrics = METRICS,
	.route = "membarrier",
	.probe = probe,
	.ops = &ops,
};
