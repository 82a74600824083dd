// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts on demand, for the tests of the tracer:
 *
 *   ipis FROM TO N      N single interrupts, and not one more
 *   ipis FROM all N     N calls to all others whose thread of ours runs
 *
 * Says "ready TID" of the thread that will do nothing else, waits for a line,
 * sends, says "sent"; ends with its input, for its end causes interrupts too.
 */
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpus.h"
#include "poke.h"

struct job {
	struct poke poke;
	int from, n;
	bool all;
	sem_t ready, go, sent;
	pid_t tid;
	int ret;
};

static void *send_them(void *arg)
{
	struct job *job = arg;

	job->tid = gettid();
	job->ret = cpus_pin(job->from);
	sem_post(&job->ready);
	sem_wait(&job->go);
	if (!job->ret)
		job->ret = job->all ? poke_many(job->n)
				    : poke_single(&job->poke, job->n);
	sem_post(&job->sent);
	pause();
	return NULL;
}

static int converse(struct job *job, struct tool_error *err)
{
	char line[16];
	int ret;

	sem_wait(&job->ready);
	printf("ready %d\n", (int)job->tid);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return -EPIPE;
	/* By this thread, for the other one's interrupts are counted. */
	ret = poke_wake(&job->poke, err);
	if (ret)
		return ret;
	sem_post(&job->go);
	sem_wait(&job->sent);
	poke_rest(&job->poke);
	if (job->ret)
		return job->ret;
	puts("sent");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
	return 0;
}

static int run(struct job *job, const int *cpus, int n, struct tool_error *err)
{
	pthread_t thread;
	int ret;

	sem_init(&job->ready, 0, 0);
	sem_init(&job->go, 0, 0);
	sem_init(&job->sent, 0, 0);
	ret = cpus_pin(job->from);
	if (!ret)
		ret = poke_open(&job->poke, cpus, n, err);
	if (!ret)
		ret = -pthread_create(&thread, NULL, send_them, job);
	return ret ? ret : converse(job, err);
}

static int number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *text && !*end && n >= 0 && n < 1 << 30 ? (int)n : -1;
}

static int others(int from, int cpus[POKE_TARGETS])
{
	int n = 0, cpu;

	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++)
		if (cpu != from && n < POKE_TARGETS)
			cpus[n++] = cpu;
	return n;
}

int main(int argc, char **argv)
{
	struct tool_error err = { "" };
	static struct job job;
	int cpus[POKE_TARGETS], cpus_n = 1, ret;

	job.all = argc == 4 && !strcmp(argv[2], "all");
	job.from = argc == 4 ? number(argv[1]) : -1;
	job.n = argc == 4 ? number(argv[3]) : -1;
	cpus[0] = argc == 4 && !job.all ? number(argv[2]) : 0;
	if (job.from < 0 || job.n < 0 || cpus[0] < 0) {
		fprintf(stderr, "usage: ipis FROM TO|all N\n");
		return 2;
	}
	if (job.all)
		cpus_n = others(job.from, cpus);
	ret = run(&job, cpus, cpus_n, &err);
	if (ret)
		fprintf(stderr, "ipis: %s %s\n", strerror(-ret), err.text);
	/* Its threads end with it. */
	return ret ? 1 : 0;
}
