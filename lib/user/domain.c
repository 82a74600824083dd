/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Making and ending domains; CPU sets' memory. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/path_of.h"
#include "user/delivery.h"
#include "user/domains.h"

static struct ipi_domain *domains[IPI_DOMAINS_MAX];
static struct ipi_domain *default_domain;
static pthread_mutex_t domains_lock = PTHREAD_MUTEX_INITIALIZER;

struct ipi_domain *ipi_env_default(void)
{
	return __atomic_load_n(&default_domain, __ATOMIC_ACQUIRE);
}

struct ipi_domain *ipi_domain_default(void)
{
	return ipi_env_default();
}

void ipi_domains_after_fork(void (*fix)(struct ipi_domain *dom))
{
	pthread_mutex_init(&domains_lock, NULL);
	for (unsigned i = 0; i < IPI_DOMAINS_MAX; i++)
		if (domains[i]) {
			pthread_mutex_init(&domains[i]->env.lock, NULL);
			fix(domains[i]);
		}
}

static int choose(struct ipi_domain *dom, const struct ipi_params *p)
{
	long processors = sysconf(_SC_NPROCESSORS_CONF);
	int delivery = ipi_design_find(ipi_delivery_name,
				       p->delivery ?: IPI_DEFAULT_DELIVERY);

	if (delivery < 0)
		return -EINVAL;
	dom->delivery = (uint32_t)delivery;
	dom->word_base = ipi_deliveries[delivery]->word_base;
	dom->env.on_stall = p->on_stall;
	dom->env.on_stall_arg = p->on_stall_arg;
	return ipi_design_choose(dom, p,
				 processors > 0 ? (uint32_t)processors : 1);
}

/* What acknowledgement by tree needs: who is in which group, and the words. */
static int make_tree(struct ipi_domain *dom, const struct ipi_params *p)
{
	if (!dom->tree_stride)
		return 0;
	if (p->group_of_processor && p->processors) {
		size_t size = p->processors * sizeof(*dom->env.groups);

		dom->env.groups = malloc(size);
		if (!dom->env.groups)
			return -ENOMEM;
		memcpy(dom->env.groups, p->group_of_processor, size);
		dom->env.processors = p->processors;
	}
	dom->tree = mmap(NULL, ipi_tree_bytes(dom), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (dom->tree != MAP_FAILED)
		return 0;
	dom->tree = NULL;
	return -ENOMEM;
}

static void release(struct ipi_domain *dom)
{
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (!cpu)
			continue;
		pthread_mutex_destroy(&cpu->env.alive);
		munmap(cpu, ipi_cpu_bytes(dom));
	}
	if (dom->tree)
		munmap(dom->tree, ipi_tree_bytes(dom));
	free(dom->env.groups);
	free(dom->cpus);
	free(dom->pools);
	free(dom);
}

static int allocate(const struct ipi_params *params, struct ipi_domain **out)
{
	struct ipi_domain *dom;
	int err;

	dom = aligned_alloc(IPI_APART_BYTES, sizeof(*dom));
	if (!dom)
		return -ENOMEM;
	memset(dom, 0, sizeof(*dom));
	err = choose(dom, params);
	if (err)
		goto err_free;
	err = -EIO;
	if (getrandom(&dom->secret, sizeof(dom->secret), 0) !=
	    (ssize_t)sizeof(dom->secret))
		goto err_free;
	err = -ENOMEM;
	dom->cpus = calloc(dom->cpus_max, sizeof(*dom->cpus));
	dom->pools = calloc(dom->cpus_max, sizeof(*dom->pools));
	if (!dom->cpus || !dom->pools)
		goto err_tables;
	err = make_tree(dom, params);
	if (err)
		goto err_tables;
	pthread_mutex_init(&dom->env.lock, NULL);
	*out = dom;
	return 0;

err_tables:
	free(dom->env.groups);
	free(dom->cpus);
	free(dom->pools);
err_free:
	free(dom);
	return err;
}

static int open_delivery(struct ipi_domain *dom,
			 const struct ipi_params *params)
{
	const struct ipi_delivery *delivery = ipi_delivery_of(dom);

	return delivery->open ? delivery->open(dom, params) : 0;
}

static void close_delivery(struct ipi_domain *dom)
{
	if (ipi_delivery_of(dom)->close)
		ipi_delivery_of(dom)->close(dom);
}

/* A place in every thread's table. */
static int enlist(struct ipi_domain *dom)
{
	int err = -ENOSPC;

	pthread_mutex_lock(&domains_lock);
	for (unsigned i = 0; i < IPI_DOMAINS_MAX && err; i++)
		if (!domains[i]) {
			domains[i] = dom;
			dom->env.slot = i;
			err = 0;
		}
	pthread_mutex_unlock(&domains_lock);
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
	err = allocate(params, &dom);
	if (err)
		return err;
	err = open_delivery(dom, params);
	if (err)
		goto err_release;
	err = enlist(dom);
	if (err)
		goto err_close;
	*out = dom;
	return 0;

err_close:
	close_delivery(dom);
err_release:
	release(dom);
	return err;
}

int ipi_domain_destroy(struct ipi_domain *dom)
{
	if (!dom)
		return -EINVAL;
	ipi_reap_dead(dom, NULL);
	if (!ipi_cpus_all_left(dom))
		return -EBUSY;
	pthread_mutex_lock(&domains_lock);
	domains[dom->env.slot] = NULL;
	pthread_mutex_unlock(&domains_lock);
	close_delivery(dom);
	release(dom);
	return 0;
}

int ipi_init(const struct ipi_params *params)
{
	struct ipi_domain *dom, *none = NULL;
	int err;

	if (ipi_env_default())
		return -EALREADY;
	err = ipi_domain_create(params, &dom);
	if (err)
		return err;
	if (__atomic_compare_exchange_n(&default_domain, &none, dom, false,
					__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return 0;
	ipi_domain_destroy(dom);
	return -EALREADY;
}

int ipi_fini(void)
{
	struct ipi_domain *dom = ipi_env_default();
	int err;

	if (!dom)
		return -EINVAL;
	__atomic_store_n(&default_domain, NULL, __ATOMIC_RELEASE);
	err = ipi_domain_destroy(dom);
	if (err)
		__atomic_store_n(&default_domain, dom, __ATOMIC_RELEASE);
	return err;
}

int ipi_cpuset_create(ipi_cpuset_t **out, bool zero)
{
	ipi_cpuset_t *set = malloc(sizeof(*set));

	if (!set)
		return -ENOMEM;
	if (zero)
		ipi_cpuset_zero(set);
	*out = set;
	return 0;
}

void ipi_cpuset_destroy(ipi_cpuset_t *set)
{
	free(set);
}

int ipi_cpuset_clone(ipi_cpuset_t **out, const ipi_cpuset_t *src)
{
	int err = ipi_cpuset_create(out, false);

	if (!err)
		ipi_cpuset_copy(*out, src);
	return err;
}
