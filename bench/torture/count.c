// SPDX-License-Identifier: GPL-2.0-only
/* What must add up when nothing is in flight. */
#include <inttypes.h>

#include "torture.h"

static void equal(struct round *r, const char *what, uint64_t got,
		  uint64_t want)
{
	if (got != want)
		fail(r, CHECK_counters, NULL,
		     "%s: %" PRIu64 ", and should be %" PRIu64, what, got,
		     want);
}

static void check_identities(struct round *r, const struct ipi_counters *c)
{
	equal(r, "asked", c->asked,
	      c->notified + c->already_pending + c->polled + c->local +
		      c->refused);
	equal(r, "entries + merged, of those notified", c->entries + c->merged,
	      c->notified);
}

/* By way, and by handler: the library's count is the one made here. */
static void check_runs(struct round *r, const struct ipi_counters *c)
{
#define WAY(way)                                                               \
	equal(r, "run_" #way, c->run_##way, round_tally(r, TALLY_way_##way))
	WAY(interrupt);
	WAY(waiter);
	WAY(poll);
	WAY(unhold);
	WAY(idle);
	WAY(local);
#undef WAY
	equal(r, "runs", c->runs, round_tally(r, TALLY_runs));
}

/* Where a thread died, it is not known here who gave a message up. */
static void check_given_up(struct round *r, const struct ipi_counters *c)
{
	uint64_t given = round_tally(r, TALLY_given);
	uint64_t died = round_tally(r, TALLY_died);
	uint64_t unclear = round_tally(r, TALLY_unclear);

	equal(r, "abandoned + dead", c->abandoned + c->dead,
	      given + died + unclear);
	if (!unclear) {
		equal(r, "abandoned", c->abandoned, given);
		equal(r, "dead", c->dead, died);
	}
}

void round_check(struct round *r)
{
	struct ipi_counters c;

	ipi_domain_counters(r->dom, &c);
	check_identities(r, &c);
	check_runs(r, &c);
	check_given_up(r, &c);
}
