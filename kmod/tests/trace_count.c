// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the module's trace events while a command runs, twice each: by a BPF
 * program on the raw tracepoint, and by perf_event_open(2). Needs root, no
 * libbpf and no perf.
 *     trace_count COMMAND [ARGUMENT...]
 *     post bpf 180 perf 180
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CPUS_MAX 1024

static const char *const events[] = { "post", "notify", "entry", "dequeue",
				      "done" };
#define EVENTS (sizeof(events) / sizeof(events[0]))

struct count {
	int map;
	int perf[CPUS_MAX];
};

static void die(const char *what, const char *name)
{
	fprintf(stderr, "trace_count: %s %s: %s\n", what, name,
		strerror(errno));
	exit(1);
}

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static uint64_t pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static int make_map(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY,
				.key_size = 4,
				.value_size = 8,
				.max_entries = 1 };

	return bpf(BPF_MAP_CREATE, &attr);
}

/* Adds one to the map's only element. */
static int make_program(int map)
{
	const struct bpf_insn code[] = {
		{ BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0 },
		{ BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4 },
		{ BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map },
		{ 0, 0, 0, 0, 0 },
		{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 1 },
		{ BPF_STX | BPF_ATOMIC | BPF_DW, 0, 1, 0, BPF_ADD },
		{ BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
				.insns = pointer(code),
				.insn_cnt = sizeof(code) / sizeof(code[0]),
				.license = pointer("GPL") };

	return bpf(BPF_PROG_LOAD, &attr);
}

static void attach_bpf(struct count *c, const char *name)
{
	union bpf_attr attr = { .raw_tracepoint = { .name = pointer(name) } };

	c->map = make_map();
	if (c->map < 0)
		die("no map for", name);
	attr.raw_tracepoint.prog_fd = (unsigned)make_program(c->map);
	if ((int)attr.raw_tracepoint.prog_fd < 0)
		die("no program for", name);
	if (bpf(BPF_RAW_TRACEPOINT_OPEN, &attr) < 0)
		die("no raw tracepoint", name);
}

static uint64_t event_id(const char *name)
{
	char path[128];
	unsigned long id;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/kernel/tracing/events/ipi_ko/%s/id", name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%lu", &id) != 1)
		die("no event", path);
	fclose(f);
	return id;
}

static void attach_perf(struct count *c, const char *name, int cpus)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT,
					.size = sizeof(attr),
					.config = event_id(name) };

	for (int cpu = 0; cpu < cpus; cpu++) {
		c->perf[cpu] = (int)syscall(SYS_perf_event_open, &attr, -1, cpu,
					    -1, 0);
		if (c->perf[cpu] < 0)
			die("perf does not count", name);
	}
}

static uint64_t by_bpf(const struct count *c)
{
	uint32_t key = 0;
	uint64_t n = 0;
	union bpf_attr attr = { .map_fd = (unsigned)c->map,
				.key = pointer(&key),
				.value = pointer(&n) };

	if (bpf(BPF_MAP_LOOKUP_ELEM, &attr))
		die("no count of", "bpf");
	return n;
}

static uint64_t by_perf(const struct count *c, int cpus)
{
	uint64_t sum = 0, n;

	for (int cpu = 0; cpu < cpus; cpu++) {
		if (read(c->perf[cpu], &n, sizeof(n)) != sizeof(n))
			die("no count of", "perf");
		sum += n;
	}
	return sum;
}

static int run(char **argv)
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		die("no process for", argv[0]);
	if (!child) {
		execvp(argv[0], argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	static struct count counts[EVENTS];
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN), err;

	if (argc < 2 || cpus > CPUS_MAX)
		return 2;
	for (unsigned n = 0; n < EVENTS; n++) {
		attach_bpf(&counts[n], events[n]);
		attach_perf(&counts[n], events[n], cpus);
	}
	err = run(argv + 1);
	for (unsigned n = 0; n < EVENTS; n++)
		printf("%s bpf %lu perf %lu\n", events[n],
		       (unsigned long)by_bpf(&counts[n]),
		       (unsigned long)by_perf(&counts[n], cpus));
	return err;
}
