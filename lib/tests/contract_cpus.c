// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that leave: with mail, with sends of their own, while they are sent to.
 */
#include "contract.h"

/* ---- what a domain is made of ---- */

static void test_unknown_designs_are_refused(void)
{
	struct ipi_params bad = contract_params;
	struct ipi_domain *dom = (struct ipi_domain *)&bad;

	bad.queue = "no-such-queue";
	CHECK_EQ(ipi_domain_create(&bad, &dom), -EINVAL);
	bad = contract_params;
	bad.ack = "no-such-ack";
	CHECK_EQ(ipi_domain_create(&bad, &dom), -EINVAL);
	bad = contract_params;
	bad.delivery = "no-such-delivery";
	CHECK_EQ(ipi_domain_create(&bad, &dom), -EINVAL);
	bad = contract_params;
	bad.cpus_max = IPI_CPUS_MAX + 1;
	CHECK_EQ(ipi_domain_create(&bad, &dom), -EINVAL);
	CHECK(dom == (struct ipi_domain *)&bad); /* untouched */
}

/* ---- leaving ---- */

/* What was posted before a CPU leaves is run, not lost. */
static void job_leave_with_mail(struct peer *self, void *gate)
{

	CHECK_EQ(ipi_domain_polling(self->world->dom, true), 0);
	gate_pass(gate);
	world_leave(self);
	world_return(self);
}

static void test_leaving_serves_what_was_posted(void)
{
	struct world w;
	struct gate gate = { 0 };
	atomic_uint ran = 0, runs = 0;
	ipi_msg_t msg[3];
	unsigned id;

	world_open(&w, 3);
	id = ipi_domain_register(w.dom, handler_count, &runs);
	peer_do(&w.peer[1], job_leave_with_mail, &gate);
	UNTIL(atomic_load(&gate.in));
	for (unsigned i = 0; i < 3; i++) {
		msg[i] = (ipi_msg_t){ .func = handler_count, .arg = &ran };
		CHECK_EQ(i ? send_unicast(&w, &msg[i], 1, 0)
			   : send_multicast(&w, &msg[i], 6),
			 0);
	}
	CHECK_EQ(send_trigger(&w, id, 1), 0);
	peer_hear(&w.peer[1], &gate);
	for (unsigned i = 0; i < 3; i++)
		ipi_domain_wait(w.dom, &msg[i]);
	CHECK_EQ(atomic_load(&ran), 4);
	CHECK_EQ(atomic_load(&runs), 1);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

struct last_send {
	ipi_msg_t msg;
	atomic_uint ran;
	atomic_bool left;
};

static void job_leave_unanswered(struct peer *self, void *arg)
{
	struct last_send *l = arg;

	CHECK_EQ(send_unicast(self->world, &l->msg, 2, 0), 0);
	world_leave(self);
	atomic_store(&l->left, true);
	CHECK_EQ(atomic_load(&l->ran), 1);
	world_return(self);
}

static void test_leaving_waits_for_ones_own_sends(void)
{
	struct world w;
	struct gate gate = { 0 };
	struct last_send l = { 0 };

	l.msg = (ipi_msg_t){ .func = handler_count, .arg = &l.ran };
	world_open(&w, 3);
	peer_do(&w.peer[2], job_polls, &gate);
	UNTIL(atomic_load(&gate.in));
	peer_do(&w.peer[1], job_leave_unanswered, &l);
	CHECK(STAYS_FALSE(atomic_load(&l.left), 20));
	peer_hear(&w.peer[2], &gate);
	peer_join(&w.peer[1]);
	CHECK(atomic_load(&l.left));
	ipi_domain_wait(w.dom, &l.msg);
	world_close(&w);
}

/* CPU 2 stands in the middle of a send while its target leaves. */
struct under_way {
	ipi_msg_t msg;
	unsigned id;
	atomic_uint ran;
	atomic_bool left;
};

static void job_send_slowly(struct peer *self, void *arg)
{
	struct under_way *u = arg;

	CHECK_EQ(u->id ? send_trigger(self->world, u->id, 1)
		       : send_unicast(self->world, &u->msg, 1, 0),
		 0);
}

static void job_leave(struct peer *self, void *arg)
{
	struct under_way *u = arg;

	world_leave(self);
	atomic_store(&u->left, true);
	CHECK_EQ(atomic_load(&u->ran), 1);
	world_return(self);
}

static void test_leaving_waits_for_sends_under_way(void)
{
	struct world w;

	world_open(&w, 3);
	for (unsigned i = 0; i < 2; i++) {
		struct under_way u = { 0 };
		struct gate gate = { 0 };

		u.msg = (ipi_msg_t){ .func = handler_count, .arg = &u.ran };
		if (i)
			u.id = ipi_domain_register(w.dom, handler_count,
						   &u.ran);
		trap_set(0, 2, IPI_POINT_POSTED, trap_gate, &gate);
		peer_do(&w.peer[2], job_send_slowly, &u);
		UNTIL(atomic_load(&gate.in));
		peer_do(&w.peer[1], job_leave, &u);
		CHECK(STAYS_FALSE(atomic_load(&u.left), 20));
		gate_open(&gate);
		peer_join(&w.peer[2]);
		peer_join(&w.peer[1]);
		ipi_domain_wait(w.dom, &u.msg);
		traps_clear();
		if (i)
			CHECK_EQ(ipi_domain_unregister(w.dom, u.id), 0);
	}
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "unknown_designs_are_refused", test_unknown_designs_are_refused },
	{ "leaving_serves_what_was_posted",
	  test_leaving_serves_what_was_posted },
	{ "leaving_waits_for_ones_own_sends",
	  test_leaving_waits_for_ones_own_sends },
	{ "leaving_waits_for_sends_under_way",
	  test_leaving_waits_for_sends_under_way, true },
	{ 0 }
};
