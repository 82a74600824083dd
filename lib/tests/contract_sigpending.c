// SPDX-License-Identifier: GPL-2.0-only
/*
 * No signal may be queued: deliveries are asked again, while serving.
 */
#include "contract.h"

#include <sys/resource.h>

struct starved {
	struct world *w;
	atomic_uint ran;
	struct rlimit usual;
	atomic_uint both; /* CPUs that have begun */
};

/* Both send to each other; neither serves but in its own send and wait. */
static void job_send_starved(struct peer *self, void *arg)
{
	struct starved *s = arg;
	ipi_msg_t msg = { .func = handler_count, .arg = &s->ran };

	atomic_fetch_add(&s->both, 1);
	UNTIL(atomic_load(&s->both) == 2);
	CHECK_EQ(send_unicast(self->world, &msg, 3 - self->index, 0), 0);
	ipi_domain_wait(self->world->dom, &msg);
}

static void *thread_feed(void *arg)
{
	struct starved *s = arg;
	struct ipi_counters c;

	do {
		ipi_domain_counters(s->w->dom, &c);
		sched_yield();
	} while (atomic_load(&s->ran) < 2 || !c.notify_retries);
	setrlimit(RLIMIT_SIGPENDING, &s->usual);
	return NULL;
}

static void test_refused_signals_are_asked_again_while_serving(void)
{
	struct world w;
	struct starved s = { .w = &w };
	struct ipi_counters c;
	struct rlimit none;
	pthread_t feeder;

	if (!contract_delivers("signal")) {
		contract_skip("this delivery queues no signals");
		return;
	}
	world_open(&w, 3);
	CHECK_EQ(getrlimit(RLIMIT_SIGPENDING, &s.usual), 0);
	none = s.usual;
	none.rlim_cur = 0;
	CHECK_EQ(setrlimit(RLIMIT_SIGPENDING, &none), 0);
	peer_do(&w.peer[1], job_send_starved, &s);
	peer_do(&w.peer[2], job_send_starved, &s);
	feeder = thread_start(thread_feed, &s);
	pthread_join(feeder, NULL);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&s.ran), 2);
	ipi_domain_counters(w.dom, &c);
	CHECK(c.notify_retries >= 1);
	CHECK_EQ(c.notified + c.already_pending + c.polled + c.local +
			 c.refused,
		 c.asked);
	CHECK_EQ(c.entries + c.merged, c.notified);
	world_close(&w);
}

/* A target that only an interrupt reaches gets it once signals queue again. */
static void *thread_feed_first(void *arg)
{
	struct starved *s = arg;
	struct ipi_counters c;

	do {
		ipi_domain_counters(s->w->dom, &c);
		sched_yield();
	} while (!c.notify_retries);
	CHECK_EQ(atomic_load(&s->ran), 0);
	setrlimit(RLIMIT_SIGPENDING, &s->usual);
	return NULL;
}

static void job_spin(struct peer *self, void *arg)
{
	struct starved *s = arg;

	atomic_store(&s->both, 1);
	UNTIL(atomic_load(&s->ran));
}

static void test_a_refused_signal_comes_in_the_end(void)
{
	struct world w;
	struct starved s = { .w = &w };
	struct rlimit none;
	ipi_msg_t msg = { .func = handler_count, .arg = &s.ran };
	unsigned id;
	pthread_t feeder;

	if (!contract_delivers("signal")) {
		contract_skip("this delivery queues no signals");
		return;
	}
	for (unsigned how = 0; how < 3; how++) {
		world_open(&w, 2);
		atomic_store(&s.ran, 0);
		id = ipi_domain_register(w.dom, handler_count, &s.ran);
		peer_do(&w.peer[1], job_spin, &s);
		UNTIL(atomic_load(&s.both));
		CHECK_EQ(getrlimit(RLIMIT_SIGPENDING, &s.usual), 0);
		none = s.usual;
		none.rlim_cur = 0;
		CHECK_EQ(setrlimit(RLIMIT_SIGPENDING, &none), 0);
		feeder = thread_start(thread_feed_first, &s);
		if (how == 0)
			CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
		else if (how == 1)
			CHECK_EQ(send_broadcast(&w, &msg, IPI_SKIP_SELF), 0);
		else
			CHECK_EQ(send_trigger(&w, id, 1), 0);
		UNTIL_SERVING(&w, atomic_load(&s.ran));
		ipi_domain_wait(w.dom, &msg);
		pthread_join(feeder, NULL);
		world_quiesce(&w);
		CHECK_EQ(atomic_load(&s.ran), 1);
		CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
		world_close(&w);
	}
}

const struct contract_test contract_tests[] = {
	{ "refused_signals_are_asked_again_while_serving",
	  test_refused_signals_are_asked_again_while_serving },
	{ "a_refused_signal_comes_in_the_end",
	  test_a_refused_signal_comes_in_the_end },
	{ 0 }
};
