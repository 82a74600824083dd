// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worlds and peers: the threads that the contract is tried on as CPUs.
 */
#include "contract.h"

#include <signal.h>
#include <sys/mman.h>
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

/* ---- peers ---- */

void job_deaf(struct peer *self, void *gate)
{
	int level = ipi_splhigh();

	gate_pass(gate);
	ipi_splx(level);
}

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

void world_return(struct peer *self)
{
	struct ipi_cpu_params params = {
		.processor = contract_processor(self->index),
		.index = (int)self->index,
	};

	CHECK_EQ(ipi_domain_attach(self->world->dom, &params, &self->cpu), 0);
}

void world_leave(struct peer *self)
{
	CHECK_EQ(ipi_domain_detach(self->world->dom), 0);
}

static void *peer_main(void *arg)
{
	struct peer *p = arg;
	unsigned turn = 0;
	job_t job;

	contract_me = (int)p->index;
	p->tid = (pid_t)syscall(SYS_gettid);
	world_return(p);
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
	world_leave(p);
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

	*w = (struct world){ .n = n,
			     .outer = contract_me,
			     .polls = !contract_delivers("signal") };
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
	contract_me = w->outer;
	sched_setaffinity(0, sizeof(allowed), &allowed);
}

bool world_knows_holds(const struct world *w)
{
	return true;
}

bool world_can_idle(const struct world *w)
{
	return true;
}

bool world_can_hold(const struct world *w)
{
	return true;
}

bool world_spurious(struct world *w, unsigned index)
{
	pthread_t thread = index ? w->peer[index].thread : pthread_self();

	if (!contract_delivers("signal"))
		return false;
	CHECK_EQ(pthread_kill(thread, SIGRTMIN + 2), 0);
	return true;
}

/* ---- pages that are taken away ---- */

void page_open(struct own_page *p, ipi_func_t func, void *arg)
{
	p->bytes = (size_t)sysconf(_SC_PAGESIZE);
	p->msg = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p->msg == MAP_FAILED)
		contract_lost(__FILE__, __LINE__, "a page");
	memset(p->msg, 0xa5, sizeof(*p->msg));
	p->msg->func = func;
	p->msg->arg = arg;
}

void page_forbid(struct own_page *p)
{
	CHECK_EQ(mprotect(p->msg, p->bytes, PROT_NONE), 0);
}

void page_close(struct own_page *p)
{
	munmap(p->msg, p->bytes);
}
