// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that end without leaving: threads that return or exit, and forks.
 */
#include "contract.h"

#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- threads that end attached ---- */

enum ending { BY_RETURN, BY_PTHREAD_EXIT, BY_BARE_EXIT, ENDINGS };

struct ender {
	struct world *w;
	enum ending how;
	struct gate gate;
	atomic_bool attached;
	atomic_int tid;
	unsigned id;
};

static void ender_attach(struct ender *e)
{
	struct ipi_cpu_params params = {
		.processor = contract_processor(2),
		.index = 2,
	};

	contract_me = 2;
	CHECK_EQ(ipi_domain_attach(e->w->dom, &params, &e->w->peer[2].cpu), 0);
	CHECK_EQ(ipi_domain_polling(e->w->dom, true), 0);
	atomic_store(&e->tid, (int)syscall(SYS_gettid));
}

static void *thread_ends_attached(void *arg)
{
	struct ender *e = arg;
	enum ending how = e->how;

	ender_attach(e);
	gate_pass(&e->gate);
	if (how == BY_PTHREAD_EXIT)
		pthread_exit(NULL);
	if (how == BY_BARE_EXIT)
		syscall(SYS_exit, 0);
	return NULL;
}

static bool thread_gone(struct ender *e)
{
	return syscall(SYS_tgkill, getpid(), atomic_load(&e->tid), 0) &&
	       errno == ESRCH;
}

static void job_unicast_and_wait(struct peer *self, void *arg)
{
	CHECK_EQ(send_unicast(self->world, arg, 2, 0), 0);
	ipi_domain_wait(self->world->dom, arg);
}

/* A thread that just vanishes gives no sign that its ender may be reused. */
static struct ender *ender_new(struct world *w, enum ending how)
{
	static struct ender enders[8192];
	static unsigned n;

	if (n == sizeof(enders) / sizeof(enders[0]))
		contract_lost(__FILE__, __LINE__, "a place for one more");
	enders[n] = (struct ender){ .w = w, .how = how };
	return &enders[n++];
}

static void end_one(struct world *w, enum ending how)
{
	struct ender *e = ender_new(w, how);
	struct ipi_counters before, after;
	atomic_uint ran = 0;
	ipi_msg_t msg[3];
	pthread_t thread = thread_start(thread_ends_attached, e);

	for (unsigned i = 0; i < 3; i++)
		msg[i] = (ipi_msg_t){ .func = handler_count, .arg = &ran };
	UNTIL_SERVING(w, atomic_load(&e->gate.in));
	ipi_domain_counters(w->dom, &before);
	CHECK_EQ(send_unicast(w, &msg[0], 2, 0), 0);
	CHECK_EQ(send_multicast(w, &msg[1], 6), 0);
	peer_do(&w->peer[1], job_unicast_and_wait, &msg[2]);
	UNTIL_SERVING(w, !ipi_domain_done(w->dom, &msg[2]));
	gate_open(&e->gate);
	if (how == BY_BARE_EXIT)
		UNTIL_SERVING(w, thread_gone(e));
	else
		pthread_join(thread, NULL);
	if (how != BY_BARE_EXIT) /* it left, nobody had to find it out */
		CHECK(!ipi_cpuset_isset(ipi_domain_running(w->dom), 2));
	ipi_domain_wait(w->dom, &msg[0]);
	ipi_domain_wait(w->dom, &msg[1]);
	peer_join(&w->peer[1]);
	ipi_domain_counters(w->dom, &after);
	/* CPU 1 had its part; each of the three either ran here or is dead. */
	CHECK_EQ(atomic_load(&ran) + (unsigned)(after.dead - before.dead), 4);
	if (how == BY_BARE_EXIT)
		CHECK_EQ(atomic_load(&ran), 1);
	CHECK_EQ(send_unicast(w, &msg[0], 2, 0), -ENXIO);
	CHECK(!ipi_cpuset_isset(ipi_domain_running(w->dom), 2));
	CHECK_EQ(ipi_domain_ncpu(w->dom), 2);
}

