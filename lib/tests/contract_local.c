// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sender's own CPU, splhigh, the ways a handler comes to run, idling.
 */
#include "contract.h"

/* ---- the local part of a send ---- */

struct local {
	struct world *w;
	atomic_uint remote, here, other, runs;
	unsigned id;
	ipi_msg_t msg, interrupt;
	atomic_bool sent;
};

/* On the sender it waits for all the others: they must have been sent to. */
static void handler_local_last(void *arg)
{
	struct local *l = arg;

	if (contract_me) {
		atomic_fetch_add(&l->remote, 1);
		return;
	}
	CHECK_EQ(atomic_fetch_add(&l->here, 1), 0);
	CHECK(ipi_kpreempt_disabled());
	CHECK_EQ(ipi_domain_way(l->w->dom), IPI_WAY_LOCAL);
	UNTIL(atomic_load(&l->remote) == 4);
}

static void test_the_local_call_comes_last(void)
{
	struct world w;
	unsigned id;

	world_open(&w, 5);
	for (unsigned how = 0; how < 4; how++) {
		struct local l = { .w = &w };
		ipi_msg_t msg = { .func = handler_local_last, .arg = &l };

		id = ipi_domain_register(w.dom, handler_local_last, &l);
		ipi_kpreempt_disable();
		if (how == 0)
			CHECK_EQ(ipi_domain_broadcast(w.dom, &msg, 0), 0);
		else if (how == 1)
			CHECK_EQ(ipi_domain_multicast(w.dom, &msg,
						      ipi_domain_running(w.dom),
						      0),
				 0);
		else if (how == 2)
			CHECK_EQ(ipi_domain_trigger_broadcast(w.dom, id, false),
				 0);
		else
			CHECK_EQ(ipi_domain_trigger_multi(
					 w.dom, id, ipi_domain_running(w.dom)),
				 0);
		CHECK_EQ(atomic_load(&l.here), 1); /* in place, before return */
		ipi_kpreempt_enable();
		ipi_domain_wait(w.dom, &msg);
		CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	}
	world_close(&w);
}

static void handler_other(void *arg)
{
	atomic_fetch_add(&((struct local *)arg)->other, 1);
}

static void job_send_interrupt(struct peer *self, void *arg)
{
	struct local *l = arg;

	CHECK_EQ(send_unicast(l->w, &l->interrupt, 0, 0), 0);
	atomic_store(&l->sent, true);
	ipi_domain_wait(l->w->dom, &l->interrupt);
}

/* While it runs a message for this CPU comes, and one was there before. */
static void handler_alone(void *arg)
{
	struct local *l = arg;

	atomic_store(&l->w->peer[2].job, job_send_interrupt);
	UNTIL(atomic_load(&l->sent));
	CHECK(STAYS_FALSE(atomic_load(&l->other), 10));
	atomic_fetch_add(&l->here, 1);
}

static void test_the_local_call_runs_alone(void)
{
	struct world w;
	struct local l = { .w = &w };
	atomic_uint early = 0;
	ipi_msg_t msg = { .func = handler_alone, .arg = &l };
	ipi_cpuset_t *self;
	int level;

	world_open(&w, 3);
	CHECK_EQ(ipi_cpuset_create(&self, true), 0);
	ipi_cpuset_set(self, 0);
	l.interrupt = (ipi_msg_t){ .func = handler_other, .arg = &l };
	l.msg = (ipi_msg_t){ .func = handler_other, .arg = &l };
	peer_join(&w.peer[2]);
	w.peer[2].job_arg = &l;
	level = ipi_splhigh();
	CHECK_EQ(ipi_domain_multicast(w.dom, &msg, self, 0), 0);
	CHECK_EQ(atomic_load(&l.here), 1);
	CHECK_EQ(atomic_load(&l.other), 0);
	CHECK(ipi_domain_done(w.dom, &msg));
	/* What is pending already is not run by the local call either. */
	msg = (ipi_msg_t){ .func = handler_count, .arg = &early };
	CHECK_EQ(ipi_domain_multicast(w.dom, &msg, self, 0), 0);
	CHECK_EQ(atomic_load(&early), 1);
	CHECK_EQ(atomic_load(&l.other), 0);
	ipi_splx(level);
	UNTIL_SERVING(&w, atomic_load(&l.other) == 1);
	peer_join(&w.peer[2]);
	ipi_cpuset_destroy(self);
	world_close(&w);
}

