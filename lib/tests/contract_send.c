// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a send refuses, what it accepts, and what it leaves of its message.
 */
#include "contract.h"

/* ---- who may send ---- */

struct attempt {
	struct world *w;
	ipi_cpuset_t *set; /* of CPU 1 */
	unsigned id;
	int want;
};

/* Every sender of the surface, without asking for leave. */
static void attempt_all(const struct attempt *a)
{
	struct ipi_domain *dom = a->w->dom;
	struct ipi_cpu *to = a->w->peer[1].cpu;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };

	CHECK_EQ(ipi_domain_unicast(dom, &msg, to, 0), a->want);
	ipi_domain_wait(dom, &msg);
	CHECK_EQ(ipi_domain_multicast(dom, &msg, a->set, 0), a->want);
	ipi_domain_wait(dom, &msg);
	CHECK_EQ(ipi_domain_broadcast(dom, &msg, IPI_SKIP_SELF), a->want);
	ipi_domain_wait(dom, &msg);
	CHECK_EQ(ipi_domain_trigger(dom, a->id, to), a->want);
	CHECK_EQ(ipi_domain_trigger_multi(dom, a->id, a->set), a->want);
	CHECK_EQ(ipi_domain_trigger_broadcast(dom, a->id, true), a->want);
	CHECK_EQ(atomic_load(&ran), a->want ? 0 : 1 + a->w->n);
}

static void attempt_open(struct attempt *a, atomic_uint *runs)
{
	a->id = ipi_domain_register(a->w->dom, handler_count, runs);
	CHECK_EQ(ipi_cpuset_create(&a->set, true), 0);
	ipi_cpuset_set(a->set, 1);
}

static void attempt_close(struct attempt *a)
{
	world_quiesce(a->w);
	CHECK_EQ(ipi_domain_unregister(a->w->dom, a->id), 0);
	ipi_cpuset_destroy(a->set);
}

static void *attempt_no_cpu(void *arg)
{
	ipi_kpreempt_disable();
	attempt_all(arg);
	ipi_kpreempt_enable();
	return NULL;
}

static void attempt_in_handler(void *arg)
{
	attempt_all(arg);
}

static void test_send_needs_preemption_disabled(void)
{
	struct world w;
	atomic_uint runs = 0;
	struct attempt a = { .w = &w };
	int level;

	world_open(&w, 2);
	attempt_open(&a, &runs);
	a.want = -EPERM;
	CHECK(!ipi_kpreempt_disabled());
	attempt_all(&a);
	pthread_join(thread_start(attempt_no_cpu, &a), NULL);
	a.want = 0;
	ipi_kpreempt_disable();
	ipi_kpreempt_disable();
	ipi_kpreempt_enable();
	CHECK(ipi_kpreempt_disabled()); /* it counts */
	attempt_all(&a);
	ipi_kpreempt_enable();
	CHECK(!ipi_kpreempt_disabled());
	level = ipi_splhigh();
	CHECK(ipi_kpreempt_disabled());
	attempt_all(&a);
	ipi_splx(level);
	CHECK(!ipi_kpreempt_disabled());
	attempt_close(&a);
	world_close(&w);
}

static void test_send_is_allowed_in_a_handler(void)
{
	struct world w;
	atomic_uint runs = 0;
	struct attempt a = { .w = &w };
	ipi_msg_t msg = { .func = attempt_in_handler, .arg = &a };

	world_open(&w, 3);
	attempt_open(&a, &runs);
	CHECK_EQ(send_unicast(&w, &msg, 2, 0), 0);
	ipi_domain_wait(w.dom, &msg); /* preemption enabled: allowed */
	attempt_close(&a);
	world_close(&w);
}

/* ---- bad arguments ---- */

