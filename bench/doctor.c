// SPDX-License-Identifier: GPL-2.0-only
/* The checks of `ipi doctor`: what holds here, and why not. */
#include <dirent.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor.h"
#include "kernel.h"
#include "tool/interrupts.h"

const char *const check_verdict_name[CHECK_N] = { "yes", "no", "warn" };

typedef void (*check_fn)(struct check *c);

void check_say(struct check *c, enum check_verdict verdict, const char *fmt,
	       ...)
{
	va_list ap;

	c->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
}

/* ---- what the kernel gives us ------------------------------------------- */

static void check_membarrier(struct check *c)
{
	long have = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);

	if (have < 0)
		check_say(c, CHECK_NO, "no membarrier here: %s",
			  strerror(errno));
	else if (!(have & MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		check_say(c, CHECK_NO,
			  "no expedited membarrier in this kernel");
	else if (!(have & MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ))
		check_say(c, CHECK_WARN,
			  "broadcasts only: no membarrier to one CPU (5.10)");
	else
		check_say(c, CHECK_YES,
			  "broadcasts and single CPUs: the stock kernel's own "
			  "IPIs");
}

/* Where libc registered none, the kernel still says whether it has it. */
static void check_rseq(struct check *c)
{
#ifdef SYS_rseq
	long ret = syscall(SYS_rseq, NULL, 0, 0, 0);

	if (ret < 0 && errno == ENOSYS)
		check_say(c, CHECK_NO, "no rseq in this kernel");
	else
		check_say(c, CHECK_YES, "restartable sequences are there");
#else
	check_say(c, CHECK_NO, "no rseq on this architecture");
#endif
}

static void check_module(struct check *c)
{
	const char *why = kernel_probe();

	if (why)
		check_say(c, CHECK_NO, "nothing in the kernel: %s", why);
	else
		check_say(c, CHECK_YES,
			  "the library and Linux's own calls, in the kernel");
}

static void check_perf(struct check *c)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);

	if (fd >= 0) {
		close(fd);
		check_say(c, CHECK_YES, "hardware counters are there");
		return;
	}
	if (errno == EACCES || errno == EPERM)
		check_say(c, CHECK_NO,
			  "perf events are not allowed to us "
			  "(kernel.perf_event_paranoid)");
	else
		check_say(
			c, CHECK_NO,
			"no hardware counters (%s): frequencies are not known",
			strerror(errno));
}

static void check_interrupts(struct check *c)
{
	double taken;
	int err = interrupts_read(INTERRUPTS_PATH, "CAL", NULL, 0, &taken);

	if (err == -ENODATA)
		check_say(c, CHECK_NO,
			  INTERRUPTS_PATH " is masked (empty or all zero): "
					  "results stay unattested");
	else if (err == -ENOKEY)
		check_say(c, CHECK_WARN,
			  INTERRUPTS_PATH " has no row of function calls, CAL");
	else if (err)
		check_say(c, CHECK_NO,
			  INTERRUPTS_PATH " cannot be read (%s): results stay "
					  "unattested",
			  strerror(-err));
	else
		check_say(c, CHECK_YES,
			  INTERRUPTS_PATH " counts function calls");
}

static const struct {
	const char *name;
	check_fn run;
} checks[] = {
	{ "machine", check_machine },
	{ "emulation", check_emulation },
	{ "clock", check_clock },
	{ "CPUs", check_affinity },
	{ "SMT", check_smt },
	{ "governor", check_governor },
	{ "idle", check_idle },
	{ "interrupt counts", check_interrupts },
	{ "membarrier", check_membarrier },
	{ "rseq", check_rseq },
	{ "ipi.ko", check_module },
	{ "hardware counters", check_perf },
	{ "throttling", check_throttle },
	{ "real time", check_rt },
	{ "pending signals", check_sigpending },
	{ "NUMA balancing", check_numa },
	{ "steal", check_steal },
	{ "SMI", check_smi },
};

int doctor_run(struct check **out, size_t *n)
{
	size_t count = sizeof(checks) / sizeof(checks[0]), i;
	struct check *list = calloc(count, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		list[i].name = checks[i].name;
		checks[i].run(&list[i]);
	}
	*out = list;
	*n = count;
	return 0;
}
