// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worlds, peers and gates: the CPUs that the contract is tried on.
 */
#include "contract.h"

#include <sys/syscall.h>
#include <time.h>

static cpu_set_t allowed; /* of the program, before any CPU was pinned */
static pthread_once_t allowed_once = PTHREAD_ONCE_INIT;

static void allowed_read(void)
{
	sched_getaffinity(0, sizeof(allowed), &allowed);
}

/* Round robin: more CPUs than processors is the usual case. */
int contract_processor(unsigned index)
{
	unsigned nth;

	pthread_once(&allowed_once, allowed_read);
	nth = index % (unsigned)CPU_COUNT(&allowed);
	for (int processor = 0; processor < CPU_SETSIZE; processor++)
		if (CPU_ISSET(processor, &allowed) && !nth--)
			return processor;
	return -1;
}

/* ---- gates ---- */

void gate_pass(struct gate *g)
{
	atomic_store(&g->in, true);
	UNTIL(atomic_load(&g->open));
}

void gate_open(struct gate *g)
{
	atomic_store(&g->open, true);
}

void trap_gate(void *gate)
{
	gate_pass(gate);
}

void job_deaf(struct peer *self, void *gate)
{
	int level = ipi_splhigh();

	gate_pass(gate);
	ipi_splx(level);
}

void job_inert(struct peer *self, void *gate)
{
	gate_pass(gate);
}

void peer_deafen(struct peer *p, struct gate *g)
{
	peer_do(p, job_deaf, g);
	UNTIL(atomic_load(&g->in));
}

void peer_hear(struct peer *p, struct gate *g)
{
	gate_open(g);
	peer_join(p);
}

/* ---- peers ---- */

void world_rest(struct world *w, unsigned turn)
{
	const struct timespec nap = { .tv_nsec = 200000 };

	if (w->polls)
		ipi_domain_serve(w->dom);
	if (turn < 64)
		sched_yield();
	else if (w->polls)
		ipi_domain_idle(w->dom, 500000);
	else
		nanosleep(&nap, NULL);
}

static void *peer_main(void *arg)
{
	struct peer *p = arg;
	struct ipi_cpu_params params = {
		.processor = contract_processor(p->index),
		.index = (int)p->index,
	};
	unsigned turn = 0;
	job_t job;

	contract_me = (int)p->index;
	p->tid = (pid_t)syscall(SYS_gettid);
	CHECK_EQ(ipi_domain_attach(p->world->dom, &params, &p->cpu), 0);
	atomic_store(&p->ready, true);
	while (!atomic_load(&p->quit)) {
		job = atomic_load(&p->job);
		if (job) {
			job(p, p->job_arg);
			turn = 0;
			atomic_store(&p->job, NULL);
		}
		world_rest(p->world, turn++);
	}
	CHECK_EQ(ipi_domain_detach(p->world->dom), 0);
	return NULL;
}

void peer_start(struct world *w, unsigned index)
{
	struct peer *p = &w->peer[index];

	*p = (struct peer){ .world = w, .index = index };
	p->thread = thread_start(peer_main, p);
	UNTIL_SERVING(w, atomic_load(&p->ready));
}

void peer_stop(struct peer *p)
{
	peer_join(p);
	atomic_store(&p->quit, true);
	pthread_join(p->thread, NULL);
	p->stopped = true;
}

void peer_do(struct peer *p, job_t job, void *arg)
{
	peer_join(p);
	p->job_arg = arg;
	atomic_store(&p->job, job);
}

bool peer_resting(struct peer *p)
{
	return !atomic_load(&p->job);
}

void peer_join(struct peer *p)
{
	UNTIL_SERVING(p->world, peer_resting(p));
}

struct start {
	void *(*func)(void *);
	void *arg;
};

/*
 * gcc 12's ThreadSanitizer loses a signal that comes while a thread's first
 * blocking call is being set up: have that behind us.
 */
void contract_settle_thread(void)
{
	const struct timespec none = { 0 };

	nanosleep(&none, NULL);
}

static void *thread_main(void *arg)
{
	struct start start = *(struct start *)arg;

	free(arg);
	contract_settle_thread();
	return start.func(start.arg);
}

