// SPDX-License-Identifier: GPL-2.0-only
/* `slow`: the probes' opening, and what their maps hold. */
#include "slow_work.h"

#include <errno.h>
#include <string.h>

#include "slow.skel.h"

#define THRESHOLD_NS 100000
#define RING_KB 256
#define STACKS 8192
#define NOTES_MOST 65536u

const struct stage slow_stages[SLOW_STAGES] = {
	{ "send",
	  { { "tp_btf",
	      "ipi_send_cpu, ipi_send_cpumask",
	      { "slow_cpu_tp_btf", "slow_set_tp_btf" } },
	    { "raw_tp",
	      "ipi_send_cpu, ipi_send_cpumask",
	      { "slow_cpu_raw_tp", "slow_set_raw_tp" } },
	    { "fentry",
	      "native_send_call_func_*",
	      { "slow_single_fentry", "slow_many_fentry" } },
	    { "kprobe",
	      "native_send_call_func_*",
	      { "slow_single_kprobe", "slow_many_kprobe" } } } },
	{ "entry",
	  { { "tp_btf",
	      "call_function*",
	      { "slow_enter_single_tp_btf", "slow_enter_many_tp_btf" } },
	    { "raw_tp",
	      "call_function*",
	      { "slow_enter_single_raw_tp", "slow_enter_many_raw_tp" } },
	    { "tp",
	      "call_function*",
	      { "slow_enter_single_tp", "slow_enter_many_tp" } } } },
};

static struct slow *slow_of(const struct session *s)
{
	return (struct slow *)s;
}

uint64_t slow_threshold(const struct slow *t)
{
	return t->opts.threshold_ns ? t->opts.threshold_ns : THRESHOLD_NS;
}

/* A ring is a power of two in size. */
static uint32_t ring_bytes(const struct slow *t)
{
	uint64_t kb = t->opts.ring_kb ? t->opts.ring_kb : RING_KB;
	uint32_t bytes = 4096;

	while (bytes < kb * 1024)
		bytes *= 2;
	return bytes;
}

static uint32_t stacks_most(const struct slow *t)
{
	return t->opts.max_stacks ? t->opts.max_stacks : STACKS;
}

/* Who sent last: for each pair of CPUs, and for sets. */
static uint32_t notes_most(const struct slow *t)
{
	uint32_t cpus = t->s.cpus.possible;

	return cpus < 256 ? cpus * (cpus + 1) : NOTES_MOST;
}

uint64_t slow_memory(const struct session *s)
{
	const struct slow *t = slow_of(s);
	uint64_t cpus = s->cpus.possible;

	return ring_bytes(t) +
	       stacks_most(t) * (SLOW_FRAMES * sizeof(uint64_t) + 32) +
	       notes_most(t) * (sizeof(struct slow_note) + 56) +
	       cpus * (TRACE_CLASSES * sizeof(struct trace_slot) +
		       sizeof(struct trace_cpu) + sizeof(struct slow_event));
}

static int set_sizes(struct slow *t)
{
	__u32 cpus = t->s.cpus.possible;
	int ret = bpf_map__set_max_entries(t->skel->maps.slots,
					   cpus * TRACE_CLASSES);

	if (!ret)
		ret = bpf_map__set_max_entries(t->skel->maps.cpus, cpus);
	if (!ret)
		ret = bpf_map__set_max_entries(t->skel->maps.notes,
					       notes_most(t));
	if (!ret)
		ret = bpf_map__set_max_entries(t->skel->maps.stacks,
					       stacks_most(t));
	if (!ret)
		ret = bpf_map__set_max_entries(t->skel->maps.events,
					       ring_bytes(t));
	return ret;
}

int slow_open(struct session *s, struct tool_error *err)
{
	struct slow *t = slow_of(s);

	t->skel = slow_bpf__open();
	if (!t->skel)
		return tool_fail(err, -errno, "the probes can't be opened: %s",
				 strerror(errno));
	SESSION_TAKE(s, t->skel);
	t->skel->rodata->set_words = (s->cpus.possible + 63) / 64;
	t->skel->rodata->threshold_ns = slow_threshold(t);
	t->skel->rodata->sender_stack = !t->opts.no_sender_stack;
	t->skel->rodata->target_stack = t->opts.target_stack;
	if (set_sizes(t))
		return tool_fail(err, -EINVAL, "no such size of a map");
	return SESSION_PID(s, t->skel, err);
}

void slow_close(struct session *s)
{
	struct slow *t = slow_of(s);

	ring_buffer__free(t->ring);
	slow_bpf__destroy(t->skel);
	t->ring = NULL;
	t->skel = NULL;
}

/* What is in the ring is of the self-test. */
void slow_wipe(struct session *s, bool all)
{
	struct slow *t = slow_of(s);
	struct trace_slot slot = { .word = 0 };
	struct trace_cpu cpu = { .node = 0 };
	__u32 i, k, key;

	t->counting = false;
	if (!t->ring)
		t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.events),
					   slow_event, t, NULL);
	if (t->ring)
		ring_buffer__consume(t->ring);
	for (i = 0; i < (__u32)s->cpus.possible; i++) {
		cpu.traced = all || session_targets(s, i);
		bpf_map__update_elem(t->skel->maps.cpus, &i, sizeof(i), &cpu,
				     sizeof(cpu), BPF_ANY);
		slot.traced = cpu.traced;
		for (k = 0; k < TRACE_CLASSES; k++) {
			key = i * TRACE_CLASSES + k;
			bpf_map__update_elem(t->skel->maps.slots, &key,
					     sizeof(key), &slot, sizeof(slot),
					     BPF_ANY);
		}
	}
	memset((void *)&t->skel->bss->counts, 0, sizeof(t->counts));
	t->counting = !all;
}

static void read_slot(const struct slow *t, __u32 cpu, int class,
		      struct seen_class *sum)
{
	__u32 key = cpu * TRACE_CLASSES + class;
	struct trace_slot slot;

	if (!bpf_map__lookup_elem(t->skel->maps.slots, &key, sizeof(key), &slot,
				  sizeof(slot), 0))
		seen_add_slot(sum, &slot);
}

uint64_t slow_count(struct session *s, size_t stage, int cpu)
{
	struct seen_class one = { .in_flight = 0 };

	read_slot(slow_of(s), cpu, TRACE_SINGLE, &one);
	return stage == SLOW_SEND ? one.sum.sends
				  : one.sum.paired + one.sum.ambiguous +
					    one.sum.merged;
}

void slow_read(struct slow *t)
{
	__u32 cpu;
	int class;

	memset(&t->sum, 0, sizeof(t->sum));
	for (cpu = 0; cpu < (__u32)t->s.cpus.possible; cpu++)
		for (class = 0; class < TRACE_TIMED; class++)
			read_slot(t, cpu, class, &t->sum);
	memcpy(&t->counts, (void *)&t->skel->bss->counts, sizeof(t->counts));
}

void slow_frames(const struct slow *t, int32_t stack,
		 uint64_t frames[SLOW_FRAMES])
{
	memset(frames, 0, SLOW_FRAMES * sizeof(*frames));
	if (stack >= 0)
		bpf_map__lookup_elem(t->skel->maps.stacks, &stack,
				     sizeof(stack), frames,
				     SLOW_FRAMES * sizeof(*frames), 0);
}
