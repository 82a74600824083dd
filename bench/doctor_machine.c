// SPDX-License-Identifier: GPL-2.0-only
/* Checks of the machine, and of our share of it. */
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "doctor.h"
#include "tool/units.h"

/* ---- clock and machine -------------------------------------------------- */

void check_clock(struct check *c)
{
	const struct bench_clock *clock = bench_clock_get();
	char kernel[64];

	machine_line("/sys/devices/system/clocksource/clocksource0/"
		     "current_clocksource",
		     kernel, sizeof(kernel));
	check_say(c, strcmp(clock->source, "tsc") ? CHECK_WARN : CHECK_YES,
		  "samples by %s: tick %.1f ns, one reading %.1f ns; the "
		  "kernel uses "
		  "%s",
		  clock->source, clock->tick_ns, clock->read_ns,
		  kernel[0] ? kernel : "an unknown clock source");
}

void check_machine(struct check *c)
{
	const struct machine *m = machine_get();

	if (m->kind == MACHINE_HARDWARE)
		check_say(c, CHECK_YES, "no hypervisor is seen");
	else if (m->kind == MACHINE_EMULATED)
		check_say(c, CHECK_WARN, "emulated by %s: see `emulation`",
			  machine_emulator_name(m->emulator));
	else
		check_say(c, CHECK_WARN,
			  "%s by %s: interrupts go through the hypervisor, and "
			  "its "
			  "scheduling shows in the tails",
			  machine_kind_name[m->kind], m->hypervisor);
}

void check_emulation(struct check *c)
{
	const struct machine *m = machine_get();
	char words[160];

	if (!m->emulator[0] && !strcmp(m->hypervisor, "QEMU")) {
		check_say(c, CHECK_WARN,
			  "QEMU hides whether KVM or its emulator runs us; "
			  "who started it can say ipi.emulated=tcg on the "
			  "kernel's command line");
		return;
	}
	if (!m->emulator[0]) {
		check_say(c, CHECK_YES, "no emulator is seen");
		return;
	}
	machine_emulated_words(m->emulator, m->host_cpus,
			       (size_t)sysconf(_SC_NPROCESSORS_ONLN), words,
			       sizeof(words));
	check_say(c, CHECK_WARN, "%s; %s tells", words, m->told_by);
}

void check_smt(struct check *c)
{
	char active[16];

	if (!machine_line("/sys/devices/system/cpu/smt/active", active,
			  sizeof(active)))
		check_say(c, CHECK_WARN,
			  "the kernel does not tell whether SMT is on");
	else if (active[0] == '1')
		check_say(c, CHECK_YES,
			  "on: SMT siblings are a class of their own");
	else
		check_say(c, CHECK_NO,
			  "off, or not in the CPU: no sibling class");
}

void check_governor(struct check *c)
{
	char governor[64];

	if (!machine_line("/sys/devices/system/cpu/cpu0/cpufreq/"
			  "scaling_governor",
			  governor, sizeof(governor)))
		check_say(c, CHECK_YES,
			  "no frequency governor is in charge here");
	else
		check_say(c,
			  strcmp(governor, "performance") ? CHECK_WARN
							  : CHECK_YES,
			  "frequency governor %s%s", governor,
			  strcmp(governor, "performance")
				  ? ": frequencies follow the load"
				  : "");
}

void check_idle(struct check *c)
{
	char driver[64], governor[64], line[64];
	unsigned long long poll_ns = 0;

	machine_line("/sys/devices/system/cpu/cpuidle/current_driver", driver,
		     sizeof(driver));
	machine_line("/sys/devices/system/cpu/cpuidle/current_governor_ro",
		     governor, sizeof(governor));
	if (!driver[0] || !strcmp(driver, "none")) {
		check_say(c, CHECK_YES,
			  "no cpuidle driver: idle is what the kernel was told "
			  "at "
			  "boot");
		return;
	}
	if (machine_line("/sys/module/haltpoll/parameters/guest_halt_poll_ns",
			 line, sizeof(line)))
		poll_ns = strtoull(line, NULL, 10);
	if (!strcmp(driver, "haltpoll") && poll_ns)
		check_say(c, CHECK_WARN,
			  "haltpoll polls for up to %s before it halts: an "
			  "idle CPU "
			  "that polls is woken by a store, not by an interrupt",
			  units_ns(poll_ns).text);
	else if (!strcmp(driver, "haltpoll"))
		check_say(c, CHECK_YES,
			  "haltpoll, told not to poll: an idle CPU halts");
	else if (!strcmp(driver, "intel_idle"))
		check_say(c, CHECK_WARN,
			  "intel_idle: each of its states is MWAIT, so an idle "
			  "CPU "
			  "is woken by a store, not by an interrupt");
	else
		check_say(c, CHECK_YES,
			  "%s with governor %s; its state POLL gets no "
			  "interrupts",
			  driver, governor[0] ? governor : "unknown");
}

