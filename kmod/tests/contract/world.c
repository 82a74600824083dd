// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worlds inside Linux: a domain over the first n of Linux's CPUs, with a thread
 * bound to each. A CPU that leaves is taken offline.
 */
#include <linux/cpumask.h>
#include <linux/vmalloc.h>

#include "core/internal.h"
#include "judge.h"

/* ---- peers ------------------------------------------------------------------- */

/*
 * Nothing that runs holds an NMI off, but a CPU that says it polls is sent none.
 */
void job_deaf(struct peer *self, void *gate)
{
	int level = 0;

	if (world_can_hold(self->world))
		level = ipi_splhigh();
	else
		CHECK_EQ(ipi_domain_polling(self->world->dom, true), 0);
	gate_pass(gate);
	if (world_can_hold(self->world))
		ipi_splx(level);
	else
		CHECK_EQ(ipi_domain_polling(self->world->dom, false), 0);
}

void world_rest(struct world *w, unsigned int turn)
{
	if (w->polls)
		ipi_domain_serve(w->dom);
	contract_nap(turn < 8 ? 0 : 100);
}

static void *peer_main(void *arg)
{
	struct peer *p = arg;
	unsigned int turn = 0;
	job_t job;

	atomic_store(&p->ready, true);
	while (!atomic_load(&p->quit)) {
		job = atomic_load(&p->job);
		if (job) {
			job(p, p->job_arg);
			turn = 0;
			atomic_store(&p->job, NULL);
		}
		world_rest(p->world, turn++);
	}
	return NULL;
}

static void come(unsigned int index)
{
	if (!cpu_online(index))
		CHECK_EQ(add_cpu(index), 0);
}

void peer_start(struct world *w, unsigned int index)
{
	struct peer *p = &w->peer[index];

	*p = (struct peer){ .world = w, .index = index };
	come(index);
	p->cpu = ipi_domain_cpu(w->dom, index);
	p->thread = thread_on(index, peer_main, p);
	UNTIL_SERVING(w, atomic_load(&p->ready));
}

void peer_stop(struct peer *p)
{
	peer_join(p);
	atomic_store(&p->quit, true);
	pthread_join(p->thread, NULL);
	CHECK_EQ(remove_cpu(p->index), 0);
	p->stopped = true;
}

void world_leave(struct peer *self)
{
	set_cpus_allowed_ptr(current, cpumask_of(contract_elsewhere()));
	CHECK_EQ(remove_cpu(self->index), 0);
}

void world_return(struct peer *self)
{
	come(self->index);
	set_cpus_allowed_ptr(current, cpumask_of(self->index));
}

/* ---- worlds ------------------------------------------------------------------ */

void world_open_with(struct world *w, unsigned int n,
		     const struct ipi_params *p)
{
	struct ipi_params params = *p;
	int err;

	*w = (struct world){ .n = n, .polls = contract_delivers("poll") };
	if (!params.cpus_max)
		params.cpus_max = n;
	err = ipi_domain_create(&params, &w->dom);
	CHECK_EQ(err, 0);
	if (err) {
		contract_lost(__FILE__, __LINE__, "a domain");
		w->n = 0;
		return;
	}
	w->peer[0] =
		(struct peer){ .world = w, .cpu = ipi_domain_cpu(w->dom, 0) };
	for (unsigned int i = 1; i < n; i++)
		peer_start(w, i);
}

void world_open(struct world *w, unsigned int n)
{
	world_open_with(w, n, &contract_params);
}

void world_close(struct world *w)
{
	for (unsigned int i = 1; i < w->n; i++) {
		struct peer *p = &w->peer[i];

		if (!p->stopped) {
			peer_join(p);
			atomic_store(&p->quit, true);
			pthread_join(p->thread, NULL);
		}
		come(i);
	}
	if (w->dom)
		CHECK_EQ(ipi_domain_destroy(w->dom), 0);
}

bool world_knows_holds(const struct world *w)
{
	return false;
}

bool world_can_idle(const struct world *w)
{
	return false;
}

bool world_can_hold(const struct world *w)
{
	return !contract_delivers("nmi");
}

bool world_spurious(struct world *w, unsigned int index)
{
	unsigned long flags;

	if (w->polls)
		return false;
	local_irq_save(flags);
	CHECK_EQ(ipi_env_notify(w->dom, w->peer[index].cpu), 0);
	local_irq_restore(flags);
	return true;
}

/* ---- pages that are taken away -------------------------------------------------- */

void page_open(struct own_page *p, ipi_func_t func, void *arg)
{
	p->bytes = PAGE_SIZE;
	p->msg = vmalloc(p->bytes);
	if (!p->msg)
		panic("ipi_contract: no memory for one page\n");
	memset(p->msg, 0xa5, sizeof(*p->msg));
	p->msg->func = func;
	p->msg->arg = arg;
}

/* It leaves the page table; KASAN knows, too. */
void page_forbid(struct own_page *p)
{
	vfree(p->msg);
}

void page_close(struct own_page *p)
{
}
