/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPUs as threads: attach, detach, the end of a thread, fork. */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/internal.h"
#include "user/delivery.h"
#include "user/domains.h"

__thread struct ipi_thread ipi_thread;

#if IPI_HOOKS
void (*ipi_test_hook)(int point, struct ipi_cpu *cpu);
#endif

static pthread_key_t end_key;
static pthread_once_t end_once = PTHREAD_ONCE_INIT;

/* A handler that meets one of our own locks half taken would deadlock. */
static void block_all(sigset_t *old)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, old);
}

static void unblock(const sigset_t *old)
{
	pthread_sigmask(SIG_SETMASK, old, NULL);
}

/* Nobody notifies it any more. */
static void release(struct ipi_cpu *cpu)
{
	const struct ipi_delivery *delivery = ipi_delivery_of(cpu->dom);

	if (delivery->release)
		delivery->release(cpu);
}

static void leave(struct ipi_domain *dom, struct ipi_cpu *cpu, bool dying)
{
	sigset_t old;

	ipi_cpu_leave(dom, cpu, dying);
	if (ipi_delivery_of(dom)->detach)
		ipi_delivery_of(dom)->detach(dom, cpu);
	release(cpu);
	ipi_thread.cpu[dom->env.slot] = NULL;
	if (!dying)
		pthread_setaffinity_np(pthread_self(), sizeof(cpu_set_t),
				       &cpu->env.affinity);
	/* Nothing may end the thread between these two. */
	block_all(&old);
	pthread_mutex_unlock(&cpu->env.alive);
	ipi_cpu_left(dom, cpu);
	unblock(&old);
}

/* The thread ends attached. */
static void on_thread_end(void *arg)
{
	ipi_thread.spl = 0;
	ipi_thread.handlers = 0;
	for (unsigned slot = 0; slot < ipi_thread.cpus; slot++) {
		struct ipi_cpu *cpu = ipi_thread.cpu[slot];

		if (cpu)
			leave(cpu->dom, cpu, true);
	}
}

static void init_alive(struct ipi_cpu *cpu)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&cpu->env.alive, &attr);
	pthread_mutexattr_destroy(&attr);
}

/* The child has no CPUs. */
static void child_of(struct ipi_domain *dom)
{
	ipi_cpuset_zero(&dom->running);
	ipi_cpuset_zero(&dom->attached);
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (!cpu)
			continue;
		init_alive(cpu);
		release(cpu);
		ipi_store_relaxed(&cpu->section, 0);
		ipi_store_relaxed(&cpu->pass, 0);
		ipi_store_relaxed(&cpu->state, IPI_CPU_FREE);
	}
}

static void on_fork_child(void)
{
	memset(&ipi_thread, 0, sizeof(ipi_thread));
	ipi_domains_after_fork(child_of);
}

static void once(void)
{
	pthread_key_create(&end_key, on_thread_end);
	pthread_atfork(NULL, NULL, on_fork_child);
}

bool ipi_env_died(struct ipi_cpu *cpu)
{
	sigset_t old;
	int err;

	if (ipi_load_acquire(&cpu->state) == IPI_CPU_FREE)
		return false;
	block_all(&old);
	err = pthread_mutex_trylock(&cpu->env.alive);
	if (err == EOWNERDEAD)
		pthread_mutex_consistent(&cpu->env.alive);
	else if (!err)
		pthread_mutex_unlock(&cpu->env.alive);
	unblock(&old);
	return err == EOWNERDEAD;
}

void ipi_env_buried(struct ipi_cpu *cpu)
{
	sigset_t old;

	release(cpu);
	block_all(&old);
	pthread_mutex_unlock(&cpu->env.alive);
	unblock(&old);
}

static uint32_t group_of(const struct ipi_domain *dom, int processor)
{
	return (uint32_t)processor < dom->env.processors
		       ? dom->env.groups[processor]
		       : 0;
}

/* A group's part of the tree is on the node of its first CPU. */
static void touch_group(struct ipi_domain *dom, uint32_t group)
{
	struct ipi_ack_cell *cell = dom->tree + group * dom->tree_stride;
	size_t step = IPI_PAGE_BYTES / sizeof(*cell);

	for (size_t i = 0; i < dom->tree_stride; i += step)
		(void)ipi_fetch_add_relaxed(&cell[i].left, 0u);
}

/* The memory of one CPU, first touched by its own thread: on its node. */
static struct ipi_cpu *cpu_create(struct ipi_domain *dom, uint32_t index,
				  int processor)
{
	size_t size = ipi_cpu_bytes(dom);
	uint32_t group = group_of(dom, processor);
	struct ipi_cpu *cpu;

	cpu = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (cpu == MAP_FAILED)
		return NULL;
	memset(cpu, 0, size);
	touch_group(dom, group);
	ipi_cpu_place(dom, cpu, index);
	init_alive(cpu);
	cpu->env.fd = -1;
	ipi_cpu_setup(dom, cpu, index, group);
	return cpu;
}

