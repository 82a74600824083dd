/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Function calls, from the queue to the function: each is known by the address
 * of its call_single_data (csd) and its target. The sender puts it into the
 * target's table before it queues it, so the target finds it there.
 *
 *           queue   entry   exit     -  may run together   X  never together
 *   queue    -       -       -       any CPU, any context; claims a place
 *   entry            X       X       the target itself, interrupts off
 *
 * An asynchronous csd is given back before its function runs, so it may be on
 * its way again by then; and now and then a function runs without its
 * tracepoint. Of two with one address the newer is taken, and the older is
 * lost: its function ran before the newer was queued, so that nothing is ever
 * timed from the older's queueing.
 */
#ifndef IPI_TRACE_CSD_BPF_H
#define IPI_TRACE_CSD_BPF_H

#include <bpf/bpf_core_read.h>

#include "frame.bpf.h"

/* The kernel's, as far as it matters here; a csd begins with it. */
struct __call_single_node {
	struct {
		void *next;
	} llist;
	unsigned int u_flags;
} __attribute__((preserve_access_index));

#define CSD_TYPE_MASK 0xf0
#define CSD_TYPE_IRQ_WORK 0x20
#define CSD_TYPE_TTWU 0x30
#define WAKEUPS_MOST 4096

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* for whole lines, as the slots */
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_csd);
} csds SEC(".maps");

const volatile __u32 csd_shift; /* log2 of one target's places */

static __always_inline struct trace_csd *csd_at(__u32 target, __u64 csd, int i)
{
	__u32 group = csd * 0x9e3779b97f4a7c15ull >> 40;
	__u32 at = (group * TRACE_CSD_WAYS + i) & ((1u << csd_shift) - 1);
	__u32 key = (target << csd_shift) + at;

	return bpf_map_lookup_elem(&csds, &key);
}

#define WORD(member) (*(volatile __u64 *)&(member))

/* A filled place is whose who takes its time. */
static __always_inline bool csd_own(struct trace_csd *c, __u64 at)
{
	return __sync_val_compare_and_swap(&c->queued_at, at, 0) == at;
}

/* ---- the sender's side --------------------------------------------------- */

/* The time comes last: with it the place is filled. */
static __always_inline void csd_fill(struct trace_csd *c, __u32 flags)
{
	c->from = bpf_get_smp_processor_id();
	c->flags = flags;
	WORD(c->queued_at) = bpf_ktime_get_ns();
}

/* Has this place's call run unseen? An older one with this address has. */
static __always_inline bool is_lost(const struct trace_csd *c, __u64 csd,
				    __u64 now)
{
	__u64 at = WORD(c->queued_at);

	return at && (WORD(c->csd) == csd || now - at >= TRACE_CSD_LOST_NS);
}

static __always_inline bool csd_put(__u32 target, __u64 csd, __u32 flags,
				    struct trace_here *h)
{
	struct trace_csd *c, *lost = NULL;
	__u64 now = bpf_ktime_get_ns(), least = ~0ull;
	int i;

	for (i = 0; i < TRACE_CSD_WAYS; i++) {
		c = csd_at(target, csd, i);
		if (c && !WORD(c->csd) &&
		    !__sync_val_compare_and_swap(&c->csd, 0, csd)) {
			csd_fill(c, flags);
			return true;
		}
		if (c && is_lost(c, csd, now) && WORD(c->queued_at) < least) {
			least = WORD(c->queued_at);
			lost = c;
		}
	}
	if (!lost || !csd_own(lost, least))
		return false;
	h->lost += !!(lost->flags & TRACE_CSD_ASKED);
	WORD(lost->csd) = csd;
	csd_fill(lost, flags);
	return true;
}

static __always_inline void note_queue(__u32 target, __u64 csd)
{
	const struct __call_single_node *node = (const void *)csd;
	struct trace_here *h = here();
	__u32 flags = 0;
	bool asked;

	if (!armed_at || !h || !is_traced(target))
		return;
	bpf_core_read(&flags, sizeof(flags), &node->u_flags);
	flags &= CSD_TYPE_MASK;
	asked = asked_for();
	if (flags == CSD_TYPE_IRQ_WORK) {
		/* Its function has no tracepoint. */
		h->irq_works += asked;
		return;
	}
	h->queued += asked;
	h->other_queued += !asked;
	if (!csd_put(target, csd, flags | (asked ? TRACE_CSD_ASKED : 0), h))
		h->no_room += asked;
}

