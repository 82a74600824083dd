/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a domain can be asked about itself. */
#include "core/domain.h"

struct ipi_cpu *ipi_domain_curcpu(struct ipi_domain *dom)
{
	return dom ? ipi_env_curcpu(dom) : NULL;
}

struct ipi_cpu *ipi_domain_cpu(struct ipi_domain *dom, uint32_t index)
{
	return dom && index < dom->cpus_max ? ipi_cpu_at(dom, index) : NULL;
}

uint32_t ipi_cpu_index(const struct ipi_cpu *cpu)
{
	return cpu->index;
}

const ipi_cpuset_t *ipi_domain_running(struct ipi_domain *dom)
{
	return dom ? &dom->running : NULL;
}

uint32_t ipi_domain_ncpu(struct ipi_domain *dom)
{
	return dom ? ipi_cpuset_countset(&dom->running) : 0;
}

static void add_counters(const struct ipi_cpu *cpu, struct ipi_counters *out)
{
#define IPI_COUNTER(name, unit, help)                                          \
	out->name += ipi_load_relaxed((ipi_a64 *)&cpu->count.name);
#include <ipi/counters.def>
#undef IPI_COUNTER
}

void ipi_cpu_counters(const struct ipi_cpu *cpu, struct ipi_counters *out)
{
	*out = (struct ipi_counters){ 0 };
	add_counters(cpu, out);
}

void ipi_domain_counters(struct ipi_domain *dom, struct ipi_counters *out)
{
	*out = (struct ipi_counters){ 0 };
	for (uint32_t i = 0; i < dom->cpus_max; i++) {
		struct ipi_cpu *cpu = ipi_cpu_at(dom, i);

		if (cpu)
			add_counters(cpu, out);
	}
}

static const struct {
	const char *name, *help;
} queues[] = {
#define IPI_QUEUE(name, depth, conforms, fifo, help) { #name, help },
#include "core/queues.def"
#undef IPI_QUEUE
}, acks[] = {
#define IPI_ACK(name, help) { #name, help },
#include "core/acks.def"
#undef IPI_ACK
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *ipi_queue_name(unsigned n)
{
	return n < COUNT(queues) ? queues[n].name : NULL;
}

const char *ipi_queue_help(unsigned n)
{
	return n < COUNT(queues) ? queues[n].help : NULL;
}

const char *ipi_ack_name(unsigned n)
{
	return n < COUNT(acks) ? acks[n].name : NULL;
}

const char *ipi_ack_help(unsigned n)
{
	return n < COUNT(acks) ? acks[n].help : NULL;
}

const char *ipi_domain_queue(const struct ipi_domain *dom)
{
	return ipi_queue_name(dom->queue);
}

const char *ipi_domain_ack(const struct ipi_domain *dom)
{
	return ipi_ack_name(dom->ack);
}
