// SPDX-License-Identifier: GPL-2.0-only
/*
 * A wait that lasts too long says who waits for whom, and why.
 */
#include "contract.h"

struct reports {
	struct ipi_stall first;
	atomic_uint n;
	uint64_t begin_ns;
};

static void on_stall(const struct ipi_stall *stall, void *arg)
{
	struct reports *r = arg;

	if (atomic_fetch_add(&r->n, 1) == 0)
		r->first = *stall;
}

#define STALL_NS 5000000u
#define AGAIN_NS 10000000000u

static void reports_world(struct world *w, struct reports *r, unsigned n)
{
	struct ipi_params params = contract_params;

	memset(r, 0, sizeof(*r));
	r->begin_ns = contract_now_ns();
	params.stall_ns = STALL_NS;
	params.on_stall = on_stall;
	params.on_stall_arg = r;
	world_open_with(w, n, &params);
}

static void report_check(struct reports *r, struct world *w, ipi_func_t func,
			 bool polling, const char *what)
{
	unsigned n = atomic_load(&r->n);
	struct ipi_counters c;

	CHECK(n);
	/* Who waited so long, on a machine that stood still, is reported more. */
	if (contract_now_ns() - r->begin_ns < AGAIN_NS)
		CHECK_EQ(n, 1);
	CHECK_EQ(r->first.waiter, 0);
	CHECK_EQ(r->first.target, 1);
	CHECK(r->first.func == func);
	CHECK(r->first.waited_ns >= STALL_NS);
	CHECK_EQ(r->first.polling, polling);
	CHECK(r->first.what && !strcmp(r->first.what, what));
	ipi_domain_counters(w->dom, &c);
	CHECK_EQ(c.stalls, n);
}

/* Opens a gate some time after the report, when a second one would have come.
 */
struct patience {
	struct reports *r;
	struct gate *gate;
};

static void job_patience(struct peer *self, void *arg)
{
	struct patience *p = arg;

	UNTIL(atomic_load(&p->r->n));
	CHECK(STAYS_FALSE(atomic_load(&p->r->n) > 1, 4 * STALL_NS / 1000000));
	gate_open(p->gate);
}

static void test_stall_report_of_an_answer(void)
{
	struct reports r;
	struct world w;

	for (unsigned multi = 0; multi < 2; multi++) {
		struct gate gate = { 0 };
		struct patience patience = { .r = &r, .gate = &gate };
		atomic_uint ran = 0;
		ipi_msg_t msg = { .func = handler_count, .arg = &ran };

		reports_world(&w, &r, 3);
		peer_do(&w.peer[1], job_polls, &gate);
		UNTIL(atomic_load(&gate.in));
		CHECK_EQ(multi ? send_multicast(&w, &msg, 2)
			       : send_unicast(&w, &msg, 1, 0),
			 0);
		peer_do(&w.peer[2], job_patience, &patience);
		ipi_kpreempt_disable(); /* a CPU waits, not just a thread */
		ipi_domain_wait(w.dom, &msg);
		ipi_kpreempt_enable();
		report_check(&r, &w, handler_count, true, "acknowledgement");
		peer_join(&w.peer[2]);
		world_close(&w);
	}
}

static void test_stall_report_of_room(void)
{
	struct reports r;
	struct world w;
	struct gate gate = { 0 };
	struct patience patience = { .r = &r, .gate = &gate };
	static ipi_msg_t msg[64];
	atomic_uint ran = 0;
	unsigned n = 0;

	reports_world(&w, &r, 3);
	peer_deafen(&w.peer[1], &gate);
	for (unsigned i = 0; i < 64; i++)
		msg[i] = (ipi_msg_t){ .func = handler_count, .arg = &ran };
	while (n < 64 && !send_unicast(&w, &msg[n], 1, IPI_NOWAIT))
		n++;
	CHECK(n < 64);
	peer_do(&w.peer[2], job_patience, &patience);
	CHECK_EQ(send_unicast(&w, &msg[n], 1, 0), 0);
	report_check(&r, &w, r.first.func,
		     contract_delivers("poll") || !world_can_hold(&w), "room");
	peer_join(&w.peer[2]);
	for (unsigned i = 0; i <= n; i++)
		ipi_domain_wait(w.dom, &msg[i]);
	world_close(&w);
}

static void test_stall_report_of_a_grace_period(void)
{
	struct reports r;
	struct world w;
	struct slow s = { 0 };
	struct patience patience = { .r = &r, .gate = &s.gate };
	unsigned id;

	reports_world(&w, &r, 3);
	id = ipi_domain_register(w.dom, handler_slow, &s);
	CHECK_EQ(send_trigger(&w, id, 1), 0);
	UNTIL(atomic_load(&s.begun));
	peer_do(&w.peer[2], job_patience, &patience);
	ipi_kpreempt_disable();
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	ipi_kpreempt_enable();
	report_check(&r, &w, r.first.func, contract_delivers("poll"),
		     "grace period");
	peer_join(&w.peer[2]);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "stall_report_of_an_answer", test_stall_report_of_an_answer },
	{ "stall_report_of_room", test_stall_report_of_room },
	{ "stall_report_of_a_grace_period",
	  test_stall_report_of_a_grace_period },
	{ 0 }
};
