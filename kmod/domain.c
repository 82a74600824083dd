// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Making and ending domains. A domain has a CPU for each of Linux's, with
 * memory on its node from the first; it is attached while Linux's is online, by
 * a hotplug state of which each domain is an instance.
 */
#include <linux/cpuhotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "delivery.h"
#include "domain.h"

DEFINE_PER_CPU(struct ipi_holds, ipi_holds);

static struct ipi_domain *default_domain;
static enum cpuhp_state online_state;

struct ipi_domain *ipi_env_default(void)
{
	return smp_load_acquire(&default_domain);
}

struct ipi_domain *ipi_domain_default(void)
{
	return ipi_env_default();
}

/* ---- memory ------------------------------------------------------------- */

/* A power of two, so that it is aligned to itself. */
static void *aligned_zeroed(size_t size, int node)
{
	return kvzalloc_node(roundup_pow_of_two(size), GFP_KERNEL, node);
}

static uint32_t group_of(const struct ipi_domain *dom, uint32_t index)
{
	return index < dom->env.processors ? dom->env.groups[index] : 0;
}

static int make_cpu(struct ipi_domain *dom, uint32_t index)
{
	struct ipi_cpu *cpu =
		aligned_zeroed(ipi_cpu_bytes(dom), cpu_to_node(index));

	if (!cpu)
		return -ENOMEM;
	ipi_cpu_place(dom, cpu, index);
	ipi_cpu_setup(dom, cpu, index, group_of(dom, index));
	ipi_store_release(&dom->cpus[index], cpu);
	return 0;
}

static int make_groups(struct ipi_domain *dom, const struct ipi_params *p)
{
	if (!dom->tree_stride)
		return 0;
	if (p->group_of_processor && p->processors) {
		dom->env.groups =
			kvmalloc_array(p->processors, sizeof(*dom->env.groups),
				       GFP_KERNEL);
		if (!dom->env.groups)
			return -ENOMEM;
		memcpy(dom->env.groups, p->group_of_processor,
		       p->processors * sizeof(*dom->env.groups));
		dom->env.processors = p->processors;
	}
	dom->tree = aligned_zeroed(ipi_tree_bytes(dom), NUMA_NO_NODE);
	return dom->tree ? 0 : -ENOMEM;
}

static void release(struct ipi_domain *dom)
{
	for (uint32_t i = 0; dom->cpus && i < dom->cpus_max; i++)
		kvfree(ipi_cpu_at(dom, i));
	kvfree(dom->tree);
	kvfree(dom->env.groups);
	kvfree(dom->pools);
	kvfree(dom->cpus);
	kvfree(dom);
}

static int make_cpus(struct ipi_domain *dom, const struct ipi_params *p)
{
	unsigned int index;
	int err;

	dom->cpus = kvcalloc(dom->cpus_max, sizeof(*dom->cpus), GFP_KERNEL);
	dom->pools = kvcalloc(dom->cpus_max, sizeof(*dom->pools), GFP_KERNEL);
	if (!dom->cpus || !dom->pools)
		return -ENOMEM;
	err = make_groups(dom, p);
	for_each_possible_cpu(index)
		if (!err && index < dom->cpus_max)
			err = make_cpu(dom, index);
	return err;
}

static int choose(struct ipi_domain *dom, const struct ipi_params *p)
{
	int n = ipi_design_find(ipi_delivery_name,
				p->delivery ?: IPI_DEFAULT_DELIVERY);

	if (n < 0)
		return -EINVAL;
	if (ipi_deliveries[n]->probe && ipi_deliveries[n]->probe())
		return -EOPNOTSUPP;
	dom->delivery = n;
	dom->word_base = ipi_deliveries[n]->word_base;
	dom->env.on_stall = p->on_stall;
	dom->env.on_stall_arg = p->on_stall_arg;
	return ipi_design_choose(dom, p, nr_cpu_ids);
}

/* ---- domains ------------------------------------------------------------ */

static void nothing(void *unused)
{
}

/*
 * Nobody sends any more. Interrupts that are still under way find nothing, but
 * they look: a call to each CPU is queued behind them, and the handler that it
 * is run by has ended when RCU says so.
 */
static void drain(void)
{
	synchronize_rcu();
	on_each_cpu(nothing, NULL, 1);
	synchronize_rcu();
}

static int open_domain(struct ipi_domain *dom)
{
	const struct ipi_delivery *delivery = ipi_delivery_of(dom);
	int err = delivery->open ? delivery->open(dom) : 0;

	if (err)
		return err;
	err = cpuhp_state_add_instance(online_state, &dom->env.node);
	if (!err)
		return 0;
	drain();
	if (delivery->close)
		delivery->close(dom);
	return err;
}

