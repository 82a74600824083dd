/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of ipi.ko, by its own tracepoints: each is known by its source, its
 * target and its number, while it is under way. Its place is in the target's
 * table, as a call's is.
 *
 *            post  notify  entry  dequeue  done    -  may run together
 *   post      -      -       -       -      -      X  never together
 *   notify    -      -       -       -      -
 *   entry     -      -       X       X      X the target itself; in an NMI
 *   dequeue   -      -       X       X      X of another domain
 *   done      -      -       X       X      X
 *
 * An interrupt may be quicker than the event of its notify, and a target that
 * polls quicker than that of the post: counted, not timed.
 */
#ifndef IPI_TRACE_KO_BPF_H
#define IPI_TRACE_KO_BPF_H

#include "csd.bpf.h"

#define KO_TRIGGERS (1ull << 32) /* numbers below are ids, which merge */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* for whole lines, as the slots */
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_ko);
} kos SEC(".maps");

const volatile __u32 ko_shift; /* log2 of one target's places */

/* What an event says: number, source, target, and two names by address. */
struct ko_event {
	__u64 number, path;
	__u32 target;
};

static __always_inline struct ko_event ko_event_of(const __u64 *args)
{
	__u32 names = args[3] ^ args[4] << 16;

	return (struct ko_event){
		.number = args[0],
		.path = (__u64)names << 32 | (args[1] & 0xffff) << 16 |
			(args[2] & 0xffff),
		.target = args[2],
	};
}

static __always_inline struct trace_ko *ko_at(const struct ko_event *e, int i)
{
	__u32 group = (e->number ^ e->path) * 0x9e3779b97f4a7c15ull >> 40;
	__u32 at = (group * TRACE_CSD_WAYS + i) & ((1u << ko_shift) - 1);
	__u32 key = (e->target << ko_shift) + at;

	return bpf_map_lookup_elem(&kos, &key);
}

static __always_inline struct trace_ko *ko_find(const struct ko_event *e)
{
	struct trace_ko *k;
	int i;

	for (i = 0; i < TRACE_CSD_WAYS; i++) {
		k = ko_at(e, i);
		if (k && WORD(k->number) == e->number &&
		    WORD(k->path) == e->path && WORD(k->posted_at))
			return k;
	}
	return NULL;
}

/* A place that is free, or has been for too long. */
static __always_inline bool ko_claim(struct trace_ko *k, __u64 number,
				     struct trace_here *h)
{
	__u64 old = WORD(k->number), at = WORD(k->posted_at);

	if (!old)
		return !__sync_val_compare_and_swap(&k->number, 0, number);
	if (!at || bpf_ktime_get_ns() - at < TRACE_CSD_LOST_NS ||
	    __sync_val_compare_and_swap(&k->posted_at, at, 0) != at)
		return false;
	h->ko_lost++;
	WORD(k->number) = number;
	return true;
}

static __always_inline void note_post(const __u64 *args)
{
	struct ko_event e = ko_event_of(args);
	struct trace_here *h = here();
	struct trace_ko *k;
	int i;

	if (!armed_at || !h || !is_traced(e.target) || !asked_for())
		return;
	if (e.number < KO_TRIGGERS) {
		h->ko_triggers++;
		return;
	}
	h->ko_posted++;
	for (i = 0; i < TRACE_CSD_WAYS; i++) {
		k = ko_at(&e, i);
		if (!k || !ko_claim(k, e.number, h))
			continue;
		k->path = e.path;
		k->notified_at = k->dequeued_at = 0;
		WORD(k->posted_at) = bpf_ktime_get_ns();
		return;
	}
	h->ko_no_room++;
}

static __always_inline void note_notify(const __u64 *args)
{
	__u64 now = bpf_ktime_get_ns(), posted;
	struct ko_event e = ko_event_of(args);
	struct trace_here *h = here();
	struct trace_ko *k;

	if (!armed_at || !h || e.number < KO_TRIGGERS || !is_traced(e.target))
		return;
	k = ko_find(&e);
	posted = k ? WORD(k->posted_at) : 0;
	if (!posted)
		return;
	stage_add(TRACE_KO_POST, now - posted);
	WORD(k->notified_at) = bpf_ktime_get_ns();
}

static __always_inline void note_ko_entry(const __u64 *args)
{
	__u64 now = bpf_ktime_get_ns(), notified;
	struct ko_event e = ko_event_of(args);
	struct trace_here *h = here();
	struct trace_ko *k;

	if (!armed_at || !h || !is_traced(e.target))
		return;
	h->ko_entered_at = 0;
	if (e.number < KO_TRIGGERS)
		return;
	k = ko_find(&e);
	if (!k)
		return;
	notified = WORD(k->notified_at);
	if (notified)
		stage_add(TRACE_KO_FLIGHT, now - notified);
	else
		h->ko_overtaken++;
	h->ko_number = e.number;
	h->ko_path = e.path;
	h->ko_entered_at = bpf_ktime_get_ns();
}

static __always_inline void note_dequeue(const __u64 *args)
{
	__u64 now = bpf_ktime_get_ns();
	struct ko_event e = ko_event_of(args);
	struct trace_here *h = here();
	struct trace_ko *k;

	if (!armed_at || !h || e.number < KO_TRIGGERS || !is_traced(e.target))
		return;
	k = ko_find(&e);
	if (!k) {
		h->ko_unpaired++;
		return;
	}
	if (h->ko_entered_at && h->ko_number == e.number &&
	    h->ko_path == e.path) {
		stage_add(TRACE_KO_DEQUEUE, now - h->ko_entered_at);
		h->ko_entered_at = 0;
	}
	WORD(k->dequeued_at) = bpf_ktime_get_ns();
}

static __always_inline void note_done(const __u64 *args)
{
	__u64 now = bpf_ktime_get_ns(), posted;
	struct ko_event e = ko_event_of(args);
	struct trace_here *h = here();
	struct trace_ko *k;

	if (!armed_at || !h || e.number < KO_TRIGGERS || !is_traced(e.target))
		return;
	k = ko_find(&e);
	if (!k)
		return;
	posted = WORD(k->posted_at);
	if (!posted || !k->dequeued_at ||
	    __sync_val_compare_and_swap(&k->posted_at, posted, 0) != posted)
		return;
	stage_add(TRACE_KO_HANDLER, now - k->dequeued_at);
	h->ko_done++;
	WORD(k->number) = 0;
}

#endif
