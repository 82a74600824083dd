// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unregister drains: when it returned, no handler of the id runs or will run.
 */
#include "contract.h"

/* ---- an id whose handler would be caught running too late ---- */

struct victim {
	atomic_uint magic; /* 0: unregister has returned */
	atomic_uint runs;
	atomic_uint stale; /* runs after that */
	atomic_uint running;
	struct gate gate; /* closed: the handler waits in it, once */
};

#define VICTIM_ALIVE 0x600dcafe

static void handler_victim(void *arg)
{
	struct victim *v = arg;

	if (atomic_load(&v->magic) != VICTIM_ALIVE)
		atomic_fetch_add(&v->stale, 1);
	atomic_fetch_add(&v->running, 1);
	atomic_fetch_add(&v->runs, 1);
	if (!atomic_load(&v->gate.open))
		gate_pass(&v->gate);
	atomic_fetch_sub(&v->running, 1);
	if (atomic_load(&v->magic) != VICTIM_ALIVE)
		atomic_fetch_add(&v->stale, 1);
}

/* Somebody else who unregisters, a thread or a CPU. */
struct caller {
	struct world *w;
	unsigned id;
	struct victim *v;
	atomic_bool here, go, returned;
	int err;
};

static void caller_unregister(struct caller *c)
{
	c->err = ipi_domain_unregister(c->w->dom, c->id);
	if (!c->err && c->v) {
		CHECK_EQ(atomic_load(&c->v->running), 0);
		atomic_store(&c->v->magic, 0);
	}
	atomic_store(&c->returned, true);
}

static void job_unregister(struct peer *self, void *arg)
{
	caller_unregister(arg);
}

static void *thread_unregister(void *arg)
{
	struct caller *c = arg;

	atomic_store(&c->here, true);
	UNTIL(atomic_load(&c->go));
	caller_unregister(c);
	return NULL;
}

static unsigned victim_open(struct world *w, struct victim *v, bool gated)
{
	memset(v, 0, sizeof(*v));
	atomic_store(&v->magic, VICTIM_ALIVE);
	atomic_store(&v->gate.open, !gated);
	return ipi_domain_register(w->dom, handler_victim, v);
}

static void test_unregister_waits_for_a_running_handler(void)
{
	struct world w;
	struct victim v;
	struct caller c = { .w = &w, .v = &v };

	world_open(&w, 3);
	for (unsigned plain = 0; plain < 2; plain++) {
		pthread_t thread = 0;

		atomic_store(&c.returned, false);
		c.id = victim_open(&w, &v, true);
		/* First: in Linux that may take every CPU's answer. */
		if (plain) {
			thread = thread_start(thread_unregister, &c);
			UNTIL(atomic_load(&c.here));
		}
		CHECK_EQ(send_trigger(&w, c.id, 1), 0);
		UNTIL(atomic_load(&v.gate.in));
		if (plain)
			atomic_store(&c.go, true);
		else
			peer_do(&w.peer[2], job_unregister, &c);
		CHECK(STAYS_FALSE(atomic_load(&c.returned), 20));
		gate_open(&v.gate);
		if (plain)
			pthread_join(thread, NULL);
		else
			peer_join(&w.peer[2]);
		CHECK_EQ(c.err, 0);
		world_quiesce(&w);
		CHECK_EQ(atomic_load(&v.runs), 1);
		CHECK_EQ(atomic_load(&v.stale), 0);
	}
	world_close(&w);
}

/* At these points of a pass the run is decided, though it has not begun. */
static void test_unregister_waits_for_a_pass_under_way(void)
{
	struct world w;
	struct victim v;
	struct caller c = { .w = &w, .v = &v };
	struct gate deaf = { 0 }, pass = { 0 };

	world_open(&w, 3);
	c.id = victim_open(&w, &v, false);
	peer_deafen(&w.peer[1], &deaf);
	CHECK_EQ(send_trigger(&w, c.id, 1), 0);
	trap_set(0, 1, IPI_POINT_TAKEN, trap_gate, &pass);
	gate_open(&deaf);
	UNTIL(atomic_load(&pass.in));
	peer_do(&w.peer[2], job_unregister, &c);
	CHECK(STAYS_FALSE(atomic_load(&c.returned), 20));
	gate_open(&pass);
	peer_join(&w.peer[2]);
	CHECK_EQ(c.err, 0);
	world_quiesce(&w);
	CHECK(atomic_load(&v.runs) <= 1);
	CHECK_EQ(atomic_load(&v.stale), 0);
	world_close(&w);
}

/* ---- senders that were under way ---- */

struct inside {
	struct world *w;
	ipi_msg_t msg;
	struct gate begun; /* CPU 1 is in its trigger */
	struct gate served; /* and has run a handler pass there */
	atomic_uint sends;
	unsigned other;
};

static void job_trigger(struct peer *self, void *arg)
{
	struct caller *c = arg;
	int err = send_trigger(self->world, c->id, 2);

	CHECK(err == 0 || err == -EINVAL);
}

