// SPDX-License-Identifier: GPL-2.0-only
/*
 * The id table, triggers of many targets, and deliveries for nothing.
 */
#include "contract.h"

#include <signal.h>

#define IDS_ASKED 2048

static void test_at_least_255_ids(void)
{
	static atomic_uint runs[IDS_ASKED];
	static unsigned ids[IDS_ASKED];
	struct world w;
	struct gate gate = { 0 };
	unsigned n, again;

	memset(runs, 0, sizeof(runs));
	world_open(&w, 2);
	for (n = 0; n < IDS_ASKED; n++) {
		ids[n] = ipi_domain_register(w.dom, handler_count, &runs[n]);
		if (!ids[n])
			break;
		for (unsigned i = 0; i < n; i++)
			CHECK(ids[i] != ids[n]);
	}
	CHECK(n >= 255);
	peer_deafen(&w.peer[1], &gate);
	for (unsigned i = 0; i < n; i++)
		CHECK_EQ(send_trigger(&w, ids[i], 1), 0);
	peer_hear(&w.peer[1], &gate);
	for (unsigned i = 0; i < n; i++)
		UNTIL(atomic_load(&runs[i]) == 1);
	/* A freed id is handed out again, and only that one is free. */
	CHECK_EQ(ipi_domain_unregister(w.dom, ids[n / 2]), 0);
	again = ipi_domain_register(w.dom, handler_count, &runs[n / 2]);
	CHECK(again != 0);
	CHECK_EQ(ipi_domain_register(w.dom, handler_count, &runs[0]), 0);
	CHECK_EQ(ipi_domain_unregister(w.dom, again), 0);
	for (unsigned i = 0; i < n; i++)
		if (i != n / 2)
			CHECK_EQ(ipi_domain_unregister(w.dom, ids[i]), 0);
	world_close(&w);
}

static void handler_count_cpu(void *arg)
{
	atomic_fetch_add(&((atomic_uint *)arg)[contract_me], 1);
}

static void test_trigger_broadcast_reaches_all(void)
{
	struct world w;
	atomic_uint runs[WORLD_CPUS] = { 0 };
	unsigned id;

	world_open(&w, 6);
	id = ipi_domain_register(w.dom, handler_count_cpu, runs);
	ipi_kpreempt_disable();
	CHECK_EQ(ipi_domain_trigger_broadcast(w.dom, id, true), 0);
	ipi_kpreempt_enable();
	for (unsigned i = 1; i < w.n; i++)
		UNTIL(atomic_load(&runs[i]) == 1);
	CHECK_EQ(atomic_load(&runs[0]), 0);
	ipi_kpreempt_disable();
	CHECK_EQ(ipi_domain_trigger_broadcast(w.dom, id, false), 0);
	ipi_kpreempt_enable();
	for (unsigned i = 1; i < w.n; i++)
		UNTIL(atomic_load(&runs[i]) == 2);
	UNTIL_SERVING(&w, atomic_load(&runs[0]) == 1);
	CHECK_EQ(send_trigger_multi(&w, id, 0x15), 0);
	for (unsigned i = 0; i < w.n; i++) {
		unsigned want = i && !(i & 1) ? 3 : 2;

		UNTIL_SERVING(&w, atomic_load(&runs[i]) == want);
	}
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

static void test_spurious_delivery_is_harmless(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };

	if (!contract_delivers("signal")) {
		contract_skip("nothing can be delivered for nothing");
		return;
	}
	world_open(&w, 2);
	for (unsigned i = 0; i < 20; i++) {
		CHECK_EQ(pthread_kill(w.peer[1].thread, SIGRTMIN + 2), 0);
		CHECK_EQ(pthread_kill(pthread_self(), SIGRTMIN + 2), 0);
		CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
		ipi_domain_wait(w.dom, &msg);
	}
	CHECK_EQ(atomic_load(&ran), 20);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "at_least_255_ids", test_at_least_255_ids },
	{ "trigger_broadcast_reaches_all", test_trigger_broadcast_reaches_all },
	{ "spurious_delivery_is_harmless", test_spurious_delivery_is_harmless },
	{ 0 }
};