/* Takes an index: >= 0, or -errno. */
static int take_index(struct ipi_domain *dom, int wanted, int processor)
{
	uint32_t first = wanted < 0 ? 0 : (uint32_t)wanted;
	uint32_t end = wanted < 0 ? dom->cpus_max : first + 1;

	if (first >= dom->cpus_max)
		return -EINVAL;
	for (uint32_t i = first; i < end; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (!cpu) {
			cpu = cpu_create(dom, i, processor);
			if (!cpu)
				return -ENOMEM;
			ipi_store_release(&dom->cpus[i], cpu);
			return (int)i;
		}
		if (ipi_load_acquire(&cpu->state) == IPI_CPU_FREE)
			return (int)i;
	}
	return wanted < 0 ? -ENOSPC : -EBUSY;
}

static int pin(int processor, cpu_set_t *before)
{
	cpu_set_t one;

	if (pthread_getaffinity_np(pthread_self(), sizeof(*before), before))
		return -EINVAL;
	if (processor < 0)
		processor = sched_getcpu();
	if (processor < 0 || processor >= CPU_SETSIZE)
		return -EINVAL;
	CPU_ZERO(&one);
	CPU_SET(processor, &one);
	return pthread_setaffinity_np(pthread_self(), sizeof(one), &one)
		       ? -EINVAL
		       : processor;
}

/* The thread takes a free CPU, with all that the delivery needs, or nothing. */
static int enter(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	const struct ipi_delivery *delivery = ipi_delivery_of(dom);
	int err;

	pthread_mutex_lock(&cpu->env.alive);
	err = delivery->acquire ? delivery->acquire(cpu) : 0;
	if (err) {
		pthread_mutex_unlock(&cpu->env.alive);
		return err;
	}
	cpu->env.tid = (pid_t)syscall(SYS_gettid);
	ipi_cpu_enter(dom, cpu);
	ipi_thread.cpu[dom->env.slot] = cpu;
	if (ipi_thread.cpus <= dom->env.slot)
		ipi_thread.cpus = dom->env.slot + 1;
	return 0;
}

int ipi_domain_attach(struct ipi_domain *dom,
		      const struct ipi_cpu_params *params, struct ipi_cpu **out)
{
	cpu_set_t affinity;
	struct ipi_cpu *cpu;
	int processor, err;
	sigset_t old;

	if (!dom)
		return -EINVAL;
	if (ipi_env_curcpu(dom))
		return -EALREADY;
	pthread_once(&end_once, once);
	processor = pin(params ? params->processor : -1, &affinity);
	if (processor < 0)
		return processor;
	/* A dead thread's place is free for the next. */
	ipi_reap_dead(dom, NULL);
	block_all(&old);
	pthread_mutex_lock(&dom->env.lock);
	err = take_index(dom, params ? params->index : -1, processor);
	if (err >= 0) {
		cpu = ipi_cpu_at(dom, (uint32_t)err);
		cpu->env.processor = processor;
		cpu->env.affinity = affinity;
		err = enter(dom, cpu);
	}
	pthread_mutex_unlock(&dom->env.lock);
	unblock(&old);
	if (err) {
		pthread_setaffinity_np(pthread_self(), sizeof(affinity),
				       &affinity);
		return err;
	}
	if (ipi_delivery_of(dom)->attach)
		ipi_delivery_of(dom)->attach(dom, cpu);
	pthread_setspecific(end_key, &ipi_thread);
	if (out)
		*out = cpu;
	return 0;
}

int ipi_domain_detach(struct ipi_domain *dom)
{
	struct ipi_cpu *cpu = dom ? ipi_env_curcpu(dom) : NULL;

	if (!cpu)
		return -EPERM;
	if (ipi_env_delivery_held())
		return -EDEADLK;
	leave(dom, cpu, false);
	return 0;
}

int ipi_cpu_attach(const struct ipi_cpu_params *params, struct ipi_cpu **out)
{
	return ipi_domain_attach(ipi_env_default(), params, out);
}

int ipi_cpu_detach(void)
{
	return ipi_domain_detach(ipi_env_default());
}

int ipi_cpu_processor(const struct ipi_cpu *cpu)
{
	return cpu->env.processor;
}

int ipi_domain_fd(struct ipi_domain *dom)
{
	struct ipi_cpu *cpu = dom ? ipi_env_curcpu(dom) : NULL;

	if (!cpu)
		return -EPERM;
	return ipi_delivery_of(dom)->fd ? ipi_delivery_of(dom)->fd(cpu)
					: -EOPNOTSUPP;
}

int ipi_cpu_fd(void)
{
	return ipi_domain_fd(ipi_env_default());
}

void ipi_kpreempt_disable(void)
{
	ipi_thread.preempt++;
}

void ipi_kpreempt_enable(void)
{
	ipi_thread.preempt--;
}

bool ipi_kpreempt_disabled(void)
{
	return ipi_env_atomic_context();
}

static void hold(bool on)
{
	for (unsigned slot = 0; slot < ipi_thread.cpus; slot++) {
		struct ipi_cpu *cpu = ipi_thread.cpu[slot];

		if (cpu)
			ipi_cpu_hold(cpu->dom, cpu, on);
	}
}

int ipi_splhigh(void)
{
	int level = ipi_thread.spl++;

	if (!level)
		hold(true);
	return level;
}

void ipi_splx(int level)
{
	bool ends = ipi_thread.spl && !level;

	ipi_thread.spl = level;
	if (ends)
		hold(false);
}
