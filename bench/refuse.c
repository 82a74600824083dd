// SPDX-License-Identifier: GPL-2.0-only
/* Other people's CPUs and busy machines: left alone unless --force says so. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <dirent.h>

#include "front.h"

/* Part of the machine that may be busy: a tenth. */
#define BUSY_SHARE 0.1
#define BUSY_WINDOW_NS 200000000

/* ---- CPUs --------------------------------------------------------------- */

static bool in(const struct cpulist *list, int cpu)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->cpu[i] == cpu)
			return true;
	return false;
}

static void list_from(const char *path, struct cpulist *out)
{
	char line[4096];

	if (machine_line(path, line, sizeof(line)) && line[0])
		cpulist_parse(line, out, NULL);
}

/* A cpuset partition's CPUs are promised to the group that holds it. */
static void list_reserved(struct cpulist *out)
{
	static const char top[] = "/sys/fs/cgroup";
	char path[512], kind[64];
	DIR *dir = opendir(top);
	struct dirent *e;

	while (dir && !out->n && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || e->d_type != DT_DIR)
			continue;
		snprintf(path, sizeof(path), "%s/%s/cpuset.cpus.partition", top,
			 e->d_name);
		if (!machine_line(path, kind, sizeof(kind)) ||
		    !strncmp(kind, "member", 6))
			continue;
		snprintf(path, sizeof(path), "%s/%s/cpuset.cpus.effective", top,
			 e->d_name);
		list_from(path, out);
	}
	if (dir)
		closedir(dir);
}

static int leave_out(struct topo *topo, const struct cpulist *theirs,
		     const char *why, bool named, struct plan *plan,
		     struct tool_error *err)
{
	struct cpulist lost = { calloc(topo->n, sizeof(int)), 0 };
	size_t i, kept = 0;
	char *text;

	if (!lost.cpu)
		return tool_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < topo->n; i++)
		if (in(theirs, topo->cpu[i].cpu))
			lost.cpu[lost.n++] = topo->cpu[i].cpu;
	text = cpulist_format(lost.cpu, lost.n);
	if (lost.n && (named || lost.n == topo->n)) {
		tool_fail(err, -EBUSY, "CPU %s: %s (--force takes it)",
			  text ? text : "?", why);
		cpulist_free(&lost);
		free(text);
		return -EBUSY;
	}
	for (i = 0; i < topo->n; i++)
		if (!in(&lost, topo->cpu[i].cpu))
			topo->cpu[kept++] = topo->cpu[i];
	topo->n = kept;
	if (lost.n)
		plan_note(plan, "CPU %s: %s; left out (--force takes it)",
			  text ? text : "?", why);
	cpulist_free(&lost);
	free(text);
	return 0;
}

int refuse_cpus(struct topo *topo, bool named, bool force, struct plan *plan,
		struct tool_error *err)
{
	struct cpulist isolated = { 0 }, reserved = { 0 };
	int ret;

	if (force || topo->planning_only)
		return 0;
	list_from("/sys/devices/system/cpu/isolated", &isolated);
	list_reserved(&reserved);
	ret = leave_out(topo, &isolated, "isolated", named, plan, err);
	if (!ret)
		ret = leave_out(topo, &reserved, "reserved by a cpuset", named,
				plan, err);
	cpulist_free(&isolated);
	cpulist_free(&reserved);
	return ret;
}

int refuse_core_per_node(struct topo *topo, struct tool_error *err)
{
	size_t i, kept = 0;

	/* Matrix order: the last CPU of a node sits on its last core. */
	for (i = 0; i < topo->n; i++) {
		const struct topo_cpu *c = &topo->cpu[i], *last = c;
		size_t j;

		for (j = i; j < topo->n; j++)
			if (topo->cpu[j].node == c->node)
				last = &topo->cpu[j];
		if (last->core != c->core)
			topo->cpu[kept++] = *c;
	}
	if (kept < 2)
		return tool_fail(err, -EBUSY,
				 "--rt leaves one core of each node free, and "
				 "then fewer than two CPUs are left (--force "
				 "takes them all)");
	topo->n = kept;
	return 0;
}

/* ---- the machine -------------------------------------------------------- */

/* Busy time of all CPUs in clock ticks; false: not told. */
static bool busy_ticks(double *busy)
{
	unsigned long long user, nice, sys, idle, wait, irq, soft;
	char line[256];

	if (!machine_line("/proc/stat", line, sizeof(line)) ||
	    sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice,
		   &sys, &idle, &wait, &irq, &soft) != 7)
		return false;
	*busy = user + nice + sys + irq + soft;
	return true;
}

/*
 * How many CPUs are busy now. Not the load average: it remembers a minute,
 * and the compilation that has just ended would speak against every first run.
 */
static double cpus_busy(void)
{
	struct timespec window = { 0, BUSY_WINDOW_NS };
	double from, to;

	if (!busy_ticks(&from) || nanosleep(&window, NULL) || !busy_ticks(&to))
		return 0;
	return (to - from) / sysconf(_SC_CLK_TCK) / (BUSY_WINDOW_NS / 1e9);
}

static bool may_fifo(void)
{
	struct sched_param fifo = { .sched_priority = 1 }, was;
	int policy = sched_getscheduler(0);

	if (policy < 0 || sched_getparam(0, &was) ||
	    sched_setscheduler(0, SCHED_FIFO, &fifo))
		return false;
	return !sched_setscheduler(0, policy, &was);
}

int refuse_machine(const struct topo *topo, bool rt, struct tool_error *err)
{
	double busy;

	if (rt && !may_fifo())
		return tool_fail(err, -EPERM,
				 "--rt: no right to SCHED_FIFO here (run as "
				 "root, or raise the limit rtprio)");
	busy = cpus_busy();
	/* One CPU's worth in ten, but never less than a fifth of one CPU. */
	if (busy > BUSY_SHARE * topo->n && busy > 0.2)
		return tool_fail(err, -EBUSY,
				 "this machine is busy: %.1f of %zu CPUs are "
				 "at work, more than a tenth; the figures "
				 "would be theirs too",
				 busy, topo->n);
	return 0;
}
