// SPDX-License-Identifier: GPL-2.0-only
/* Operations of the mix: how a CPU stands to its own deliveries. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>

#include "torture.h"

/* At splhigh nothing comes but where this CPU waits. */
void op_splhigh(struct seat *s, struct dice *d)
{
	struct ipi_domain *dom = s->round->dom;
	int level = ipi_splhigh();

	s->spl = true;
	switch (roll(d, 6)) {
	case 0:
		op_unicast_nowait(s, d);
		break;
	case 1:
		op_unicast_wait(s, d);
		break;
	case 2:
		op_broadcast(s, d);
		break;
	case 3:
		op_trigger_broadcast(s, d);
		break;
	case 4:
		if (ipi_domain_detach(dom) != -EDEADLK ||
		    ipi_domain_idle(dom, 1) != -EDEADLK ||
		    ipi_domain_unregister(dom, s->round->unused_id) != -EDEADLK)
			fail(s->round, CHECK_answer, s,
			     "what must not be at splhigh was not refused");
		bump_by(s, refused, 3);
		break;
	default:
		sched_yield();
	}
	linger(d, 20);
	s->spl = false;
	ipi_splx(level);
}

void op_polling(struct seat *s, struct dice *d)
{
	bool on = chance(d, 2);
	int err;

	if (!on)
		s->polling = false;
	err = ipi_domain_polling(s->round->dom, on);
	if (err)
		fail(s->round, CHECK_answer, s, "polling answered %d", err);
	s->polling = on;
}

void op_idle(struct seat *s, struct dice *d)
{
	static const uint64_t ns[] = { 0, 1, 20000, 200000 };
	int run = ipi_domain_idle(s->round->dom, ns[roll(d, 4)]);

	if (run < 0)
		fail(s->round, CHECK_answer, s, "idle answered %d", run);
}

void op_serve(struct seat *s, struct dice *d)
{
	uint64_t before = s->handlers;
	unsigned run = ipi_domain_serve(s->round->dom);

	if (run > s->handlers - before)
		fail(s->round, CHECK_answer, s,
		     "serve says %u handlers; %llu have run", run,
		     (unsigned long long)(s->handlers - before));
}

/* From here on the CPU is told wherever it is. */
void op_fd(struct seat *s, struct dice *d)
{
	struct ipi_domain *dom = s->round->dom;
	struct pollfd pollfd = { .events = POLLIN };
	bool has = !strcmp(s->round->comb->delivery, "eventfd");

	pollfd.fd = ipi_domain_fd(dom);
	if (has ? pollfd.fd < 0 : pollfd.fd != -EOPNOTSUPP)
		fail(s->round, CHECK_answer, s, "fd answered %d", pollfd.fd);
	if (has && poll(&pollfd, 1, (int)roll(d, 2)) > 0)
		op_serve(s, d);
}

void op_compute(struct seat *s, struct dice *d)
{
	linger(d, 50);
}

void op_yield(struct seat *s, struct dice *d)
{
	sched_yield();
}
