// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalescing triggers: none lost, none too many, never nested.
 */
#include "contract.h"

/* ---- what was stored before a trigger is seen by a run ---- */

struct payload {
	atomic_uint sent; /* relaxed: only the trigger orders it */
	atomic_uint seen;
	atomic_uint runs;
};

static void handler_payload(void *arg)
{
	struct payload *p = arg;
	unsigned sent = atomic_load_explicit(&p->sent, memory_order_relaxed);

	atomic_store_explicit(&p->seen, sent, memory_order_relaxed);
	atomic_fetch_add(&p->runs, 1);
}

static int send_payload(struct world *w, struct payload *p, unsigned id,
			unsigned value, unsigned to)
{
	atomic_store_explicit(&p->sent, value, memory_order_relaxed);
	return send_trigger(w, id, to);
}

static void test_trigger_is_never_lost(void)
{
	struct world w;
	struct payload p = { 0 };
	unsigned id, rounds = contract_rounds(3000), done;

	world_open(&w, 2);
	id = ipi_domain_register(w.dom, handler_payload, &p);
	for (done = 1; done <= rounds; done++) {
		CHECK_EQ(send_payload(&w, &p, id, done, 1), 0);
		/* Some land on an idle CPU, some in the middle of a run. */
		for (unsigned spin = contract_random() % 64; spin; spin--)
			atomic_load(&p.seen);
		if (done % 4 == 0)
			UNTIL(atomic_load(&p.seen) == done);
	}
	UNTIL(atomic_load(&p.seen) == rounds);
	CHECK(atomic_load(&p.runs) <= rounds);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

/* The target stands at a point of its pass while a second trigger comes. */
static void test_trigger_into_a_pass_is_not_lost(void)
{
	static const int points[] = { IPI_POINT_PASS_BEGIN, IPI_POINT_TAKEN };
	struct world w;
	unsigned id;

	world_open(&w, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct payload p = { 0 };
		struct gate gate = { 0 }, before = { 0 };

		id = ipi_domain_register(w.dom, handler_payload, &p);
		if (w.polls) /* its empty passes are not meant */
			peer_deafen(&w.peer[1], &before);
		trap_set(0, 1, points[i], trap_gate, &gate);
		CHECK_EQ(send_payload(&w, &p, id, 1, 1), 0);
		gate_open(&before);
		UNTIL(atomic_load(&gate.in));
		CHECK_EQ(send_payload(&w, &p, id, 2, 1), 0);
		gate_open(&gate);
		UNTIL(atomic_load(&p.seen) == 2);
		world_quiesce(&w);
		CHECK(atomic_load(&p.runs) <= 2);
		traps_clear();
		CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	}
	world_close(&w);
}

struct gated {
	struct payload p;
	struct gate gate;
};

static void handler_gate(void *arg)
{
	struct gated *both = arg;
	unsigned sent =
		atomic_load_explicit(&both->p.sent, memory_order_relaxed);

	if (atomic_fetch_add(&both->p.runs, 1) == 0)
		gate_pass(&both->gate);
	atomic_store_explicit(&both->p.seen, sent, memory_order_relaxed);
}

static void test_trigger_into_a_running_handler_runs_again(void)
{
	struct world w;
	struct gated both = { 0 };
	unsigned id;

	world_open(&w, 2);
	id = ipi_domain_register(w.dom, handler_gate, &both);
	CHECK_EQ(send_payload(&w, &both.p, id, 1, 1), 0);
	UNTIL(atomic_load(&both.gate.in));
	CHECK_EQ(send_payload(&w, &both.p, id, 2, 1), 0);
	CHECK_EQ(send_payload(&w, &both.p, id, 3, 1), 0);
	gate_open(&both.gate);
	UNTIL(atomic_load(&both.p.seen) == 3);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&both.p.runs), 2);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

/* The sender stands at a point of its send while the target serves. */
struct serve_at {
	struct world *w;
	atomic_bool done;
};

static void job_serve_at(struct peer *self, void *arg)
{
	struct serve_at *s = arg;

	ipi_domain_serve(self->world->dom);
	ipi_domain_serve(self->world->dom);
	atomic_store(&s->done, true);
}

static void trap_serve_there(void *arg)
{
	struct serve_at *s = arg;

	atomic_store(&s->w->peer[1].job, job_serve_at);
	UNTIL(atomic_load(&s->done));
}

