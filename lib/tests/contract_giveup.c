// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way out of a wait: giving a message up.
 */
#include "contract.h"

struct opener {
	struct gate *gate;
	atomic_bool *watch; /* what must not have come true by then */
};

static void job_open_later(struct peer *self, void *arg)
{
	struct opener *o = arg;

	CHECK(STAYS_FALSE(o->watch && atomic_load(o->watch), 20));
	gate_open(o->gate);
}

/* ---- one target ---- */

static void test_detach_before_the_target_began(void)
{
	struct world w;

	world_open(&w, 2);
	for (unsigned multi = 0; multi < 2; multi++) {
		struct gate gate = { 0 };
		atomic_uint ran = 0;
		struct own_page p;
		ipi_msg_t after = { .func = handler_count, .arg = &ran };

		page_open(&p, handler_count, &ran);
		peer_deafen(&w.peer[1], &gate);
		CHECK_EQ(multi ? send_multicast(&w, p.msg, 2)
			       : send_unicast(&w, p.msg, 1, 0),
			 0);
		CHECK_EQ(ipi_domain_msg_detach(w.dom, p.msg), 1);
		CHECK(ipi_domain_done(w.dom, p.msg));
		ipi_domain_wait(w.dom, p.msg);
		page_forbid(&p);
		CHECK_EQ(send_unicast(&w, &after, 1, 0), 0);
		peer_hear(&w.peer[1], &gate);
		ipi_domain_wait(w.dom, &after);
		world_quiesce(&w);
		CHECK_EQ(atomic_load(&ran), 1);
		page_close(&p);
	}
	world_close(&w);
}

static void test_detach_waits_for_a_target_that_began(void)
{
	struct world w;

	world_open(&w, 3);
	for (unsigned multi = 0; multi < 2; multi++) {
		struct slow s = { 0 };
		struct opener o = { .gate = &s.gate };
		struct own_page p;

		page_open(&p, handler_slow, &s);
		CHECK_EQ(multi ? send_multicast(&w, p.msg, 2)
			       : send_unicast(&w, p.msg, 1, 0),
			 0);
		UNTIL(atomic_load(&s.begun));
		peer_do(&w.peer[2], job_open_later, &o);
		CHECK_EQ(ipi_domain_msg_detach(w.dom, p.msg), 0);
		CHECK_EQ(atomic_load(&s.ended), 1);
		page_forbid(&p);
		world_quiesce(&w);
		page_close(&p);
	}
	world_close(&w);
}

/* The target stands at a point between taking the message and the answer. */
static void test_detach_at_every_point_of_the_target(void)
{
	static const struct {
		int point;
		unsigned given_up;
	} at[] = {
		{ IPI_POINT_PASS_BEGIN, 1 }, { IPI_POINT_TAKEN, 1 },
		{ IPI_POINT_CLAIMED, 0 },    { IPI_POINT_RAN, 0 },
		{ IPI_POINT_ACKED, 0 },
	};
	struct world w;

	world_open(&w, 3);
	for (unsigned i = 0; i < 10; i++) {
		struct gate deaf = { 0 }, there = { 0 };
		struct opener o = { .gate = &there };
		atomic_uint ran = 0;
		struct own_page p;

		page_open(&p, handler_count, &ran);
		peer_deafen(&w.peer[1], &deaf);
		CHECK_EQ(i & 1 ? send_multicast(&w, p.msg, 2)
			       : send_unicast(&w, p.msg, 1, 0),
			 0);
		trap_set(0, 1, at[i / 2].point, trap_gate, &there);
		gate_open(&deaf);
		UNTIL(atomic_load(&there.in));
		peer_do(&w.peer[2], job_open_later, &o);
		CHECK_EQ(ipi_domain_msg_detach(w.dom, p.msg),
			 at[i / 2].given_up);
		page_forbid(&p);
		world_quiesce(&w);
		CHECK_EQ(atomic_load(&ran), 1 - at[i / 2].given_up);
		traps_clear();
		page_close(&p);
	}
	world_close(&w);
}

