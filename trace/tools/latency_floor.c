// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: the probes' own part in each stage, measured. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "latency.skel.h"
#include "latency_work.h"
#include "poke.h"
#include "wait.h"

/* Fired on the target by each of our interrupts, on every kernel. */
#define POINT "call_function_single_entry"

static int by_size(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

/* The median, or NaN: too few came. */
static double floor_of(struct latency *l, struct poke *poke, int stage)
{
	__u64 took[TRACE_FLOORS];
	__u32 n;

	l->skel->bss->floor_n = 0;
	l->skel->bss->floor_on = stage + 1;
	poke_real_time(poke, true);
	poke_single(poke, TRACE_FLOORS);
	poke_real_time(poke, false);
	l->skel->bss->floor_on = 0;
	if (wait_for_probes())
		return NAN;
	n = l->skel->bss->floor_n;
	if (n < TRACE_FLOORS / 2)
		return NAN;
	n = n < TRACE_FLOORS ? n : TRACE_FLOORS;
	memcpy(took, l->skel->bss->floor_took, sizeof(took));
	qsort(took, n, sizeof(took[0]), by_size);
	return (double)took[n / 2];
}

/* Only a tracepoint's own way is like the one that is measured. */
static bool by_tracepoint(const struct latency *l, int stage)
{
	const struct rung *rung = l->plan[stage].rung;

	return rung && (!strcmp(rung->name, "tp_btf") ||
			!strcmp(rung->name, "raw_tp"));
}

static void measure(struct latency *l, struct poke *poke)
{
	/* Of those at both ends of a stage, the later in the plan. */
	static const enum latency_stage ends[TRACE_STAGES] = {
		[TRACE_QUEUE] = STAGE_CSD,
		[TRACE_FLIGHT] = STAGE_ENTRY,
		[TRACE_HANDLER] = STAGE_ENTRY,
		[TRACE_DISPATCH] = STAGE_CSD,
		[TRACE_FUNCTION] = STAGE_CSD,
		[TRACE_EXIT] = STAGE_CSD,
		[TRACE_COMPLETE] = STAGE_CALL,
		[TRACE_KO_POST] = STAGE_KO,
		[TRACE_KO_FLIGHT] = STAGE_KO,
		[TRACE_KO_DEQUEUE] = STAGE_KO,
		[TRACE_KO_HANDLER] = STAGE_KO,
	};
	int i;

	for (i = 0; i < TRACE_STAGES; i++)
		if (by_tracepoint(l, ends[i]) &&
		    (i > TRACE_FLIGHT || by_tracepoint(l, STAGE_SEND)))
			l->floor_ns[i] = floor_of(l, poke, i);
}

void latency_floors(struct latency *l, struct poke *poke)
{
	struct latency_bpf *s = l->skel;
	struct bpf_link *first, *second;
	struct tool_error err;
	int i;

	for (i = 0; i < TRACE_STAGES; i++)
		l->floor_ns[i] = NAN;
	latency_wipe(l, true);
	first = bpf_program__attach_raw_tracepoint(s->progs.floor_first, POINT);
	second = bpf_program__attach_raw_tracepoint(s->progs.floor_second,
						    POINT);
	if (first && second && !poke_wake(poke, &err))
		measure(l, poke);
	poke_rest(poke);
	bpf_link__destroy(first);
	bpf_link__destroy(second);
}