static void test_a_thread_that_ends_attached_is_detached(void)
{
	struct world w;

	world_open(&w, 2);
	end_one(&w, BY_RETURN);
	end_one(&w, BY_PTHREAD_EXIT);
	peer_start(&w, 2); /* its slot is free again */
	w.n = 3;
	world_close(&w);
}

/* No destructor runs, only the kernel knows. */
/* Without them nobody is told of a bare exit; an emulator may keep none. */
static bool robust_lists_are_kept(void)
{
	void *head;
	size_t length;

	if (!syscall(SYS_get_robust_list, 0, &head, &length))
		return true;
	contract_skip("this kernel keeps no robust lists");
	return false;
}

static void test_a_bare_exit_is_noticed(void)
{
	struct world w;

	if (!robust_lists_are_kept())
		return;
	world_open(&w, 2);
	end_one(&w, BY_BARE_EXIT);
	end_one(&w, BY_BARE_EXIT);
	peer_start(&w, 2);
	w.n = 3;
	world_close(&w);
}

static void vanish(void *arg)
{
	trap_over(0);
	syscall(SYS_exit, 0);
}

static void *thread_vanishes_in_a_trigger(void *arg)
{
	struct ender *e = arg;

	ender_attach(e);
	trap_set(0, 2, IPI_POINT_POSTED, vanish, NULL);
	(void)send_trigger(e->w, e->id, 1);
	return NULL;
}

/* It has set the id's bit, and is the only one who would have told. */
static void test_a_trigger_whose_sender_died_is_not_lost(void)
{
	struct ipi_msg msg = { .func = handler_count };
	atomic_uint runs = 0, ran = 0;
	struct world w;
	struct ender *e;

	if (!robust_lists_are_kept())
		return;
	world_open(&w, 2);
	e = ender_new(&w, BY_BARE_EXIT);
	e->id = ipi_domain_register(w.dom, handler_count, &runs);
	msg.arg = &ran;
	thread_start(thread_vanishes_in_a_trigger, e);
	UNTIL_SERVING(&w, atomic_load(&e->tid) && thread_gone(e));
	CHECK_EQ(atomic_load(&runs), 0);
	CHECK_EQ(send_trigger(&w, e->id, 1), 0);
	if (!send_unicast(&w, &msg, 2, 0)) /* whoever waits finds it out */
		ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(atomic_load(&ran), 0);
	UNTIL_SERVING(&w, atomic_load(&runs) > 0);
	CHECK_EQ(ipi_domain_unregister(w.dom, e->id), 0);
	world_close(&w);
}

/* ---- a handler that comes during a burial waits for the dead one ---- */

struct burial {
	struct world *w;
	ipi_msg_t msg; /* to the dead one */
	atomic_bool begun;
	atomic_int answer;
};

static void handler_waits_for_the_dead(void *arg)
{
	struct burial *b = arg;

	atomic_store(&b->begun, true);
	atomic_store(&b->answer,
		     ipi_domain_wait_timeout(b->w->dom, &b->msg, 2000000000));
}

static void job_send_to_the_dead(struct peer *self, void *arg)
{
	struct burial *b = arg;

	CHECK_EQ(send_unicast(self->world, &b->msg, 2, 0), 0);
	ipi_domain_wait(self->world->dom, &b->msg);
}

static void job_stand_in_a_section(struct peer *self, void *arg)
{
	CHECK_EQ(send_unicast(self->world, arg, 0, 0), 0);
}

