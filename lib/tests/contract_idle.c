// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a sender pays and a target hears, as the target runs or sleeps in idle.
 */
#include "contract.h"

/* Does the peer's thread sleep in the kernel? */
static bool asleep(struct peer *p)
{
	char name[64], text[256] = "", *state;
	FILE *stat;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", (int)p->tid);
	stat = fopen(name, "r");
	if (!stat)
		return false;
	if (!fgets(text, sizeof(text), stat))
		text[0] = '\0';
	fclose(stat);
	state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

/* Until something has run; nothing else in here sleeps. */
static void job_idle(struct peer *self, void *arg)
{
	struct gate *gate = arg;

	(void)ipi_domain_idle(self->world->dom, 0); /* what ran before */
	atomic_store(&gate->in, true);
	while (!ipi_domain_idle(self->world->dom, 20000000000u))
		;
}

/* The same, begun when the gate opens: the trap is for this idle alone. */
static void job_idle_when_open(struct peer *self, void *arg)
{
	(void)ipi_domain_idle(self->world->dom, 0);
	gate_pass(arg);
	while (!ipi_domain_idle(self->world->dom, 20000000000u))
		;
}

static void asleep_is_woken(uint64_t spin_ns)
{
	struct ipi_params params = contract_params;
	struct gate gate = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	struct ipi_counters before, after;
	uint64_t begin = contract_now_ns();
	struct world w;

	params.idle_spin_ns = spin_ns;
	world_open_with(&w, 2, &params);
	peer_do(&w.peer[1], job_idle, &gate);
	UNTIL(atomic_load(&gate.in) && asleep(&w.peer[1]));
	ipi_domain_counters(w.dom, &before);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	peer_join(&w.peer[1]);
	ipi_domain_counters(w.dom, &after);
	CHECK_EQ(after.notified - before.notified, 1);
	CHECK_EQ(after.polled - before.polled, 0);
	CHECK_EQ(after.entries + after.merged - before.entries - before.merged,
		 1);
	if (w.polls)
		CHECK_EQ(after.entries - before.entries, 1);
	CHECK(contract_time_left(begin, 15000));
	world_close(&w);
}

static void test_a_target_asleep_is_woken(void)
{
	asleep_is_woken(0);
}

static void test_a_target_that_spun_and_sleeps_is_woken(void)
{
	asleep_is_woken(1000000);
}

static void test_a_target_that_spins_costs_no_wake(void)
{
	struct ipi_params params = contract_params;
	struct gate gate = { 0 }, spins = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	struct ipi_counters before, after;
	struct world w;

	params.idle_spin_ns = 60000000000u;
	world_open_with(&w, 2, &params);
	peer_do(&w.peer[1], job_idle_when_open, &gate);
	UNTIL(atomic_load(&gate.in));
	trap_set(0, 1, IPI_POINT_WAIT_TURN, trap_gate, &spins);
	gate_open(&gate);
	UNTIL(atomic_load(&spins.in));
	ipi_domain_counters(w.dom, &before);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	gate_open(&spins);
	ipi_domain_wait(w.dom, &msg);
	peer_join(&w.peer[1]);
	ipi_domain_counters(w.dom, &after);
	CHECK_EQ(after.notified - before.notified, 0);
	CHECK_EQ(after.polled - before.polled, 1);
	CHECK_EQ(after.run_idle - before.run_idle, 1);
	world_close(&w);
}

static void job_idle_and_out(struct peer *self, void *gate)
{
	uint64_t begin;

	(void)ipi_domain_idle(self->world->dom, 0);
	begin = contract_now_ns();
	CHECK_EQ(ipi_domain_idle(self->world->dom, 5000000), 0);
	CHECK(!contract_time_left(begin, 5));
	CHECK(contract_time_left(begin, 5000));
	gate_pass(gate);
}

/* A spin as long as the time-out ends with it, and nobody polls after. */
static void test_idle_spins_no_longer_than_told(void)
{
	struct ipi_params params = contract_params;
	struct gate gate = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	struct ipi_counters c;
	struct world w;

	params.idle_spin_ns = 60000000000u;
	world_open_with(&w, 2, &params);
	peer_do(&w.peer[1], job_idle_and_out, &gate);
	UNTIL(atomic_load(&gate.in));
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	ipi_domain_counters(w.dom, &c);
	CHECK_EQ(c.notified, !w.polls);
	gate_open(&gate);
	ipi_domain_wait(w.dom, &msg);
	world_close(&w);
}

struct edge {
	atomic_bool stop;
	unsigned id;
	_Atomic uint64_t told, seen;
};

static void handler_edge(void *arg)
{
	struct edge *e = arg;

	atomic_store(&e->seen, atomic_load(&e->told));
}

static void handler_stop(void *arg)
{
	atomic_store(&((struct edge *)arg)->stop, true);
}

static void job_idle_always(struct peer *self, void *arg)
{
	struct edge *e = arg;

	while (!atomic_load(&e->stop)) /* what is lost is slept over */
		CHECK(ipi_domain_idle(self->world->dom, 20000000000u) >= 0);
}

/* Work comes at any moment before, while and after the CPU falls asleep. */
static void test_nothing_is_lost_as_a_spin_ends(void)
{
	struct ipi_params params = contract_params;
	struct edge e = { 0 };
	ipi_msg_t stop = { .func = handler_stop, .arg = &e };
	uint64_t begin = contract_now_ns(), n = contract_rounds(1000);
	struct ipi_counters c;
	struct world w;

	params.idle_spin_ns = 20000;
	world_open_with(&w, 2, &params);
	e.id = ipi_domain_register(w.dom, handler_edge, &e);
	peer_do(&w.peer[1], job_idle_always, &e);
	for (uint64_t i = 1; i <= n && contract_time_left(begin, 1000); i++) {
		uint64_t from = contract_now_ns();
		uint64_t wait_ns = contract_random() % 40000;

		while (contract_now_ns() - from < wait_ns)
			;
		atomic_store(&e.told, i);
		CHECK_EQ(send_trigger(&w, e.id, 1), 0);
		UNTIL(atomic_load(&e.seen) == i);
	}
	CHECK_EQ(send_unicast(&w, &stop, 1, 0), 0);
	peer_join(&w.peer[1]);
	world_quiesce(&w);
	ipi_domain_counters(w.dom, &c);
	CHECK_EQ(c.notified + c.already_pending + c.polled, c.asked);
	CHECK_EQ(c.entries + c.merged, c.notified);
	CHECK_EQ(ipi_domain_unregister(w.dom, e.id), 0);
	world_close(&w);
}

/* It is told only where that interrupts it. */
static void test_a_target_that_runs_costs_no_wake(void)
{
	struct gate gate = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	struct ipi_counters before, after;
	struct world w;

	world_open(&w, 2);
	peer_do(&w.peer[1], job_inert, &gate);
	UNTIL(atomic_load(&gate.in));
	ipi_domain_counters(w.dom, &before);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	ipi_domain_counters(w.dom, &after);
	CHECK_EQ(after.notified - before.notified, !w.polls);
	CHECK_EQ(after.polled - before.polled, w.polls);
	gate_open(&gate);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(atomic_load(&ran), 1);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "a_target_asleep_is_woken", test_a_target_asleep_is_woken },
	{ "a_target_that_spun_and_sleeps_is_woken",
	  test_a_target_that_spun_and_sleeps_is_woken },
	{ "a_target_that_spins_costs_no_wake",
	  test_a_target_that_spins_costs_no_wake, .hooks = true },
	{ "idle_spins_no_longer_than_told",
	  test_idle_spins_no_longer_than_told },
	{ "nothing_is_lost_as_a_spin_ends",
	  test_nothing_is_lost_as_a_spin_ends },
	{ "a_target_that_runs_costs_no_wake",
	  test_a_target_that_runs_costs_no_wake },
	{ 0 }
};
