// SPDX-License-Identifier: GPL-2.0-only
/* A private domain for a cell with several sources. */
#include "library.h"

static enum ipi_way way_here(void)
{
	return ipi_domain_way(library_state(drivers_self->cell)->dom);
}

static void handler(void *arg)
{
	bench_arrived(drivers_self, (uint32_t)(uintptr_t)arg, way_here());
}

static void handler_slow(void *arg)
{
	bench_arrived_slow(drivers_self, (uint32_t)(uintptr_t)arg, way_here());
}

int library_many_open(struct bench_cell *c)
{
	ipi_func_t func = bench_handler_is_slow(c) ? handler_slow : handler;
	struct library_state *s;
	uint32_t i, k;
	int err = library_open(c, false, &s);

	for (i = 0; i < c->sources_n && !err; i++)
		for (k = 0; k <= c->srcs[i]->mask; k++)
			library_message(c->srcs[i], k)->func = func;
	return err;
}

int library_many_enter(struct bench_source *s)
{
	const struct bench_cell *c = s->cell;
	struct library_state *state = library_state(c);
	struct ipi_cpu_params params = { s->cpu, -1 };
	struct ipi_cpu *cpu;
	int err;

	if (c->peers) {
		drivers_self = &c->target[s->index];
		drivers_order(s);
	}
	err = ipi_domain_attach(state->dom, &params, &cpu);
	if (err)
		return err;
	if (c->peers) {
		c->target[s->index].cpu = cpu;
		if (state->polls)
			err = ipi_domain_polling(state->dom, true);
	}
	ipi_kpreempt_disable();
	return err;
}

void library_many_leave(struct bench_source *s)
{
	struct library_state *state = library_state(s->cell);

	if (!ipi_domain_curcpu(state->dom))
		return;
	ipi_kpreempt_enable();
	ipi_domain_detach(state->dom);
}

static unsigned serve(struct bench_target *t)
{
	return ipi_domain_serve(library_state(t->cell)->dom);
}

void library_many_target_run(struct bench_target *t)
{
	if (library_state(t->cell)->sleeps)
		bench_target_serve(t, library_sleep);
	else if (library_state(t->cell)->polls)
		bench_target_serve(t, serve);
	else
		bench_target_serve(t, NULL);
}

unsigned library_many_serve(struct bench_source *s)
{
	return ipi_domain_serve(library_state(s->cell)->dom);
}

int library_many_deaf(struct bench_source *s, uint32_t i, uint32_t target,
		      int err)
{
	struct library_state *state = library_state(s->cell);
	uint32_t k;

	if (err != -ETIMEDOUT)
		return err;
	bench_source_deaf(s, target, "acknowledgement");
	/* None may stay live: its memory goes with the cell. */
	for (k = 0; k <= s->mask; k++)
		ipi_domain_msg_detach(state->dom, library_message(s, k));
	return err;
}

const char *library_many_probe(const struct bench_opts *o)
{
	struct bench_opts plain = *o;

	if (plain.inject == INJECT_SENDER)
		plain.inject = INJECT_NONE;
	return library_probe(&plain);
}
