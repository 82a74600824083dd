// SPDX-License-Identifier: GPL-2.0-only
/* A private domain for each cell, entered anew for each block. */
#include <stdlib.h>

#include "library.h"
#include "placement.h"

static void handler(void *arg)
{
	struct library_state *s = arg;

	bench_handled(drivers_self, ipi_domain_way(s->dom));
}

static void handler_slow(void *arg)
{
	struct library_state *s = arg;

	bench_handled_slow(drivers_self, ipi_domain_way(s->dom));
}

static void handler_flag(void *arg)
{
	handler(arg);
	__atomic_store_n(&drivers_self->flag, drivers_self->seq,
			 __ATOMIC_RELEASE);
}

static void handler_slow_flag(void *arg)
{
	handler_slow(arg);
	__atomic_store_n(&drivers_self->flag, drivers_self->seq,
			 __ATOMIC_RELEASE);
}

static ipi_func_t choose_handler(const struct bench_cell *c, bool flag)
{
	if (bench_handler_is_slow(c))
		return flag ? handler_slow_flag : handler_slow;
	return flag ? handler_flag : handler;
}

static int make_domain(struct bench_cell *c, struct library_state *s)
{
	const struct bench_opts *o = c->opts;
	struct ipi_params params = {
		.queue = o->queue,
		.ack = o->ack,
		.delivery = o->delivery,
		.waiter = o->waiter,
		.spin_loads = o->spin_loads,
		.depth = o->depth,
		.idle_spin_ns = o->idle_spin_ns,
		.cpus_max = c->sources_n + (c->peers ? 0 : c->targets_n),
	};
	int err;

	params.group_of_processor = placement_nodes(&params.processors);
	err = ipi_domain_create(&params, &s->dom);
	if (err)
		return bench_cell_fail(c, err, "no domain of %s, %s and %s: %s",
				       o->queue ? o->queue : "default queue",
				       o->ack ? o->ack : "default ack",
				       o->delivery ? o->delivery
						   : "default delivery",
				       strerror(-err));
	return 0;
}

/* Names of designs are constants of the library, so they outlive the domain. */
static void describe(struct bench_cell *c, struct library_state *s, bool flag)
{
	const char *delivery = ipi_domain_delivery(s->dom);

	s->polls = !strcmp(delivery, "poll");
	s->sleeps = !strcmp(delivery, "futex") || !strcmp(delivery, "eventfd");
	/* Its driver says which; of the stolen series it never is. */
	if (s->sleeps && !c->driver->sleeps && c->series != SERIES_STOLEN &&
	    !c->peers)
		c->state = "asleep";
	c->witnessing = WITNESS_HANDLER;
	/* Triggers go past the queue: null delivers them like any other. */
	c->answers = flag || strcmp(ipi_domain_queue(s->dom), "null");
	c->route = c->answers ? delivery : "none";
	c->counter = c->answers && !strcmp(delivery, "signal") ? "RES" : "";
}

int library_open(struct bench_cell *c, bool flag, struct library_state **out)
{
	struct library_state *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	err = make_domain(c, s);
	if (err) {
		free(s);
		return err;
	}
	describe(c, s, flag);
	c->priv = s;
	*out = s;
	return 0;
}

static int open_cell(struct bench_cell *c, bool flag)
{
	struct library_state *s;
	ipi_func_t func = choose_handler(c, flag);
	int err = library_open(c, flag, &s);

	if (err)
		return err;
	s->msg = (ipi_msg_t *)c->scratch;
	s->msg->func = func;
	s->msg->arg = s;
	if (flag)
		s->id = ipi_domain_register(s->dom, func, s);
	if (!flag || s->id)
		return 0;
	library_close(c);
	return bench_cell_fail(c, -ENOSPC, "no id could be registered");
}

int library_open_message(struct bench_cell *c)
{
	return open_cell(c, false);
}

int library_open_flag(struct bench_cell *c)
{
	return open_cell(c, true);
}

