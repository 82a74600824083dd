// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: known interrupts, which the probes must have seen. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "latency.skel.h"
#include "latency_work.h"
#include "poke.h"
#include "wait.h"

#define POKES 17
/* A call may join another CPU's; it does not always. */
#define TRIES 3
#define TRIES_MANY 64
#define TRIES_OTHERS 10

static struct trace_slot slot_at(struct latency *l, int cpu,
				 enum trace_class class)
{
	__u32 key = cpu * TRACE_CLASSES + class;
	struct trace_slot slot = { .word = 0 };

	bpf_map__lookup_elem(l->skel->maps.slots, &key, sizeof(key), &slot,
			     sizeof(slot), 0);
	return slot;
}

void latency_begin_own(struct latency *l)
{
	l->skel->bss->own_only = 1;
	l->skel->bss->armed_at = wait_now_ns() - TRACE_QUARANTINE_NS;
}

int latency_end_own(struct latency *l)
{
	l->skel->bss->armed_at = 0;
	l->skel->bss->own_only = 0;
	return wait_for_probes();
}

/* The targets are at work before anything counts. */
static int begin(struct latency *l, struct poke *poke, struct tool_error *err)
{
	int ret = poke_wake(poke, err);

	latency_wipe(l, true);
	if (!ret)
		latency_begin_own(l);
	return ret;
}

static int end(struct latency *l, struct poke *poke)
{
	poke_rest(poke);
	return latency_end_own(l);
}

static uint64_t handlers(struct latency *l, int from, int to)
{
	__u64 key = TRACE_PAIR_KEY(from, to, TRACE_SINGLE);
	struct trace_times t = { .wire.n = 0 };

	bpf_map__lookup_elem(l->skel->maps.pairs, &key, sizeof(key), &t,
			     sizeof(t), 0);
	return t.handler.n == t.wire.n ? t.handler.n : 0;
}

static int judge_single(struct latency *l, int to, bool entries, char test[160],
			struct tool_error *err)
{
	struct trace_slot s = slot_at(l, to, TRACE_SINGLE);

	if (s.sends != POKES)
		return tool_fail(err, -EIO,
				 "self-test: %llu of %d interrupts were seen",
				 (unsigned long long)s.sends, POKES);
	if (entries && s.paired + s.ambiguous + s.merged != POKES)
		return tool_fail(
			err, -EIO, "self-test: %llu of %d entries were seen",
			(unsigned long long)(s.paired + s.ambiguous), POKES);
	if (entries && s.paired && !handlers(l, l->reader, to))
		return tool_fail(err, -EIO,
				 "self-test: exits of handlers were not seen");
	snprintf(test, 160, "self-test: %d of %d single", POKES, POKES);
	return 0;
}

/* Calls that this process has caused, and those in an interrupt. */
static int judge_calls(struct latency *l, int stage, char test[160],
		       struct tool_error *err)
{
	struct seen seen = { .pair = NULL };
	const struct trace_here *h = &seen.calls.sum;
	uint64_t done;
	int ret = calls_read(l, &seen);

	done = stage == STAGE_CALL ? h->calls : h->entered;
	if (!ret && done < POKES)
		ret = tool_fail(err, -EIO,
				"self-test: %llu of %d calls were seen",
				(unsigned long long)done, POKES);
	if (!ret && calls_error(&seen.calls))
		ret = tool_fail(err, -EIO,
				"self-test: %llu calls queued, %llu run",
				(unsigned long long)h->queued,
				(unsigned long long)h->entered);
	if (!ret)
		snprintf(test, 160, "self-test: %d of %d calls", POKES, POKES);
	return ret;
}

static int test_calls(struct latency *l, struct poke *poke, int stage,
		      char test[160], struct tool_error *err)
{
	int ret;

	ret = begin(l, poke, err);
	if (ret)
		return ret;
	ret = poke_single(poke, POKES);
	if (end(l, poke) || ret)
		return tool_fail(err, ret ? ret : -EIO,
				 "self-test: no call can be made");
	return judge_calls(l, stage, test, err);
}

static int test_single(struct latency *l, struct poke *poke, bool entries,
		       char test[160], struct tool_error *err)
{
	int tries = TRIES, ret;

	do {
		ret = begin(l, poke, err);
		if (ret)
			return ret;
		ret = poke_single(poke, POKES);
		if (end(l, poke) || ret)
			return tool_fail(err, ret ? ret : -EIO,
					 "self-test: no interrupt can be sent");
		ret = judge_single(l, poke->target[0].cpu, entries, test, err);
	} while (ret && --tries);
	return ret;
}

static bool was_seen(struct latency *l, int cpu, enum trace_class class,
		     bool entries)
{
	struct trace_slot s = slot_at(l, cpu, class);

	return entries ? s.paired + s.ambiguous : s.sends;
}

/* Classes of which no number is known beforehand: some, or not seen. */
static void test_others(struct latency *l, struct poke *poke, bool entries,
			char test[160])
{
	int cpu = poke->target[0].cpu, tries = TRIES_OTHERS;
	bool reschedule = false, many = false;
	struct tool_error err;
	size_t n = strlen(test);

	do {
		if (begin(l, poke, &err))
			break;
		poke_reschedule(poke, l->reader, POKES);
		if (poke->n >= POKE_TARGETS)
			poke_many(TRIES_MANY);
		end(l, poke);
		reschedule = was_seen(l, cpu, TRACE_RESCHEDULE, entries);
		many = poke->n < POKE_TARGETS ||
		       was_seen(l, cpu, TRACE_MANY, entries);
	} while (!(reschedule && many) && --tries);
	snprintf(test + n, 160 - n, ", reschedule %s, many %s",
		 reschedule ? "seen" : "not seen",
		 poke->n < POKE_TARGETS ? "can't be tested on two CPUs"
		 : many			? "seen"
					: "not seen");
}

int latency_test(struct latency *l, struct poke *poke, int stage,
		 char test[160], struct tool_error *err)
{
	bool entries = stage == STAGE_ENTRY;
	int ret;

	switch (stage) {
	case STAGE_SEND:
	case STAGE_ENTRY:
		ret = test_single(l, poke, entries, test, err);
		if (!ret)
			test_others(l, poke, entries, test);
		return ret;
	case STAGE_CSD:
	case STAGE_CALL:
		return test_calls(l, poke, stage, test, err);
	}
	/* Nothing that we could do is sure to make it fire. */
	snprintf(test, 160, "attached, not tested");
	return 0;
}