/* ---- our share of the machine ------------------------------------------- */

void check_affinity(struct check *c)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	struct tool_error err;
	struct topo *topo;

	if (topo_load(NULL, &topo, &err)) {
		check_say(c, CHECK_NO, "%s", err.text);
		return;
	}
	if (topo->n < 2)
		check_say(c, CHECK_NO,
			  "%zu CPU may be used: there is nobody to interrupt",
			  topo->n);
	else if ((long)topo->n < online)
		check_say(c, CHECK_WARN, "%zu of %ld online CPUs may be used",
			  topo->n, online);
	else
		check_say(c, CHECK_YES, "all %ld online CPUs may be used",
			  online);
	topo_free(topo);
}

/* The quota of our own group; the file's place depends on the version. */
static bool quota_of_cgroup(char *line, size_t size)
{
	char path[PATH_MAX + 64], group[PATH_MAX] = "/";
	FILE *f = fopen("/proc/self/cgroup", "r");
	char entry[PATH_MAX];

	while (f && fgets(entry, sizeof(entry), f))
		if (!strncmp(entry, "0::", 3))
			snprintf(group, sizeof(group), "%.*s",
				 (int)strcspn(entry + 3, "\n"), entry + 3);
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max", group);
	return machine_line(path, line, size) ||
	       machine_line("/sys/fs/cgroup/cpu.max", line, size) ||
	       machine_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", line, size);
}

void check_throttle(struct check *c)
{
	char line[128];

	if (!quota_of_cgroup(line, sizeof(line)))
		check_say(c, CHECK_YES, "no cgroup limits our CPU time");
	else if (atoll(line) > 0)
		check_say(c, CHECK_WARN,
			  "our cgroup may run for %lld us a period, then it is "
			  "throttled: tails will show it",
			  atoll(line));
	else
		check_say(c, CHECK_YES, "our cgroup is not throttled");
}

void check_rt(struct check *c)
{
	struct sched_param fifo = { .sched_priority = 1 }, was;
	int policy = sched_getscheduler(0);
	char runtime[32];

	machine_line("/proc/sys/kernel/sched_rt_runtime_us", runtime,
		     sizeof(runtime));
	if (sched_getparam(0, &was) || sched_setscheduler(0, SCHED_FIFO, &fifo))
		check_say(c, CHECK_NO,
			  "no SCHED_FIFO for us: --rt needs root or the limit "
			  "rtprio");
	else if (sched_setscheduler(0, policy, &was))
		check_say(c, CHECK_WARN, "SCHED_FIFO could not be given back");
	else
		check_say(c, CHECK_YES,
			  "--rt works; real-time threads get %s us of each "
			  "second",
			  runtime[0] && strcmp(runtime, "-1") ? runtime
							      : "1000000");
}

void check_sigpending(struct check *c)
{
	struct rlimit limit;

	getrlimit(RLIMIT_SIGPENDING, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		check_say(c, CHECK_YES, "as many pending signals as wanted");
	else if (limit.rlim_cur < 1024)
		check_say(c, CHECK_WARN,
			  "%llu pending signals for all processes of this "
			  "user: the "
			  "delivery `signal` will have to ask again",
			  (unsigned long long)limit.rlim_cur);
	else
		check_say(c, CHECK_YES, "%llu pending signals",
			  (unsigned long long)limit.rlim_cur);
}

void check_numa(struct check *c)
{
	char line[32];

	if (!machine_line("/proc/sys/kernel/numa_balancing", line,
			  sizeof(line)) ||
	    line[0] == '0')
		check_say(c, CHECK_YES,
			  "no NUMA balancing: pages stay where they are");
	else
		check_say(c, CHECK_WARN,
			  "NUMA balancing is on: it moves pages, and its "
			  "interrupts "
			  "get into the counts");
}

void check_steal(struct check *c)
{
	unsigned long long v[8] = { 0 }, all = 0;
	char line[256];
	int i;

	if (!machine_line("/proc/stat", line, sizeof(line)) ||
	    sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0],
		   &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) != 8) {
		check_say(c, CHECK_WARN,
			  "/proc/stat does not tell stolen time");
		return;
	}
	for (i = 0; i < 8; i++)
		all += v[i];
	if (all && v[7] * 1000 > all)
		check_say(c, CHECK_WARN,
			  "%.1f %% of the time since boot went to other guests",
			  100.0 * v[7] / all);
	else
		check_say(c, CHECK_YES,
			  "hardly any time was stolen since boot");
}

void check_smi(struct check *c)
{
	if (!access("/sys/bus/event_source/devices/msr/events/smi", R_OK))
		check_say(c, CHECK_YES,
			  "system management interrupts are counted");
	else
		check_say(c, CHECK_NO,
			  "system management interrupts are not counted here: "
			  "a tail "
			  "of 100 us and more may be theirs");
}
