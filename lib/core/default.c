/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ipi(9)'s own names: the default domain. */
#include "core/domain.h"

struct ipi_cpu *ipi_curcpu(void)
{
	return ipi_domain_curcpu(ipi_env_default());
}

struct ipi_cpu *ipi_cpu_lookup(uint32_t index)
{
	return ipi_domain_cpu(ipi_env_default(), index);
}

uint32_t ipi_ncpu(void)
{
	return ipi_domain_ncpu(ipi_env_default());
}

const ipi_cpuset_t *ipi_cpus_running(void)
{
	return ipi_domain_running(ipi_env_default());
}

const ipi_cpuset_t *ipi_cpus_attached(void)
{
	struct ipi_domain *dom = ipi_env_default();

	return dom ? &dom->attached : NULL;
}

unsigned ipi_cpu_serve(void)
{
	return ipi_domain_serve(ipi_env_default());
}

int ipi_cpu_polling(bool on)
{
	return ipi_domain_polling(ipi_env_default(), on);
}

int ipi_cpu_idle(uint64_t timeout_ns)
{
	return ipi_domain_idle(ipi_env_default(), timeout_ns);
}

unsigned ipi_register(ipi_func_t func, void *arg)
{
	return ipi_domain_register(ipi_env_default(), func, arg);
}

int ipi_unregister(unsigned id)
{
	return ipi_domain_unregister(ipi_env_default(), id);
}

int ipi_trigger(unsigned id, struct ipi_cpu *cpu)
{
	return ipi_domain_trigger(ipi_env_default(), id, cpu);
}

int ipi_trigger_multi(unsigned id, const ipi_cpuset_t *target)
{
	return ipi_domain_trigger_multi(ipi_env_default(), id, target);
}

int ipi_trigger_broadcast(unsigned id, bool skip_self)
{
	return ipi_domain_trigger_broadcast(ipi_env_default(), id, skip_self);
}

int ipi_unicast(ipi_msg_t *msg, struct ipi_cpu *cpu)
{
	return ipi_domain_unicast(ipi_env_default(), msg, cpu, 0);
}

int ipi_multicast(ipi_msg_t *msg, const ipi_cpuset_t *target)
{
	return ipi_domain_multicast(ipi_env_default(), msg, target, 0);
}

int ipi_broadcast_flags(ipi_msg_t *msg, unsigned flags)
{
	return ipi_domain_broadcast(ipi_env_default(), msg, flags);
}

void ipi_wait(ipi_msg_t *msg)
{
	ipi_domain_wait(ipi_env_default(), msg);
}

bool ipi_done(const ipi_msg_t *msg)
{
	return ipi_domain_done(ipi_env_default(), msg);
}

int ipi_wait_timeout(ipi_msg_t *msg, uint64_t timeout_ns)
{
	return ipi_domain_wait_timeout(ipi_env_default(), msg, timeout_ns);
}

int ipi_detach(ipi_msg_t *msg)
{
	return ipi_domain_msg_detach(ipi_env_default(), msg);
}
