// SPDX-License-Identifier: GPL-2.0-only
/*
 * A real-time CPU waits for an ordinary one on the same processor: whoever
 * only spins or yields there waits for ever, or for the throttling's mercy.
 */
#include "contract.h"

struct shared {
	struct world *w;
	atomic_bool ready, stop;
};

/* As a peer, but on the processor of CPU 0. */
static void *thread_ordinary(void *arg)
{
	struct shared *s = arg;
	struct ipi_cpu_params params = {
		.processor = contract_processor(0),
		.index = 1,
	};

	contract_me = 1;
	CHECK_EQ(ipi_domain_attach(s->w->dom, &params, &s->w->peer[1].cpu), 0);
	atomic_store(&s->ready, true);
	while (!atomic_load(&s->stop))
		if (s->w->polls)
			ipi_domain_serve(s->w->dom);
	CHECK_EQ(ipi_domain_detach(s->w->dom), 0);
	return NULL;
}

static void test_fifo_waiter_lets_an_ordinary_target_run(void)
{
	const struct sched_param fifo = { .sched_priority = 1 };
	const struct sched_param usual = { 0 };
	struct world w;
	struct shared s = { .w = &w };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	uint64_t begin;
	pthread_t thread;

	world_open(&w, 1);
	thread = thread_start(thread_ordinary, &s);
	UNTIL(atomic_load(&s.ready));
	if (sched_setscheduler(0, SCHED_FIFO, &fifo)) {
		contract_skip("no leave to use SCHED_FIFO (CAP_SYS_NICE)");
	} else {
		begin = contract_now_ns();
		for (unsigned i = 0; i < 20; i++) {
			CHECK_EQ(i & 1 ? send_unicast(&w, &msg, 1, 0)
				       : send_multicast(&w, &msg, 2),
				 0);
			ipi_domain_wait(w.dom, &msg);
		}
		/* Throttling alone would let the target run once a second. */
		CHECK(contract_time_left(begin, 6000));
		CHECK_EQ(sched_setscheduler(0, SCHED_OTHER, &usual), 0);
		CHECK_EQ(atomic_load(&ran), 20);
	}
	atomic_store(&s.stop, true);
	pthread_join(thread, NULL);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "fifo_waiter_lets_an_ordinary_target_run",
	  test_fifo_waiter_lets_an_ordinary_target_run },
	{ 0 }
};
