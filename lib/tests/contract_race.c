// SPDX-License-Identifier: GPL-2.0-only
/*
 * Triggers race with unregister (IPI_TEST_SCALE=5000 makes it a million times),
 * and a sender that waits for room with the leaving of its target.
 */
#include "contract.h"

#define ALIVE 0x600dcafeu

struct race {
	_Atomic(unsigned) id;
	atomic_bool stop;
};

static void handler_freed(void *arg)
{
	unsigned *magic = arg; /* freed after unregister: ASan judges, too */

	CHECK_EQ(*magic, ALIVE);
}

/* A life of its own beside the race: unregisters meet unregisters. */
static void race_aside(struct world *w, unsigned to)
{
	atomic_uint runs = 0;
	unsigned id = ipi_domain_register(w->dom, handler_count, &runs);

	CHECK_EQ(send_trigger(w, id, to), 0);
	CHECK_EQ(ipi_domain_unregister(w->dom, id), 0);
}

static void job_race(struct peer *self, void *arg)
{
	struct race *r = arg;

	while (!atomic_load(&r->stop)) {
		int err = send_trigger(self->world, atomic_load(&r->id),
				       self->index % 2 + 1);

		CHECK(err == 0 || err == -EINVAL);
		if (self->world->polls)
			ipi_domain_serve(self->world->dom);
		if (contract_random() % 64 == 0)
			race_aside(self->world, self->index % 2 + 1);
	}
}

static void test_races_run_nothing_stale(void)
{
	static struct race r;
	struct world w;
	unsigned rounds = contract_rounds(20000), done;
	uint64_t begin = contract_now_ns();
	bool bounded = rounds <= 20000;

	memset(&r, 0, sizeof(r));
	world_open(&w, 3);
	for (unsigned i = 1; i < w.n; i++)
		peer_do(&w.peer[i], job_race, &r);
	for (done = 0; done < rounds; done++) {
		unsigned *magic = malloc(sizeof(*magic));

		if (bounded && !contract_time_left(begin, 1500))
			break;
		*magic = ALIVE;
		atomic_store(&r.id,
			     ipi_domain_register(w.dom, handler_freed, magic));
		CHECK(atomic_load(&r.id) != 0);
		CHECK_EQ(send_trigger(&w, atomic_load(&r.id), 1 + done % 2), 0);
		CHECK_EQ(ipi_domain_unregister(w.dom, atomic_load(&r.id)), 0);
		*magic = 0;
		free(magic);
		contract_alive();
	}
	atomic_store(&r.stop, true);
	/* Who is still racing may send to any: none leaves before all rest. */
	for (unsigned i = 1; i < w.n; i++)
		peer_join(&w.peer[i]);
	contract_note("%u races\n", done);
	world_close(&w);
}

/* ---- a target leaves while a sender waits for room ---- */

#define FULL_MSGS 64

struct full {
	int tried; /* what another sender was answered */
	ipi_msg_t filling[FULL_MSGS];
	ipi_msg_t msg;
	atomic_uint ran;
	struct gate gate;
	atomic_int answer;
};

/* Nothing reaches it before it leaves, and then it takes no more. */
static void job_leave_full(struct peer *self, void *arg)
{
	struct full *f = arg;

	CHECK_EQ(ipi_domain_polling(self->world->dom, true), 0);
	gate_pass(&f->gate);
	world_leave(self);
	UNTIL(atomic_load(&f->answer) != 1);
	world_return(self);
}

static void job_try(struct peer *self, void *arg)
{
	struct full *f = arg;

	f->tried = send_unicast(self->world, &f->msg, 1, IPI_NOWAIT);
}

static void job_wait_for_room(struct peer *self, void *arg)
{
	struct full *f = arg;

	atomic_store(&f->answer, send_multicast(self->world, &f->msg, 2));
}

/* Room never came, and yet the sender had been ready to wait for it. */
static void test_a_multicast_whose_target_leaves_full_is_sent_to_nobody(void)
{
	static struct full f;
	struct world w;
	struct ipi_counters c;
	uint64_t full;
	unsigned n = 0;

	memset(&f, 0, sizeof(f));
	atomic_store(&f.answer, 1);
	f.msg = (ipi_msg_t){ .func = handler_count, .arg = &f.ran };
	world_open(&w, 3);
	peer_do(&w.peer[1], job_leave_full, &f);
	UNTIL(atomic_load(&f.gate.in));
	do
		f.filling[n] = f.msg;
	while (!send_unicast(&w, &f.filling[n], 1, IPI_NOWAIT) &&
	       ++n < FULL_MSGS);
	CHECK(n > 0 && n < FULL_MSGS);
	peer_do(&w.peer[2], job_try, &f);
	peer_join(&w.peer[2]);
	ipi_domain_counters(w.dom, &c);
	full = c.full;
	if (f.tried) {
		CHECK_EQ(f.tried, -EAGAIN);
		peer_do(&w.peer[2], job_wait_for_room, &f);
		UNTIL((ipi_domain_counters(w.dom, &c), c.full > full));
		peer_hear(&w.peer[1], &f.gate);
		peer_join(&w.peer[2]);
		CHECK_EQ(atomic_load(&f.answer), 0);
		CHECK_EQ(ipi_msg_count(&f.msg), 0);
	} else {
		contract_skip("a mailbox is not full for one who has sent "
			      "nothing yet");
		atomic_store(&f.answer, 0);
		peer_hear(&w.peer[1], &f.gate);
	}
	for (unsigned i = 0; i < n; i++)
		ipi_domain_wait(w.dom, &f.filling[i]);
	ipi_domain_wait(w.dom, &f.msg);
	CHECK_EQ(atomic_load(&f.ran), n + !f.tried);
	world_close(&w);
}

