// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters add up exactly when nothing is in flight, after a seeded mix of
 * everything that CPUs do.
 */
#include "contract.h"

#define MIX_IDS 4
#define MIX_MSGS 12

struct mix {
	unsigned id[MIX_IDS];
	atomic_uint runs; /* of handlers of ids */
	atomic_uint ran; /* messages */
	atomic_uint asked; /* targets of sends, accepted or refused */
};

static void handler_mix_id(void *arg)
{
	atomic_fetch_add(&((struct mix *)arg)->runs, 1);
}

static void handler_mix_msg(void *arg)
{
	atomic_fetch_add(&((struct mix *)arg)->ran, 1);
}

static unsigned any_other(struct peer *self)
{
	unsigned to = contract_random() % (self->world->n - 1);

	return to >= self->index ? to + 1 : to;
}

static void mix_trigger(struct peer *self, struct mix *m)
{
	unsigned id = m->id[contract_random() % MIX_IDS];

	if (contract_random() % 4) {
		CHECK_EQ(send_trigger(self->world, id, any_other(self)), 0);
		atomic_fetch_add(&m->asked, 1);
	} else {
		CHECK_EQ(send_trigger_multi(self->world, id,
					    1u << self->index | 1),
			 0);
		atomic_fetch_add(&m->asked, 1 + !!self->index);
	}
}

static void mix_message(struct peer *self, struct mix *m, ipi_msg_t *msg)
{
	struct world *w = self->world;
	int err;

	ipi_domain_wait(w->dom, msg);
	msg->func = handler_mix_msg;
	msg->arg = m;
	switch (contract_random() % 4) {
	case 0:
		CHECK_EQ(send_broadcast(w, msg,
					contract_random() % 2 * IPI_SKIP_SELF),
			 0);
		atomic_fetch_add(&m->asked, ipi_msg_count(msg));
		break;
	case 1:
		CHECK_EQ(send_multicast(w, msg, 5), 0);
		atomic_fetch_add(&m->asked, ipi_msg_count(msg));
		break;
	case 2:
		err = send_unicast(w, msg, any_other(self), IPI_NOWAIT);
		CHECK(err == 0 || err == -EAGAIN);
		atomic_fetch_add(&m->asked, 1);
		break;
	default:
		CHECK_EQ(send_unicast(w, msg, any_other(self), 0), 0);
		atomic_fetch_add(&m->asked, 1);
		break;
	}
}

static void mix_stand(struct peer *self)
{
	struct ipi_domain *dom = self->world->dom;
	int level;

	switch (contract_random() % 6) {
	case 0:
		level = ipi_splhigh();
		sched_yield();
		ipi_splx(level);
		break;
	case 1:
		CHECK_EQ(ipi_domain_polling(dom, true), 0);
		sched_yield();
		ipi_domain_serve(dom);
		CHECK_EQ(ipi_domain_polling(dom, false), 0);
		break;
	case 2:
		CHECK(ipi_domain_idle(dom, 50000) >= 0);
		break;
	case 3:
		ipi_domain_serve(dom);
		break;
	default:
		world_rest(self->world, contract_random() % 64);
		break;
	}
}

static void job_mix(struct peer *self, void *arg)
{
	struct ipi_domain *dom = self->world->dom;
	struct mix *m = arg;
	ipi_msg_t msg[MIX_MSGS];
	uint64_t begin = contract_now_ns();

	memset(msg, 0xa5, sizeof(msg));
	for (unsigned i = 0; i < contract_rounds(3000); i++) {
		switch (contract_random() % 3) {
		case 0:
			mix_trigger(self, m);
			break;
		case 1:
			mix_message(self, m,
				    &msg[contract_random() % MIX_MSGS]);
			break;
		default:
			mix_stand(self);
			break;
		}
		if (!contract_time_left(begin, 700))
			break;
	}
	for (unsigned i = 0; i < MIX_MSGS; i++)
		ipi_domain_wait(dom, &msg[i]);
}

static uint64_t messages_run(const struct ipi_counters *c)
{
	return c->run_interrupt + c->run_waiter + c->run_poll + c->run_unhold +
	       c->run_idle + c->run_local;
}