pthread_t thread_start(void *(*func)(void *), void *arg)
{
	struct start *start = malloc(sizeof(*start));
	pthread_t thread;
	int err;

	*start = (struct start){ func, arg };
	err = pthread_create(&thread, NULL, thread_main, start);
	if (err)
		contract_lost(__FILE__, __LINE__, strerror(err));
	return thread;
}

/* ---- worlds ---- */

void world_open_with(struct world *w, unsigned n, const struct ipi_params *p)
{
	struct ipi_cpu_params cpu = { .processor = contract_processor(0) };
	int err;

	*w = (struct world){ .n = n, .polls = contract_delivers("poll") };
	err = ipi_domain_create(p, &w->dom);
	CHECK_EQ(err, 0);
	if (err)
		contract_lost(__FILE__, __LINE__, "a domain");
	contract_me = 0;
	CHECK_EQ(ipi_domain_attach(w->dom, &cpu, &w->peer[0].cpu), 0);
	w->peer[0].world = w;
	for (unsigned i = 1; i < n; i++)
		peer_start(w, i);
}

void world_open(struct world *w, unsigned n)
{
	world_open_with(w, n, &contract_params);
}

void world_close(struct world *w)
{
	for (unsigned i = 1; i < w->n; i++)
		if (!w->peer[i].stopped)
			peer_stop(&w->peer[i]);
	CHECK_EQ(ipi_domain_detach(w->dom), 0);
	CHECK_EQ(ipi_domain_destroy(w->dom), 0);
	contract_me = -1;
	sched_setaffinity(0, sizeof(allowed), &allowed);
}

static void job_serve(struct peer *self, void *arg)
{
	ipi_domain_serve(self->world->dom);
}

void world_quiesce(struct world *w)
{
	for (unsigned i = 1; i < w->n; i++)
		if (!w->peer[i].stopped)
			peer_do(&w->peer[i], job_serve, NULL);
	for (unsigned i = 1; i < w->n; i++)
		peer_join(&w->peer[i]);
	ipi_domain_serve(w->dom);
}

/* ---- sends ---- */

static ipi_cpuset_t *set_of(unsigned bits)
{
	ipi_cpuset_t *set = NULL;

	if (ipi_cpuset_create(&set, true))
		contract_lost(__FILE__, __LINE__, "a set");
	for (unsigned i = 0; i < 32; i++)
		if (bits >> i & 1)
			ipi_cpuset_set(set, i);
	return set;
}

int send_unicast(struct world *w, ipi_msg_t *msg, unsigned to, unsigned flags)
{
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_unicast(w->dom, msg, w->peer[to].cpu, flags);
	ipi_kpreempt_enable();
	return err;
}

int send_multicast(struct world *w, ipi_msg_t *msg, unsigned bits)
{
	ipi_cpuset_t *set = set_of(bits);
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_multicast(w->dom, msg, set, 0);
	ipi_kpreempt_enable();
	ipi_cpuset_destroy(set);
	return err;
}

int send_broadcast(struct world *w, ipi_msg_t *msg, unsigned flags)
{
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_broadcast(w->dom, msg, flags);
	ipi_kpreempt_enable();
	return err;
}

int send_trigger(struct world *w, unsigned id, unsigned to)
{
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_trigger(w->dom, id, w->peer[to].cpu);
	ipi_kpreempt_enable();
	return err;
}

int send_trigger_multi(struct world *w, unsigned id, unsigned bits)
{
	ipi_cpuset_t *set = set_of(bits);
	int err;

	ipi_kpreempt_disable();
	err = ipi_domain_trigger_multi(w->dom, id, set);
	ipi_kpreempt_enable();
	ipi_cpuset_destroy(set);
	return err;
}

void handler_count(void *atomic_uint_count)
{
	atomic_fetch_add((atomic_uint *)atomic_uint_count, 1);
}

void handler_slow(void *arg)
{
	struct slow *s = arg;

	atomic_fetch_add(&s->begun, 1);
	gate_pass(&s->gate);
	atomic_fetch_add(&s->ended, 1);
}
