// SPDX-License-Identifier: GPL-2.0-only
/* The context of a result: what a reader needs to judge its numbers. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "build.h"
#include "front.h"
#include "tool/column.h"

/*
 * Words of the kernel command line that change what is measured. An
 * allow-list: the line also holds disk identities, keys and paths.
 */
static const char *const words[] = {
	"mitigations",
	"nosmt",
	"maxcpus",
	"nr_cpus",
	"isolcpus",
	"nohz",
	"nohz_full",
	"rcu_nocbs",
	"rcu_nocb_poll",
	"irqaffinity",
	"idle",
	"nohlt",
	"cpuidle.off",
	"cpuidle.governor",
	"intel_idle.max_cstate",
	"processor.max_cstate",
	"cpuidle_haltpoll.force",
	"haltpoll.guest_halt_poll_ns",
	"intel_pstate",
	"amd_pstate",
	"cpufreq.default_governor",
	"tsc",
	"clocksource",
	"hpet",
	"nox2apic",
	"x2apic_phys",
	"apic",
	"nolapic",
	"noapic",
	"threadirqs",
	"preempt",
	"skew_tick",
	"nowatchdog",
	"nmi_watchdog",
	"nosoftlockup",
	"numa_balancing",
	"numa",
	"transparent_hugepage",
	"iommu",
	"intel_iommu",
	"amd_iommu",
	"kvm-intel.enable_ipiv",
	"kvm-amd.avic",
	"no-kvmclock",
	"no-steal-acc",
	"nopvspin",
	"csdlock_debug",
	"ipi.emulated",
	"ipi.host_cpus",
};

static bool allowed(const char *word)
{
	size_t n = strcspn(word, "="), i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == n && !strncmp(word, words[i], n))
			return true;
	return false;
}

static json_t *kernel_cmdline(void)
{
	char line[4096], kept[4096], *word, *save = NULL;
	size_t at = 0;

	kept[0] = '\0';
	if (!machine_line("/proc/cmdline", line, sizeof(line)))
		return json_null();
	for (word = strtok_r(line, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		if (allowed(word) && at < sizeof(kept))
			at += snprintf(kept + at, sizeof(kept) - at, "%s%s",
				       at ? " " : "", word);
	return json_string(kept);
}

static json_t *line_of(const char *path)
{
	char line[256];

	return machine_line(path, line, sizeof(line)) ? json_string(line)
						      : json_null();
}

static json_t *mitigations(void)
{
	static const char dir_path[] =
		"/sys/devices/system/cpu/vulnerabilities";
	json_t *object = json_object();
	DIR *dir = opendir(dir_path);
	struct dirent *e;
	char path[512];

	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir_path, e->d_name);
		json_object_set_new(object, e->d_name, line_of(path));
	}
	if (dir)
		closedir(dir);
	return object;
}

/*
 * Tells boots apart and gives nothing else away: FNV-1a folds the 122 random
 * bits of the kernel's boot id into 64.
 */
static json_t *boot_id(void)
{
	uint64_t hash = 0xcbf29ce484222325u;
	char line[64], text[20];
	const char *at;

	if (!machine_line("/proc/sys/kernel/random/boot_id", line,
			  sizeof(line)))
		return json_null();
	for (at = line; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)hash);
	return json_string(text);
}

static json_t *clock_json(void)
{
	const struct bench_clock *clock = bench_clock_get();

	return json_pack("{s:s,s:o,s:o,s:o,s:o}", "source", clock->source,
			 "tick_ns", columns_json_real(clock->tick_ns),
			 "read_ns", columns_json_real(clock->read_ns), "tsc_hz",
			 clock->tsc_hz ? json_integer(clock->tsc_hz)
				       : json_null(),
			 "kernel_clocksource",
			 line_of("/sys/devices/system/clocksource/clocksource0/"
				 "current_clocksource"));
}

