// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bare real-time signal to one thread, whose handler stores a flag: what
 * the signal delivery costs with nothing of the library around it.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers.h"

/* Not the library's default signal, so that both may be open at once. */
#define SIGNO (SIGRTMIN + 3)
#define RETRIES 100000u

struct signal_state {
	struct sigaction old;
	int pid;
};

/* The blocked mask of the target before it took part. */
static __thread sigset_t mask_before;

static void handler(int signo)
{
	struct bench_target *t = drivers_self;

	bench_handled(t, IPI_WAY_INTERRUPT);
	__atomic_store_n(&t->flag, t->seq, __ATOMIC_RELEASE);
}

static void handler_slow(int signo)
{
	struct bench_target *t = drivers_self;

	bench_handled_slow(t, IPI_WAY_INTERRUPT);
	__atomic_store_n(&t->flag, t->seq, __ATOMIC_RELEASE);
}

static int open_cell(struct bench_cell *c)
{
	struct signal_state *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->pid = getpid();
	c->priv = s;
	c->witnessing = WITNESS_HANDLER;
	c->answers = true;
	c->counter = "RES";
	return 0;
}

static void close_cell(struct bench_cell *c)
{
	free(c->priv);
	c->priv = NULL;
}

/* The action is the process' own, so it is set for one block at a time. */
static int target_enter(struct bench_target *t)
{
	struct signal_state *s = t->cell->priv;
	struct sigaction sa = {.sa_flags = SA_RESTART};
	sigset_t set;

	drivers_self = t;
	sa.sa_handler = bench_handler_is_slow(t->cell) ? handler_slow : handler;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGNO, &sa, &s->old))
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, SIGNO);
	return -pthread_sigmask(SIG_UNBLOCK, &set, &mask_before);
}

static void target_leave(struct bench_target *t)
{
	struct signal_state *s = t->cell->priv;

	pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
	sigaction(SIGNO, &s->old, NULL);
}

static int send(struct bench_cell *c)
{
	const struct signal_state *s = c->priv;
	uint32_t tries = 0;

	c->target->request++;
	while (syscall(SYS_tgkill, s->pid, c->target->tid, SIGNO)) {
		/* The queue of real-time signals is the user's, and full. */
		if (errno != EAGAIN || ++tries > RETRIES)
			return -errno;
		bench_relax();
	}
	return 0;
}

static int wait(struct bench_cell *c)
{
	struct bench_target *t = c->target;

	if (bench_await(&t->flag, t->request, bench_spin_loads(c)))
		return 0;
	return bench_cell_deaf(c, 0, "signal");
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, send, wait);
}

static void target_run(struct bench_target *t)
{
	bench_target_loop(t, NULL);
}

static double expected(const struct bench_cell *c,
		       const struct ipi_counters *lib, uint64_t sent)
{
	return (double)sent;
}

static const char *probe(const struct bench_opts *o)
{
	if (o->inject == INJECT_ACK)
		return "ack can't be injected: a bare signal has no "
		       "acknowledgement, only its handler's flag";
	if (o->inject == INJECT_HANDLER && !o->hold_target &&
	    o->waiter != IPI_WAITER_SLEEP)
		return NULL;
	return drivers_probe_plain(o);
}

static const struct bench_driver_ops ops = {
	.open = open_cell,
	.close = close_cell,
	.target_enter = target_enter,
	.target_leave = target_leave,
	.source_run = source_run,
	.target_run = target_run,
	.expected = expected,
};

const struct bench_driver ipi_bench_signal = {
	.name = "signal",
	.help = "a bare real-time signal (tgkill) to a handler's flag",
	.syscall_in_path = true,
	.metrics = METRICS_OF_ONE,
	.route = "signal",
	.probe = probe,
	.ops = &ops,
};