/* CPU 1 sends to CPU 2, which dies, and buries it; CPU 3 makes that last. */
static void test_no_handler_runs_in_a_burial(void)
{
	struct burial b = { 0 };
	struct world w;
	struct ender *e;
	struct gate gate = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t slow = { .func = handler_count, .arg = &ran };
	ipi_msg_t late = { .func = handler_waits_for_the_dead, .arg = &b };

	if (!robust_lists_are_kept())
		return;
	world_open(&w, 5);
	peer_stop(&w.peer[2]);
	e = ender_new(&w, BY_BARE_EXIT);
	b.w = &w;
	b.msg = slow;
	atomic_store(&b.answer, 1);
	thread_start(thread_ends_attached, e);
	UNTIL_SERVING(&w, atomic_load(&e->gate.in));
	peer_do(&w.peer[1], job_send_to_the_dead, &b);
	UNTIL_SERVING(&w, !ipi_domain_done(w.dom, &b.msg));
	trap_set(0, 3, IPI_POINT_SECTION_ENTERED, trap_gate, &gate);
	peer_do(&w.peer[3], job_stand_in_a_section, &slow);
	UNTIL_SERVING(&w, atomic_load(&gate.in));
	gate_open(&e->gate);
	UNTIL(thread_gone(e));
	UNTIL(!ipi_cpuset_isset(ipi_domain_running(w.dom), 2));
	CHECK_EQ(send_unicast(&w, &late, 1, 0), 0);
	CHECK(STAYS_FALSE(atomic_load(&b.begun), 30));
	gate_open(&gate);
	ipi_domain_wait(w.dom, &late);
	CHECK_EQ(atomic_load(&b.answer), 0);
	peer_join(&w.peer[1]);
	peer_join(&w.peer[3]);
	ipi_domain_wait(w.dom, &slow);
	traps_clear();
	world_close(&w);
}

/* ---- fork ---- */

static int child_verdict(struct world *w, ipi_msg_t *live)
{
	ipi_msg_t msg = { .func = handler_count, .arg = NULL };
	atomic_uint ran = 0;
	struct ipi_cpu *cpu;

	if (ipi_domain_curcpu(w->dom) || ipi_domain_ncpu(w->dom))
		return 2;
	if (!ipi_cpuset_iszero(ipi_domain_running(w->dom)))
		return 3;
	if (send_unicast(w, &msg, 1, 0) != -EPERM)
		return 4;
	if (ipi_domain_detach(w->dom) != -EPERM)
		return 5;
	if (ipi_domain_attach(w->dom, NULL, &cpu))
		return 6;
	msg.arg = &ran;
	if (send_broadcast(w, &msg, 0) || ipi_msg_count(&msg) != 1)
		return 7;
	ipi_domain_wait(w->dom, &msg);
	if (atomic_load(&ran) != 1)
		return 8;
	if (send_unicast(w, &msg, 1, 0) != -ENXIO && ipi_cpu_index(cpu) != 1)
		return 9;
	if (ipi_domain_detach(w->dom))
		return 10;
	return live ? 0 : 11;
}

static void test_after_fork_the_child_has_no_cpus(void)
{
	struct world w;
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	int status = 0;
	pid_t child;

	world_open(&w, 3);
	child = fork();
	CHECK(child >= 0);
	if (!child)
		_exit(child_verdict(&w, &msg));
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	CHECK_EQ(ipi_domain_ncpu(w.dom), 3); /* and the parent has its own */
	CHECK_EQ(send_broadcast(&w, &msg, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(atomic_load(&ran), 3);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "a_thread_that_ends_attached_is_detached",
	  test_a_thread_that_ends_attached_is_detached },
	{ "a_bare_exit_is_noticed", test_a_bare_exit_is_noticed },
	{ "a_trigger_whose_sender_died_is_not_lost",
	  test_a_trigger_whose_sender_died_is_not_lost, .hooks = true },
	{ "no_handler_runs_in_a_burial", test_no_handler_runs_in_a_burial,
	  .hooks = true },
	{ "after_fork_the_child_has_no_cpus",
	  test_after_fork_the_child_has_no_cpus },
	{ 0 }
};