/* ---- local sends in a handler ---- */

static void handler_runs(void *arg)
{
	atomic_fetch_add(&((struct local *)arg)->runs, 1);
}

static void handler_triggers_itself(void *arg)
{
	struct local *l = arg;
	ipi_cpuset_t *self = (ipi_cpuset_t *)l->msg.arg;

	CHECK_EQ(ipi_domain_trigger_multi(l->w->dom, l->id, self), 0);
	CHECK_EQ(atomic_load(&l->runs), 0); /* after the pass, not now */
	CHECK_EQ(ipi_domain_multicast(l->w->dom, &l->interrupt, self, 0), 0);
	CHECK_EQ(atomic_load(&l->other), 1); /* in place */
	CHECK(ipi_domain_done(l->w->dom, &l->interrupt));
	atomic_fetch_add(&l->here, 1);
}

static void test_local_sends_in_a_handler(void)
{
	struct world w;
	struct local l = { .w = &w };
	ipi_msg_t msg = { .func = handler_triggers_itself, .arg = &l };
	ipi_cpuset_t *set;

	world_open(&w, 2);
	CHECK_EQ(ipi_cpuset_create(&set, true), 0);
	ipi_cpuset_set(set, 1);
	l.msg.arg = set;
	l.interrupt = (ipi_msg_t){ .func = handler_other, .arg = &l };
	l.id = ipi_domain_register(w.dom, handler_runs, &l);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(atomic_load(&l.here), 1);
	UNTIL(atomic_load(&l.runs) == 1); /* no new stimulus is needed */
	CHECK_EQ(ipi_domain_unregister(w.dom, l.id), 0);
	ipi_cpuset_destroy(set);
	world_close(&w);
}

static void handler_again(void *arg)
{
	struct local *l = arg;

	CHECK_EQ(atomic_fetch_add(&l->here, 1), 0); /* not nested */
	if (atomic_fetch_add(&l->runs, 1) < 3)
		CHECK_EQ(ipi_domain_trigger_multi(l->w->dom, l->id,
						  (ipi_cpuset_t *)l->msg.arg),
			 0);
	atomic_fetch_sub(&l->here, 1);
}

static void test_a_handler_may_trigger_itself(void)
{
	struct world w;
	struct local l = { .w = &w };
	ipi_cpuset_t *set;

	world_open(&w, 2);
	CHECK_EQ(ipi_cpuset_create(&set, true), 0);
	ipi_cpuset_set(set, 1);
	l.msg.arg = set;
	l.id = ipi_domain_register(w.dom, handler_again, &l);
	CHECK_EQ(send_trigger(&w, l.id, 1), 0);
	UNTIL(atomic_load(&l.runs) == 4);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&l.runs), 4);
	CHECK_EQ(ipi_domain_unregister(w.dom, l.id), 0);
	ipi_cpuset_destroy(set);
	world_close(&w);
}

/* ---- how a handler comes to run ---- */

struct witness {
	struct world *w;
	atomic_int way;
	atomic_bool disabled;
	struct ipi_cpu *cpu;
	atomic_uint ran;
};

static void handler_witness(void *arg)
{
	struct witness *wit = arg;

	atomic_store(&wit->way, (int)ipi_domain_way(wit->w->dom));
	atomic_store(&wit->disabled, ipi_kpreempt_disabled());
	wit->cpu = ipi_domain_curcpu(wit->w->dom);
	atomic_fetch_add(&wit->ran, 1);
}

static void job_hold(struct peer *self, void *gate)
{
	int outer = ipi_splhigh(), inner = ipi_splhigh();

	ipi_splx(inner); /* it nests: still held */
	CHECK(ipi_kpreempt_disabled());
	gate_pass(gate);
	ipi_splx(outer);
}

