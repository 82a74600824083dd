// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting: for room, for answers, with nesting, and for too long.
 */
#include "contract.h"

#define MANY 512

/* ---- no room ---- */

struct volley {
	ipi_msg_t msg[MANY];
	atomic_uint ran;
	unsigned to;
	bool held; /* send with delivery held off */
	atomic_uint *start;
};

static void volley_open(struct volley *v, unsigned to, bool held)
{
	memset(v, 0xa5, sizeof(*v));
	v->to = to;
	v->held = held;
	atomic_store(&v->ran, 0);
	for (unsigned i = 0; i < MANY; i++) {
		v->msg[i].func = handler_count;
		v->msg[i].arg = &v->ran;
	}
}

/* More messages than any mailbox holds; then wait for all of them. */
static void job_volley(struct peer *self, void *arg)
{
	struct world *w = self->world;
	struct volley *v = arg;
	int level = v->held ? ipi_splhigh() : 0;

	atomic_fetch_add(v->start, 1);
	UNTIL(atomic_load(v->start) == 2);
	for (unsigned i = 0; i < MANY; i++)
		CHECK_EQ(send_unicast(w, &v->msg[i], v->to, 0), 0);
	for (unsigned i = 0; i < MANY; i++)
		ipi_domain_wait(w->dom, &v->msg[i]);
	if (v->held)
		ipi_splx(level);
	CHECK_EQ(atomic_load(&v->ran), MANY);
}

static void test_full_mailboxes_both_ways(void)
{
	static struct volley v[2];
	struct world w;

	world_open(&w, 3);
	for (unsigned held = 0; held < 2; held++) {
		atomic_uint start = 0;

		volley_open(&v[0], 2, held);
		volley_open(&v[1], 1, held);
		v[0].start = v[1].start = &start;
		peer_do(&w.peer[1], job_volley, &v[0]);
		peer_do(&w.peer[2], job_volley, &v[1]);
		world_quiesce(&w);
	}
	world_close(&w);
}

/* Fills CPU 1, which is deaf: how many messages it took. */
static unsigned fill(struct world *w, struct volley *v)
{
	unsigned n = 0;
	int err = 0;

	volley_open(v, 1, false);
	while (n < MANY && !(err = send_unicast(w, &v->msg[n], 1, IPI_NOWAIT)))
		n++;
	CHECK_EQ(err, -EAGAIN);
	CHECK(n > 0);
	CHECK(ipi_domain_done(w->dom, &v->msg[n]));
	ipi_domain_wait(w->dom, &v->msg[n]);
	return n;
}

static void fill_finish(struct world *w, struct volley *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		ipi_domain_wait(w->dom, &v->msg[i]);
	CHECK_EQ(atomic_load(&v->ran), n);
}

static void test_nowait_does_not_wait_for_room(void)
{
	static struct volley v;
	struct world w;
	struct gate gate = { 0 };
	struct ipi_counters c;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	ipi_cpuset_t *set;
	unsigned n;

	world_open(&w, 3);
	CHECK_EQ(ipi_cpuset_create(&set, true), 0);
	ipi_cpuset_set(set, 1);
	peer_deafen(&w.peer[1], &gate);
	n = fill(&w, &v);
	ipi_domain_counters(w.dom, &c);
	CHECK(c.full >= 1);
	CHECK(c.refused >= 1);
	ipi_kpreempt_disable();
	CHECK_EQ(ipi_domain_multicast(w.dom, &msg, set, IPI_NOWAIT), -EAGAIN);
	CHECK(ipi_domain_done(w.dom, &msg));
	if (world_mailbox_fills(&w, 2)) {
		/* The other has room: only the full one is left out. */
		ipi_cpuset_set(set, 2);
		CHECK_EQ(ipi_domain_multicast(w.dom, &msg, set, IPI_NOWAIT), 0);
		ipi_domain_wait(w.dom, &msg);
		CHECK_EQ(ipi_msg_count(&msg), 1);
		CHECK_EQ(atomic_load(&ran), 1);
	}
	ipi_kpreempt_enable();
	peer_hear(&w.peer[1], &gate);
	fill_finish(&w, &v, n);
	CHECK_EQ(send_unicast(&w, &msg, 1, IPI_NOWAIT), 0);
	ipi_domain_wait(w.dom, &msg);
	ipi_cpuset_destroy(set);
	world_close(&w);
}

