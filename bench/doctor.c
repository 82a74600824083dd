// SPDX-License-Identifier: GPL-2.0-only
/* The checks of `ipi doctor`: what holds here, and why not. */
#include <dirent.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "front.h"
#include "tool/units.h"

const char *const check_verdict_name[CHECK_N] = {"yes", "no", "warn"};

typedef void (*check_fn)(struct check *c);

static void say(struct check *c, enum check_verdict verdict, const char *fmt,
		...) __attribute__((format(printf, 3, 4)));

static void say(struct check *c, enum check_verdict verdict, const char *fmt,
		...)
{
	va_list ap;

	c->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
}

/* ---- clock and machine -------------------------------------------------- */

static void check_clock(struct check *c)
{
	const struct bench_clock *clock = bench_clock_get();
	char kernel[64];

	machine_line("/sys/devices/system/clocksource/clocksource0/"
		     "current_clocksource",
		     kernel, sizeof(kernel));
	say(c, strcmp(clock->source, "tsc") ? CHECK_WARN : CHECK_YES,
	    "samples by %s: tick %.1f ns, one reading %.1f ns; the kernel uses "
	    "%s",
	    clock->source, clock->tick_ns, clock->read_ns,
	    kernel[0] ? kernel : "an unknown clock source");
}

static void check_machine(struct check *c)
{
	const struct machine *m = machine_get();

	if (m->kind == MACHINE_HARDWARE)
		say(c, CHECK_YES, "no hypervisor is seen");
	else
		say(c, CHECK_WARN,
		    "%s by %s: interrupts go through the hypervisor, and its "
		    "scheduling shows in the tails",
		    machine_kind_name[m->kind], m->hypervisor);
}

static void check_smt(struct check *c)
{
	char active[16];

	if (!machine_line("/sys/devices/system/cpu/smt/active", active,
			  sizeof(active)))
		say(c, CHECK_WARN,
		    "the kernel does not tell whether SMT is on");
	else if (active[0] == '1')
		say(c, CHECK_YES, "on: SMT siblings are a class of their own");
	else
		say(c, CHECK_NO, "off, or not in the CPU: no sibling class");
}

static void check_governor(struct check *c)
{
	char governor[64];

	if (!machine_line("/sys/devices/system/cpu/cpu0/cpufreq/"
			  "scaling_governor",
			  governor, sizeof(governor)))
		say(c, CHECK_YES, "no frequency governor is in charge here");
	else
		say(c, strcmp(governor, "performance") ? CHECK_WARN : CHECK_YES,
		    "frequency governor %s%s", governor,
		    strcmp(governor, "performance")
			    ? ": frequencies follow the load"
			    : "");
}

static void check_idle(struct check *c)
{
	char driver[64], governor[64], line[64];
	unsigned long long poll_ns = 0;

	machine_line("/sys/devices/system/cpu/cpuidle/current_driver", driver,
		     sizeof(driver));
	machine_line("/sys/devices/system/cpu/cpuidle/current_governor_ro",
		     governor, sizeof(governor));
	if (!driver[0] || !strcmp(driver, "none")) {
		say(c, CHECK_YES,
		    "no cpuidle driver: idle is what the kernel was told at "
		    "boot");
		return;
	}
	if (machine_line("/sys/module/haltpoll/parameters/guest_halt_poll_ns",
			 line, sizeof(line)))
		poll_ns = strtoull(line, NULL, 10);
	if (!strcmp(driver, "haltpoll"))
		say(c,
		    poll_ns || strcmp(governor, "haltpoll") ? CHECK_WARN
							    : CHECK_YES,
		    "haltpoll, polling %s before it halts: an idle CPU that "
		    "polls is woken by a store, not by an interrupt",
		    units_ns(poll_ns).text);
	else if (!strcmp(driver, "intel_idle"))
		say(c, CHECK_WARN,
		    "intel_idle: each of its states is MWAIT, so an idle CPU "
		    "is woken by a store, not by an interrupt");
	else
		say(c, CHECK_YES,
		    "%s with governor %s; its state POLL gets no interrupts",
		    driver, governor[0] ? governor : "unknown");
}

/* ---- what the kernel gives us ------------------------------------------- */

static void check_membarrier(struct check *c)
{
	long have = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);

	if (have < 0)
		say(c, CHECK_NO, "no membarrier here: %s", strerror(errno));
	else if (!(have & MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		say(c, CHECK_NO, "no expedited membarrier in this kernel");
	else if (!(have & MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ))
		say(c, CHECK_WARN,
		    "broadcasts only: no membarrier to one CPU (5.10)");
	else
		say(c, CHECK_YES,
		    "broadcasts and single CPUs: the stock kernel's own IPIs");
}

/* Where libc registered none, the kernel still says whether it has it. */
static void check_rseq(struct check *c)
{
#ifdef SYS_rseq
	long ret = syscall(SYS_rseq, NULL, 0, 0, 0);

	if (ret < 0 && errno == ENOSYS)
		say(c, CHECK_NO, "no rseq in this kernel");
	else
		say(c, CHECK_YES, "restartable sequences are there");
#else
	say(c, CHECK_NO, "no rseq on this architecture");
#endif
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
		say(c, CHECK_YES, "hardware counters are there");
		return;
	}
	if (errno == EACCES || errno == EPERM)
		say(c, CHECK_NO,
		    "perf events are not allowed to us "
		    "(kernel.perf_event_paranoid)");
	else
		say(c, CHECK_NO,
		    "no hardware counters (%s): frequencies are not known",
		    strerror(errno));
}

/* Does the row hold a count that is not zero? */
static bool row_counts(const char *row)
{
	char *end;

	for (; *row; row = end) {
		unsigned long long n = strtoull(row, &end, 10);

		if (end == row)
			break;
		if (n)
			return true;
	}
	return false;
}

