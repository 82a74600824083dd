// SPDX-License-Identifier: GPL-2.0-only
/* Worker threads: start, job, end, each wait with a deadline. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "worker.h"

struct bench_worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int processor;
	void (*job)(void *arg); /* NULL: idle */
	void *arg;
	bool quit;
};

static void *worker_main(void *arg)
{
	struct bench_worker *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->quit) {
		if (!w->job) {
			pthread_cond_wait(&w->changed, &w->lock);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		w->job(w->arg);
		pthread_mutex_lock(&w->lock);
		w->job = NULL;
		pthread_cond_broadcast(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Pinned from its first instruction, so that its stack lies near, too. */
static int start_pinned(struct bench_worker *w)
{
	size_t size = CPU_ALLOC_SIZE(w->processor + 1);
	cpu_set_t *set = CPU_ALLOC(w->processor + 1);
	sigset_t all, old;
	pthread_attr_t attr;
	int err;

	if (!set)
		return -ENOMEM;
	CPU_ZERO_S(size, set);
	CPU_SET_S(w->processor, size, set);
	pthread_attr_init(&attr);
	err = pthread_attr_setaffinity_np(&attr, size, set);
	/* The program's own signals are for its main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (!err)
		err = pthread_create(&w->thread, &attr, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	CPU_FREE(set);
	return -err;
}

int worker_start(int processor, struct bench_worker **out)
{
	struct bench_worker *w;
	pthread_condattr_t attr;
	int err;

	if (processor < 0)
		return -EINVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->processor = processor;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &attr);
	pthread_condattr_destroy(&attr);
	err = start_pinned(w);
	if (err) {
		free(w);
		return err;
	}
	*out = w;
	return 0;
}

void worker_begin(struct bench_worker *w, void (*job)(void *arg), void *arg)
{
	pthread_mutex_lock(&w->lock);
	w->arg = arg;
	w->job = job;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

int worker_finish(struct bench_worker *w, uint64_t timeout_ns)
{
	struct timespec end;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	timeout_ns += (uint64_t)end.tv_nsec;
	end.tv_sec += (time_t)(timeout_ns / 1000000000u);
	end.tv_nsec = (long)(timeout_ns % 1000000000u);
	pthread_mutex_lock(&w->lock);
	while (w->job && !err)
		err = pthread_cond_timedwait(&w->changed, &w->lock, &end);
	if (!w->job)
		err = 0;
	pthread_mutex_unlock(&w->lock);
	return -err;
}

int worker_processor(const struct bench_worker *w)
{
	return w->processor;
}

void worker_end(struct bench_worker *w)
{
	bool stuck;

	pthread_mutex_lock(&w->lock);
	w->quit = true;
	stuck = w->job;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	if (stuck) {
		pthread_detach(w->thread);
		return;
	}
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int worker_fifo(bool on)
{
	struct sched_param sp = {.sched_priority = on ? 1 : 0};

	return -pthread_setschedparam(pthread_self(),
				      on ? SCHED_FIFO : SCHED_OTHER, &sp);
}
