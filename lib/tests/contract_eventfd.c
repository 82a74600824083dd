// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event loops: when a CPU's descriptor is readable, and a CPU that waits in
 * epoll.
 */
#include "contract.h"

#include <poll.h>
#include <sys/epoll.h>

static bool has_descriptors(void)
{
	if (contract_delivers("eventfd"))
		return true;
	contract_skip("this delivery has no descriptor");
	return false;
}

static bool readable(int fd, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, timeout_ms) == 1;
}

/* ---- when it is readable ---- */

static void job_send_to_0(struct peer *self, void *msg)
{
	CHECK_EQ(send_unicast(self->world, msg, 0, 0), 0);
}

static void test_who_has_no_descriptor_says_so(void)
{
	struct world w;

	CHECK_EQ(ipi_domain_fd(NULL), -EPERM);
	world_open(&w, 1);
	if (contract_delivers("eventfd"))
		CHECK(ipi_domain_fd(w.dom) >= 0);
	else
		CHECK_EQ(ipi_domain_fd(w.dom), -EOPNOTSUPP);
	world_close(&w);
}

static void test_readable_when_work_is_pending(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	struct ipi_counters before, after;
	int fd;

	if (!has_descriptors())
		return;
	world_open(&w, 2);
	peer_do(&w.peer[1], job_send_to_0, &msg);
	UNTIL(peer_resting(&w.peer[1])); /* pending before it is asked for */
	fd = ipi_domain_fd(w.dom);
	CHECK(readable(fd, 0));
	CHECK_EQ(ipi_domain_serve(w.dom), 1);
	CHECK(!readable(fd, 0));
	ipi_domain_counters(w.dom, &before);
	peer_do(&w.peer[1], job_send_to_0, &msg);
	CHECK(readable(fd, 15000)); /* and after */
	CHECK_EQ(ipi_domain_fd(w.dom), fd);
	CHECK_EQ(ipi_domain_serve(w.dom), 1);
	CHECK(!readable(fd, 0));
	peer_join(&w.peer[1]);
	ipi_domain_counters(w.dom, &after);
	CHECK_EQ(after.notified - before.notified, 1);
	CHECK_EQ(after.entries - before.entries, 1);
	world_close(&w);
}

/* Work that a wait took leaves it readable for nothing, and no more. */
static void test_readable_for_nothing_is_harmless(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	ipi_msg_t own = msg;
	uint64_t begin;
	int fd;

	if (!has_descriptors())
		return;
	world_open(&w, 3);
	fd = ipi_domain_fd(w.dom);
	for (unsigned i = 0; i < 3; i++) {
		struct gate gate = { 0 };

		peer_deafen(&w.peer[2], &gate);
		peer_do(&w.peer[1], job_send_to_0, &msg);
		CHECK(readable(fd, 15000));
		CHECK_EQ(send_unicast(&w, &own, 2, 0), 0);
		CHECK_EQ(ipi_domain_wait_timeout(w.dom, &own, 1000000),
			 -ETIMEDOUT); /* and serves */
		CHECK(ipi_domain_done(w.dom, &msg));
		CHECK(readable(fd, 0));
		peer_hear(&w.peer[2], &gate); /* serves as well, but nothing */
		ipi_domain_wait(w.dom, &own);
		if (i == 0) {
			CHECK_EQ(ipi_domain_serve(w.dom), 0);
			CHECK(!readable(fd, 0));
		}
		(void)ipi_domain_idle(w.dom, 0);
		begin = contract_now_ns();
		CHECK_EQ(ipi_domain_idle(w.dom, 5000000), 0);
		CHECK(!contract_time_left(begin, 5));
		CHECK(!readable(fd, 0));
		peer_join(&w.peer[1]);
	}
	world_close(&w);
}

/* ---- an event loop ---- */

#define LOOP_MSGS 6

struct loop {
	struct world *w;
	unsigned events; /* of epoll: level- or edge-triggered */
	unsigned id;
	atomic_bool ready;
	atomic_bool stop;
	atomic_uint ran;
	_Atomic uint64_t told; /* stored before a trigger */
	_Atomic uint64_t seen; /* by its handler */
};

static void handler_stop(void *arg)
{
	atomic_store(&((struct loop *)arg)->stop, true);
}

static void handler_message(void *arg)
{
	atomic_fetch_add(&((struct loop *)arg)->ran, 1);
}

static void handler_told(void *arg)
{
	struct loop *l = arg;

	atomic_store(&l->seen, atomic_load(&l->told));
}

