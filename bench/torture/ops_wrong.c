// SPDX-License-Identifier: GPL-2.0-only
/* Operations of the mix: wrong arguments, which have one answer each. */
#include <errno.h>

#include "torture.h"

static void handler_never(void *seat)
{
	struct seat *s = seat;

	fail(s->round, CHECK_answer, s, "a refused message was run");
}

/* One wrong call: what it answered, and what it should have. */
static int wrong_message(struct seat *s, unsigned which, struct dice *d,
			 int *want)
{
	struct round *r = s->round;
	struct ipi_cpu *other = r->seat[another(s, d)].cpu;
	ipi_msg_t msg = { .func = handler_never, .arg = s };

	*want = -EINVAL;
	for (unsigned i = 0; i < 6; i++)
		msg.ipi_private[i] = roll64(d);
	switch (which) {
	case 0:
		msg.func = NULL;
		return ipi_domain_unicast(r->dom, &msg, other, 0);
	case 1:
		msg.func = NULL;
		return ipi_domain_broadcast(r->dom, &msg, IPI_NOWAIT);
	case 2:
		return ipi_domain_unicast(r->dom, &msg, NULL, 0);
	case 3: /* the local CPU */
		return ipi_domain_unicast(r->dom, &msg, s->cpu, 0);
	case 4:
		return ipi_domain_unicast(r->dom, &msg, r->foreign, 0);
	case 5:
		return ipi_domain_multicast(r->dom, &msg, NULL, 0);
	case 6:
		return ipi_domain_unicast(r->dom, NULL, other, 0);
	default: /* no CPU of that domain */
		*want = -EPERM;
		return ipi_domain_unicast(r->foreign_dom, &msg, r->foreign, 0);
	}
}

static int wrong_trigger(struct seat *s, unsigned which, struct dice *d)
{
	struct round *r = s->round;
	struct ipi_cpu *other = r->seat[another(s, d)].cpu;
	unsigned id = r->shared[0].id;

	switch (which) {
	case 0:
		return ipi_domain_trigger(r->dom, 0, other);
	case 1:
		return ipi_domain_trigger(r->dom, UINT32_MAX, other);
	case 2: /* nobody's, or somebody's that is gone */
		return ipi_domain_trigger(r->dom, r->unused_id, other);
	case 3:
		return ipi_domain_trigger(r->dom, id, s->cpu);
	case 4:
		return ipi_domain_trigger(r->dom, id, r->foreign);
	case 5:
		return ipi_domain_trigger(r->dom, id, NULL);
	case 6:
		return ipi_domain_trigger_multi(r->dom, id, NULL);
	default:
		return ipi_domain_trigger_broadcast(r->dom, r->unused_id, true);
	}
}

/* With preemption enabled nobody sends. */
static int wrong_context(struct seat *s, unsigned which, struct dice *d)
{
	struct round *r = s->round;
	unsigned to = another(s, d);
	ipi_msg_t msg = { .func = handler_never, .arg = s };

	switch (which) {
	case 0:
		return ipi_domain_unicast(r->dom, &msg, r->seat[to].cpu, 0);
	case 1:
		return ipi_domain_broadcast(r->dom, &msg, 0);
	case 2:
		return ipi_domain_trigger(r->dom, r->shared[0].id,
					  r->seat[to].cpu);
	default:
		return ipi_domain_trigger_broadcast(r->dom, r->shared[0].id,
						    false);
	}
}

static int wrong_id(struct seat *s, unsigned which, int *want)
{
	struct ipi_domain *dom = s->round->dom;

	*want = -EINVAL;
	switch (which) {
	case 0:
		return ipi_domain_unregister(dom, 0);
	case 1:
		return ipi_domain_unregister(dom, UINT32_MAX);
	case 2:
		*want = 0; /* no id */
		return (int)ipi_domain_register(dom, NULL, s);
	default:
		*want = -ENOENT;
		return ipi_domain_unregister(dom, s->round->unused_id);
	}
}

void op_wrong(struct seat *s, struct dice *d)
{
	unsigned kind = roll(d, 4), which = roll(d, 8);
	int want = -EINVAL, got;

	if (kind < 2)
		ipi_kpreempt_disable();
	switch (kind) {
	case 0:
		got = wrong_message(s, which, d, &want);
		break;
	case 1:
		got = wrong_trigger(s, which, d);
		break;
	case 2:
		got = wrong_context(s, which / 2, d);
		want = -EPERM;
		break;
	default:
		got = wrong_id(s, which / 2, &want);
	}
	if (kind < 2)
		ipi_kpreempt_enable();
	bump(s, refused);
	if (got != want)
		fail(s->round, CHECK_answer, s,
		     "wrong call %u.%u answered %d, not %d", kind, which, got,
		     want);
}