/* ---- the target's side --------------------------------------------------- */

/* Out of its place, unless it isn't there any more. */
static __always_inline bool csd_empty(struct trace_csd *c,
				      struct trace_csd *out)
{
	*out = *c;
	if (!out->queued_at || !csd_own(c, out->queued_at))
		return false;
	WORD(c->csd) = 0;
	return true;
}

static __always_inline struct trace_csd *csd_newest(__u32 target, __u64 csd)
{
	struct trace_csd *c, *newest = NULL;
	__u64 at, most = 0;
	int i;

	for (i = 0; i < TRACE_CSD_WAYS; i++) {
		c = csd_at(target, csd, i);
		if (!c || WORD(c->csd) != csd)
			continue;
		at = WORD(c->queued_at);
		if (at > most) {
			most = at;
			newest = c;
		}
	}
	return newest;
}

/* False: it is not there. */
static __always_inline bool csd_take(__u32 target, __u64 csd,
				     struct trace_csd *out,
				     struct trace_here *h)
{
	struct trace_csd *c = csd_newest(target, csd), older;
	int i;

	if (!c || !csd_empty(c, out))
		return false;
	for (i = 0; i < TRACE_CSD_WAYS; i++) {
		c = csd_at(target, csd, i);
		if (c && WORD(c->csd) == csd &&
		    WORD(c->queued_at) < out->queued_at && csd_empty(c, &older))
			h->lost += !!(older.flags & TRACE_CSD_ASKED);
	}
	return true;
}

struct wakeups {
	__u64 node;
	struct trace_here *here;
	__u32 self;
};

/* Wake-ups that wait together are run by one call, that of the first. */
static long each_wakeup(__u32 i, struct wakeups *w)
{
	const struct __call_single_node *node = (const void *)w->node;
	struct trace_csd c;

	if (bpf_core_read(&w->node, sizeof(w->node), &node->llist.next) ||
	    !w->node)
		return 1;
	if (!csd_take(w->self, w->node, &c, w->here))
		w->here->unpaired++;
	else if (c.flags & TRACE_CSD_ASKED)
		w->here->batched++;
	else
		w->here->other_entered++;
	return 0;
}

/* Whose call is it that this interrupt was sent for? */
static __always_inline void frame_function(struct trace_here *h, __u64 now,
					   const struct trace_csd *c)
{
	if (!h->functions)
		stage_add(TRACE_DISPATCH, now - h->entered_at);
	if (h->sent && c->from == h->from && c->queued_at <= h->sent) {
		h->owners++;
		h->queue_took = h->sent - c->queued_at;
	}
}

static __always_inline void run_function(struct trace_here *h, __u32 self,
					 __u64 csd, __u64 now)
{
	struct trace_csd c;

	if (!csd_take(self, csd, &c, h)) {
		h->unpaired++;
		return;
	}
	if ((c.flags & CSD_TYPE_MASK) == CSD_TYPE_TTWU) {
		struct wakeups w = { csd, h, self };

		bpf_loop(WAKEUPS_MOST, each_wakeup, &w, 0);
	}
	if (!(c.flags & TRACE_CSD_ASKED)) {
		h->other_entered++;
		return;
	}
	h->entered++;
	if (h->entered_at)
		frame_function(h, now, &c);
	else
		h->no_interrupt++;
	h->function_at = bpf_ktime_get_ns();
}

static __always_inline void note_function_entry(__u64 csd)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 self = bpf_get_smp_processor_id();
	struct trace_here *h = here();

	if (!armed_at || !h || !is_traced(self))
		return;
	if (!csd) {
		h->local += asked_for();
		return;
	}
	h->function_at = h->left_at = 0;
	run_function(h, self, csd, now);
	h->functions++;
}

static __always_inline void note_function_exit(__u64 csd)
{
	__u64 now = bpf_ktime_get_ns();
	struct trace_here *h = here();

	if (!csd || !h || !h->function_at)
		return;
	stage_add(TRACE_FUNCTION, now - h->function_at);
	h->function_at = 0;
	if (h->entered_at)
		h->left_at = bpf_ktime_get_ns();
}

#endif
