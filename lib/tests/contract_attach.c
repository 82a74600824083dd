// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that become CPUs and cease to be ones, while they are sent to.
 */
#include "contract.h"

/* ---- the rules of attaching ---- */

struct attach_try {
	struct world *w;
	struct ipi_cpu_params params;
	struct ipi_cpu *cpu;
	int err;
};

static void *thread_attach(void *arg)
{
	struct attach_try *a = arg;

	CHECK_EQ(ipi_domain_detach(a->w->dom), -EPERM); /* not yet a CPU */
	CHECK_EQ(ipi_domain_serve(a->w->dom), 0);
	a->err = ipi_domain_attach(a->w->dom, &a->params, &a->cpu);
	if (!a->err) {
		CHECK(ipi_domain_curcpu(a->w->dom) == a->cpu);
		CHECK_EQ(ipi_domain_detach(a->w->dom), 0);
		CHECK(ipi_domain_curcpu(a->w->dom) == NULL);
	}
	return NULL;
}

static int try_attach(struct attach_try *a, int index, int processor)
{
	a->params = (struct ipi_cpu_params){ .index = index,
					     .processor = processor };
	a->cpu = NULL;
	pthread_join(thread_start(thread_attach, a), NULL);
	return a->err;
}

static void test_attach_rules(void)
{
	struct world w;
	struct attach_try a = { .w = &w };
	struct ipi_cpu *self, *left, *untouched = NULL;

	world_open(&w, 3);
	self = ipi_domain_curcpu(w.dom);
	CHECK(self == w.peer[0].cpu);
	CHECK_EQ(ipi_cpu_index(self), 0);
	CHECK_EQ(ipi_cpu_processor(self), contract_processor(0));
	CHECK_EQ(ipi_domain_ncpu(w.dom), 3);
	CHECK_EQ(ipi_cpuset_countset(ipi_domain_running(w.dom)), 3);
	CHECK_EQ(ipi_domain_attach(w.dom, NULL, &untouched), -EALREADY);
	CHECK(untouched == NULL);
	CHECK_EQ(ipi_domain_destroy(w.dom), -EBUSY);
	CHECK_EQ(try_attach(&a, 1, -1), -EBUSY);
	CHECK_EQ(try_attach(&a, -1, 1 << 20), -EINVAL);
	CHECK_EQ(try_attach(&a, WORLD_CPUS, -1), -EINVAL);
	CHECK(ipi_domain_cpu(w.dom, 3) == NULL); /* never attached */
	CHECK(ipi_domain_cpu(w.dom, WORLD_CPUS) == NULL);
	CHECK_EQ(try_attach(&a, -1, -1), 0);
	CHECK_EQ(ipi_cpu_index(a.cpu), 3); /* the lowest free one */
	CHECK(ipi_domain_cpu(w.dom, 3) == a.cpu); /* not freed */
	left = w.peer[1].cpu;
	peer_stop(&w.peer[1]);
	CHECK(!ipi_cpuset_isset(ipi_domain_running(w.dom), 1));
	CHECK_EQ(ipi_domain_ncpu(w.dom), 2);
	CHECK_EQ(try_attach(&a, -1, contract_processor(1)), 0);
	CHECK(a.cpu == left); /* slots are reused */
	CHECK_EQ(ipi_cpu_processor(a.cpu), contract_processor(1));
	peer_start(&w, 1);
	for (unsigned i = 3; i < WORLD_CPUS; i++)
		peer_start(&w, i);
	w.n = WORLD_CPUS;
	CHECK_EQ(try_attach(&a, -1, -1), -ENOSPC);
	world_close(&w);
}

static void handler_detach(void *arg)
{
	struct attach_try *a = arg;

	a->err = ipi_domain_detach(a->w->dom);
}

static void test_detach_refuses_to_deadlock(void)
{
	struct world w;
	struct attach_try a = { .w = &w };
	ipi_msg_t msg = { .func = handler_detach, .arg = &a };
	int level;

	world_open(&w, 2);
	CHECK_EQ(send_unicast(&w, &msg, 1, 0), 0);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(a.err, -EDEADLK);
	level = ipi_splhigh();
	CHECK_EQ(ipi_domain_detach(w.dom), -EDEADLK);
	ipi_splx(level);
	CHECK_EQ(ipi_domain_ncpu(w.dom), 2);
	world_close(&w);
}

/* ---- coming and going ---- */

struct fire {
	atomic_bool stop;
	atomic_uint sent, absent;
	unsigned id;
	atomic_uint runs;
};