/* A handler that sends, so that its own section begins and ends. */
static void handler_sends(void *arg)
{
	struct inside *in = arg;

	CHECK_EQ(ipi_domain_trigger(in->w->dom, in->other, in->w->peer[2].cpu),
		 0);
	atomic_fetch_add(&in->sends, 1);
}

static void trap_pass_inside(void *arg)
{
	struct inside *in = arg;

	gate_pass(&in->begun);
	ipi_domain_serve(in->w->dom);
	gate_pass(&in->served);
}

static void test_unregister_waits_for_sections_with_a_pass_inside(void)
{
	struct world w;
	struct victim v;
	struct caller c = { .w = &w, .v = &v }, t = { 0 };
	struct inside in = { .w = &w };
	atomic_uint others = 0;

	world_open(&w, 4);
	in.msg = (ipi_msg_t){ .func = handler_sends, .arg = &in };
	in.other = ipi_domain_register(w.dom, handler_count, &others);
	c.id = t.id = victim_open(&w, &v, false);
	trap_set(0, 1, IPI_POINT_SECTION_ENTERED, trap_pass_inside, &in);
	peer_do(&w.peer[1], job_trigger, &t);
	UNTIL(atomic_load(&in.begun.in));
	CHECK_EQ(send_unicast(&w, &in.msg, 1, 0), 0);
	gate_open(&in.begun);
	UNTIL(atomic_load(&in.served.in));
	CHECK_EQ(atomic_load(&in.sends), 1);
	peer_do(&w.peer[3], job_unregister, &c);
	CHECK(STAYS_FALSE(atomic_load(&c.returned), 20));
	gate_open(&in.served);
	peer_join(&w.peer[1]);
	peer_join(&w.peer[3]);
	ipi_domain_wait(w.dom, &in.msg);
	CHECK_EQ(c.err, 0);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&v.stale), 0);
	CHECK_EQ(ipi_domain_unregister(w.dom, in.other), 0);
	world_close(&w);
}

/* ---- stale bits ---- */

static void test_a_stale_bit_never_meets_the_next_owner(void)
{
	struct world w;
	struct victim old, next;
	struct gate gate = { 0 };
	static unsigned ids[2048];
	unsigned id, n = 0;
	bool reused = false;

	world_open(&w, 2);
	id = victim_open(&w, &old, false);
	peer_deafen(&w.peer[1], &gate);
	CHECK_EQ(send_trigger(&w, id, 1), 0);
	CHECK_EQ(ipi_domain_unregister(w.dom, id),
		 0); /* deaf: not waited for */
	atomic_store(&old.magic, 0);
	memset(&next, 0, sizeof(next));
	atomic_store(&next.gate.open, true);
	while (n < 2048 &&
	       (ids[n] = ipi_domain_register(w.dom, handler_victim, &next)))
		reused |= ids[n++] == id;
	CHECK(reused);
	peer_hear(&w.peer[1], &gate);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&old.runs), 0);
	CHECK_EQ(atomic_load(&next.runs), 0);
	/* And the next owner's own trigger does arrive. */
	atomic_store(&next.magic, VICTIM_ALIVE);
	CHECK_EQ(send_trigger(&w, id, 1), 0);
	UNTIL(atomic_load(&next.runs) == 1);
	while (n--)
		CHECK_EQ(ipi_domain_unregister(w.dom, ids[n]), 0);
	world_close(&w);
}

/* The bit is set between the tombstone and the end of the grace period. */
struct late {
	struct world *w;
	unsigned id;
	int err;
};

static void trap_trigger_late(void *arg)
{
	struct late *l = arg;

	ipi_kpreempt_disable();
	l->err = ipi_domain_trigger(l->w->dom, l->id, l->w->peer[1].cpu);
	ipi_kpreempt_enable();
}

static void test_trigger_of_a_dying_id_never_runs_late(void)
{
	static const int points[] = { IPI_POINT_TOMBSTONED, IPI_POINT_DRAINED };
	struct world w;

	world_open(&w, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct victim v;
		struct gate gate = { 0 };
		struct late l = { .w = &w, .id = victim_open(&w, &v, false) };

		peer_deafen(&w.peer[1], &gate);
		trap_set(0, 0, points[i], trap_trigger_late, &l);
		CHECK_EQ(ipi_domain_unregister(w.dom, l.id), 0);
		atomic_store(&v.magic, 0);
		CHECK(trap_sprung(0));
		CHECK(l.err == -EINVAL || l.err == 0);
		CHECK_EQ(send_trigger(&w, l.id, 1), -EINVAL);
		peer_hear(&w.peer[1], &gate);
		world_quiesce(&w);
		CHECK_EQ(atomic_load(&v.runs), 0);
		traps_clear();
	}
	world_close(&w);
}

/* ---- who is waited for, who waits ---- */