static void test_trigger_interrupted_by_a_serving_target(void)
{
	static const int points[] = { IPI_POINT_SECTION_ENTERED,
				      IPI_POINT_POSTED, IPI_POINT_PUBLISHED,
				      IPI_POINT_NOTIFIED };
	struct world w;
	struct payload p = { 0 };
	unsigned id;

	world_open(&w, 2);
	id = ipi_domain_register(w.dom, handler_payload, &p);
	for (unsigned i = 0; i < 4; i++) {
		struct serve_at s = { .w = &w };

		peer_join(&w.peer[1]);
		w.peer[1].job_arg = &s;
		trap_set(0, 0, points[i], trap_serve_there, &s);
		CHECK_EQ(send_payload(&w, &p, id, i + 1, 1), 0);
		if (points[i] != IPI_POINT_NOTIFIED || !w.polls)
			CHECK(trap_sprung(0));
		UNTIL(atomic_load(&p.seen) == i + 1);
		traps_clear();
	}
	world_quiesce(&w);
	CHECK(atomic_load(&p.runs) <= 4);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

/* ---- the interrupted notifier ---- */

struct notifier {
	struct world *w;
	struct payload p;
	unsigned id;
	ipi_msg_t msg;
	atomic_uint entered; /* the handler on the sender began */
	atomic_bool sent;    /* the interrupt is on its way to the sender */
	atomic_bool early;   /* it got in between publishing and notifying */
};

/* On the sender: needs the target's answer, as a waiting handler might. */
static void handler_wants_answer(void *arg)
{
	struct notifier *n = arg;
	uint64_t begin = contract_now_ns();

	atomic_fetch_add(&n->entered, 1);
	CHECK_EQ(ipi_domain_trigger(n->w->dom, n->id, n->w->peer[1].cpu), 0);
	while (!atomic_load(&n->p.runs) && contract_time_left(begin, 5000))
		sched_yield();
	CHECK(atomic_load(&n->p.runs) >= 1);
}

static void job_interrupt_sender(struct peer *self, void *arg)
{
	struct notifier *n = arg;

	CHECK_EQ(send_unicast(self->world, &n->msg, 0, 0), 0);
	atomic_store(&n->sent, true);
	ipi_domain_wait(self->world->dom, &n->msg);
}

static void trap_interrupt_sender(void *arg)
{
	struct notifier *n = arg;

	atomic_store(&n->w->peer[2].job, job_interrupt_sender);
	UNTIL(atomic_load(&n->sent));
	if (!STAYS_FALSE(atomic_load(&n->entered), 10))
		atomic_store(&n->early, true);
}

static void test_interrupted_notifier_holds_delivery_off(void)
{
	static const int points[] = { IPI_POINT_SECTION_ENTERED,
				      IPI_POINT_POSTED, IPI_POINT_PUBLISHED };
	struct world w;

	world_open(&w, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct notifier n = { .w = &w };

		n.msg = (ipi_msg_t){ .func = handler_wants_answer, .arg = &n };
		n.id = ipi_domain_register(w.dom, handler_payload, &n.p);
		peer_join(&w.peer[2]);
		w.peer[2].job_arg = &n;
		trap_set(0, 0, points[i], trap_interrupt_sender, &n);
		CHECK_EQ(send_payload(&w, &n.p, n.id, 7, 1), 0);
		CHECK(trap_sprung(0));
		CHECK(!atomic_load(&n.early));
		/* What came meanwhile needs no second interrupt. */
		if (w.polls)
			UNTIL_SERVING(&w, atomic_load(&n.entered));
		else
			UNTIL(atomic_load(&n.entered));
		UNTIL_SERVING(&w, atomic_load(&n.p.seen) == 7);
		peer_join(&w.peer[2]);
		CHECK_EQ(atomic_load(&n.entered), 1);
		traps_clear();
		CHECK_EQ(ipi_domain_unregister(w.dom, n.id), 0);
	}
	world_close(&w);
}

/* ---- coalescing ---- */

static void test_triggers_coalesce(void)
{
	struct world w;
	struct payload p = { 0 };
	struct gate gate = { 0 };
	unsigned id;

	world_open(&w, 2);
	id = ipi_domain_register(w.dom, handler_payload, &p);
	peer_deafen(&w.peer[1], &gate);
	for (unsigned i = 1; i <= 100; i++)
		CHECK_EQ(send_payload(&w, &p, id, i, 1), 0);
	CHECK_EQ(atomic_load(&p.runs), 0);
	peer_hear(&w.peer[1], &gate);
	UNTIL(atomic_load(&p.seen) == 100);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&p.runs), 1);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

