// SPDX-License-Identifier: GPL-2.0-only
/*
 * A caller as it would stand in a NetBSD kernel, in both shapes of
 * ipi_broadcast(). Only its include line is ours.
 */
#include <ipi/netbsd.h>

#include "netbsd_caller.h"

static volatile u_int caller_hits[CALLER_CPUS];

static void caller_hit(void *arg)
{
	struct cpu_info *ci = curcpu();

	caller_hits[cpu_index(ci)] += *(u_int *)arg;
}

static u_int caller_sum(void)
{
	u_int sum = 0, i;

	for (i = 0; i < CALLER_CPUS; i++)
		sum += caller_hits[i];
	return sum;
}

static struct cpu_info *caller_other(void)
{
	CPU_INFO_ITERATOR cii;
	struct cpu_info *ci;

	CPU_INFO_FOREACH(cii, ci)
		if (ci != curcpu())
			return ci;
	return NULL;
}

static u_int caller_messages(u_int *one)
{
	ipi_msg_t msg = { .func = caller_hit, .arg = one };
	kcpuset_t *kcp;

	kcpuset_create(&kcp, true);
	kcpuset_copy(kcp, kcpuset_running);
	kcpuset_clear(kcp, cpu_index(curcpu()));

	kpreempt_disable();
	ipi_unicast(&msg, caller_other());
	ipi_wait(&msg);
	ipi_multicast(&msg, kcp);
	ipi_wait(&msg);
	ipi_broadcast(&msg);
	ipi_wait(&msg);
	ipi_broadcast(&msg, true);
	ipi_wait(&msg);
	ipi_broadcast(&msg, false);
	kpreempt_enable();
	ipi_wait(&msg);

	kcpuset_destroy(kcp);
	return 1 + (ncpu - 1) + ncpu + (ncpu - 1) + ncpu;
}

static u_int caller_triggers(u_int *one)
{
	u_int id = ipi_register(caller_hit, one);
	u_int before = caller_sum();
	int s;

	if (id == 0)
		return 0;
	s = splhigh();
	ipi_trigger(id, caller_other());
	splx(s);
	while (caller_sum() == before)
		continue;
	kpreempt_disable();
	ipi_trigger_broadcast(id, true);
	kpreempt_enable();
	while (caller_sum() != before + 1 + (u_int)ncpu - 1)
		continue;
	kpreempt_disable();
	ipi_trigger_multi(id, kcpuset_attached);
	kpreempt_enable();
	while (caller_sum() != before + 2 * (u_int)ncpu)
		continue;
	ipi_unregister(id);
	return 2 * ncpu;
}

u_int caller_run(u_int *hits)
{
	static u_int one = 1;
	u_int expected;

	expected = caller_messages(&one);
	expected += caller_triggers(&one);
	*hits = caller_sum();
	return expected;
}
