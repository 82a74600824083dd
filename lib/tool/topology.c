// SPDX-License-Identifier: GPL-2.0-only
/* The machine's CPUs and what they share, by hwloc. */
#include "topology.h"

#include <errno.h>
#include <hwloc.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const topo_relation_name[TOPO_RELATIONS] = {
	"self", "smt", "llc", "node", "socket", "other",
};

const char *const topo_relation_text[TOPO_RELATIONS] = {
	"itself",    "SMT sibling", "same LLC",
	"same node", "same socket", "other socket",
};

/* ---- one CPU ------------------------------------------------------------ */

/* The CPU-less nodes of memory-only devices hold no CPU; they never match. */
static int node_of(hwloc_topology_t hw, unsigned cpu)
{
	hwloc_obj_t node = NULL;

	while ((node = hwloc_get_next_obj_by_type(hw, HWLOC_OBJ_NUMANODE,
						  node)))
		if (hwloc_bitmap_isset(node->cpuset, cpu))
			return node->logical_index;
	return 0;
}

static int number_above(hwloc_topology_t hw, hwloc_obj_t pu,
			hwloc_obj_type_t type, int otherwise)
{
	hwloc_obj_t obj = hwloc_get_ancestor_obj_by_type(hw, type, pu);

	return obj ? (int)obj->logical_index : otherwise;
}

/*
 * The last cache above a CPU, named by its first CPU's place so that caches
 * of different levels never get the same number; -1: none is known.
 */
static int last_cache(hwloc_obj_t pu)
{
	hwloc_obj_t obj, last = NULL;

	for (obj = pu->parent; obj; obj = obj->parent)
		if (hwloc_obj_type_is_dcache(obj->type))
			last = obj;
	if (!last)
		return -1;
	while (last->first_child)
		last = last->first_child;
	return last->logical_index;
}

/* Threads come one after the other: how many of its core are before this. */
static int thread_of(hwloc_topology_t hw, hwloc_obj_t pu)
{
	hwloc_obj_t first =
		hwloc_get_ancestor_obj_by_type(hw, HWLOC_OBJ_CORE, pu);

	if (!first)
		return 0;
	while (first->first_child)
		first = first->first_child;
	return (int)(pu->logical_index - first->logical_index);
}

static void fill_cpu(hwloc_topology_t hw, hwloc_obj_t pu, struct topo_cpu *c)
{
	c->cpu = pu->os_index;
	c->node = node_of(hw, pu->os_index);
	c->socket = number_above(hw, pu, HWLOC_OBJ_PACKAGE, 0);
	c->llc = last_cache(pu);
	c->smt = thread_of(hw, pu);
}

static int matrix_order(const void *a, const void *b)
{
	const struct topo_cpu *x = a, *y = b;
	const int keys[][2] = {
		{x->socket, y->socket}, {x->node, y->node}, {x->llc, y->llc},
		{x->core, y->core},	{x->smt, y->smt},   {x->cpu, y->cpu},
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

/* Last caches get the numbers 0, 1, ... in matrix order; none: the socket. */
static void number_caches(struct topo *topo)
{
	int seen = -2, next = -1;
	size_t i;

	for (i = 0; i < topo->n; i++) {
		if (topo->cpu[i].llc == -1) {
			topo->cpu[i].llc = topo->cpu[i].socket;
			continue;
		}
		if (topo->cpu[i].llc != seen) {
			seen = topo->cpu[i].llc;
			next++;
		}
		topo->cpu[i].llc = next;
	}
}

/* ---- the whole ---------------------------------------------------------- */

static int bitmap_list(hwloc_const_bitmap_t set, struct cpulist *out)
{
	int cpu, n = hwloc_bitmap_weight(set);
	size_t at = 0;

	if (n < 0)
		return -EINVAL;
	out->cpu = malloc((n + 1) * sizeof(*out->cpu));
	if (!out->cpu)
		return -ENOMEM;
	hwloc_bitmap_foreach_begin(cpu, set) out->cpu[at++] = cpu;
	hwloc_bitmap_foreach_end();
	out->n = at;
	return 0;
}

/* Our own affinity as the user set it: `taskset -c 0-3 ipi` means 0-3. */
static bool *allowed_cpus(size_t n)
{
	bool *allowed = calloc(n, sizeof(*allowed));
	cpu_set_t *set = CPU_ALLOC(n);
	size_t size = CPU_ALLOC_SIZE(n), cpu;

	if (allowed && set) {
		bool known = !sched_getaffinity(0, size, set);

		for (cpu = 0; cpu < n; cpu++)
			allowed[cpu] = !known || CPU_ISSET_S(cpu, size, set);
	}
	if (set)
		CPU_FREE(set);
	return allowed;
}

/*
 * Cores are counted here: where some have one thread and others two, hwloc may
 * have them at two depths, and numbers each depth from 0.
 */
static void fill_cpus(struct topo *topo, const bool *allowed)
{
	hwloc_obj_t pu = NULL;

	while ((pu = hwloc_get_next_obj_by_type(topo->hw, HWLOC_OBJ_PU, pu))) {
		if (!thread_of(topo->hw, pu))
			topo->cores++;
		if (allowed && (pu->os_index >= CPULIST_CPUS_MAX ||
				!allowed[pu->os_index]))
			continue;
		topo->cpu[topo->n].core = topo->cores - 1;
		fill_cpu(topo->hw, pu, &topo->cpu[topo->n++]);
	}
}

static int fill(struct topo *topo)
{
	hwloc_topology_t hw = topo->hw;
	int n = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_PU), ret;
	bool *allowed = NULL;

	topo->cpu = calloc(n, sizeof(*topo->cpu));
	if (!topo->planning_only)
		allowed = allowed_cpus(CPULIST_CPUS_MAX);
	if (!topo->cpu || (!topo->planning_only && !allowed))
		return -ENOMEM;
	fill_cpus(topo, allowed);
	free(allowed);
	qsort(topo->cpu, topo->n, sizeof(*topo->cpu), matrix_order);
	number_caches(topo);
	topo->nodes = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_NUMANODE);
	topo->sockets = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_PACKAGE);
	ret = bitmap_list(hwloc_topology_get_topology_cpuset(hw),
			  &topo->online);
	if (!ret)
		ret = bitmap_list(hwloc_topology_get_complete_cpuset(hw),
				  &topo->possible);
	return ret;
}