static void job_hold_and_serve(struct peer *self, void *gate)
{
	int level = ipi_splhigh();

	gate_pass(gate);
	CHECK_EQ(ipi_domain_serve(self->world->dom), 1);
	ipi_splx(level);
}

static void job_poll_and_serve(struct peer *self, void *gate)
{
	struct ipi_domain *dom = self->world->dom;

	CHECK_EQ(ipi_domain_polling(dom, true), 0);
	gate_pass(gate);
	CHECK_EQ(ipi_domain_serve(dom), 1);
	CHECK_EQ(ipi_domain_serve(dom), 0);
	CHECK_EQ(ipi_domain_polling(dom, false), 0);
}

/* A signal may come before it sleeps: it is told all the same. */
static void job_idle(struct peer *self, void *arg)
{
	struct world *w = self->world;
	struct gate *gate = arg;
	int ran;

	(void)ipi_domain_idle(w->dom, 0); /* what ran before is told */
	atomic_store(&gate->in, true);
	do {
		ran = ipi_domain_idle(w->dom,
				      w->polls ? 10000000000u : 10000000);
	} while (!ran);
	CHECK_EQ(ran, 1);
}

static void job_wait_here(struct peer *self, void *gate)
{
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	int level = ipi_splhigh();

	CHECK_EQ(send_unicast(self->world, &msg, 2, 0), 0); /* it is deaf */
	atomic_store(&((struct gate *)gate)->in, true);
	ipi_domain_wait(self->world->dom, &msg);
	ipi_splx(level);
}

static const struct {
	job_t job;
	enum ipi_way way, poll_way;
} how[] = {
	{ job_hold, IPI_WAY_UNHOLD, IPI_WAY_UNHOLD },
	{ job_hold_and_serve, IPI_WAY_POLL, IPI_WAY_POLL },
	{ job_poll_and_serve, IPI_WAY_POLL, IPI_WAY_POLL },
	{ job_idle, IPI_WAY_IDLE, IPI_WAY_IDLE },
	{ job_inert, IPI_WAY_INTERRUPT, IPI_WAY_POLL },
	{ job_wait_here, IPI_WAY_WAITER, IPI_WAY_WAITER },
};

/* What the machine alone holds off comes as if it had just been sent. */
static enum ipi_way way_of(const struct world *w, unsigned i)
{
	enum ipi_way way = w->polls ? how[i].poll_way : how[i].way;

	if (way == IPI_WAY_UNHOLD && !world_knows_holds(w))
		way = w->polls ? IPI_WAY_POLL : IPI_WAY_INTERRUPT;
	return way;
}

static void test_the_way_a_handler_ran(void)
{
	struct world w;

	world_open(&w, 3);
	CHECK_EQ(ipi_domain_way(w.dom), IPI_WAY_NONE);
	for (unsigned i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		struct gate gate = { 0 }, deaf = { 0 };
		struct witness wit = { .w = &w };
		ipi_msg_t msg = { .func = handler_witness, .arg = &wit };
		bool waits = how[i].job == job_wait_here;
		bool holds = how[i].job == job_hold || waits ||
			     how[i].job == job_hold_and_serve;

		if ((holds && !world_can_hold(&w)) ||
		    (how[i].job == job_idle && !world_can_idle(&w)))
			continue;
		if (waits)
			peer_deafen(&w.peer[2], &deaf);
		peer_do(&w.peer[1], how[i].job, &gate);
		UNTIL(atomic_load(&gate.in));
		CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
		if (how[i].job == job_hold)
			CHECK(STAYS_FALSE(atomic_load(&wit.ran), 5));
		if (how[i].job == job_inert && !w.polls)
			UNTIL(atomic_load(&wit.ran));
		if (waits)
			UNTIL(atomic_load(&wit.ran));
		gate_open(&gate);
		gate_open(&deaf);
		ipi_domain_wait(w.dom, &msg);
		peer_join(&w.peer[1]);
		CHECK_EQ(atomic_load(&wit.ran), 1);
		CHECK(atomic_load(&wit.disabled));
		CHECK(wit.cpu == w.peer[1].cpu);
		if (how[i].job == job_idle && !w.polls)
			continue; /* the signal may come first: both are right
				   */
		if (how[i].job == job_inert && !world_can_idle(&w) &&
		    atomic_load(&wit.way) == IPI_WAY_IDLE)
			continue; /* it idles in Linux's own loop, which looks
				     for calls, too */
		CHECK_EQ(atomic_load(&wit.way), way_of(&w, i));
	}
	CHECK(!ipi_kpreempt_disabled());
	world_close(&w);
}