int ipi_domain_create(const struct ipi_params *params, struct ipi_domain **out)
{
	static const struct ipi_params defaults;
	struct ipi_domain *dom;
	int err;

	if (!out)
		return -EINVAL;
	if (!params)
		params = &defaults;
	dom = aligned_zeroed(sizeof(*dom), NUMA_NO_NODE);
	if (!dom)
		return -ENOMEM;
	get_random_bytes(&dom->secret, sizeof(dom->secret));
	err = choose(dom, params);
	if (!err)
		err = make_cpus(dom, params);
	if (!err)
		err = open_domain(dom);
	if (err) {
		release(dom);
		return err;
	}
	*out = dom;
	return 0;
}

int ipi_domain_destroy(struct ipi_domain *dom)
{
	if (!dom)
		return -EINVAL;
	cpuhp_state_remove_instance(online_state, &dom->env.node);
	drain();
	if (ipi_delivery_of(dom)->close)
		ipi_delivery_of(dom)->close(dom);
	release(dom);
	return 0;
}

/* May everybody share a domain that is interrupted so? */
static bool is_for_all(const struct ipi_params *p)
{
	int n = ipi_design_find(ipi_delivery_name,
				p->delivery ?: IPI_DEFAULT_DELIVERY);

	return n < 0 || !ipi_deliveries[n]->private_only;
}

int ipi_init(const struct ipi_params *params)
{
	struct ipi_domain *dom;
	int err;

	if (ipi_env_default())
		return -EALREADY;
	if (params && !is_for_all(params))
		return -EINVAL;
	err = ipi_domain_create(params, &dom);
	if (err)
		return err;
	if (!cmpxchg(&default_domain, NULL, dom))
		return 0;
	ipi_domain_destroy(dom);
	return -EALREADY;
}

int ipi_fini(void)
{
	struct ipi_domain *dom = xchg(&default_domain, NULL);

	return ipi_domain_destroy(dom);
}

/* ---- CPUs come and go --------------------------------------------------- */

/* Both run on the CPU, in its hotplug thread. */
static int cpu_comes(unsigned int index, struct hlist_node *node)
{
	struct ipi_domain *dom =
		hlist_entry(node, struct ipi_domain, env.node);
	const struct ipi_delivery *delivery = ipi_delivery_of(dom);
	struct ipi_cpu *cpu;
	unsigned long flags;

	if (index >= dom->cpus_max)
		return 0;
	cpu = ipi_cpu_at(dom, index);
	/* Linux's CPU comes all the same: it is only no target. */
	if (delivery->attach && delivery->attach(dom, cpu)) {
		pr_warn("ipi: CPU %u can't be reached by %s\n", index,
			delivery->name);
		return 0;
	}
	local_irq_save(flags);
	ipi_cpu_enter(dom, cpu);
	local_irq_restore(flags);
	return 0;
}

static int cpu_goes(unsigned int index, struct hlist_node *node)
{
	struct ipi_domain *dom =
		hlist_entry(node, struct ipi_domain, env.node);
	struct ipi_cpu *cpu;

	if (index >= dom->cpus_max)
		return 0;
	cpu = ipi_cpu_at(dom, index);
	if (ipi_load_relaxed(&cpu->state) == IPI_CPU_FREE)
		return 0;
	/* No other task may send here between its frames. */
	preempt_disable();
	ipi_cpu_leave(dom, cpu, false);
	ipi_cpu_left(dom, cpu);
	preempt_enable();
	return 0;
}

int ipi_domains_init(void)
{
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "ipi:online",
					    cpu_comes, cpu_goes);

	if (state < 0)
		return state;
	online_state = state;
	return 0;
}

void ipi_domains_exit(void)
{
	cpuhp_remove_multi_state(online_state);
}

int ipi_cpu_processor(const struct ipi_cpu *cpu)
{
	return cpu->index;
}

/* ---- what NetBSD's callers have ------------------------------------------ */

void ipi_kpreempt_disable(void)
{
	preempt_disable();
}

void ipi_kpreempt_enable(void)
{
	preempt_enable();
}

bool ipi_kpreempt_disabled(void)
{
	return !preemptible();
}

int ipi_splhigh(void)
{
	int level = irqs_disabled();

	local_irq_disable();
	return level;
}

void ipi_splx(int level)
{
	if (!level)
		local_irq_enable();
}

int ipi_cpuset_create(ipi_cpuset_t **out, bool zero)
{
	ipi_cpuset_t *set = kmalloc(sizeof(*set), GFP_KERNEL);

	if (!set)
		return -ENOMEM;
	if (zero)
		ipi_cpuset_zero(set);
	*out = set;
	return 0;
}

void ipi_cpuset_destroy(ipi_cpuset_t *set)
{
	kfree(set);
}

int ipi_cpuset_clone(ipi_cpuset_t **out, const ipi_cpuset_t *src)
{
	int err = ipi_cpuset_create(out, false);

	if (!err)
		ipi_cpuset_copy(*out, src);
	return err;
}