static void test_unregister_does_not_wait_for_cpus_outside_a_pass(void)
{
	struct world w;

	world_open(&w, 3);
	for (unsigned how = 0; how < 2; how++) {
		struct victim v;
		struct gate gate = { 0 };
		uint64_t begin = contract_now_ns();
		unsigned id = victim_open(&w, &v, false);

		peer_do(&w.peer[1], how ? job_polls : job_deaf, &gate);
		UNTIL(atomic_load(&gate.in));
		CHECK_EQ(send_trigger(&w, id, 1), 0);
		CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
		atomic_store(&v.magic, 0);
		CHECK(contract_time_left(begin, 5000));
		peer_hear(&w.peer[1], &gate);
		world_quiesce(&w);
		CHECK_EQ(atomic_load(&v.runs), 0);
	}
	world_close(&w);
}

static void test_second_caller_gets_enoent(void)
{
	struct world w;
	struct victim v;
	struct caller c = { .w = &w, .v = &v };

	world_open(&w, 3);
	c.id = victim_open(&w, &v, true);
	CHECK_EQ(send_trigger(&w, c.id, 1), 0);
	UNTIL(atomic_load(&v.gate.in));
	peer_do(&w.peer[2], job_unregister, &c);
	UNTIL(send_trigger(&w, c.id, 1) == -EINVAL); /* it has begun */
	CHECK(STAYS_FALSE(atomic_load(&c.returned), 10));
	CHECK_EQ(ipi_domain_unregister(w.dom, c.id), -ENOENT);
	gate_open(&v.gate);
	peer_join(&w.peer[2]);
	CHECK_EQ(c.err, 0);
	CHECK_EQ(ipi_domain_unregister(w.dom, c.id), -ENOENT);
	world_close(&w);
}

static void handler_unregister(void *arg)
{
	struct caller *c = arg;

	c->err = ipi_domain_unregister(c->w->dom, c->id);
}

static void test_unregister_refuses_to_deadlock(void)
{
	struct world w;
	atomic_uint runs = 0;
	struct caller c = { .w = &w };
	ipi_msg_t msg = { .func = handler_unregister, .arg = &c };
	int level;

	world_open(&w, 2);
	c.id = ipi_domain_register(w.dom, handler_count, &runs);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(c.err, -EDEADLK);
	level = ipi_splhigh();
	CHECK_EQ(ipi_domain_unregister(w.dom, c.id), -EDEADLK);
	ipi_splx(level);
	CHECK_EQ(send_trigger(&w, c.id, 1), 0); /* it is still there */
	UNTIL(atomic_load(&runs) == 1);
	CHECK_EQ(ipi_domain_unregister(w.dom, c.id), 0);
	world_close(&w);
}

static void handler_asks_the_unregistrar(void *arg)
{
	struct caller *c = arg;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };

	atomic_store(&c->v->gate.in, true);
	UNTIL(atomic_load(&c->v->gate.open));
	CHECK_EQ(ipi_domain_unicast(c->w->dom, &msg, c->w->peer[0].cpu, 0), 0);
	ipi_domain_wait(c->w->dom, &msg);
	CHECK_EQ(atomic_load(&ran), 1);
}

static void trap_open(void *gate)
{
	gate_open(gate);
}

static void test_unregister_serves_while_it_waits(void)
{
	struct world w;
	struct victim v = { 0 };
	struct caller c = { .w = &w, .v = &v };

	world_open(&w, 2);
	c.id = ipi_domain_register(w.dom, handler_asks_the_unregistrar, &c);
	CHECK_EQ(send_trigger(&w, c.id, 1), 0);
	UNTIL(atomic_load(&v.gate.in));
	trap_set(0, 0, IPI_POINT_TOMBSTONED, trap_open, &v.gate);
	CHECK_EQ(ipi_domain_unregister(w.dom, c.id), 0);
	CHECK(trap_sprung(0));
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "unregister_waits_for_a_running_handler",
	  test_unregister_waits_for_a_running_handler },
	{ "unregister_waits_for_a_pass_under_way",
	  test_unregister_waits_for_a_pass_under_way, true },
	{ "unregister_waits_for_sections_with_a_pass_inside",
	  test_unregister_waits_for_sections_with_a_pass_inside, true },
	{ "a_stale_bit_never_meets_the_next_owner",
	  test_a_stale_bit_never_meets_the_next_owner },
	{ "trigger_of_a_dying_id_never_runs_late",
	  test_trigger_of_a_dying_id_never_runs_late, true },
	{ "unregister_does_not_wait_for_cpus_outside_a_pass",
	  test_unregister_does_not_wait_for_cpus_outside_a_pass },
	{ "second_caller_gets_enoent", test_second_caller_gets_enoent },
	{ "unregister_refuses_to_deadlock",
	  test_unregister_refuses_to_deadlock },
	{ "unregister_serves_while_it_waits",
	  test_unregister_serves_while_it_waits, true },
	{ 0 }
};
