/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which designs a domain has, and how much memory its CPUs need for them. */
#include "core/path_of.h"

#define STALL_DEFAULT_NS UINT64_C(1000000000)
#define DEPTH_MAX 4096u
#define HANDLE_NODES_MAX 0xffffu

static const struct {
	struct ipi_queue_info info;
	const struct ipi_path *path;
} queues[] = {
#define IPI_QUEUE(name, depth, conforms, fifo, help)                           \
	{ { #name, help, depth, conforms, fifo }, &ipi_path_##name },
#include "core/queues.def"
#undef IPI_QUEUE
};
#define QUEUES (sizeof(queues) / sizeof(queues[0]))

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int ipi_design_find(const char *(*name_of)(unsigned n), const char *name)
{
	for (unsigned n = 0; name_of(n); n++)
		if (same(name_of(n), name))
			return (int)n;
	return -EINVAL;
}

struct sizes {
	size_t queue_bytes;
	uint32_t lines, pool_nodes;
};

/* What the CPUs of a domain need; -EINVAL: more than a handle can name. */
static int sizes_of(uint32_t queue, uint32_t cpus_max, uint32_t depth,
		    struct sizes *out)
{
	depth = depth ?: queues[queue].info.depth;
	out->queue_bytes = IPI_PATH(&queues[queue], bytes)(cpus_max, depth);
	out->lines = IPI_PATH(&queues[queue], lines)(depth);
	/* One more per CPU, so that a broadcast always finds nodes. */
	out->pool_nodes = out->lines ? out->lines * cpus_max : depth + cpus_max;
	/*
	 * Each nested send holds one while it waits for the next. A line belongs
	 * to a target that there is: of these there are no more.
	 */
	if (!out->lines && out->pool_nodes < IPI_NEST_MAX + 2)
		out->pool_nodes = IPI_NEST_MAX + 2;
	return out->pool_nodes <= HANDLE_NODES_MAX ? 0 : -EINVAL;
}

int ipi_queue_info(unsigned n, struct ipi_queue_info *out)
{
	if (n >= QUEUES)
		return -EINVAL;
	*out = queues[n].info;
	return 0;
}

uint64_t ipi_queue_bytes(unsigned n, uint32_t cpus_max, uint32_t depth)
{
	struct sizes sizes;

	if (n >= QUEUES || !cpus_max || cpus_max > IPI_CPUS_MAX ||
	    depth > DEPTH_MAX || sizes_of(n, cpus_max, depth, &sizes))
		return 0;
	return sizeof(struct ipi_cpu) +
	       sizes.pool_nodes * sizeof(struct ipi_node) + sizes.queue_bytes;
}

/* Acknowledgement by tree: how many groups there are, and their words. */
static int set_groups(struct ipi_domain *dom, const struct ipi_params *p)
{
	size_t page = IPI_PAGE_BYTES / sizeof(struct ipi_ack_cell);

	dom->groups = 1;
	for (uint32_t i = 0; p->group_of_processor && i < p->processors; i++)
		if (p->group_of_processor[i] >= dom->groups)
			dom->groups = p->group_of_processor[i] + 1u;
	if (dom->groups > IPI_GROUPS_MAX)
		return -EINVAL;
	if (dom->ack != IPI_ACK_tree)
		return 0;
	dom->tree_stride = dom->cpus_max * IPI_ACK_BLOCKS;
	dom->tree_stride = (dom->tree_stride + page - 1) / page * page;
	return 0;
}

int ipi_design_choose(struct ipi_domain *dom, const struct ipi_params *p,
		      uint32_t processors)
{
	int queue =
		ipi_design_find(ipi_queue_name, p->queue ?: IPI_DEFAULT_QUEUE);
	int ack = ipi_design_find(ipi_ack_name, p->ack ?: IPI_DEFAULT_ACK);
	struct sizes sizes;
	int err;

	if (queue < 0 || ack < 0 || p->depth > DEPTH_MAX ||
	    p->cpus_max > IPI_CPUS_MAX || p->waiter > IPI_WAITER_SLEEP)
		return -EINVAL;
	dom->queue = (uint32_t)queue;
	dom->ack = (uint32_t)ack;
	dom->cpus_max = p->cpus_max ?: processors;
	if (dom->cpus_max > IPI_CPUS_MAX)
		dom->cpus_max = IPI_CPUS_MAX;
	err = sizes_of(dom->queue, dom->cpus_max, p->depth, &sizes);
	if (err)
		return err;
	dom->path = queues[dom->queue].path;
	dom->queue_bytes = sizes.queue_bytes;
	dom->lines = sizes.lines;
	dom->pool_nodes = sizes.pool_nodes;
	dom->waiter = p->waiter;
	dom->spin_loads = p->waiter == IPI_WAITER_SPIN ? p->spin_loads : 0;
	dom->idle_spin_ns = p->idle_spin_ns;
	dom->stall_ns = p->stall_ns ?: STALL_DEFAULT_NS;
	return set_groups(dom, p);
}

void ipi_cpu_place(struct ipi_domain *dom, struct ipi_cpu *cpu, uint32_t index)
{
	char *at = (char *)(cpu + 1);

	if (dom->tree) {
		cpu->blocks = (struct ipi_ack_block *)at;
		at = (char *)(cpu->blocks + IPI_ACK_BLOCKS);
	}
	dom->pools[index] = (struct ipi_node *)at;
	if (dom->queue_bytes)
		cpu->queue = dom->pools[index] + dom->pool_nodes;
}