/* What an event's handler does in its own right may serve, too. */
static void loop_work(struct peer *self, ipi_msg_t *own)
{
	struct ipi_domain *dom = self->world->dom;
	int level;

	switch (contract_random() % 16) {
	case 0:
		ipi_domain_wait(dom, own);
		CHECK_EQ(send_unicast(self->world, own, 0, 0), 0);
		break;
	case 1:
		ipi_domain_wait(dom, own);
		break;
	case 2:
		CHECK(ipi_domain_idle(dom, contract_random() % 20000) >= 0);
		break;
	case 3:
		level = ipi_splhigh();
		sched_yield();
		ipi_splx(level);
		break;
	case 4:
		CHECK_EQ(ipi_domain_polling(dom, true), 0);
		sched_yield();
		CHECK_EQ(ipi_domain_polling(dom, false), 0);
		break;
	default:
		break;
	}
}

static void job_loop(struct peer *self, void *arg)
{
	struct loop *l = arg;
	struct ipi_domain *dom = self->world->dom;
	struct epoll_event event = { .events = l->events };
	atomic_uint ran = 0;
	ipi_msg_t own = { .func = handler_count, .arg = &ran };
	int set = epoll_create1(EPOLL_CLOEXEC), fd = ipi_domain_fd(dom);

	CHECK(set >= 0 && fd >= 0);
	CHECK_EQ(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), 0);
	atomic_store(&l->ready, true);
	while (!atomic_load(&l->stop)) {
		/* For ever: work that was missed is a hang. */
		CHECK_EQ(epoll_wait(set, &event, 1, -1), 1);
		(void)ipi_domain_serve(dom);
		loop_work(self, &own);
	}
	ipi_domain_wait(dom, &own);
	close(set);
}

/* One step of who sends to the loop; waits with a bound. */
static void tell_loop(struct world *w, struct loop *l, ipi_msg_t *msg,
		      uint64_t i)
{
	switch (contract_random() % 4) {
	case 0:
		atomic_store(&l->told, i);
		CHECK_EQ(send_trigger(w, l->id, 1), 0);
		if (contract_random() % 8 == 0)
			UNTIL_SERVING(w, atomic_load(&l->seen) >= i);
		break;
	case 1:
		CHECK_EQ(ipi_domain_wait_timeout(w->dom, msg, 15000000000u), 0);
		*msg = (ipi_msg_t){ .func = handler_message, .arg = l };
		CHECK_EQ(send_broadcast(w, msg, IPI_SKIP_SELF), 0);
		break;
	default:
		CHECK_EQ(ipi_domain_wait_timeout(w->dom, msg, 15000000000u), 0);
		*msg = (ipi_msg_t){ .func = handler_message, .arg = l };
		CHECK_EQ(send_unicast(w, msg, 1, 0), 0);
		break;
	}
}

static void loop_loses_nothing(unsigned events)
{
	struct world w;
	struct loop l = { .w = &w, .events = events };
	ipi_msg_t msg[LOOP_MSGS] = { 0 }, last = { .func = handler_stop };
	struct ipi_counters c;
	uint64_t i, begin = contract_now_ns(), n = contract_rounds(20000);

	if (!has_descriptors())
		return;
	world_open(&w, 2);
	l.id = ipi_domain_register(w.dom, handler_told, &l);
	peer_do(&w.peer[1], job_loop, &l);
	UNTIL_SERVING(&w, atomic_load(&l.ready));
	for (i = 1; i <= n && contract_time_left(begin, 1500); i++)
		tell_loop(&w, &l, &msg[contract_random() % LOOP_MSGS], i);
	for (unsigned m = 0; m < LOOP_MSGS; m++)
		CHECK_EQ(ipi_domain_wait_timeout(w.dom, &msg[m], 15000000000u),
			 0);
	UNTIL_SERVING(&w, atomic_load(&l.seen) == atomic_load(&l.told));
	last.arg = &l;
	CHECK_EQ(send_unicast(&w, &last, 1, 0), 0);
	peer_join(&w.peer[1]);
	world_quiesce(&w);
	ipi_domain_counters(w.dom, &c);
	CHECK_EQ(c.notified + c.already_pending + c.polled + c.local, c.asked);
	CHECK_EQ(c.entries + c.merged, c.notified);
	CHECK_EQ(ipi_domain_unregister(w.dom, l.id), 0);
	world_close(&w);
}

static void test_a_level_triggered_loop_loses_nothing(void)
{
	loop_loses_nothing(EPOLLIN);
}

static void test_an_edge_triggered_loop_loses_nothing(void)
{
	loop_loses_nothing(EPOLLIN | EPOLLET);
}

const struct contract_test contract_tests[] = {
	{ "who_has_no_descriptor_says_so", test_who_has_no_descriptor_says_so },
	{ "readable_when_work_is_pending", test_readable_when_work_is_pending },
	{ "readable_for_nothing_is_harmless",
	  test_readable_for_nothing_is_harmless },
	{ "a_level_triggered_loop_loses_nothing",
	  test_a_level_triggered_loop_loses_nothing },
	{ "an_edge_triggered_loop_loses_nothing",
	  test_an_edge_triggered_loop_loses_nothing },
	{ 0 }
};
