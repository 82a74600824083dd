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