struct needs_main {
	struct gate *gate;
	atomic_uint ran;
};

/* CPU 2 lets CPU 1 hear only when CPU 0, who waits for room, has served. */
static void job_needs_main(struct peer *self, void *arg)
{
	struct needs_main *n = arg;
	ipi_msg_t msg = { .func = handler_count, .arg = &n->ran };

	CHECK_EQ(send_unicast(self->world, &msg, 0, 0), 0);
	ipi_domain_wait(self->world->dom, &msg);
	gate_open(n->gate);
}

static void trap_start_needs_main(void *arg)
{
	struct peer *p = arg;

	atomic_store(&p->job, job_needs_main);
}

static void test_waiting_for_room_serves(void)
{
	static struct volley v;
	struct world w;
	struct gate gate = { 0 };
	struct needs_main needs = { .gate = &gate };
	unsigned n;
	int level;

	world_open(&w, 3);
	peer_deafen(&w.peer[1], &gate);
	n = fill(&w, &v);
	peer_join(&w.peer[2]);
	w.peer[2].job_arg = &needs;
	level = ipi_splhigh(); /* no interrupt helps: the wait itself must */
	trap_set(0, 0, IPI_POINT_WAIT_TURN, trap_start_needs_main, &w.peer[2]);
	CHECK_EQ(send_unicast(&w, &v.msg[n], 1, 0), 0);
	CHECK(trap_sprung(0));
	ipi_splx(level);
	CHECK_EQ(atomic_load(&needs.ran), 1);
	fill_finish(&w, &v, n + 1);
	peer_join(&w.peer[1]);
	world_close(&w);
}

/* ---- each other ---- */

struct mutual {
	unsigned rounds;
	bool held;
	atomic_uint ran[2];
	atomic_bool stop;
};

static void job_mutual(struct peer *self, void *arg)
{
	struct mutual *m = arg;
	unsigned other = 3 - self->index, done;
	ipi_msg_t msg = { .func = handler_count, .arg = &m->ran[other - 1] };
	int level = m->held ? ipi_splhigh() : 0;

	for (done = 0; done < m->rounds; done++) {
		if (atomic_load(&m->stop))
			break;
		CHECK_EQ(send_unicast(self->world, &msg, other, 0), 0);
		ipi_domain_wait(self->world->dom, &msg);
		CHECK_EQ(atomic_load(&m->ran[other - 1]), done + 1);
		contract_alive();
	}
	if (m->held)
		ipi_splx(level);
}

static void test_two_cpus_wait_for_each_other(void)
{
	struct world w;
	unsigned rounds = contract_rounds(20000),
		 most_ms = contract_rounds(500);

	world_open(&w, 3);
	for (unsigned held = 0; held < 2; held++) {
		struct mutual m = { .rounds = rounds, .held = held };
		uint64_t begin = contract_now_ns();

		peer_do(&w.peer[1], job_mutual, &m);
		peer_do(&w.peer[2], job_mutual, &m);
		while (!peer_resting(&w.peer[1]) || !peer_resting(&w.peer[2])) {
			usleep(1000);
			if (rounds <= 20000 &&
			    !contract_time_left(begin, most_ms))
				atomic_store(&m.stop, true);
		}
		contract_note("%u rounds%s\n", atomic_load(&m.ran[0]),
			      held ? " with delivery held off" : "");
	}
	world_close(&w);
}

/* ---- nesting ---- */

