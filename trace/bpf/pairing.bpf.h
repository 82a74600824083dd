/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A send and its entry find each other by target and class: one word each,
 * which the sender puts itself into and the entry takes away, both atomically.
 *
 *           send   entry   exit      -  may run together   X  never together
 *   send     -      -       -        any CPU, any context; bounded retries
 *   entry           X       X        the target itself, interrupts off
 */
#ifndef IPI_TRACE_PAIRING_BPF_H
#define IPI_TRACE_PAIRING_BPF_H

#include "csd.bpf.h"

#define SEND_TRIES 16

const volatile __u32 nr_nodes = 1;

/* Sizes are set before loading. Mappable for the sake of whole cache lines. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct trace_times);
} pairs SEC(".maps");

/* A pair begins as a copy of this: it is too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_times);
} blank SEC(".maps");

/*
 * The roll-up of what finds no room for its pair: the target's own, by class
 * and node of the sender. The reader adds the pairs to it. Two histograms for
 * each interrupt would cost it twice the cache lines.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_times);
} nodes SEC(".maps");

static __always_inline struct trace_slot *slot_of(__u32 cpu, __u32 class)
{
	__u32 key = cpu * TRACE_CLASSES + class;

	return bpf_map_lookup_elem(&slots, &key);
}

static __always_inline __u64 word_with(__u64 old, __u64 lone)
{
	__u64 other = (old | lone) & TRACE_WORD_OTHER, n;

	if (!old)
		return lone;
	n = old & TRACE_WORD_AMBIGUOUS ? old >> TRACE_WORD_SHIFT
				       : !(old & TRACE_WORD_OTHER);
	n += !(lone & TRACE_WORD_OTHER);
	return n << TRACE_WORD_SHIFT | other | TRACE_WORD_AMBIGUOUS |
	       TRACE_WORD_VALID;
}

static __always_inline void slot_send(struct trace_slot *s, __u64 now,
				      __u64 self, bool asked)
{
	__u64 lone = now << TRACE_WORD_TIME_SHIFT | self << TRACE_WORD_SHIFT |
		     (asked ? 0 : TRACE_WORD_OTHER) | TRACE_WORD_VALID;
	__u64 old;
	int i;

	for (i = 0; i < SEND_TRIES; i++) {
		old = *(volatile __u64 *)&s->word;
		if (__sync_val_compare_and_swap(&s->word, old,
						word_with(old, lone)) == old)
			return;
	}
	s->until = now + TRACE_QUARANTINE_NS;
	if (asked)
		__sync_fetch_and_add(&s->contended, 1);
}

static __always_inline void count_send(void)
{
	struct trace_here *h = here();

	if (h)
		h->sends++;
}

static __always_inline void count_self(__u32 self, bool asked)
{
	struct trace_cpu *cpu = cpu_of(self);

	if (cpu && asked)
		__sync_fetch_and_add(&cpu->self, 1);
}

static __always_inline void note_send(__u32 target, __u32 class, __u64 now,
				      bool asked)
{
	__u32 self = bpf_get_smp_processor_id();
	struct trace_slot *s = slot_of(target, class);

	if (!armed_at || !s || !s->traced)
		return;
	if (target == self) {
		count_self(self, asked);
		return;
	}
	if (asked)
		__sync_fetch_and_add(&s->sends, 1);
	else
		__sync_fetch_and_add(&s->other_sends, 1);
	if (with_call)
		count_send();
	slot_send(s, now, self, asked);
}

/* ---- a set of targets ---------------------------------------------------- */

struct set_args {
	__u64 now;
	bool asked;
};

static __always_inline void set_member(__u32 target, struct set_args *args)
{
	note_send(target, TRACE_MANY, args->now, args->asked);
}

#include "set.bpf.h"

static __always_inline void note_send_set_at(__u64 bits, __u64 now)
{
	struct send_set set = { .bits = bits };

	set.args.now = now;
	set.args.asked = asked_for();
	set_walk(&set);
}

static __always_inline void note_send_set(__u64 bits)
{
	if (armed_at)
		note_send_set_at(bits, bpf_ktime_get_ns());
}

/* ---- entry and exit ------------------------------------------------------ */

static __always_inline struct trace_times *pair_of(__u64 key)
{
	struct trace_times *t = bpf_map_lookup_elem(&pairs, &key);
	__u32 zero = 0;
	void *fresh;

	if (t)
		return t;
	fresh = bpf_map_lookup_elem(&blank, &zero);
	if (!fresh || bpf_map_update_elem(&pairs, &key, fresh, BPF_NOEXIST))
		return NULL;
	return bpf_map_lookup_elem(&pairs, &key);
}

