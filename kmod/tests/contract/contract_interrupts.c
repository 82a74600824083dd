// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between an NMI that is noted and the handlers that it asked for no interrupt
 * comes in: its handler may wait for whoever waits for this CPU.
 */
#include "core/internal.h"
#include "judge.h"

struct between {
	struct gate gate; /* CPU 1 stands there, and interrupts are off */
	atomic_uint ran; /* handlers of the message that is noted there */
	atomic_uint seen; /* ran, and one more, as the interrupt found it */
};

static void on_interrupt(void *arg)
{
	struct between *b = arg;

	atomic_store(&b->seen, atomic_load(&b->ran) + 1);
}

/* Its section is where CPU 1 stands. */
static void job_send(struct peer *self, void *arg)
{
	struct between *b = arg;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };

	trap_set(0, 1, IPI_POINT_NOTIFIED, trap_gate, &b->gate);
	CHECK_EQ(send_unicast(self->world, &msg, 2, 0), 0);
	ipi_domain_wait(self->world->dom, &msg);
	traps_clear();
}

static void handler_gate(void *arg)
{
	gate_pass(arg);
}

/* Its own handler is where CPU 1 stands. */
static void job_local(struct peer *self, void *arg)
{
	struct between *b = arg;
	ipi_msg_t msg = { .func = handler_gate, .arg = &b->gate };

	CHECK_EQ(send_multicast(self->world, &msg, 1u << 1), 0);
	ipi_domain_wait(self->world->dom, &msg);
}

static void between(struct world *w, job_t job)
{
	struct between b = { 0 };
	ipi_msg_t msg = { .func = handler_count, .arg = &b.ran };
	call_single_data_t call;

	INIT_CSD(&call, on_interrupt, &b);
	peer_do(&w->peer[1], job, &b);
	UNTIL(atomic_load(&b.gate.in));
	CHECK_EQ(send_unicast(w, &msg, 1, 0), 0);
	UNTIL(ipi_load_relaxed(&w->peer[1].cpu->noted));
	CHECK_EQ(atomic_load(&b.ran), 0);
	CHECK_EQ(smp_call_function_single_async(1, &call), 0);
	gate_open(&b.gate);
	ipi_domain_wait(w->dom, &msg);
	peer_join(&w->peer[1]);
	UNTIL(atomic_load(&b.seen));
	CHECK_EQ(atomic_load(&b.seen), 2);
}

static void test_what_is_noted_is_served_before_an_interrupt(void)
{
	struct world w;

	world_open(&w, 3);
	between(&w, job_send);
	between(&w, job_local);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "what_is_noted_is_served_before_an_interrupt",
	  test_what_is_noted_is_served_before_an_interrupt, true },
	{ 0 }
};