struct conversation {
	struct world *w;
	atomic_bool begun;
	atomic_uint ran;
	struct gate inert;
};

static void job_converse(struct peer *self, void *arg)
{
	struct conversation *c = arg;

	CHECK_EQ(ipi_domain_polling(self->world->dom, true), 0);
	atomic_store(&c->begun, true);
	UNTIL((ipi_domain_serve(self->world->dom), atomic_load(&c->ran) == 3));
	CHECK_EQ(ipi_domain_polling(self->world->dom, false), 0);
	gate_pass(&c->inert);
}

/* What a target that polled had learnt of its senders ends with that. */
static void test_a_target_that_ceases_to_poll_is_told(void)
{
	struct world w;
	struct conversation c = { .w = &w };
	ipi_msg_t msg = { .func = handler_count, .arg = &c.ran };

	world_open(&w, 2);
	peer_do(&w.peer[1], job_converse, &c);
	UNTIL(atomic_load(&c.begun));
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
		ipi_domain_wait(w.dom, &msg);
	}
	UNTIL(atomic_load(&c.inert.in));
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	if (!w.polls)
		UNTIL(atomic_load(&c.ran) == 4);
	gate_open(&c.inert);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(atomic_load(&c.ran), 4);
	world_close(&w);
}

static void job_idle_late(struct peer *self, void *arg)
{
	struct world *w = self->world;
	struct gate *gate = arg;

	(void)ipi_domain_idle(w->dom, 0);
	gate_pass(gate); /* a signal's handler runs in here */
	CHECK_EQ(ipi_domain_idle(w->dom, 20000000000u), 1);
	CHECK_EQ(ipi_domain_idle(w->dom, 0), 0);
}

/* What ran between a look at a condition and the call ends the call. */
static void test_idle_knows_what_ran_before(void)
{
	struct gate gate = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	struct world w;
	uint64_t begin = contract_now_ns();

	world_open(&w, 2);
	peer_do(&w.peer[1], job_idle_late, &gate);
	UNTIL(atomic_load(&gate.in));
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	UNTIL(w.polls || atomic_load(&ran));
	gate_open(&gate);
	peer_join(&w.peer[1]);
	ipi_domain_wait(w.dom, &msg);
	CHECK(contract_time_left(begin, 15000));
	world_close(&w);
}

static void test_idle_sleeps_no_longer_than_told(void)
{
	struct world w;
	uint64_t begin;

	world_open(&w, 1);
	begin = contract_now_ns();
	CHECK_EQ(ipi_domain_idle(w.dom, 5000000), 0);
	CHECK(!contract_time_left(begin, 5));
	CHECK(contract_time_left(begin, 5000));
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "the_local_call_comes_last", test_the_local_call_comes_last },
	{ "the_local_call_runs_alone", test_the_local_call_runs_alone },
	{ "local_sends_in_a_handler", test_local_sends_in_a_handler },
	{ "a_handler_may_trigger_itself", test_a_handler_may_trigger_itself },
	{ "the_way_a_handler_ran", test_the_way_a_handler_ran },
	{ "a_target_that_ceases_to_poll_is_told",
	  test_a_target_that_ceases_to_poll_is_told },
	{ "idle_knows_what_ran_before", test_idle_knows_what_ran_before },
	{ "idle_sleeps_no_longer_than_told",
	  test_idle_sleeps_no_longer_than_told },
	{ 0 }
};