static void test_detach_of_what_is_not_live(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg;

	world_open(&w, 2);
	memset(&msg, 0xa5, sizeof(msg));
	CHECK_EQ(ipi_domain_msg_detach(w.dom, &msg), 0);
	msg.func = handler_count;
	msg.arg = &ran;
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	UNTIL(atomic_load(&ran) == 1);
	CHECK_EQ(ipi_domain_msg_detach(w.dom, &msg), 0);
	CHECK_EQ(ipi_domain_msg_detach(w.dom, &msg), 0);
	CHECK(ipi_domain_done(w.dom, &msg));
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0); /* free to be used again */
	ipi_domain_wait(w.dom, &msg);
	world_close(&w);
}

/* ---- a broadcast of which each target is somewhere else ---- */

static void handler_slow_on_2(void *arg)
{
	struct slow *s = arg;

	atomic_fetch_add(&s->begun, 1);
	if (contract_me == 2)
		gate_pass(&s->gate);
	atomic_fetch_add(&s->ended, 1);
}

static void test_detach_during_a_broadcast(void)
{
	struct world w;
	struct slow s = { 0 };
	struct gate deaf = { 0 };
	struct opener o = { .gate = &s.gate };
	struct own_page p;

	world_open(&w, 5);
	page_open(&p, handler_slow_on_2, &s);
	peer_deafen(&w.peer[1], &deaf);
	CHECK_EQ(send_broadcast(&w, p.msg, 0), 0);
	CHECK_EQ(ipi_msg_count(p.msg), 5);
	UNTIL_SERVING(&w, atomic_load(&s.begun) == 4);
	peer_do(&w.peer[3], job_open_later, &o);
	CHECK_EQ(ipi_domain_msg_detach(w.dom, p.msg), 1); /* the deaf one */
	CHECK_EQ(atomic_load(&s.ended), 4);
	page_forbid(&p);
	peer_hear(&w.peer[1], &deaf);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&s.begun), 4);
	page_close(&p);
	world_close(&w);
}

struct toll {
	atomic_uint ran;
	atomic_bool over; /* detach has returned */
	atomic_uint late;
};

static void handler_toll(void *arg)
{
	struct toll *t = arg;

	if (atomic_load(&t->over))
		atomic_fetch_add(&t->late, 1);
	atomic_fetch_add(&t->ran, 1);
}

/* Wherever the detach strikes, run and given up add up to the send's count. */
static void test_detach_strikes_a_broadcast_anywhere(void)
{
	struct world w;
	uint64_t begin = contract_now_ns();
	unsigned rounds = contract_rounds(300), given_up = 0, ran = 0;

	world_open(&w, 5);
	for (unsigned i = 0; i < rounds && contract_time_left(begin, 2000);
	     i++) {
		struct toll t = { 0 };
		ipi_msg_t msg;
		int n;

		memset(&msg, 0xa5, sizeof(msg));
		msg.func = handler_toll;
		msg.arg = &t;
		CHECK_EQ(i & 1 ? send_broadcast(&w, &msg, 0)
			       : send_unicast(&w, &msg, 1 + i % 4, 0),
			 0);
		for (unsigned spin = contract_random() % 2048; spin; spin--)
			atomic_load(&t.ran);
		if (contract_random() % 8 == 0)
			sched_yield();
		n = ipi_domain_msg_detach(w.dom, &msg);
		atomic_store(&t.over, true);
		CHECK_EQ(atomic_load(&t.ran) + (unsigned)n,
			 ipi_msg_count(&msg));
		memset(&msg, 0xdd, sizeof(msg));
		if (i % 16 == 0)
			world_quiesce(&w);
		CHECK_EQ(atomic_load(&t.late), 0);
		for (size_t k = 0; k < sizeof(msg); k++)
			CHECK_EQ(((unsigned char *)&msg)[k], 0xdd);
		given_up += (unsigned)n;
		ran += atomic_load(&t.ran);
	}
	contract_note("%u ran, %u given up\n", ran, given_up);
	world_quiesce(&w);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "detach_before_the_target_began",
	  test_detach_before_the_target_began },
	{ "detach_waits_for_a_target_that_began",
	  test_detach_waits_for_a_target_that_began },
	{ "detach_at_every_point_of_the_target",
	  test_detach_at_every_point_of_the_target, true },
	{ "detach_of_what_is_not_live", test_detach_of_what_is_not_live },
	{ "detach_during_a_broadcast", test_detach_during_a_broadcast },
	{ "detach_strikes_a_broadcast_anywhere",
	  test_detach_strikes_a_broadcast_anywhere },
	{ 0 }
};