void library_close(struct bench_cell *c)
{
	struct library_state *s = library_state(c);

	if (s->id)
		ipi_domain_unregister(s->dom, s->id);
	ipi_cpuset_destroy(s->set);
	/* A domain that is still in use must stay, and with it its state. */
	if (!ipi_domain_destroy(s->dom))
		free(s);
	c->priv = NULL;
}

int library_source_enter(struct bench_cell *c)
{
	struct ipi_cpu_params params = { c->source_cpu,
					 library_state(c)->indexed
						 ? (int)c->targets_n
						 : -1 };
	struct ipi_cpu *cpu;
	int err;

	err = ipi_domain_attach(library_state(c)->dom, &params, &cpu);
	if (!err)
		ipi_kpreempt_disable();
	return err;
}

void library_source_leave(struct bench_cell *c)
{
	if (!ipi_domain_curcpu(library_state(c)->dom))
		return;
	ipi_kpreempt_enable();
	ipi_domain_detach(library_state(c)->dom);
}

int library_target_enter(struct bench_target *t)
{
	struct library_state *s = library_state(t->cell);
	int number = (int)(t - t->cell->target);
	struct ipi_cpu_params params = { t->cell->target_cpus[number],
					 s->indexed ? number : -1 };
	int err;

	drivers_self = t;
	err = ipi_domain_attach(s->dom, &params, &t->cpu);
	if (!err && s->polls)
		err = ipi_domain_polling(s->dom, true);
	return err;
}

void library_target_leave(struct bench_target *t)
{
	struct library_state *s = library_state(t->cell);

	if (ipi_domain_curcpu(s->dom))
		ipi_domain_detach(s->dom);
}

static unsigned serve(struct bench_target *t)
{
	return ipi_domain_serve(library_state(t->cell)->dom);
}

/* Bounded, so that the end of the block is seen. */
unsigned library_sleep(struct bench_target *t)
{
	int run = ipi_domain_idle(library_state(t->cell)->dom, 5000000);

	return run > 0 ? (unsigned)run : 0;
}

void library_target_run(struct bench_target *t)
{
	const struct library_state *s = library_state(t->cell);

	/* In the stolen series the loop works, and sleeps never. */
	if (s->sleeps && t->cell->series != SERIES_STOLEN)
		bench_target_loop(t, library_sleep);
	else if (s->polls || s->sleeps)
		bench_target_loop(t, serve);
	else
		bench_target_loop(t, NULL);
}

void library_counters(struct bench_cell *c, struct ipi_counters *out)
{
	ipi_domain_counters(library_state(c)->dom, out);
}

double library_expected(const struct bench_cell *c,
			const struct ipi_counters *lib, uint64_t sent)
{
	return (double)lib->notified;
}

int library_deaf(struct bench_cell *c, int err)
{
	struct library_state *s = library_state(c);
	uint32_t i;

	if (err != -ETIMEDOUT)
		return err;
	/* None may stay live: its memory goes with the cell. */
	for (i = 0; i < c->messages && c->messages > 1; i++)
		ipi_domain_msg_detach(s->dom, library_message(c->src, i));
	ipi_domain_msg_detach(s->dom, s->msg);
	for (i = 0; i + 1 < c->targets_n; i++)
		if (__atomic_load_n(&c->target[i].seq, __ATOMIC_ACQUIRE) <=
		    c->src->sent)
			break;
	return bench_cell_deaf(c, i, "acknowledgement");
}

static bool listed(const char *name, const char *(*list)(unsigned n))
{
	unsigned i;

	for (i = 0; name && list(i); i++)
		if (!strcmp(list(i), name))
			return true;
	return !name;
}

const char *library_probe(const struct bench_opts *o)
{
	if (!listed(o->queue, ipi_queue_name))
		return "this build has no queue of this name";
	if (!listed(o->ack, ipi_ack_name))
		return "this build has no acknowledgement of this name";
	if (!listed(o->delivery, ipi_delivery_name))
		return "this build has no delivery of this name";
	if (o->inject == INJECT_SENDER)
		return "sender can't be injected: it has only one";
	if (o->hold_target)
		return "hold_target is for membarrier: a target that does not "
		       "run never answers a message";
	return o->delivery ? ipi_delivery_probe(o->delivery) : NULL;
}
