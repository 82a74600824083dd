// SPDX-License-Identifier: GPL-2.0-only
/* Domains that share a line; see line.h. */
#include <linux/rculist.h>
#include <linux/rcupdate.h>

#include "delivery.h"
#include "line.h"

int ipi_line_join(struct ipi_line *line, struct ipi_domain *dom)
{
	int err = 0;

	mutex_lock(&line->lock);
	if (hlist_empty(&line->domains))
		err = line->connect();
	if (!err)
		hlist_add_head_rcu(&dom->env.on_line, &line->domains);
	mutex_unlock(&line->lock);
	return err;
}

void ipi_line_leave(struct ipi_line *line, struct ipi_domain *dom)
{
	mutex_lock(&line->lock);
	hlist_del_rcu(&dom->env.on_line);
	/* Whoever answers has interrupts off, which holds RCU up. */
	synchronize_rcu();
	if (hlist_empty(&line->domains))
		line->disconnect();
	mutex_unlock(&line->lock);
}

static unsigned answer(struct ipi_domain *dom)
{
	uint32_t index = smp_processor_id();
	struct ipi_cpu *self;
	uint32_t rung, rings;

	self = index < dom->cpus_max ? ipi_cpu_at(dom, index) : NULL;
	if (!self)
		return 0;
	/* What was published before it was rung is seen by the pass. */
	rung = ipi_load_acquire(&self->env.rung);
	rings = rung - self->env.heard;
	if (!rings)
		return 0;
	self->env.heard = rung;
	self->env.in_nmi = in_nmi();
	ipi_arrive(dom, self);
	self->env.in_nmi = false;
	return rings;
}

unsigned ipi_line_answer(struct ipi_line *line)
{
	struct ipi_domain *dom;
	unsigned rings = 0;

	hlist_for_each_entry_rcu(dom, &line->domains, env.on_line)
		rings += answer(dom);
	return rings;
}