static void test_bad_arguments_are_refused(void)
{
	struct world w, other;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = NULL, .arg = &ran };
	unsigned id;

	world_open(&w, 2);
	world_open(&other, 1);
	id = ipi_domain_register(w.dom, handler_count, &ran);
	CHECK(id != 0);
	CHECK_EQ(ipi_domain_register(w.dom, NULL, &ran), 0);
	ipi_kpreempt_disable();
	CHECK_EQ(ipi_domain_unicast(w.dom, &msg, w.peer[1].cpu, 0), -EINVAL);
	CHECK_EQ(
		ipi_domain_multicast(w.dom, &msg, ipi_domain_running(w.dom), 0),
		-EINVAL);
	CHECK_EQ(ipi_domain_broadcast(w.dom, &msg, 0), -EINVAL);
	CHECK(ipi_domain_done(w.dom, &msg));
	msg.func = handler_count;
	CHECK_EQ(ipi_domain_unicast(w.dom, &msg, NULL, 0), -EINVAL);
	CHECK_EQ(ipi_domain_unicast(w.dom, &msg, other.peer[0].cpu, 0),
		 -EINVAL);
	CHECK_EQ(ipi_domain_unicast(w.dom, &msg, w.peer[0].cpu, 0), -EINVAL);
	CHECK_EQ(ipi_domain_multicast(w.dom, &msg, NULL, 0), -EINVAL);
	CHECK_EQ(ipi_domain_trigger(w.dom, id, NULL), -EINVAL);
	CHECK_EQ(ipi_domain_trigger(w.dom, id, other.peer[0].cpu), -EINVAL);
	CHECK_EQ(ipi_domain_trigger(w.dom, id, w.peer[0].cpu), -EINVAL);
	CHECK_EQ(ipi_domain_trigger_multi(w.dom, id, NULL), -EINVAL);
	for (unsigned i = 0; i < 4; i++) {
		unsigned bad = (unsigned[]){ 0, id + 1, 1u << 20, UINT_MAX }[i];

		CHECK_EQ(ipi_domain_trigger(w.dom, bad, w.peer[1].cpu),
			 -EINVAL);
		CHECK_EQ(ipi_domain_trigger_broadcast(w.dom, bad, true),
			 -EINVAL);
		CHECK_EQ(ipi_domain_trigger_multi(w.dom, bad,
						  ipi_domain_running(w.dom)),
			 -EINVAL);
		CHECK(ipi_domain_unregister(w.dom, bad) < 0);
	}
	ipi_kpreempt_enable();
	CHECK(ipi_domain_done(w.dom, &msg));
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(atomic_load(&ran), 0);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&other);
	world_close(&w);
}

/* ---- messages: garbage, reuse, liveness ---- */

static void test_garbage_in_a_message_is_not_live(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg, copy;
	struct gate gate = { 0 };

	world_open(&w, 2);
	for (unsigned i = 0; i < 20; i++) {
		memset(&msg, i ? (int)contract_random() : 0xa5, sizeof(msg));
		for (size_t k = 0; i > 10 && k < sizeof(msg); k++)
			((unsigned char *)&msg)[k] =
				(unsigned char)contract_random();
		msg.func = handler_count;
		msg.arg = &ran;
		CHECK(ipi_domain_done(w.dom, &msg));
		ipi_domain_wait(w.dom, &msg);
		CHECK_EQ(ipi_domain_wait_timeout(w.dom, &msg, 0), 0);
		CHECK_EQ(ipi_domain_msg_detach(w.dom, &msg), 0);
		CHECK_EQ(i & 1 ? send_unicast(&w, &msg, 1, 0)
			       : send_broadcast(&w, &msg, IPI_SKIP_SELF),
			 0);
		ipi_domain_wait(w.dom, &msg);
		CHECK_EQ(atomic_load(&ran), i + 1);
	}
	/* Live is bound to the address: the copy of a live message is not. */
	peer_deafen(&w.peer[1], &gate);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	memcpy(&copy, &msg, sizeof(copy));
	CHECK(!ipi_domain_done(w.dom, &msg));
	CHECK(ipi_domain_done(w.dom, &copy));
	ipi_domain_wait(w.dom, &copy);
	CHECK_EQ(send_unicast(&w, &copy, 1, 0), 0);
	peer_hear(&w.peer[1], &gate);
	ipi_domain_wait(w.dom, &msg);
	ipi_domain_wait(w.dom, &copy);
	CHECK_EQ(atomic_load(&ran), 22);
	world_close(&w);
}