struct deep {
	struct world *w;
	atomic_int depth[WORLD_CPUS];
	atomic_int deepest;
	atomic_uint refused;
	atomic_uint wrong;
};

static void handler_deep(void *arg)
{
	struct deep *d = arg;
	int me = contract_me;
	int depth = atomic_fetch_add(&d->depth[me], 1) + 1;
	ipi_msg_t msg = { .func = handler_deep, .arg = d };
	int err =
		ipi_domain_unicast(d->w->dom, &msg, d->w->peer[3 - me].cpu, 0);

	if (depth > atomic_load(&d->deepest))
		atomic_store(&d->deepest, depth);
	if (err == -EDEADLK)
		atomic_fetch_add(&d->refused, 1);
	if (err != (depth >= IPI_NEST_MAX ? -EDEADLK : 0))
		atomic_fetch_add(&d->wrong, 1);
	ipi_domain_wait(d->w->dom, &msg);
	atomic_fetch_sub(&d->depth[me], 1);
}

static void test_nesting_is_bounded_where_a_send_starts(void)
{
	struct world w;
	struct deep d = { .w = &w };
	ipi_msg_t msg = { .func = handler_deep, .arg = &d };

	world_open(&w, 3);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(atomic_load(&d.wrong), 0);
	CHECK_EQ(atomic_load(&d.refused), 1);
	CHECK_EQ(atomic_load(&d.deepest), IPI_NEST_MAX);
	world_close(&w);
}

/* At the bound, with a message to a deaf CPU that was sent without waiting. */
struct bottom {
	struct deep d;
	atomic_uint ran;
	ipi_msg_t msg, given_up;
	unsigned id;
	atomic_uint runs;
	atomic_bool reached;
	struct gate *deaf;
};

static void bottom_try(struct bottom *b)
{
	struct ipi_domain *dom = b->d.w->dom;
	struct ipi_cpu *deaf = b->d.w->peer[3].cpu;

	CHECK_EQ(ipi_domain_unicast(dom, &b->msg, deaf, IPI_NOWAIT), 0);
	CHECK_EQ(ipi_domain_wait_timeout(dom, &b->msg, 1000000), -EDEADLK);
	CHECK(!ipi_domain_done(dom, &b->msg));
	CHECK_EQ(ipi_domain_unicast(dom, &b->given_up, deaf, IPI_NOWAIT), 0);
	ipi_domain_wait(dom, &b->given_up); /* gives it up */
	CHECK(ipi_domain_done(dom, &b->given_up));
	CHECK_EQ(ipi_domain_unicast(dom, &b->given_up, deaf, 0), -EDEADLK);
	CHECK_EQ(ipi_domain_broadcast(dom, &b->given_up, 0), -EDEADLK);
	CHECK_EQ(ipi_domain_trigger(dom, b->id, deaf), 0);
	atomic_store(&b->reached, true);
}

static void handler_bottom(void *arg)
{
	struct bottom *b = arg;
	int me = contract_me;
	int depth = atomic_fetch_add(&b->d.depth[me], 1) + 1;
	ipi_msg_t msg = { .func = handler_bottom, .arg = b };

	if (depth == IPI_NEST_MAX) {
		bottom_try(b);
	} else {
		CHECK_EQ(ipi_domain_unicast(b->d.w->dom, &msg,
					    b->d.w->peer[3 - me].cpu, 0),
			 0);
		ipi_domain_wait(b->d.w->dom, &msg);
	}
	atomic_fetch_sub(&b->d.depth[me], 1);
}