static void identities(const struct ipi_counters *c)
{
	CHECK_EQ(c->notified + c->already_pending + c->polled + c->local +
			 c->refused,
		 c->asked);
	CHECK_EQ(c->entries + c->merged, c->notified);
}

static void add_up(struct world *w, const struct ipi_counters *all)
{
	struct ipi_counters sum = { 0 }, one;

	for (unsigned i = 0; i < w->n; i++) {
		ipi_cpu_counters(w->peer[i].cpu, &one);
#define IPI_COUNTER(name, unit, help) sum.name += one.name;
#include <ipi/counters.def>
#undef IPI_COUNTER
	}
#define IPI_COUNTER(name, unit, help) CHECK_EQ(sum.name, all->name);
#include <ipi/counters.def>
#undef IPI_COUNTER
}

static void test_counters_add_up_after_a_mix(void)
{
	struct world w;
	struct mix m = { 0 };
	struct ipi_counters c;

	world_open(&w, 5);
	for (unsigned i = 0; i < MIX_IDS; i++)
		m.id[i] = ipi_domain_register(w.dom, handler_mix_id, &m);
	for (unsigned i = 1; i < w.n; i++)
		peer_do(&w.peer[i], job_mix, &m);
	job_mix(&w.peer[0], &m);
	/* Twice: a handler that a first pass runs may not send, but be late. */
	world_quiesce(&w);
	world_quiesce(&w);
	ipi_domain_counters(w.dom, &c);
	identities(&c);
	CHECK_EQ(messages_run(&c), atomic_load(&m.ran));
	CHECK_EQ(c.runs, atomic_load(&m.runs));
	CHECK_EQ(c.asked, atomic_load(&m.asked));
	CHECK_EQ(c.dead, 0);
	CHECK_EQ(c.abandoned, 0);
	add_up(&w, &c);
	for (unsigned i = 0; i < MIX_IDS; i++)
		CHECK_EQ(ipi_domain_unregister(w.dom, m.id[i]), 0);
	world_close(&w);
}

/* One known send each: the counter that must move, by one. */
static void test_each_outcome_is_counted_once(void)
{
	struct world w;
	struct ipi_counters c;
	struct gate gate = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	ipi_msg_t gone = { .func = handler_count, .arg = &ran };
	unsigned id;

	world_open(&w, 3);
	id = ipi_domain_register(w.dom, handler_count, &ran);
	CHECK_EQ(send_multicast(&w, &msg, 1), 0); /* local */
	ipi_domain_counters(w.dom, &c);
	CHECK_EQ(c.asked, 1);
	CHECK_EQ(c.local, 1);
	CHECK_EQ(c.run_local, 1);
	peer_stop(&w.peer[2]);
	CHECK_EQ(send_unicast(&w, &msg, 2, 0), -ENXIO); /* refused */
	ipi_domain_counters(w.dom, &c);
	CHECK_EQ(c.asked, 2);
	CHECK_EQ(c.refused, 1);
	peer_deafen(&w.peer[1], &gate);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0); /* held off */
	CHECK_EQ(send_unicast(&w, &gone, 1, 0),
		 0); /* pending already, or held */
	CHECK_EQ(send_trigger(&w, id, 1), 0);
	ipi_domain_counters(w.dom, &c);
	CHECK_EQ(c.asked, 5);
	CHECK_EQ(c.polled + c.already_pending + c.notified, 3);
	if (world_knows_holds(&w)) {
		CHECK(c.polled >= 1);
		CHECK_EQ(c.notified, 0);
	}
	CHECK_EQ(ipi_domain_msg_detach(w.dom, &gone), 1);
	peer_hear(&w.peer[1], &gate);
	ipi_domain_wait(w.dom, &msg);
	world_quiesce(&w);
	ipi_domain_counters(w.dom, &c);
	identities(&c);
	CHECK_EQ(c.abandoned, 1);
	if (world_knows_holds(&w))
		CHECK_EQ(c.run_unhold, 1);
	CHECK_EQ(messages_run(&c), 2);
	CHECK_EQ(c.runs, 1);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "counters_add_up_after_a_mix", test_counters_add_up_after_a_mix },
	{ "each_outcome_is_counted_once", test_each_outcome_is_counted_once },
	{ 0 }
};