/* ---- a sender whose nodes are all under way ---- */

struct nodes {
	ipi_msg_t msg[10];
	atomic_uint ran;
	struct slow slow;
	atomic_int stage; /* 1: no node is left; 2: sent all the same */
};

/* The last node of all is with CPU 1, which stands at the gate. */
static void job_use_up_nodes(struct peer *self, void *arg)
{
	struct nodes *n = arg;
	int err = 0;

	for (unsigned i = 0; i < 8 && !err; i++)
		err = send_unicast(self->world, &n->msg[i], 2 + i % 2,
				   IPI_NOWAIT);
	if (err == -EAGAIN)
		contract_skip("mailboxes of this queue are too small");
	else
		CHECK_EQ(err, 0);
	CHECK_EQ(send_unicast(self->world, &n->msg[8], 1, 0), 0);
	UNTIL(atomic_load(&n->slow.begun));
	atomic_store(&n->stage, 1);
	CHECK_EQ(send_unicast(self->world, &n->msg[9], 4, 0), 0);
	atomic_store(&n->stage, 2);
	for (unsigned i = 0; i < 10; i++)
		ipi_domain_wait(self->world->dom, &n->msg[i]);
}

/* Any node will do, not just the one that was looked at last. */
static void test_a_sender_without_nodes_takes_the_first_that_is_free(void)
{
	static struct nodes n;
	struct world w;
	struct gate gate[2] = { 0 };
	struct ipi_params params = contract_params;

	memset(&n, 0, sizeof(n));
	for (unsigned i = 0; i < 10; i++)
		n.msg[i] = (ipi_msg_t){ .func = handler_count, .arg = &n.ran };
	n.msg[8] = (ipi_msg_t){ .func = handler_slow, .arg = &n.slow };
	params.depth = 1; /* and one for each of 8 CPUs */
	params.cpus_max = 8;
	world_open_with(&w, 6, &params);
	peer_deafen(&w.peer[2], &gate[0]);
	peer_deafen(&w.peer[3], &gate[1]);
	peer_do(&w.peer[5], job_use_up_nodes, &n);
	UNTIL_SERVING(&w, atomic_load(&n.stage));
	peer_hear(&w.peer[2], &gate[0]);
	UNTIL_SERVING(&w, atomic_load(&n.stage) == 2);
	gate_open(&n.slow.gate);
	peer_hear(&w.peer[3], &gate[1]);
	peer_join(&w.peer[5]);
	world_close(&w);
}

/* ---- a handler waits while more of the same mail is there ---- */

struct mail {
	struct world *w;
	atomic_uint second; /* times the second message has run */
	atomic_int answer;
};

static void handler_until_the_second(void *arg)
{
	struct mail *m = arg;
	uint64_t begin = contract_now_ns();

	while (!atomic_load(&m->second) && contract_time_left(begin, 3000))
		sched_yield();
}

static void handler_the_first(void *arg)
{
	struct mail *m = arg;
	ipi_msg_t msg = { .func = handler_until_the_second, .arg = m };

	CHECK_EQ(send_unicast(m->w, &msg, 2, 0), 0);
	atomic_store(&m->answer,
		     ipi_domain_wait_timeout(m->w->dom, &msg, 2000000000));
	ipi_domain_wait(m->w->dom, &msg);
}

/* CPU 1 finds both in its mailbox; the first one's wait must run the second. */
static void test_a_wait_in_a_handler_serves_the_rest_of_the_mail(void)
{
	struct world w;
	struct mail m = { .w = &w };
	struct gate gate = { 0 };
	ipi_msg_t first = { .func = handler_the_first, .arg = &m };
	ipi_msg_t second = { .func = handler_count, .arg = &m.second };

	atomic_store(&m.answer, 1);
	world_open(&w, 3);
	peer_deafen(&w.peer[1], &gate);
	CHECK_EQ(send_unicast(&w, &first, 1, 0), 0);
	CHECK_EQ(send_unicast(&w, &second, 1, 0), 0);
	peer_hear(&w.peer[1], &gate);
	ipi_domain_wait(w.dom, &first);
	ipi_domain_wait(w.dom, &second);
	CHECK_EQ(atomic_load(&m.answer), 0);
	CHECK_EQ(atomic_load(&m.second), 1);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "a_wait_in_a_handler_serves_the_rest_of_the_mail",
	  test_a_wait_in_a_handler_serves_the_rest_of_the_mail },
	{ "a_sender_without_nodes_takes_the_first_that_is_free",
	  test_a_sender_without_nodes_takes_the_first_that_is_free },
	{ "a_multicast_whose_target_leaves_full_is_sent_to_nobody",
	  test_a_multicast_whose_target_leaves_full_is_sent_to_nobody },
	{ "races_run_nothing_stale", test_races_run_nothing_stale },
	{ 0 }
};