static void check_interrupts(struct check *c)
{
	FILE *f = fopen("/proc/interrupts", "r");
	bool any = false, cal = false, counting = false;
	char line[16384], *colon;

	if (!f) {
		say(c, CHECK_NO,
		    "/proc/interrupts cannot be read (%s): results stay "
		    "unattested",
		    strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		colon = strchr(line, ':');
		if (!colon)
			continue;
		any = true;
		counting |= row_counts(colon + 1);
		cal |= !!strstr(line, "unction call");
	}
	fclose(f);
	if (!any || !counting)
		say(c, CHECK_NO,
		    "/proc/interrupts is masked (%s): results stay unattested",
		    any ? "all its counts are zero" : "it is empty");
	else if (!cal)
		say(c, CHECK_WARN,
		    "/proc/interrupts has no row of function calls");
	else
		say(c, CHECK_YES, "/proc/interrupts counts function calls");
}

/* ---- our share of the machine ------------------------------------------- */

static void check_affinity(struct check *c)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	struct tool_error err;
	struct topo *topo;

	if (topo_load(NULL, &topo, &err)) {
		say(c, CHECK_NO, "%s", err.text);
		return;
	}
	if (topo->n < 2)
		say(c, CHECK_NO,
		    "%zu CPU may be used: there is nobody to interrupt",
		    topo->n);
	else if ((long)topo->n < online)
		say(c, CHECK_WARN, "%zu of %ld online CPUs may be used",
		    topo->n, online);
	else
		say(c, CHECK_YES, "all %ld online CPUs may be used", online);
	topo_free(topo);
}

static void check_throttle(struct check *c)
{
	char line[128];
	long long quota = -1;

	if (machine_line("/sys/fs/cgroup/cpu.max", line, sizeof(line)))
		quota = strncmp(line, "max", 3) ? atoll(line) : -1;
	else if (machine_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", line,
			      sizeof(line)))
		quota = atoll(line);
	if (quota > 0)
		say(c, CHECK_WARN,
		    "the cgroup throttles us (%lld us a period): tails will "
		    "show it",
		    quota);
	else
		say(c, CHECK_YES, "no throttling by the root cgroup is seen");
}

static void check_rt(struct check *c)
{
	struct sched_param fifo = {.sched_priority = 1}, was;
	int policy = sched_getscheduler(0);
	char runtime[32];

	machine_line("/proc/sys/kernel/sched_rt_runtime_us", runtime,
		     sizeof(runtime));
	if (sched_getparam(0, &was) || sched_setscheduler(0, SCHED_FIFO, &fifo))
		say(c, CHECK_NO,
		    "no SCHED_FIFO for us: --rt needs root or the limit "
		    "rtprio");
	else if (sched_setscheduler(0, policy, &was))
		say(c, CHECK_WARN, "SCHED_FIFO could not be given back");
	else
		say(c, CHECK_YES,
		    "--rt works; real-time threads get %s us of each second",
		    runtime[0] && strcmp(runtime, "-1") ? runtime : "1000000");
}

static void check_sigpending(struct check *c)
{
	struct rlimit limit;

	getrlimit(RLIMIT_SIGPENDING, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		say(c, CHECK_YES, "as many pending signals as wanted");
	else if (limit.rlim_cur < 1024)
		say(c, CHECK_WARN,
		    "%llu pending signals for all processes of this user: the "
		    "delivery `signal` will have to ask again",
		    (unsigned long long)limit.rlim_cur);
	else
		say(c, CHECK_YES, "%llu pending signals",
		    (unsigned long long)limit.rlim_cur);
}

static void check_numa(struct check *c)
{
	char line[32];

	if (!machine_line("/proc/sys/kernel/numa_balancing", line,
			  sizeof(line)) ||
	    line[0] == '0')
		say(c, CHECK_YES,
		    "no NUMA balancing: pages stay where they are");
	else
		say(c, CHECK_WARN,
		    "NUMA balancing is on: it moves pages, and its interrupts "
		    "get into the counts");
}

static void check_steal(struct check *c)
{
	unsigned long long v[8] = {0}, all = 0;
	char line[256];
	int i;

	if (!machine_line("/proc/stat", line, sizeof(line)) ||
	    sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0],
		   &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) != 8) {
		say(c, CHECK_WARN, "/proc/stat does not tell stolen time");
		return;
	}
	for (i = 0; i < 8; i++)
		all += v[i];
	if (all && v[7] * 1000 > all)
		say(c, CHECK_WARN,
		    "%.1f %% of the time since boot went to other guests",
		    100.0 * v[7] / all);
	else
		say(c, CHECK_YES, "hardly any time was stolen since boot");
}

static void check_smi(struct check *c)
{
	if (!access("/sys/bus/event_source/devices/msr/events/smi", R_OK))
		say(c, CHECK_YES, "system management interrupts are counted");
	else
		say(c, CHECK_NO,
		    "system management interrupts are not counted here: a tail "
		    "of 100 us and more may be theirs");
}

static const struct {
	const char *name;
	check_fn run;
} checks[] = {
	{"machine", check_machine},
	{"clock", check_clock},
	{"CPUs", check_affinity},
	{"SMT", check_smt},
	{"governor", check_governor},
	{"idle", check_idle},
	{"interrupt counts", check_interrupts},
	{"membarrier", check_membarrier},
	{"rseq", check_rseq},
	{"hardware counters", check_perf},
	{"throttling", check_throttle},
	{"real time", check_rt},
	{"pending signals", check_sigpending},
	{"NUMA balancing", check_numa},
	{"steal", check_steal},
	{"SMI", check_smi},
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
