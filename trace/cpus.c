// SPDX-License-Identifier: GPL-2.0-only
/* The CPUs as the kernel numbers them. */
#include "cpus.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPU_DIR "/sys/devices/system/cpu/"
#define NODE_DIR "/sys/devices/system/node/"

/* A list of CPUs or nodes in a file; empty where there is no such file. */
static struct cpulist list_in(const char *path)
{
	struct cpulist list = { NULL, 0 };
	char line[4096];
	FILE *f = fopen(path, "r");

	if (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] && line[0] != '(')
			cpulist_parse(line, &list, NULL);
	}
	if (f)
		fclose(f);
	return list;
}

static void mark(bool *flags, int n, const char *path)
{
	struct cpulist list = list_in(path);
	size_t i;

	for (i = 0; i < list.n; i++)
		if (list.cpu[i] < n)
			flags[list.cpu[i]] = true;
	cpulist_free(&list);
}

static void read_nodes(struct cpus *cpus)
{
	struct cpulist nodes = list_in(NODE_DIR "online"), list;
	char path[128];
	size_t i, k;

	cpus->nodes = 1;
	for (i = 0; i < nodes.n; i++) {
		snprintf(path, sizeof(path), NODE_DIR "node%d/cpulist",
			 nodes.cpu[i]);
		list = list_in(path);
		for (k = 0; k < list.n; k++)
			if (list.cpu[k] < cpus->possible)
				cpus->node[list.cpu[k]] = nodes.cpu[i];
		cpulist_free(&list);
		if (nodes.cpu[i] >= cpus->nodes)
			cpus->nodes = nodes.cpu[i] + 1;
	}
	cpulist_free(&nodes);
}

int cpus_load(struct cpus *out, struct tool_error *err)
{
	struct cpulist possible = list_in(CPU_DIR "possible");
	struct cpus c = { .possible = 0 };

	if (possible.n)
		c.possible = possible.cpu[possible.n - 1] + 1;
	cpulist_free(&possible);
	if (!c.possible)
		return tool_fail(err, -ENODEV,
				 CPU_DIR "possible cannot be read: is sysfs "
					 "mounted?");
	c.node = calloc(c.possible, sizeof(*c.node));
	c.online = calloc(c.possible, sizeof(*c.online));
	c.reserved = calloc(c.possible, sizeof(*c.reserved));
	if (!c.node || !c.online || !c.reserved) {
		cpus_free(&c);
		return tool_fail(err, -ENOMEM, "no memory");
	}
	mark(c.online, c.possible, CPU_DIR "online");
	mark(c.reserved, c.possible, CPU_DIR "isolated");
	mark(c.reserved, c.possible, CPU_DIR "nohz_full");
	read_nodes(&c);
	*out = c;
	return 0;
}

void cpus_free(struct cpus *cpus)
{
	free(cpus->node);
	free(cpus->online);
	free(cpus->reserved);
}

int cpus_check(const struct cpus *cpus, const struct cpulist *list,
	       struct tool_error *err)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->cpu[i] >= cpus->possible)
			return tool_fail(err, -EINVAL,
					 "CPU %d: there is no such CPU "
					 "(possible: 0-%d)",
					 list->cpu[i], cpus->possible - 1);
	return 0;
}

/* The higher, the rather. */
static int fitness(const struct cpus *cpus, const struct cpulist *avoid,
		   int cpu)
{
	return !cpus->reserved[cpu] * 2 + !cpulist_has(avoid, cpu);
}

int cpus_choose(const struct cpus *cpus, const struct cpulist *avoid,
		const struct cpulist *taken)
{
	size_t size = CPU_ALLOC_SIZE(CPULIST_CPUS_MAX);
	cpu_set_t *allowed = CPU_ALLOC(CPULIST_CPUS_MAX);
	int best = -1, cpu;

	if (!allowed || sched_getaffinity(0, size, allowed)) {
		CPU_FREE(allowed);
		return -1;
	}
	for (cpu = 0; cpu < cpus->possible; cpu++) {
		if (!cpus->online[cpu] || !CPU_ISSET_S(cpu, size, allowed) ||
		    cpulist_has(taken, cpu))
			continue;
		if (best < 0 ||
		    fitness(cpus, avoid, cpu) > fitness(cpus, avoid, best))
			best = cpu;
	}
	CPU_FREE(allowed);
	return best;
}

int cpus_reader(const struct cpus *cpus, const struct cpulist *avoid, int *cpu,
		struct tool_error *err)
{
	*cpu = cpus_choose(cpus, avoid, &(struct cpulist){ 0 });
	if (*cpu < 0)
		return tool_fail(err, -ENODEV,
				 "no CPU that this process may run on");
	return 0;
}

int cpus_pin(int cpu)
{
	size_t size = CPU_ALLOC_SIZE(CPULIST_CPUS_MAX);
	cpu_set_t *set = CPU_ALLOC(CPULIST_CPUS_MAX);
	int ret;

	if (!set)
		return -ENOMEM;
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	ret = sched_setaffinity(0, size, set) ? -errno : 0;
	CPU_FREE(set);
	return ret;
}
