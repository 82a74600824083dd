// SPDX-License-Identifier: GPL-2.0-only
/*
 * The id table, triggers of many targets, and deliveries for nothing.
 */
#include "contract.h"

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
	unsigned i;

	world_open(&w, 2);
	for (i = 0; i < 20; i++) {
		if (!world_spurious(&w, 1) || !world_spurious(&w, 0)) {
			contract_skip("nothing can be delivered for nothing");
			break;
		}
		CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
		ipi_domain_wait(w.dom, &msg);
	}
	CHECK_EQ(atomic_load(&ran), i);
	world_close(&w);
}

struct dying {
	struct world *w;
	unsigned id;
	struct gate gate;
};

static void job_trigger_0(struct peer *self, void *arg)
{
	CHECK_EQ(send_trigger(self->world, ((struct dying *)arg)->id, 0), 0);
}

static void job_unregister(struct peer *self, void *arg)
{
	struct dying *d = arg;

	CHECK_EQ(ipi_domain_unregister(d->w->dom, d->id), 0);
}

static void trap_unregister_there(void *arg)
{
	struct dying *d = arg;

	trap_set(1, 2, IPI_POINT_TOMBSTONED, trap_gate, &d->gate);
	d->w->peer[2].job_arg = d;
	atomic_store(&d->w->peer[2].job, job_unregister);
	UNTIL(atomic_load(&d->gate.in));
}

/* Its bit was taken before it died. */
static void test_an_id_that_died_is_no_handler_run(void)
{
	struct world w;
	struct dying d = { .w = &w };
	atomic_uint runs = 0;
	int level;

	world_open(&w, 3);
	d.id = ipi_domain_register(w.dom, handler_count, &runs);
	peer_join(&w.peer[2]);
	level = ipi_splhigh();
	peer_do(&w.peer[1], job_trigger_0, &d);
	UNTIL(peer_resting(&w.peer[1]));
	trap_set(0, 0, IPI_POINT_TAKEN, trap_unregister_there, &d);
	CHECK_EQ(ipi_domain_serve(w.dom), 0);
	CHECK(trap_sprung(0));
	gate_open(&d.gate);
	ipi_splx(level);
	peer_join(&w.peer[2]);
	CHECK_EQ(atomic_load(&runs), 0);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "at_least_255_ids", test_at_least_255_ids },
	{ "trigger_broadcast_reaches_all", test_trigger_broadcast_reaches_all },
	{ "spurious_delivery_is_harmless", test_spurious_delivery_is_harmless },
	{ "an_id_that_died_is_no_handler_run",
	  test_an_id_that_died_is_no_handler_run, .hooks = true },
	{ 0 }
};
