// SPDX-License-Identifier: GPL-2.0-only
/*
 * A message to a CPU that has nothing else to do: it spins, or it sleeps and
 * has to be woken first.
 */
#include <sys/epoll.h>
#include <unistd.h>

#include "library.h"

/* A target needs so long to publish that it is ready and to fall asleep. */
#define GAP_LEAST_NS 20000u
/* Between two looks at the stop word; no message is that long in coming. */
#define SLEEP_NS 20000000u

static int send(struct bench_cell *c)
{
	const struct library_state *s = library_state(c);

	return ipi_domain_unicast(s->dom, s->msg, c->target->cpu, 0);
}

static int source_run(struct bench_cell *c)
{
	return bench_loop(c, send, library_wait);
}

static int open_cell(struct bench_cell *c)
{
	c->sleeps = c->opts->target_state != TARGET_SPINS;
	return library_open_message(c);
}

static unsigned serve(struct bench_target *t)
{
	return ipi_domain_serve(library_state(t->cell)->dom);
}

/* As a program does that has other descriptors to wait for, too. */
static void epoll_loop(struct bench_target *t)
{
	struct ipi_domain *dom = library_state(t->cell)->dom;
	struct epoll_event event = { .events = EPOLLIN };
	int fd = ipi_domain_fd(dom), set = epoll_create1(EPOLL_CLOEXEC);
	uint64_t seen = t->ready;

	if (set < 0 || fd < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &event))
		bench_cell_fail(t->cell, -errno, "no event loop on CPU %d",
				t->cell->target_cpus[0]);
	while (!bench_target_stopped(t)) {
		epoll_wait(set, &event, 1, SLEEP_NS / 1000000);
		ipi_domain_serve(dom);
		bench_target_publish(t, &seen);
	}
	close(set);
}

static void idle_loop(struct bench_target *t)
{
	struct ipi_domain *dom = library_state(t->cell)->dom;
	uint64_t seen = t->ready;

	while (!bench_target_stopped(t)) {
		ipi_domain_idle(dom, SLEEP_NS);
		bench_target_publish(t, &seen);
	}
}

static void target_run(struct bench_target *t)
{
	switch (t->cell->opts->target_state) {
	case TARGET_SPINS:
		/* Deliveries that tell only who sleeps leave it to serve. */
		if (library_state(t->cell)->sleeps)
			bench_target_loop(t, serve);
		else
			library_target_run(t);
		break;
	case TARGET_IDLES:
		idle_loop(t);
		break;
	case TARGET_EPOLLS:
		epoll_loop(t);
		break;
	default:
		break;
	}
}

static const char *probe(const struct bench_opts *o)
{
	if (o->target_state > TARGET_EPOLLS)
		return "only in the kernel can a target be busy-user or "
		       "busy-kernel";
	if (o->target_state != TARGET_SPINS && o->gap_ns_min < GAP_LEAST_NS)
		return "its target has no time to fall asleep: gap must be "
		       "20us or more";
	if (o->target_state == TARGET_EPOLLS &&
	    (!o->delivery || strcmp(o->delivery, "eventfd")))
		return "only the delivery eventfd has a descriptor for epoll";
	return library_probe(o);
}

static const struct bench_driver_ops ops = {
	.open = open_cell,
	.close = library_close,
	.source_enter = library_source_enter,
	.source_leave = library_source_leave,
	.target_enter = library_target_enter,
	.target_leave = library_target_leave,
	.source_run = source_run,
	.target_run = target_run,
	.counters = library_counters,
	.expected = library_expected,
};

const struct bench_driver ipi_bench_sleeper = {
	.name = "sleeper",
	.help = "a message to a CPU that spins or sleeps until one comes",
	.uses_lib = true,
	.sleeps = true,
	.gap_ns_min = 50000,
	.gap_ns_max = 100000,
	.metrics = 1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_ONE_WAY,
	.probe = probe,
	.ops = &ops,
};
