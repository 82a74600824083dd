// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: the probes' maps, their sizes and what they cost. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "latency.skel.h"
#include "latency_work.h"

/* 8 MB of histograms: enough for 32 CPUs that all interrupt each other. */
#define PAIRS_USUAL 1024

uint64_t latency_max_pairs(const struct latency *l)
{
	uint64_t all = (uint64_t)l->cpus.possible * (l->cpus.possible - 1) *
		       TRACE_TIMED;

	if (l->opts.max_pairs)
		return l->opts.max_pairs;
	return all < PAIRS_USUAL ? all : PAIRS_USUAL;
}

uint64_t latency_memory(const struct latency *l)
{
	uint64_t cpus = l->cpus.possible, times = sizeof(struct trace_times);

	return cpus * TRACE_CLASSES * sizeof(struct trace_slot) +
	       cpus * sizeof(struct trace_cpu) +
	       latency_max_pairs(l) * (times + 64) + times +
	       cpus * TRACE_TIMED * l->cpus.nodes * times;
}

static int set_sizes(struct latency *l)
{
	struct latency_bpf *s = l->skel;
	__u32 cpus = l->cpus.possible, nodes = l->cpus.nodes;
	int ret;

	ret = bpf_map__set_max_entries(s->maps.slots, cpus * TRACE_CLASSES);
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.cpus, cpus);
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.pairs,
					       latency_max_pairs(l));
	if (!ret)
		ret = bpf_map__set_max_entries(s->maps.nodes,
					       TRACE_TIMED * nodes);
	s->rodata->nr_nodes = nodes;
	s->rodata->set_words = (cpus + 63) / 64;
	return ret;
}

/* A process' number holds in the namespace that we see it in. */
static int set_pid(struct latency *l, struct tool_error *err)
{
	struct stat st;

	if (!l->opts.pid)
		return 0;
	if (stat("/proc/self/ns/pid", &st))
		return tool_fail(err, -errno,
				 "/proc/self/ns/pid: %s; --pid needs it",
				 strerror(errno));
	l->skel->rodata->only_pid = l->opts.pid;
	l->skel->rodata->only_pid_dev = st.st_dev;
	l->skel->rodata->only_pid_ino = st.st_ino;
	return 0;
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

static void wipe_pairs(struct latency *l)
{
	int fd = bpf_map__fd(l->skel->maps.pairs);
	__u64 key;

	while (!bpf_map_get_next_key(fd, NULL, &key) &&
	       !bpf_map_delete_elem(fd, &key))
		;
}

static void wipe_nodes(struct latency *l)
{
	size_t bytes = sizeof(struct trace_times) * libbpf_num_possible_cpus();
	void *zero = calloc(1, bytes);
	__u32 i;

	for (i = 0; zero && i < TRACE_TIMED * (__u32)l->cpus.nodes; i++)
		bpf_map__update_elem(l->skel->maps.nodes, &i, sizeof(i), zero,
				     bytes, BPF_ANY);
	free(zero);
}

void latency_wipe(struct latency *l, bool all)
{
	struct trace_slot slot = { .word = 0 };
	struct trace_cpu cpu;
	__u32 i, k;

	for (i = 0; i < (__u32)l->cpus.possible; i++) {
		cpu = (struct trace_cpu){ .node = l->cpus.node[i],
					  .traced = all || is_target(l, i) };
		bpf_map__update_elem(l->skel->maps.cpus, &i, sizeof(i), &cpu,
				     sizeof(cpu), BPF_ANY);
	}
	for (k = 0; k < (__u32)l->cpus.possible * TRACE_CLASSES; k++)
		bpf_map__update_elem(l->skel->maps.slots, &k, sizeof(k), &slot,
				     sizeof(slot), BPF_ANY);
	wipe_pairs(l);
	wipe_nodes(l);
}
