// SPDX-License-Identifier: GPL-2.0-only
/* What the drivers share. */
#include "drivers.h"

__thread struct bench_target *drivers_self;

const char *drivers_probe_plain(const struct bench_opts *o)
{
	if (o->inject != INJECT_NONE)
		return "nothing can be injected: there is no handler of ours "
		       "and no acknowledgement of ours in its path";
	if (o->hold_target)
		return "hold_target is for membarrier: only there can a "
		       "message be answered for a target that does not run";
	if (o->waiter == IPI_WAITER_SLEEP)
		return "its waiter can't sleep: nothing in its path would "
		       "wake it";
	return NULL;
}

/* The handlers are ours, so all that several senders can inject. */
const char *drivers_probe_external(const struct bench_opts *o)
{
	struct bench_opts plain = *o;

	plain.inject = INJECT_NONE;
	return drivers_probe_plain(&plain);
}

/* Each goes its own way round, so that no target is met by all at once. */
void drivers_order(struct bench_source *s)
{
	uint32_t n = 0, i, k, other;

	for (i = 0; i < s->cell->targets_n; i++)
		if (i != s->index)
			s->order[n++] = i;
	for (i = n; i > 1; i--) {
		k = (uint32_t)stats_uniform(&s->rng, 0, i - 1);
		other = s->order[k];
		s->order[k] = s->order[i - 1];
		s->order[i - 1] = other;
	}
	s->turn = 0;
}
