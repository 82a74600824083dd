// SPDX-License-Identifier: GPL-2.0-only
/*
 * What judges have in common, wherever they run: chance, traps, gates, what
 * peers are told, and sends.
 */
#include "contract.h"

#define TRAPS 4

struct trap {
	int me;
	int point;
	void (*func)(void *);
	void *arg;
	atomic_int state; /* 0 free, 1 set, 2 springing, 3 sprung */
};

struct ipi_params contract_params;
unsigned contract_scale = 100;
atomic_bool contract_gave_up;

static struct trap traps[TRAPS];
static _Atomic uint64_t seed;

bool contract_time_left(uint64_t begin_ns, unsigned ms)
{
	return !atomic_load(&contract_gave_up) &&
	       /* a CPU's clock may be behind another one's */
	       (int64_t)(contract_now_ns() - begin_ns) < (int64_t)ms * 1000000;
}

void contract_patience_begin(struct contract_patience *p)
{
	p->begin_ns = p->looked_ns = contract_now_ns();
	p->waited_ns = 0;
}

bool contract_patience_left(struct contract_patience *p, unsigned ms)
{
	uint64_t now = contract_now_ns();
	int64_t step = (int64_t)(now - p->looked_ns); /* clocks, as above */

	if (step > 0)
		p->waited_ns += step < 1000000000 ? step : 1000000000;
	p->looked_ns = now;
	return !atomic_load(&contract_gave_up) &&
	       p->waited_ns < (uint64_t)ms * 1000000;
}

void contract_seed(uint64_t first)
{
	atomic_store(&seed, first);
}

unsigned contract_random(void)
{
	/* splitmix64: one atomic step, so that threads may share it */
	uint64_t z = atomic_fetch_add(&seed, 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (unsigned)(z >> 33);
}

unsigned contract_rounds(unsigned normal)
{
	uint64_t rounds = (uint64_t)normal * contract_scale / 100;

	return rounds ? (unsigned)rounds : 1;
}

bool contract_delivers(const char *delivery)
{
	return !strcmp(contract_params.delivery, delivery);
}

/* ---- traps ---- */

void trap_hook(int point, struct ipi_cpu *cpu)
{
	for (unsigned i = 0; i < TRAPS; i++) {
		struct trap *t = &traps[i];
		int set = 1;

		if (atomic_load(&t->state) != 1 || t->point != point ||
		    t->me != contract_me)
			continue;
		if (!atomic_compare_exchange_strong(&t->state, &set, 2))
			continue;
		t->func(t->arg);
		atomic_store(&t->state, 3);
	}
}

void trap_set(unsigned slot, int me, int point, void (*func)(void *), void *arg)
{
	struct trap *t = &traps[slot];

	t->me = me;
	t->point = point;
	t->func = func;
	t->arg = arg;
	atomic_store(&t->state, 1);
}

bool trap_sprung(unsigned slot)
{
	return atomic_load(&traps[slot].state) >= 2;
}

void trap_over(unsigned slot)
{
	atomic_store(&traps[slot].state, 3);
}

void traps_clear(void)
{
	for (unsigned i = 0; i < TRAPS; i++) {
		int set = 1;

		if (atomic_compare_exchange_strong(&traps[i].state, &set, 0))
			continue;
		UNTIL(atomic_load(&traps[i].state) != 2);
		atomic_store(&traps[i].state, 0);
	}
}

/* ---- gates ---- */

void gate_pass(struct gate *g)
{
	atomic_store(&g->in, true);
	UNTIL(atomic_load(&g->open));
}

void gate_open(struct gate *g)
{
	atomic_store(&g->open, true);
}

void trap_gate(void *gate)
{
	gate_pass(gate);
}

void job_inert(struct peer *self, void *gate)
{
	gate_pass(gate);
}

void job_polls(struct peer *self, void *gate)
{
	CHECK_EQ(ipi_domain_polling(self->world->dom, true), 0);
	gate_pass(gate);
	CHECK_EQ(ipi_domain_polling(self->world->dom, false), 0);
}

void peer_deafen(struct peer *p, struct gate *g)
{
	peer_do(p, job_deaf, g);
	UNTIL(atomic_load(&g->in));
}

void peer_hear(struct peer *p, struct gate *g)
{
	gate_open(g);
	peer_join(p);
}

/* ---- peers ---- */

void peer_do(struct peer *p, job_t job, void *arg)
{
	peer_join(p);
	p->job_arg = arg;
	atomic_store(&p->job, job);
}

bool peer_resting(struct peer *p)
{
	return !atomic_load(&p->job);
}

void peer_join(struct peer *p)
{
	UNTIL_SERVING(p->world, peer_resting(p));
}

static void job_serve(struct peer *self, void *arg)
{
	ipi_domain_serve(self->world->dom);
}

void world_quiesce(struct world *w)
{
	for (unsigned i = 1; i < w->n; i++)
		if (!w->peer[i].stopped)
			peer_do(&w->peer[i], job_serve, NULL);
	for (unsigned i = 1; i < w->n; i++)
		peer_join(&w->peer[i]);
	ipi_domain_serve(w->dom);
}

bool world_mailbox_fills(struct world *w, unsigned idle)
{
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };

	if (send_unicast(w, &msg, idle, IPI_NOWAIT) == -EAGAIN)
		return false;
	ipi_domain_wait(w->dom, &msg);
	CHECK_EQ(atomic_load(&ran), 1);
	return true;
}

/* ---- sends ---- */

static ipi_cpuset_t *set_of(unsigned bits)
{
	ipi_cpuset_t *set = NULL;

	if (ipi_cpuset_create(&set, true))
		contract_lost(__FILE__, __LINE__, "a set");
	for (unsigned i = 0; i < 32; i++)
		if (bits >> i & 1)
			ipi_cpuset_set(set, i);
	return set;
}

int send_unicast(struct world *w, ipi_msg_t *msg, unsigned to, unsigned flags)
{
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_unicast(w->dom, msg, w->peer[to].cpu, flags);
	ipi_kpreempt_enable();
	return err;
}

int send_multicast(struct world *w, ipi_msg_t *msg, unsigned bits)
{
	ipi_cpuset_t *set = set_of(bits);
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_multicast(w->dom, msg, set, 0);
	ipi_kpreempt_enable();
	ipi_cpuset_destroy(set);
	return err;
}

int send_broadcast(struct world *w, ipi_msg_t *msg, unsigned flags)
{
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_broadcast(w->dom, msg, flags);
	ipi_kpreempt_enable();
	return err;
}

int send_trigger(struct world *w, unsigned id, unsigned to)
{
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_trigger(w->dom, id, w->peer[to].cpu);
	ipi_kpreempt_enable();
	return err;
}

int send_trigger_multi(struct world *w, unsigned id, unsigned bits)
{
	ipi_cpuset_t *set = set_of(bits);
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_trigger_multi(w->dom, id, set);
	ipi_kpreempt_enable();
	ipi_cpuset_destroy(set);
	return err;
}

void handler_count(void *atomic_uint_count)
{
	atomic_fetch_add((atomic_uint *)atomic_uint_count, 1);
}

void handler_slow(void *arg)
{
	struct slow *s = arg;

	atomic_fetch_add(&s->begun, 1);
	gate_pass(&s->gate);
	atomic_fetch_add(&s->ended, 1);
}
