// SPDX-License-Identifier: GPL-2.0-only
/* What a round is made of: its domain, its seats, their memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "torture.h"

static void *map(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static uint64_t hash(const char *text, uint64_t h)
{
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return mix64(h);
}

/* The same for one combination whatever others are tried with it. */
static uint64_t base_of(const struct torture *t, const struct combination *c,
			unsigned nth)
{
	uint64_t h = mix64(t->seed + 1);

	h = hash(c->queue, h);
	h = hash(c->ack, h);
	h = hash(c->delivery, h);
	h = hash(c->waiter, h);
	return mix64(h + nth);
}

/* Made up: neighbours are in different groups. */
static const uint16_t groups[] = { 0, 1, 0, 1, 0, 1, 0, 1 };

static void params_of(struct round *r, struct ipi_params *p)
{
	const struct combination *c = r->comb;

	*p = (struct ipi_params){
		.queue = c->queue,
		.ack = c->ack,
		.delivery = c->delivery,
		.waiter = c->wait,
		.spin_loads = 200,
		/* In one round of two, by the seed. */
		.idle_spin_ns = r->base % 2 * 20000,
		.cpus_max = r->n,
		.group_of_processor = groups,
		.processors = sizeof(groups) / sizeof(groups[0]),
		.stall_ns = r->t->deadline_ns / 2,
		.on_stall = watch_stall,
		.on_stall_arg = r,
	};
}

/* ---- does the delivery interrupt? --------------------------------------- */

struct probe {
	struct ipi_domain *dom;
	struct ipi_cpu_params params;
	struct ipi_cpu *cpu;
	pthread_t thread;
	atomic_int stage;
};

static void handler_none(void *arg)
{
}

static void *probe_target(void *arg)
{
	struct probe *p = arg;

	set_release(&p->stage,
		    ipi_domain_attach(p->dom, &p->params, &p->cpu) ? -1 : 1);
	while (get_acquire(&p->stage) == 1)
		sched_yield();
	ipi_domain_detach(p->dom);
	return NULL;
}

/* The library itself says whether it would have interrupted. */
static int probe_trigger(struct probe *p, bool *interrupts)
{
	unsigned id = ipi_domain_register(p->dom, handler_none, NULL);
	struct ipi_counters c;
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_trigger(p->dom, id, p->cpu);
	ipi_kpreempt_enable();
	ipi_domain_counters(p->dom, &c);
	*interrupts = c.notified == 1;
	return err ?: c.notified + c.polled == 1 ? 0 : -EPROTO;
}

static int probe_domain(struct round *r, const struct ipi_params *params)
{
	struct probe p = { .params = { .processor = r->t->processor[0],
				       .index = 1 } };
	struct ipi_cpu_params own = { .processor = r->t->processor[0] };
	int err = ipi_domain_create(params, &p.dom);

	if (err)
		return err;
	err = ipi_domain_attach(p.dom, &own, NULL);
	if (!err)
		err = -pthread_create(&p.thread, NULL, probe_target, &p);
	if (!err) {
		while (!get_acquire(&p.stage))
			sched_yield();
		if (get_acquire(&p.stage) > 0)
			err = probe_trigger(&p, &r->interrupts);
		set_release(&p.stage, 2);
		pthread_join(p.thread, NULL);
	}
	ipi_domain_detach(p.dom);
	return err ?: ipi_domain_destroy(p.dom);
}

/* ---- the CPUs of the domain, before their threads come ------------------ */

/* A struct ipi_cpu is never freed: taking each index once makes them all. */
static int know_cpus(struct round *r)
{
	int err = 0;

	for (unsigned i = 0; i < r->n && !err; i++) {
		struct ipi_cpu_params params = {
			.processor = r->t->processor[i % r->t->processors],
			.index = (int)i
		};

		err = ipi_domain_attach(r->dom, &params, &r->seat[i].cpu);
		err = err ?: ipi_domain_detach(r->dom);
	}
	return err;
}

static int open_domains(struct round *r, struct tool_error *err)
{
	struct ipi_cpu_params params = { .processor = r->t->processor[0] };
	struct ipi_params p;
	int ret;

	params_of(r, &p);
	ret = probe_domain(r, &p);
	ret = ret ?: ipi_domain_create(&p, &r->dom);
	ret = ret ?: know_cpus(r);
	ret = ret ?: ipi_domain_create(&p, &r->foreign_dom);
	ret = ret ?: ipi_domain_attach(r->foreign_dom, &params, &r->foreign);
	ret = ret ?: ipi_domain_detach(r->foreign_dom);
	if (ret)
		return tool_fail(err, ret,
				 "a domain of %s, %s, %s cannot be made: %s",
				 p.queue, p.ack, p.delivery, strerror(-ret));
	return 0;
}

