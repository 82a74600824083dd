/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a stage shows where nothing lies between its two probes: both hang on
 * one tracepoint, one after the other. Each does what the real one does behind,
 * and before, its reading of the clock, on a slot that is no CPU's.
 */
#ifndef IPI_TRACE_FLOOR_BPF_H
#define IPI_TRACE_FLOOR_BPF_H

#include "pairing.bpf.h"

volatile __u32 floor_on; /* 0, or the stage + 1 */
__u32 floor_n;
__u64 floor_took[TRACE_FLOORS], floor_began;

const volatile __u32 spare_cpu; /* behind the last */

static __always_inline void floor_send(struct trace_slot *s)
{
	__u64 now = bpf_ktime_get_ns();
	bool asked = asked_for();

	__sync_fetch_and_add(&s->other_sends, 1);
	slot_send(s, now, bpf_get_smp_processor_id(), asked);
}

static __always_inline void floor_entry(struct trace_slot *s)
{
	__u64 now, word;

	slot_send(s, bpf_ktime_get_ns(), bpf_get_smp_processor_id(), true);
	now = bpf_ktime_get_ns();
	word = __sync_lock_test_and_set(&s->word, 0);
	entry_of_one(s, word, now);
	floor_began = now;
}

static __always_inline void floor_first_of(__u32 stage)
{
	struct trace_slot *s = slot_of(spare_cpu, TRACE_SINGLE);

	if (!s)
		return;
	if (stage == TRACE_FLIGHT)
		floor_send(s);
	else if (stage == TRACE_HANDLER)
		floor_entry(s);
	else
		floor_began = bpf_ktime_get_ns();
}

static __always_inline void floor_second_of(__u32 stage)
{
	struct trace_slot *s;
	__u64 now, took;

	if (stage == TRACE_FLIGHT || stage == TRACE_HANDLER ||
	    stage == TRACE_EXIT) {
		s = slot_of(bpf_get_smp_processor_id(), TRACE_SINGLE);
		if (!s || !s->traced)
			return;
	}
	now = bpf_ktime_get_ns();
	took = now - floor_began;
	s = slot_of(spare_cpu, TRACE_SINGLE);
	if (stage == TRACE_FLIGHT && s)
		took = word_took(__sync_lock_test_and_set(&s->word, 0), now);
	floor_took[floor_n++ & (TRACE_FLOORS - 1)] = took;
}

#endif
