/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's CPUs and what they share, by hwloc: this machine's, or (for
 * planning only) a synthetic one or one read from an lstopo XML file.
 */
#ifndef IPI_TOOL_TOPOLOGY_H
#define IPI_TOOL_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "cpulist.h"
#include "error.h"

/* The nearest thing that two CPUs share, near to far. */
enum topo_relation {
	TOPO_SELF,
	TOPO_SMT,  /* the core */
	TOPO_LLC,  /* the last cache, and all of what follows */
	TOPO_NODE, /* the NUMA node */
	TOPO_SOCKET,
	TOPO_OTHER,
	TOPO_RELATIONS
};
extern const char *const topo_relation_name[TOPO_RELATIONS];
extern const char *const topo_relation_text[TOPO_RELATIONS]; /* for people */

/* Logical numbers; smt counts within the core. */
struct topo_cpu {
	int cpu; /* OS processor */
	int core, llc, node, socket, smt;
};

struct hwloc_topology;

struct topo {
	struct hwloc_topology *hw;
	bool planning_only;   /* not this machine */
	struct topo_cpu *cpu; /* ordered socket, node, llc, core, smt */
	size_t n;
	struct cpulist online, possible;
	int nodes, sockets, cores;
};

/*
 * text NULL: this machine, CPUs that are online and that our own affinity and
 * cpuset allow. "synthetic:DESCRIPTION" is hwloc's grammar ("pack:2 l3:4
 * core:8 pu:2"); anything else is an lstopo XML file. -EINVAL, -ENOENT,
 * -ENOMEM with the sentence.
 */
int topo_load(const char *text, struct topo **out, struct tool_error *err);
void topo_free(struct topo *topo);

/* NULL: not in this topology. */
const struct topo_cpu *topo_find(const struct topo *topo, int cpu);
enum topo_relation topo_relate(const struct topo_cpu *a,
			       const struct topo_cpu *b);
/* Leaves only the CPUs of the list; one that cannot be used is -EINVAL. */
int topo_restrict(struct topo *topo, const struct cpulist *only,
		  struct tool_error *err);

/* nodes x nodes values as the firmware gives them; NULL: it gives none. */
unsigned *topo_distances(const struct topo *topo);
/*
 * hwloc's XML without what is private: I/O devices, serial numbers, MACs,
 * host name, DMI; anonymous also drops the CPU's model. NULL: no memory.
 */
char *topo_xml(const struct topo *topo, bool anonymous);

#endif