/* Comes and goes, always as CPU 4. */
static void *thread_comes_and_goes(void *arg)
{
	struct world *w = ((void **)arg)[0];
	struct fire *f = ((void **)arg)[1];
	struct ipi_cpu_params params = {
		.processor = contract_processor(4),
		.index = 4,
	};
	struct ipi_cpu *cpu;

	contract_me = 4;
	while (!atomic_load(&f->stop)) {
		CHECK_EQ(ipi_domain_attach(w->dom, &params, &cpu), 0);
		for (unsigned turn = contract_random() % 80; turn; turn--)
			world_rest(w, turn % 64);
		CHECK_EQ(ipi_domain_detach(w->dom), 0);
		if (contract_random() % 2)
			sched_yield();
	}
	return NULL;
}

static void job_fire(struct peer *self, void *arg)
{
	struct world *w = self->world;
	struct fire *f = arg;
	atomic_uint ran = 0;
	unsigned sent = 0;
	uint64_t begin = contract_now_ns();
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };

	for (unsigned i = 0; i < contract_rounds(2000); i++) {
		int err = send_unicast(w, &msg, 4, 0);

		CHECK(err == 0 || err == -ENXIO);
		ipi_domain_wait(w->dom, &msg);
		sent += !err;
		atomic_fetch_add(err ? &f->absent : &f->sent, 1);
		CHECK_EQ(atomic_load(&ran), sent);
		err = send_trigger(w, f->id, 4);
		CHECK(err == 0 || err == -ENXIO);
		if (!contract_time_left(begin, 1000))
			break;
	}
}

static void test_unicasts_to_a_cpu_that_comes_and_goes(void)
{
	struct world w;
	struct fire f = { 0 };
	void *both[2] = { &w, &f };
	pthread_t thread;

	world_open(&w, 4);
	f.id = ipi_domain_register(w.dom, handler_count, &f.runs);
	thread = thread_start(thread_comes_and_goes, both);
	UNTIL_SERVING(&w, (w.peer[4].cpu = ipi_domain_cpu(w.dom, 4)));
	for (unsigned i = 1; i < 4; i++)
		peer_do(&w.peer[i], job_fire, &f);
	world_quiesce(&w);
	atomic_store(&f.stop, true);
	pthread_join(thread, NULL);
	contract_note("%u sent, %u absent\n", atomic_load(&f.sent),
		      atomic_load(&f.absent));
	CHECK_EQ(ipi_domain_unregister(w.dom, f.id), 0);
	world_close(&w);
}

struct roll {
	atomic_uint by_cpu[WORLD_CPUS];
};

static void handler_roll(void *arg)
{
	atomic_fetch_add(&((struct roll *)arg)->by_cpu[contract_me], 1);
}

/* One snapshot: each member exactly once, nobody else, and they are counted. */
static void test_a_broadcast_is_one_snapshot(void)
{
	struct world w;
	struct fire f = { 0 };
	void *both[2] = { &w, &f };
	uint64_t begin = contract_now_ns();
	pthread_t thread;

	world_open(&w, 4);
	thread = thread_start(thread_comes_and_goes, both);
	for (unsigned i = 0; i < contract_rounds(2000); i++) {
		struct roll roll = { 0 };
		ipi_msg_t msg = { .func = handler_roll, .arg = &roll };
		bool skip_self = i & 1;
		unsigned total = 0;

		CHECK_EQ(
			send_broadcast(&w, &msg, skip_self ? IPI_SKIP_SELF : 0),
			0);
		ipi_domain_wait(w.dom, &msg);
		for (unsigned k = 0; k < WORLD_CPUS; k++) {
			unsigned n = atomic_load(&roll.by_cpu[k]);

			total += n;
			if (k >= 4)
				CHECK(n <= (k == 4));
			else
				CHECK_EQ(n, k || !skip_self);
		}
		CHECK_EQ(total, ipi_msg_count(&msg));
		if (!contract_time_left(begin, 1000))
			break;
	}
	atomic_store(&f.stop, true);
	pthread_join(thread, NULL);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "attach_rules", test_attach_rules },
	{ "detach_refuses_to_deadlock", test_detach_refuses_to_deadlock },
	{ "unicasts_to_a_cpu_that_comes_and_goes",
	  test_unicasts_to_a_cpu_that_comes_and_goes },
	{ "a_broadcast_is_one_snapshot", test_a_broadcast_is_one_snapshot },
	{ 0 }
};
