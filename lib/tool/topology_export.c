// SPDX-License-Identifier: GPL-2.0-only
/* What leaves the machine with a result: distances, and XML made harmless. */
#include "topology.h"

#include <hwloc.h>
#include <hwloc/distances.h>
#include <stdlib.h>
#include <string.h>

unsigned *topo_distances(const struct topo *topo)
{
	struct hwloc_distances_s *d = NULL;
	unsigned found = 1, i, n, *out = NULL;

	if (hwloc_distances_get_by_type(topo->hw, HWLOC_OBJ_NUMANODE, &found,
					&d, HWLOC_DISTANCES_KIND_MEANS_LATENCY,
					0) ||
	    !found)
		return NULL;
	n = d->nbobjs;
	if ((int)n == topo->nodes)
		out = calloc(n * n, sizeof(*out));
	for (i = 0; out && i < n * n; i++) {
		unsigned from = d->objs[i / n]->logical_index;
		unsigned to = d->objs[i % n]->logical_index;

		out[from * n + to] = d->values[i];
	}
	hwloc_distances_release(topo->hw, d);
	return out;
}

/* An allow-list: firmware invents new names for serial numbers. */
static const char *const harmless[] = {
	"Backend",	  "SyntheticDescription",
	"CPUVendor",	  "CPUFamilyNumber",
	"CPUModelNumber", "CPUModel",
	"CPUStepping",	  "Inclusive",
	"MemoryMode",	  "ClusterMode",
	"hwlocVersion",
};

static bool keep(const char *name, bool anonymous)
{
	size_t i, n = strcspn(name, "\"");

	if (anonymous)
		return false;
	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strlen(harmless[i]) == n && !strncmp(harmless[i], name, n))
			return true;
	return false;
}

/* Removes <info name="..." .../> elements in place. */
static void strip_infos(char *xml, bool anonymous)
{
	static const char open[] = "<info name=\"";
	char *from = xml, *to = xml, *info, *end;
	size_t n;

	while ((info = strstr(from, open)) && (end = strstr(info, "/>"))) {
		end += 2;
		if (!keep(info + sizeof(open) - 1, anonymous)) {
			n = info - from;
			memmove(to, from, n);
			to += n;
			end += strspn(end, " \n");
		} else {
			n = end - from;
			memmove(to, from, n);
			to += n;
		}
		from = end;
	}
	memmove(to, from, strlen(from) + 1);
}

char *topo_xml(const struct topo *topo, bool anonymous)
{
	char *xml, *copy;
	int size;

	if (hwloc_topology_export_xmlbuffer(topo->hw, &xml, &size, 0))
		return NULL;
	copy = strdup(xml);
	hwloc_free_xmlbuffer(topo->hw, xml);
	if (copy)
		strip_infos(copy, anonymous);
	return copy;
}
