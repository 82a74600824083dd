// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: the probes' maps, their sizes and what they cost. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "latency.skel.h"
#include "latency_work.h"
#include "options.h"

/* 8 MB of histograms: enough for 32 CPUs that all interrupt each other. */
#define PAIRS_USUAL 1024
/* Places for calls to one CPU: by who may have one on its way, and some. */
#define CALLS_LEAST 6 /* log2 */
#define CALLS_MOST 10
/* Threads that are within a call at once. */
#define CALLERS 4096

uint64_t latency_max_pairs(const struct latency *l)
{
	uint64_t all = (uint64_t)l->cpus.possible * (l->cpus.possible - 1) *
		       TRACE_TIMED;

	if (l->max_pairs)
		return l->max_pairs;
	return all < PAIRS_USUAL ? all : PAIRS_USUAL;
}

static __u32 calls_shift(const struct latency *l, bool asked)
{
	__u32 shift = CALLS_LEAST;

	if (!asked)
		return 0;
	while (shift < CALLS_MOST && 1 << shift < 4 * l->cpus.possible)
		shift++;
	return shift;
}

static __u32 callers(const struct latency *l)
{
	return l->call ? CALLERS : 1;
}

/* Stages that are timed on a CPU, not by pair. */
static __u32 parts(const struct latency *l)
{
	return l->csd || l->call || l->ko ? TRACE_STAGES : 1;
}

uint64_t latency_memory(const struct latency *l)
{
	uint64_t cpus = l->cpus.possible, times = sizeof(struct trace_times);
	__u32 csd_shift = calls_shift(l, l->csd);
	__u32 ko_shift = calls_shift(l, l->ko);

	return (cpus + 1) * TRACE_CLASSES * sizeof(struct trace_slot) +
	       cpus * sizeof(struct trace_cpu) +
	       (cpus << csd_shift) * sizeof(struct trace_csd) +
	       (cpus << ko_shift) * sizeof(struct trace_ko) +
	       cpus * sizeof(struct trace_here) +
	       cpus * parts(l) * sizeof(struct trace_hist) +
	       callers(l) * (sizeof(struct trace_call) + 64) +
	       latency_max_pairs(l) * (times + 64) + times +
	       cpus * TRACE_TIMED * l->cpus.nodes * times;
}

static int set_sizes(struct latency *l)
{
	struct latency_bpf *s = l->skel;
	__u32 cpus = l->cpus.possible, nodes = l->cpus.nodes;
	bool csd = l->csd, ko = l->ko;
	int ret;

	ret = bpf_map__set_max_entries(s->maps.slots,
				       (cpus + 1) * TRACE_CLASSES);
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.cpus, cpus);
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.pairs,
					       latency_max_pairs(l));
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.nodes,
					       TRACE_TIMED * nodes);
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.csds,
					       cpus << calls_shift(l, csd));
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.kos,
					       cpus << calls_shift(l, ko));
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.stages, parts(l));
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.calls, callers(l));
	s->rodata->with_csd = l->plan[STAGE_CSD].rung;
	s->rodata->with_call = l->plan[STAGE_CALL].rung;
	s->rodata->csd_shift = calls_shift(l, csd);
	s->rodata->ko_shift = calls_shift(l, ko);
	s->rodata->spare_cpu = cpus;
	s->rodata->nr_nodes = nodes;
	s->rodata->set_words = (cpus + 63) / 64;
	return ret;
}

static int set_pid(struct latency *l, struct tool_error *err)
{
	struct latency_bpf__rodata *knob = l->skel->rodata;
	uint64_t dev = 0, ino = 0;
	int ret = l->opts.pid ? options_pid_space(&dev, &ino, err) : 0;

	knob->only_pid = l->opts.pid;
	knob->only_pid_dev = dev;
	knob->only_pid_ino = ino;
	return ret;
}

int latency_open(struct latency *l, struct tool_error *err)
{
	int ret;

	l->skel = latency_bpf__open();
	if (!l->skel)
		return tool_fail(err, -errno, "the probes can't be opened: %s",
				 strerror(errno));
	ladder_want_none(l->skel->obj);
	bpf_program__set_autoload(l->skel->progs.who_am_i, true);
	bpf_program__set_autoload(l->skel->progs.settle_here, true);
	bpf_program__set_autoload(l->skel->progs.floor_first, true);
	bpf_program__set_autoload(l->skel->progs.floor_second, true);
	ret = set_sizes(l);
	if (ret)
		tool_fail(err, ret, "%llu pairs: no such size of a map",
			  (unsigned long long)latency_max_pairs(l));
	return ret ? ret : set_pid(l, err);
}

static bool is_target(const struct latency *l, int cpu)
{
	size_t i;

	for (i = 0; i < l->opts.targets.n; i++)
		if (l->opts.targets.cpu[i] == cpu)
			return true;
	return !l->opts.targets.n;
}

/* Of a hash with keys of 64 bits. */
static void wipe_hash(struct bpf_map *map)
{
	int fd = bpf_map__fd(map);
	__u64 key;

	while (!bpf_map_get_next_key(fd, NULL, &key) &&
	       !bpf_map_delete_elem(fd, &key))
		;
}

static void wipe_per_cpu(struct bpf_map *map)
{
	size_t bytes = (bpf_map__value_size(map) + 7ul) / 8 * 8 *
		       libbpf_num_possible_cpus();
	void *zero = calloc(1, bytes);
	__u32 i;

	for (i = 0; zero && i < bpf_map__max_entries(map); i++)
		bpf_map__update_elem(map, &i, sizeof(i), zero, bytes, BPF_ANY);
	free(zero);
}

static void wipe_array(struct bpf_map *map)
{
	__u32 n = bpf_map__max_entries(map), i;
	__u32 *keys = calloc(n, sizeof(*keys));
	void *zero = calloc(n, bpf_map__value_size(map));

	for (i = 0; keys && i < n; i++)
		keys[i] = i;
	if (keys && zero)
		bpf_map_update_batch(bpf_map__fd(map), keys, zero, &n, NULL);
	free(zero);
	free(keys);
}

static void wipe_slots(struct latency *l, __u32 cpu, bool traced)
{
	struct trace_slot slot = { .traced = traced };
	__u32 class, key;

	for (class = 0; class < TRACE_CLASSES; class ++) {
		key = cpu * TRACE_CLASSES + class;
		bpf_map__update_elem(l->skel->maps.slots, &key, sizeof(key),
				     &slot, sizeof(slot), BPF_ANY);
	}
}

void latency_wipe(struct latency *l, bool all)
{
	struct trace_cpu cpu;
	__u32 i;

	for (i = 0; i < (__u32)l->cpus.possible; i++) {
		cpu = (struct trace_cpu){ .node = l->cpus.node[i],
					  .traced = all || is_target(l, i) };
		bpf_map__update_elem(l->skel->maps.cpus, &i, sizeof(i), &cpu,
				     sizeof(cpu), BPF_ANY);
		wipe_slots(l, i, cpu.traced);
	}
	wipe_array(l->skel->maps.csds);
	wipe_array(l->skel->maps.kos);
	wipe_hash(l->skel->maps.pairs);
	wipe_hash(l->skel->maps.calls);
	wipe_per_cpu(l->skel->maps.nodes);
	wipe_per_cpu(l->skel->maps.heres);
	wipe_per_cpu(l->skel->maps.stages);
}
