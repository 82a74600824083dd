// SPDX-License-Identifier: GPL-2.0-only
/* Binds, locks and afterwards verifies the shared lines' memory. */
#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "placement.h"

int placement_node(int processor)
{
	return numa_available() < 0 ? -1 : numa_node_of_cpu(processor);
}

const uint16_t *placement_nodes(uint32_t *n)
{
	static uint16_t nodes[CPU_SETSIZE];
	static uint32_t known;
	int i, node;

	if (numa_available() < 0)
		return NULL;
	for (i = known; i < numa_num_configured_cpus() && i < CPU_SETSIZE;
	     i++) {
		node = placement_node(i);
		nodes[i] = node > 0 && node < IPI_GROUPS_MAX ? node : 0;
	}
	*n = known = i;
	return nodes;
}

static int third_node(int a, int b, int *node)
{
	int n;

	for (n = 0; n <= numa_max_node(); n++) {
		if (n == a || n == b ||
		    !numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)n))
			continue;
		*node = n;
		return 0;
	}
	return -ENODEV;
}

int placement_home(enum bench_home home, int source, int target, int *node)
{
	if (numa_available() < 0) {
		*node = -1;
		return home == HOME_OTHER ? -ENODEV : 0;
	}
	if (home == HOME_OTHER)
		return third_node(placement_node(source),
				  placement_node(target), node);
	*node = placement_node(home == HOME_SOURCE ? source : target);
	return 0;
}

/* By the system call: libnuma's wrapper would print where it is refused. */
static void bind_to(void *mem, size_t size, int node)
{
	struct bitmask *nodes = numa_allocate_nodemask();

	if (!nodes)
		return;
	numa_bitmask_setbit(nodes, (unsigned)node);
	(void)!mbind(mem, size, MPOL_BIND, nodes->maskp, nodes->size + 1, 0);
	numa_free_nodemask(nodes);
}

int placement_alloc(size_t size, int node, struct placement *out)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *mem;

	size = (size + page - 1) / page * page;
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return -errno;
	if (node >= 0)
		bind_to(mem, size, node);
	memset(mem, 0, size);
	/* Refused past RLIMIT_MEMLOCK: then only verification tells. */
	(void)!mlock(mem, size);
	out->mem = mem;
	out->size = size;
	out->node = node;
	return 0;
}

int placement_verify(const struct placement *p)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), at;

	if (p->node < 0)
		return -1;
	for (at = 0; at < p->size; at += page) {
		void *addr = (char *)p->mem + at;
		int status = -1;

		if (numa_move_pages(0, 1, &addr, NULL, &status, 0))
			return -1;
		if (status != p->node)
			return 0;
	}
	return 1;
}

void placement_free(struct placement *p)
{
	if (p->mem)
		munmap(p->mem, p->size);
	p->mem = NULL;
}