#define STORM_IDS 3

struct storm {
	struct payload p[WORLD_CPUS][STORM_IDS]; /* by sender */
	unsigned id[WORLD_CPUS][STORM_IDS];
};

/* Each sender has ids of its own: the last payload of each must arrive. */
static void job_storm(struct peer *self, void *arg)
{
	struct storm *s = arg;
	unsigned to = self->index % (self->world->n - 1) + 1;

	if (to == self->index)
		to = 0;
	for (unsigned i = 1; i <= contract_rounds(500); i++) {
		unsigned k = contract_random() % STORM_IDS;

		CHECK_EQ(send_payload(self->world, &s->p[self->index][k],
				      s->id[self->index][k], i, to),
			 0);
		if (contract_random() % 16 == 0)
			world_rest(self->world, contract_random() % 65);
	}
}

static void test_storm_loses_no_last_trigger(void)
{
	struct world w;
	static struct storm s;

	memset(&s, 0, sizeof(s));
	world_open(&w, 5);
	for (unsigned i = 1; i < w.n; i++)
		for (unsigned k = 0; k < STORM_IDS; k++)
			s.id[i][k] = ipi_domain_register(w.dom, handler_payload,
							 &s.p[i][k]);
	for (unsigned i = 1; i < w.n; i++)
		peer_do(&w.peer[i], job_storm, &s);
	world_quiesce(&w);
	world_quiesce(&w);
	for (unsigned i = 1; i < w.n; i++)
		for (unsigned k = 0; k < STORM_IDS; k++) {
			UNTIL_SERVING(&w, atomic_load(&s.p[i][k].seen) ==
						  atomic_load(&s.p[i][k].sent));
			CHECK_EQ(ipi_domain_unregister(w.dom, s.id[i][k]), 0);
		}
	world_close(&w);
}

/* ---- never nested on one CPU ---- */

struct nest {
	struct world *w;
	unsigned id;
	atomic_uint runs;
	atomic_int depth;
	ipi_msg_t msg;
};

static void handler_trigger_back(void *arg)
{
	struct nest *n = arg;

	CHECK_EQ(ipi_domain_trigger(n->w->dom, n->id, n->w->peer[1].cpu), 0);
}

/* Serves itself while its own id is pending again. */
static void handler_nest(void *arg)
{
	struct nest *n = arg;

	CHECK_EQ(atomic_fetch_add(&n->depth, 1), 0);
	if (atomic_fetch_add(&n->runs, 1) == 0) {
		CHECK_EQ(ipi_domain_unicast(n->w->dom, &n->msg,
					    n->w->peer[0].cpu, 0),
			 0);
		ipi_domain_wait(n->w->dom, &n->msg);
		for (unsigned i = 0; i < 3; i++)
			ipi_domain_serve(n->w->dom);
	}
	atomic_fetch_sub(&n->depth, 1);
}

static void test_handlers_of_an_id_never_nest(void)
{
	struct world w;
	struct nest n = { .w = &w };

	world_open(&w, 2);
	n.msg = (ipi_msg_t){ .func = handler_trigger_back, .arg = &n };
	n.id = ipi_domain_register(w.dom, handler_nest, &n);
	CHECK_EQ(send_trigger(&w, n.id, 1), 0);
	UNTIL_SERVING(&w, atomic_load(&n.runs) == 2);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&n.runs), 2);
	CHECK_EQ(ipi_domain_unregister(w.dom, n.id), 0);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "trigger_is_never_lost", test_trigger_is_never_lost },
	{ "trigger_into_a_pass_is_not_lost",
	  test_trigger_into_a_pass_is_not_lost, true },
	{ "trigger_into_a_running_handler_runs_again",
	  test_trigger_into_a_running_handler_runs_again },
	{ "trigger_interrupted_by_a_serving_target",
	  test_trigger_interrupted_by_a_serving_target, true },
	{ "interrupted_notifier_holds_delivery_off",
	  test_interrupted_notifier_holds_delivery_off, true },
	{ "triggers_coalesce", test_triggers_coalesce },
	{ "storm_loses_no_last_trigger", test_storm_loses_no_last_trigger },
	{ "handlers_of_an_id_never_nest", test_handlers_of_an_id_never_nest },
	{ 0 }
};