static int choose_source(struct topo *topo, const char *text,
			 struct tool_error *err)
{
	static const char prefix[] = "synthetic:";

	if (!text)
		return 0;
	topo->planning_only = true;
	if (!strncmp(text, prefix, sizeof(prefix) - 1)) {
		if (!hwloc_topology_set_synthetic(topo->hw,
						  text + sizeof(prefix) - 1))
			return 0;
		return tool_fail(err, -EINVAL,
				 "topology '%s': not understood by hwloc "
				 "(wanted: synthetic:pack:2 l3:4 core:8 pu:2)",
				 text);
	}
	if (access(text, R_OK))
		return tool_fail(err, -errno, "topology %s: %s", text,
				 strerror(errno));
	if (!hwloc_topology_set_xml(topo->hw, text))
		return 0;
	return tool_fail(err, -EINVAL, "topology %s: no lstopo XML file", text);
}

static int load(struct topo *topo, const char *text, struct tool_error *err)
{
	int ret;

	if (hwloc_topology_init(&topo->hw)) {
		topo->hw = NULL;
		return tool_fail(err, -ENOMEM, "out of memory");
	}
	hwloc_topology_set_io_types_filter(topo->hw,
					   HWLOC_TYPE_FILTER_KEEP_NONE);
	hwloc_topology_set_type_filter(topo->hw, HWLOC_OBJ_MISC,
				       HWLOC_TYPE_FILTER_KEEP_NONE);
	ret = choose_source(topo, text, err);
	if (ret)
		return ret;
	if (hwloc_topology_load(topo->hw))
		return tool_fail(err, -EINVAL, "topology %s: cannot be read",
				 text ? text : "of this machine");
	ret = fill(topo);
	if (ret)
		return tool_fail(err, ret, "topology: %s", strerror(-ret));
	if (!topo->n)
		return tool_fail(err, -EINVAL, "topology: no CPU is usable");
	return 0;
}

int topo_load(const char *text, struct topo **out, struct tool_error *err)
{
	struct topo *topo = calloc(1, sizeof(*topo));
	int ret;

	if (!topo)
		return tool_fail(err, -ENOMEM, "out of memory");
	ret = load(topo, text, err);
	if (ret) {
		topo_free(topo);
		return ret;
	}
	*out = topo;
	return 0;
}

void topo_free(struct topo *topo)
{
	if (!topo)
		return;
	if (topo->hw)
		hwloc_topology_destroy(topo->hw);
	cpulist_free(&topo->online);
	cpulist_free(&topo->possible);
	free(topo->cpu);
	free(topo);
}

/* ---- questions ---------------------------------------------------------- */

const struct topo_cpu *topo_find(const struct topo *topo, int cpu)
{
	size_t i;

	for (i = 0; i < topo->n; i++)
		if (topo->cpu[i].cpu == cpu)
			return &topo->cpu[i];
	return NULL;
}

/*
 * Far to near, each class holding all nearer ones: where one last cache spans
 * two NUMA nodes, the node decides.
 */
enum topo_relation topo_relate(const struct topo_cpu *a,
			       const struct topo_cpu *b)
{
	if (a->cpu == b->cpu)
		return TOPO_SELF;
	if (a->socket != b->socket)
		return TOPO_OTHER;
	if (a->node != b->node)
		return TOPO_SOCKET;
	if (a->llc != b->llc)
		return TOPO_NODE;
	if (a->core != b->core)
		return TOPO_LLC;
	return TOPO_SMT;
}

static int unusable(const struct topo *topo, int cpu, struct tool_error *err)
{
	char *possible = cpulist_format(topo->possible.cpu, topo->possible.n);
	int ret;

	if (!cpulist_has(&topo->possible, cpu))
		ret = tool_fail(err, -EINVAL,
				"CPU %d: there is no such CPU (possible: %s)",
				cpu, possible ? possible : "?");
	else if (!cpulist_has(&topo->online, cpu))
		ret = tool_fail(err, -EINVAL,
				"CPU %d is offline, or reserved by a cpuset "
				"(see /sys/devices/system/cpu/cpu%d/online)",
				cpu, cpu);
	else
		ret = tool_fail(err, -EINVAL,
				"CPU %d is outside the affinity that ipi was "
				"started with (see taskset -p $$)",
				cpu);
	free(possible);
	return ret;
}

int topo_restrict(struct topo *topo, const struct cpulist *only,
		  struct tool_error *err)
{
	size_t i, kept = 0;

	for (i = 0; i < only->n; i++)
		if (!topo_find(topo, only->cpu[i]))
			return unusable(topo, only->cpu[i], err);
	for (i = 0; i < topo->n; i++)
		if (cpulist_has(only, topo->cpu[i].cpu))
			topo->cpu[kept++] = topo->cpu[i];
	topo->n = kept;
	return 0;
}
