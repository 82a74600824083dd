// SPDX-License-Identifier: GPL-2.0-only
/* From core's events to the tracepoints; only while somebody listens. */
#include "core/internal.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* One for all events, so that core's path has one kind of jump. */
DEFINE_STATIC_KEY_FALSE(ipi_traced);

int ipi_traced_inc(void)
{
	static_branch_inc(&ipi_traced);
	return 0;
}

void ipi_traced_dec(void)
{
	static_branch_dec(&ipi_traced);
}

#define STEP(name, dom, from, to, number)                                      \
	trace_##name((number), (int)(from), (int)(to), ipi_domain_queue(dom),  \
		     ipi_domain_delivery(dom))

void ipi_trace_post(struct ipi_domain *dom, uint32_t from, uint32_t to,
		    uint64_t number)
{
	WRITE_ONCE(ipi_cpu_at(dom, from)->env.posted, number);
	STEP(post, dom, from, to, number);
}

/* No event of its own: for notify and entry, which happen elsewhere. */
void ipi_trace_told(struct ipi_domain *dom, uint32_t from, uint32_t to,
		    uint64_t number)
{
	struct ipi_cpu *target = ipi_cpu_at(dom, to);

	WRITE_ONCE(target->env.told,
		   READ_ONCE(ipi_cpu_at(dom, from)->env.posted));
	WRITE_ONCE(target->env.told_by, from);
}

void ipi_trace_notify(struct ipi_domain *dom, uint32_t from, uint32_t to,
		      uint64_t number)
{
	const struct ipi_cpu *target = ipi_cpu_at(dom, to);

	/* Somebody else's, if the target was quicker than its interrupt. */
	if (READ_ONCE(target->env.told_by) == from)
		number = READ_ONCE(target->env.told);
	STEP(notify, dom, from, to, number);
}

void ipi_trace_entry(struct ipi_domain *dom, uint32_t from, uint32_t to,
		     uint64_t number)
{
	const struct ipi_cpu *self = ipi_cpu_at(dom, to);

	STEP(entry, dom, READ_ONCE(self->env.told_by), to,
	     READ_ONCE(self->env.told));
}

void ipi_trace_dequeue(struct ipi_domain *dom, uint32_t from, uint32_t to,
		       uint64_t number)
{
	STEP(dequeue, dom, from, to, number);
}

void ipi_trace_done(struct ipi_domain *dom, uint32_t from, uint32_t to,
		    uint64_t number)
{
	STEP(done, dom, from, to, number);
}