/* ---- memory ------------------------------------------------------------- */

static size_t slot_bytes(const struct round *r)
{
	return r->n * (sizeof(struct answer) + sizeof(uint32_t) + 1);
}

static int open_slot(struct seat *s, struct slot *slot, char *room)
{
	unsigned n = s->round->n;

	slot->owner = s;
	slot->gen = 1;
	slot->answer = (struct answer *)room;
	slot->life = (uint32_t *)(room + n * sizeof(struct answer));
	slot->to = (uint8_t *)(slot->life + n);
	return ipi_cpuset_create(&slot->set, true);
}

static int open_seat(struct round *r, struct seat *s, unsigned index)
{
	size_t apart = (slot_bytes(r) + 127) / 128 * 128;
	char *room = map(SLOTS * (sizeof(struct slot) + apart));
	int err = room ? ipi_cpuset_create(&s->set, true) : -ENOMEM;

	s->round = r;
	s->index = index;
	s->base = mix64(r->base + index);
	s->slot = (struct slot *)room;
	for (unsigned i = 0; i < SLOTS && !err; i++)
		err = open_slot(s, &s->slot[i],
				room + SLOTS * sizeof(struct slot) + i * apart);
	return err;
}

static void close_seat(struct round *r, struct seat *s)
{
	size_t apart = (slot_bytes(r) + 127) / 128 * 128;

	if (!s->slot)
		return;
	for (unsigned i = 0; i < SLOTS; i++)
		ipi_cpuset_destroy(s->slot[i].set);
	ipi_cpuset_destroy(s->set);
	munmap(s->slot, SLOTS * (sizeof(struct slot) + apart));
}

static int open_memory(struct round *r, struct tool_error *err)
{
	int ret = 0;

	r->seat = map(r->n * sizeof(*r->seat));
	r->churn = map(CHURN_IDS * sizeof(*r->churn));
	if (!r->seat || !r->churn)
		return tool_fail(err, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < r->n && !ret; i++)
		ret = open_seat(r, &r->seat[i], i);
	for (unsigned i = 0; i < CHURN_IDS; i++)
		r->churn[i].round = r;
	r->churner.round = r;
	r->churner.index = r->n;
	r->churner.base = mix64(r->base + r->n);
	return ret ? tool_fail(err, ret, "out of memory") : 0;
}

static void close_memory(struct round *r)
{
	for (unsigned i = 0; r->seat && i < r->n; i++)
		close_seat(r, &r->seat[i]);
	if (r->seat)
		munmap(r->seat, r->n * sizeof(*r->seat));
	if (r->churn)
		munmap(r->churn, CHURN_IDS * sizeof(*r->churn));
	munmap(r, sizeof(*r));
}

/* ---- both ends ---------------------------------------------------------- */

struct round *round_open(const struct torture *t, struct outcome *out,
			 unsigned nth, struct tool_error *err)
{
	struct round *r = map(sizeof(*r));

	if (!r) {
		tool_fail(err, -ENOMEM, "out of memory");
		return NULL;
	}
	r->t = t;
	r->out = out;
	r->comb = out->comb;
	r->n = t->cpus;
	r->base = base_of(t, r->comb, nth);
	watch_round(r, "opening");
	if (open_memory(r, err) || open_domains(r, err) ||
	    idents_open(r, err)) {
		round_close(r);
		return NULL;
	}
	return r;
}

static void destroy(struct round *r, struct ipi_domain *dom)
{
	int err = dom ? ipi_domain_destroy(dom) : 0;

	if (err)
		fail(r, CHECK_leak, NULL,
		     "a domain that all have left cannot be destroyed: %d",
		     err);
}

void round_close(struct round *r)
{
	watch_round(r, "closing");
	if (r->dom) {
		for (unsigned i = 0; i < CHURN_IDS; i++)
			if (get(&r->churn[i].id) &&
			    ipi_domain_unregister(r->dom, get(&r->churn[i].id)))
				fail(r, CHECK_answer, NULL,
				     "a short-lived id cannot be unregistered");
		idents_close(r);
	}
	destroy(r, r->dom);
	destroy(r, r->foreign_dom);
	watch_round(NULL, NULL);
	close_memory(r);
}