static json_t *build_json(void)
{
	json_t *designs = json_array();
	unsigned n;

	for (n = 0; ipi_queue_name(n); n++)
		json_array_append_new(designs, json_string(ipi_queue_name(n)));
	return json_pack("{s:s,s:s,s:o}", "compiler", IPI_BUILD_COMPILER,
			 "options", IPI_BUILD_OPTIONS, "designs", designs);
}

static json_t *limits_json(void)
{
	struct rlimit signals = { 0 }, rt = { 0 };

	getrlimit(RLIMIT_SIGPENDING, &signals);
	getrlimit(RLIMIT_RTPRIO, &rt);
	return json_pack("{s:o,s:o}", "sigpending",
			 signals.rlim_cur == RLIM_INFINITY
				 ? json_null()
				 : json_integer(signals.rlim_cur),
			 "rtprio",
			 rt.rlim_cur == RLIM_INFINITY
				 ? json_null()
				 : json_integer(rt.rlim_cur));
}

static json_t *doctor_json(void)
{
	json_t *list = json_array();
	struct check *checks = NULL;
	size_t n = 0, i;

	if (doctor_run(&checks, &n))
		return list;
	for (i = 0; i < n; i++)
		json_array_append_new(
			list, json_pack("{s:s,s:s,s:s}", "check",
					checks[i].name, "verdict",
					check_verdict_name[checks[i].verdict],
					"why", checks[i].why));
	free(checks);
	return list;
}

static json_t *governor(void)
{
	char line[64];

	return json_string(machine_line("/sys/devices/system/cpu/cpu0/cpufreq/"
					"scaling_governor",
					line, sizeof(line))
				   ? line
				   : "none");
}

/* Also of an anonymous result: without it its times would lie. */
static json_t *emulated_json(const struct machine *m)
{
	return m->emulator[0] ? json_pack("{s:s,s:s}", "by", m->emulator,
					  "told_by", m->told_by)
			      : json_null();
}

json_t *context_json(const struct machine *m, bool rt, bool anonymous)
{
	struct utsname uts;
	double load;
	json_t *c;

	uname(&uts);
	c = json_pack("{s:s,s:i,s:s}", "cpu_model",
		      anonymous ? "withheld" : m->cpu_model, "cpus_online",
		      (int)sysconf(_SC_NPROCESSORS_ONLN), "arch", uts.machine);
	if (!c)
		return NULL;
	json_object_set_new(c, "kernel",
			    json_string(anonymous ? "withheld" : uts.release));
	json_object_set_new(c, "kernel_cmdline",
			    anonymous ? json_null() : kernel_cmdline());
	json_object_set_new(c, "mitigations", mitigations());
	json_object_set_new(c, "governor", governor());
	json_object_set_new(
		c, "idle_driver",
		line_of("/sys/devices/system/cpu/cpuidle/current_driver"));
	/* Nothing tells it without reading the kernel's log. */
	json_object_set_new(c, "apic_driver", json_string("unknown"));
	json_object_set_new(c, "hypervisor",
			    m->hypervisor[0] ? json_string(m->hypervisor)
					     : json_null());
	json_object_set_new(c, "emulated", emulated_json(m));
	json_object_set_new(c, "host_cpus",
			    m->host_cpus ? json_integer(m->host_cpus)
					 : json_null());
	json_object_set_new(c, "clock", clock_json());
	json_object_set_new(c, "build", build_json());
	json_object_set_new(c, "boot_id", anonymous ? json_null() : boot_id());
	json_object_set_new(c, "load_1min",
			    getloadavg(&load, 1) == 1
				    ? json_real((int)(load * 100) / 100.0)
				    : json_null());
	json_object_set_new(c, "scheduling",
			    json_string(rt ? "fifo" : "ordinary"));
	json_object_set_new(c, "limits", limits_json());
	json_object_set_new(c, "doctor", doctor_json());
	return c;
}
