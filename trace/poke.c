// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of a known number. */
#include "poke.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { POKE_RESTS, POKE_STARTS, POKE_RUNS, POKE_ENDS };

#define START_S 5

static bool starts(struct poke_target *t)
{
	while (sem_wait(&t->go))
		;
	return atomic_load(&t->state) == POKE_STARTS;
}

static void *keep_busy(void *arg)
{
	struct poke_target *t = arg;

	while (starts(t)) {
		atomic_store(&t->state, POKE_RUNS);
		while (atomic_load_explicit(&t->state, memory_order_relaxed) ==
		       POKE_RUNS)
			;
	}
	return NULL;
}

static int start(struct poke_target *t, struct tool_error *err)
{
	pthread_attr_t attr;
	cpu_set_t set;
	int ret;

	CPU_ZERO(&set);
	CPU_SET(t->cpu, &set);
	atomic_init(&t->state, POKE_RESTS);
	sem_init(&t->go, 0, 0);
	pthread_attr_init(&attr);
	ret = pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	if (!ret)
		ret = pthread_create(&t->thread, &attr, keep_busy, t);
	pthread_attr_destroy(&attr);
	if (ret)
		return tool_fail(err, -ret, "no thread on CPU %d: %s", t->cpu,
				 strerror(ret));
	return 0;
}

static int wait_for_start(struct poke_target *t, struct tool_error *err)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += START_S;
	while (atomic_load(&t->state) != POKE_RUNS) {
		sched_yield();
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec)
			return tool_fail(err, -ETIME,
					 "CPU %d ran no thread of ours for "
					 "%d s: other work of a higher "
					 "priority holds it",
					 t->cpu, START_S);
	}
	return 0;
}

static int load(void)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ipi_poke", "GPL",
			     nothing, 2, NULL);
}

int poke_open(struct poke *p, const int *cpus, size_t n, struct tool_error *err)
{
	int ret = 0;

	p->n = 0;
	p->prog = load();
	if (p->prog < 0)
		return tool_fail(err, p->prog, "no BPF program can be run: %s",
				 strerror(-p->prog));
	while (!ret && p->n < n) {
		p->target[p->n].cpu = cpus[p->n];
		ret = start(&p->target[p->n], err);
		p->n += !ret;
	}
	if (ret)
		poke_close(p);
	return ret;
}

int poke_wake(struct poke *p, struct tool_error *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < p->n; i++) {
		atomic_store(&p->target[i].state, POKE_STARTS);
		sem_post(&p->target[i].go);
	}
	for (i = 0; !ret && i < p->n; i++)
		ret = wait_for_start(&p->target[i], err);
	return ret;
}

void poke_rest(struct poke *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		atomic_store(&p->target[i].state, POKE_RESTS);
}

int poke_single(struct poke *p, unsigned n)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .flags = BPF_F_TEST_RUN_ON_CPU,
		    .cpu = p->target[0].cpu);
	int ret = 0;

	while (!ret && n--)
		ret = bpf_prog_test_run_opts(p->prog, &opts);
	return ret;
}

static int move(struct poke_target *t, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return -pthread_setaffinity_np(t->thread, sizeof(set), &set);
}

static void set_priority(pthread_t thread, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	pthread_setschedparam(thread, priority ? SCHED_FIFO : SCHED_OTHER,
			      &param);
}

void poke_real_time(struct poke *p, bool on)
{
	size_t i;

	set_priority(pthread_self(), on ? 2 : 0);
	for (i = 0; i < p->n; i++)
		set_priority(p->target[i].thread, on ? 1 : 0);
}

/*
 * In real time whatever else runs on the target makes way for the thread at
 * once, and ours keeps it from running here. Where that is not allowed, the
 * thread may have to wait, and be moved without an interrupt.
 */
int poke_reschedule(struct poke *p, int home, unsigned n)
{
	int ret = 0;

	poke_real_time(p, true);
	while (!ret && n--) {
		ret = move(&p->target[0], home);
		if (!ret)
			ret = move(&p->target[0], p->target[0].cpu);
	}
	poke_real_time(p, false);
	return ret;
}

int poke_many(unsigned n)
{
	int ret = (int)syscall(SYS_membarrier,
			       MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);

	while (!ret && n--)
		ret = (int)syscall(SYS_membarrier,
				   MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	return ret ? -errno : 0;
}

void poke_close(struct poke *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		atomic_store(&p->target[i].state, POKE_ENDS);
		sem_post(&p->target[i].go);
		pthread_join(p->target[i].thread, NULL);
	}
	p->n = 0;
	close(p->prog);
}