static __always_inline struct trace_times *roll_of(__u32 from, __u32 class)
{
	struct trace_cpu *cpu = cpu_of(from);
	__u32 key;

	if (!cpu)
		return NULL;
	key = class * nr_nodes + cpu->node;
	return bpf_map_lookup_elem(&nodes, &key);
}

#define NOT_KNOWN (~0ull)

/*
 * Into the histograms; not before the handler's exit, for until then the sender
 * may be waiting. ran: what the handler took.
 */
static __always_inline void settle(struct trace_slot *s, __u32 self,
				   __u32 class, __u64 ran)
{
	__u32 from = s->from - 1;
	struct trace_times *t = pair_of(TRACE_PAIR_KEY(from, self, class));

	s->from = 0;
	if (!t) {
		s->map_full++;
		t = roll_of(from, class);
	}
	if (!t)
		return;
	trace_hist_add(&t->wire, s->took);
	if (ran != NOT_KNOWN)
		trace_hist_add(&t->handler, ran);
}

static __always_inline void entry_of_none(struct trace_slot *s, __u64 now)
{
	s->entries++;
	if (now < s->until)
		s->late++;
	else
		s->unpaired++;
}

static __always_inline void entry_of_many(struct trace_slot *s, __u64 word,
					  __u64 now)
{
	__u64 n = word >> TRACE_WORD_SHIFT;

	s->until = now + TRACE_QUARANTINE_NS;
	if (!n) {
		s->other_entries++;
		return;
	}
	s->entries++;
	s->ambiguous++;
	s->merged += n - 1;
}

static __always_inline __u64 word_took(__u64 word, __u64 now)
{
	return (now - (word >> TRACE_WORD_TIME_SHIFT)) &
	       (~0ull >> TRACE_WORD_TIME_SHIFT);
}

static __always_inline void entry_of_one(struct trace_slot *s, __u64 word,
					 __u64 now)
{
	__u64 took = word_took(word, now);
	__u32 from = word >> TRACE_WORD_SHIFT & TRACE_WORD_CPU_MASK;

	if (word & TRACE_WORD_OTHER) {
		s->other_entries++;
		return;
	}
	s->entries++;
	if (now < s->until || now - armed_at < TRACE_QUARANTINE_NS) {
		s->ambiguous++;
	} else if (took >> (63 - TRACE_WORD_TIME_SHIFT)) {
		s->negative++;
	} else {
		s->paired++;
		s->took = took;
		s->entered = now;
		s->from = from + 1;
	}
}

static __always_inline void note_entry(__u32 class)
{
	__u64 now, word;
	__u32 self = bpf_get_smp_processor_id();
	struct trace_slot *s = slot_of(self, class);

	if (!armed_at || !s || !s->traced)
		return;
	now = bpf_ktime_get_ns();
	/* The last handler's exit was not seen. */
	if (class < TRACE_TIMED && s->from)
		settle(s, self, class, NOT_KNOWN);
	word = __sync_lock_test_and_set(&s->word, 0);
	if (!word)
		entry_of_none(s, now);
	else if (word & TRACE_WORD_AMBIGUOUS)
		entry_of_many(s, word, now);
	else
		entry_of_one(s, word, now);
#ifdef TRACE_PAIRED /* a tool that does something else with a pair */
	if (s->from)
		TRACE_PAIRED(s, now, self, class);
#endif
	if (with_csd && class < TRACE_TIMED)
		frame_begin(s->from ? now - s->took : 0, s->from - 1);
}

static __always_inline void note_exit(__u32 class)
{
	__u64 now;
	__u32 self = bpf_get_smp_processor_id();
	struct trace_slot *s = slot_of(self, class);

	if (!armed_at || !s || !s->traced)
		return;
	now = bpf_ktime_get_ns();
	if (with_csd)
		frame_end(now);
	if (s->from)
		settle(s, self, class, now - s->entered);
}

/* Handlers of this CPU whose exit was not seen before it was disarmed. */
static __always_inline void settle_all(void)
{
	__u32 self = bpf_get_smp_processor_id(), class;
	struct trace_slot *s;

	for (class = 0; class < TRACE_TIMED; class ++) {
		s = slot_of(self, class);
		if (s && s->from)
			settle(s, self, class, NOT_KNOWN);
	}
}

static __always_inline void note_no_ipi(__u32 target)
{
	struct trace_cpu *cpu = cpu_of(target);

	if (armed_at && cpu && cpu->traced && asked_for())
		__sync_fetch_and_add(&cpu->no_ipi, 1);
}

#endif
