// SPDX-License-Identifier: GPL-2.0-only
/* Waiting for time, signals, probes. */
#include "wait.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "quarantine.h"

#define SECOND_NS 1000000000ull

uint64_t wait_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND_NS + (uint64_t)ts.tv_nsec;
}

static void ending(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

void wait_block_signals(void)
{
	sigset_t set;

	ending(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool wait_until(uint64_t end_ns)
{
	uint64_t now;
	struct timespec left;
	sigset_t set;

	ending(&set);
	do {
		now = wait_now_ns();
		if (now > end_ns)
			now = end_ns;
		left.tv_sec = (time_t)((end_ns - now) / SECOND_NS);
		left.tv_nsec = (long)((end_ns - now) % SECOND_NS);
		if (sigtimedwait(&set, NULL, &left) > 0)
			return true;
	} while (errno == EINTR);
	return false;
}

void wait_armed(volatile uint64_t *armed_at)
{
	uint64_t now = wait_now_ns(), end_ns = now + TRACE_QUARANTINE_NS;
	const struct timespec end = {
		.tv_sec = (time_t)(end_ns / SECOND_NS),
		.tv_nsec = (long)(end_ns % SECOND_NS),
	};

	*armed_at = now;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) ==
	       EINTR)
		;
}

/*
 * The kernel lets an update of a map of maps return only when no program can
 * still use what was there before: it waits for a grace period of RCU, under
 * which all probes run.
 */
int wait_for_probes(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int inner =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "ipi_inner", 4, 4, 1, NULL);
	int outer = -1, zero = 0, ret = inner < 0 ? inner : 0;

	opts.inner_map_fd = inner;
	if (!ret)
		outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "ipi_outer",
				       4, 4, 1, &opts);
	if (!ret && outer < 0)
		ret = outer;
	if (!ret)
		ret = bpf_map_update_elem(outer, &zero, &inner, BPF_ANY);
	if (inner >= 0)
		close(inner);
	if (outer >= 0)
		close(outer);
	return ret;
}