static void job_reuse(struct peer *self, void *arg)
{
	CHECK_EQ(send_unicast(self->world, arg, 0, 0), -EBUSY);
}

static void test_reuse_of_a_live_message_is_busy(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };

	world_open(&w, 3);
	for (unsigned multi = 0; multi < 2; multi++) {
		struct gate gate = { 0 };

		peer_deafen(&w.peer[1], &gate);
		CHECK_EQ(multi ? send_multicast(&w, &msg, 2)
			       : send_unicast(&w, &msg, 1, 0),
			 0);
		CHECK_EQ(send_unicast(&w, &msg, 1, 0), -EBUSY);
		CHECK_EQ(send_unicast(&w, &msg, 2, 0), -EBUSY);
		CHECK_EQ(send_multicast(&w, &msg, 6), -EBUSY);
		CHECK_EQ(send_multicast(&w, &msg, 0), -EBUSY);
		CHECK_EQ(send_broadcast(&w, &msg, 0), -EBUSY);
		peer_do(&w.peer[2], job_reuse, &msg);
		peer_join(&w.peer[2]);
		CHECK(!ipi_domain_done(w.dom, &msg));
		CHECK_EQ(ipi_domain_wait_timeout(w.dom, &msg, 0), -ETIMEDOUT);
		peer_hear(&w.peer[1], &gate);
		ipi_domain_wait(w.dom, &msg);
		CHECK(ipi_domain_done(w.dom, &msg));
		CHECK_EQ(atomic_load(&ran), multi + 1);
	}
	CHECK_EQ(send_unicast(&w, &msg, 2, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	world_close(&w);
}

static void test_failed_send_leaves_no_live_message(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg;

	world_open(&w, 3);
	peer_stop(&w.peer[2]);
	for (unsigned i = 0; i < 4; i++) {
		memset(&msg, 0xa5, sizeof(msg));
		msg.func = handler_count;
		msg.arg = &ran;
		if (i == 0)
			CHECK_EQ(send_unicast(&w, &msg, 2, 0), -ENXIO);
		else if (i == 1)
			CHECK_EQ(send_unicast(&w, &msg, 0, 0), -EINVAL);
		else if (i == 2)
			CHECK_EQ(ipi_domain_broadcast(w.dom, &msg, 0), -EPERM);
		else
			CHECK_EQ(ipi_domain_multicast(w.dom, &msg, NULL, 0),
				 -EPERM);
		CHECK(ipi_domain_done(w.dom, &msg));
		ipi_domain_wait(w.dom, &msg);
		CHECK_EQ(ipi_domain_wait_timeout(w.dom, &msg, 1), 0);
	}
	CHECK_EQ(atomic_load(&ran), 0);
	world_close(&w);
}

/* ---- who is sent to ---- */

static void test_multi_sends_go_to_those_that_run(void)
{
	struct world w;
	atomic_uint ran = 0, runs = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	ipi_cpuset_t *all;
	unsigned id;

	world_open(&w, 4);
	peer_stop(&w.peer[3]);
	id = ipi_domain_register(w.dom, handler_count, &runs);
	CHECK_EQ(ipi_cpuset_create(&all, true), 0);
	ipi_cpuset_fill(all); /* CPUs that never were, too */
	ipi_kpreempt_disable();
	CHECK_EQ(ipi_domain_multicast(w.dom, &msg, all, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(ipi_msg_count(&msg), 3);
	CHECK_EQ(atomic_load(&ran), 3);
	CHECK_EQ(ipi_domain_broadcast(w.dom, &msg, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(ipi_msg_count(&msg), 3);
	CHECK_EQ(ipi_domain_broadcast(w.dom, &msg, IPI_SKIP_SELF), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(ipi_msg_count(&msg), 2);
	CHECK_EQ(atomic_load(&ran), 8);
	CHECK_EQ(ipi_domain_trigger_multi(w.dom, id, all), 0);
	ipi_kpreempt_enable();
	UNTIL_SERVING(&w, atomic_load(&runs) == 3);
	CHECK_EQ(send_multicast(&w, &msg, 1u << 3), 0); /* absent only */
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(ipi_msg_count(&msg), 0);
	CHECK_EQ(send_trigger_multi(&w, id, 1u << 3), 0);
	CHECK_EQ(send_unicast(&w, &msg, 3, 0), -ENXIO);
	CHECK_EQ(send_trigger(&w, id, 3), -ENXIO);
	ipi_cpuset_destroy(all);
	world_quiesce(&w);
	CHECK_EQ(atomic_load(&runs), 3);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

static void test_an_empty_set_completes_at_once(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg;
	unsigned id;

	world_open(&w, 1);
	memset(&msg, 0xa5, sizeof(msg));
	msg.func = handler_count;
	msg.arg = &ran;
	id = ipi_domain_register(w.dom, handler_count, &ran);
	CHECK_EQ(send_multicast(&w, &msg, 0), 0);
	CHECK(ipi_domain_done(w.dom, &msg));
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(ipi_msg_count(&msg), 0);
	CHECK_EQ(send_broadcast(&w, &msg, IPI_SKIP_SELF), 0); /* alone */
	CHECK(ipi_domain_done(w.dom, &msg));
	CHECK_EQ(ipi_msg_count(&msg), 0);
	CHECK_EQ(send_trigger_multi(&w, id, 0), 0);
	ipi_kpreempt_disable();
	CHECK_EQ(ipi_domain_trigger_broadcast(w.dom, id, true), 0);
	ipi_kpreempt_enable();
	ipi_domain_serve(w.dom);
	CHECK_EQ(atomic_load(&ran), 0);
	CHECK_EQ(ipi_domain_unregister(w.dom, id), 0);
	world_close(&w);
}

/* ---- visibility ---- */

struct parcel {
	unsigned sent[16], back[16]; /* plain on purpose */
};

static void handler_parcel(void *arg)
{
	struct parcel *p = arg;

	for (unsigned i = 0; i < 16; i++)
		p->back[i] = p->sent[i] + 1;
}

static void test_stores_are_visible_both_ways(void)
{
	struct world w;
	struct parcel parcel;
	ipi_msg_t msg = { .func = handler_parcel, .arg = &parcel };

	world_open(&w, 4);
	for (unsigned round = 0; round < contract_rounds(300); round++) {
		for (unsigned i = 0; i < 16; i++)
			parcel.sent[i] = round + i;
		CHECK_EQ(round & 1 ? send_unicast(&w, &msg, 1 + round % 3, 0)
				   : send_multicast(&w, &msg, 2u << round % 3),
			 0);
		if (round % 5) {
			ipi_domain_wait(w.dom, &msg);
		} else {
			UNTIL_SERVING(&w, ipi_domain_done(w.dom, &msg));
		}
		for (unsigned i = 0; i < 16; i++)
			CHECK_EQ(parcel.back[i], round + i + 1);
	}
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "send_needs_preemption_disabled",
	  test_send_needs_preemption_disabled },
	{ "send_is_allowed_in_a_handler", test_send_is_allowed_in_a_handler },
	{ "bad_arguments_are_refused", test_bad_arguments_are_refused },
	{ "garbage_in_a_message_is_not_live",
	  test_garbage_in_a_message_is_not_live },
	{ "reuse_of_a_live_message_is_busy",
	  test_reuse_of_a_live_message_is_busy },
	{ "failed_send_leaves_no_live_message",
	  test_failed_send_leaves_no_live_message },
	{ "multi_sends_go_to_those_that_run",
	  test_multi_sends_go_to_those_that_run },
	{ "an_empty_set_completes_at_once",
	  test_an_empty_set_completes_at_once },
	{ "stores_are_visible_both_ways", test_stores_are_visible_both_ways },
	{ 0 }
};