static void test_waiting_at_the_nesting_bound(void)
{
	static struct bottom b;
	struct world w;
	struct gate gate = { 0 };
	ipi_msg_t msg = { .func = handler_bottom, .arg = &b };

	memset(&b, 0, sizeof(b));
	world_open(&w, 4);
	b.d.w = &w;
	b.msg = b.given_up =
		(ipi_msg_t){ .func = handler_count, .arg = &b.ran };
	b.id = ipi_domain_register(w.dom, handler_count, &b.runs);
	peer_deafen(&w.peer[3], &gate);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK(atomic_load(&b.reached));
	peer_hear(&w.peer[3], &gate);
	ipi_domain_wait(w.dom, &b.msg);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&b.ran), 1); /* the other was given up */
	CHECK_EQ(atomic_load(&b.runs), 1);
	CHECK_EQ(ipi_domain_unregister(w.dom, b.id), 0);
	world_close(&w);
}

/* ---- time ---- */

static void test_timed_wait_leaves_the_message_live(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };

	world_open(&w, 3);
	for (unsigned multi = 0; multi < 2; multi++) {
		struct gate gate = { 0 };
		uint64_t begin;

		peer_deafen(&w.peer[1], &gate);
		CHECK_EQ(multi ? send_broadcast(&w, &msg, 0)
			       : send_unicast(&w, &msg, 1, 0),
			 0);
		CHECK_EQ(ipi_domain_wait_timeout(w.dom, &msg, 0), -ETIMEDOUT);
		begin = contract_now_ns();
		CHECK_EQ(ipi_domain_wait_timeout(w.dom, &msg, 5000000),
			 -ETIMEDOUT);
		CHECK(!contract_time_left(begin, 5));
		CHECK(!ipi_domain_done(w.dom, &msg));
		CHECK_EQ(send_unicast(&w, &msg, 2, 0), -EBUSY);
		gate_open(&gate);
		CHECK_EQ(ipi_domain_wait_timeout(w.dom, &msg, 10000000000u), 0);
		CHECK(ipi_domain_done(w.dom, &msg));
		peer_join(&w.peer[1]);
	}
	CHECK_EQ(atomic_load(&ran), 4);
	world_close(&w);
}

struct waited {
	struct ipi_domain *dom;
	ipi_msg_t *msg;
	atomic_bool here, sent, timed_out;
};

static void *thread_wait(void *arg)
{
	struct waited *what = arg;

	atomic_store(&what->here, true);
	UNTIL(atomic_load(&what->sent));
	CHECK_EQ(ipi_domain_wait_timeout(what->dom, what->msg, 1000000),
		 -ETIMEDOUT);
	atomic_store(&what->timed_out, true);
	ipi_domain_wait(what->dom, what->msg);
	CHECK(ipi_domain_done(what->dom, what->msg));
	return NULL;
}

static void test_any_thread_may_wait(void)
{
	struct world w;
	struct gate gate = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	struct waited what = { .msg = &msg };
	pthread_t thread;

	world_open(&w, 2);
	what.dom = w.dom;
	/* First: in Linux that may take every CPU's answer. */
	thread = thread_start(thread_wait, &what);
	UNTIL(atomic_load(&what.here));
	peer_deafen(&w.peer[1], &gate);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	atomic_store(&what.sent, true);
	UNTIL(atomic_load(&what.timed_out));
	usleep(2000); /* so that it waits; correct whether it does or not */
	peer_hear(&w.peer[1], &gate);
	pthread_join(thread, NULL);
	CHECK_EQ(atomic_load(&ran), 1);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "full_mailboxes_both_ways", test_full_mailboxes_both_ways },
	{ "nowait_does_not_wait_for_room", test_nowait_does_not_wait_for_room },
	{ "waiting_for_room_serves", test_waiting_for_room_serves, true },
	{ "two_cpus_wait_for_each_other", test_two_cpus_wait_for_each_other },
	{ "nesting_is_bounded_where_a_send_starts",
	  test_nesting_is_bounded_where_a_send_starts },
	{ "waiting_at_the_nesting_bound", test_waiting_at_the_nesting_bound },
	{ "timed_wait_leaves_the_message_live",
	  test_timed_wait_leaves_the_message_live },
	{ "any_thread_may_wait", test_any_thread_may_wait },
	{ 0 }
};
