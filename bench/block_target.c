// SPDX-License-Identifier: GPL-2.0-only
/* The targets' side of a block: up, at work until they are stopped, down. */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "block_target.h"
#include "loop.h"
#include "witness.h"

/* Held: asleep until the block is over, so that no interrupt can find it. */
static void target_sleep(struct bench_target *t)
{
	const struct timespec tick = { .tv_nsec = 100000000 };

	while (!bench_target_stopped(t))
		syscall(SYS_futex, &t->stop, FUTEX_WAIT, 0, &tick, NULL, 0);
}

static void target_echo(struct bench_target *t)
{
	uint64_t want = 0;

	while (!bench_target_stopped(t)) {
		if (__atomic_load_n(&t->request, __ATOMIC_ACQUIRE) == want)
			continue;
		__atomic_store_n(&t->flag, ++want, __ATOMIC_RELEASE);
	}
}

static void target_inject(struct bench_target *t, double ns)
{
	const struct bench_opts *o = t->cell->opts;
	uint32_t turns =
		ns > 0 ? bench_delay_calibrate((uint64_t)(ns + 0.5)) : 0;

	t->delay_handler = o->inject == INJECT_HANDLER ? turns : 0;
	t->delay_ack = o->inject == INJECT_ACK ? turns : 0;
	t->delay_every = o->inject_every ? o->inject_every : 1;
}

void target_prepare(struct bench_target *t)
{
	const struct block_unit *u = (const struct block_unit *)t->cell;

	t->tid = (int)syscall(SYS_gettid);
	target_inject(t, u->run->inject_ns);
}

static int target_begin(struct bench_target *t, const struct block_unit *u)
{
	const struct bench_cell *c = t->cell;
	int err = 0;

	target_prepare(t);
	if (u->mode != BLOCK_PING && c->ops->target_enter)
		err = c->ops->target_enter(t);
	if (!err && c->opts->rt)
		err = worker_fifo(true);
	return err;
}

/* The target's own waiting and switches, from its coming up to its end. */
static void target_watched(struct bench_target *t)
{
	const struct bench_cell *c = t->cell;
	struct witness from, to;
	int processor = c->target_cpus[t - c->target];

	witness_read(processor, &from);
	t->cell->ops->target_run(t);
	witness_read(processor, &to);
	t->slept = to.sleeps - from.sleeps;
	memset(&t->block, 0, sizeof(t->block));
	witness_judge(&from, &to, &t->block);
}

void target_job(void *arg)
{
	struct bench_target *t = arg;
	struct bench_cell *c = t->cell;
	struct block_unit *u = (struct block_unit *)c;

	t->error = target_begin(t, u);
	__atomic_store_n(&t->up, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &t->up, FUTEX_WAKE, 1, NULL, NULL, 0);
	if (u->mode == BLOCK_PING)
		target_echo(t);
	else if (t->error || c->opts->hold_target)
		target_sleep(t);
	else
		target_watched(t);
	if (c->opts->rt)
		worker_fifo(false);
	if (u->mode != BLOCK_PING && c->ops->target_leave)
		c->ops->target_leave(t);
}

void targets_stop(struct bench_cell *c)
{
	uint32_t i;

	for (i = 0; i < c->targets_n; i++) {
		__atomic_store_n(&c->target[i].stop, 1, __ATOMIC_RELEASE);
		if (c->opts->hold_target || c->target[i].error)
			syscall(SYS_futex, &c->target[i].stop, FUTEX_WAKE, 1,
				NULL, NULL, 0);
	}
}

/*
 * Asleep, because a target may need this very processor to come up. (Yielding
 * in a loop is no way: on recent kernels each yield forfeits a slice, and the
 * thread starves for seconds once others want to run.)
 */
int targets_await_up(struct bench_cell *c)
{
	const struct timespec tick = { .tv_nsec = 100000000 };
	uint64_t end = bench_clock_now() + bench_clock_units(BENCH_DEAF_NS);
	uint32_t i;

	for (i = 0; i < c->targets_n; i++) {
		struct bench_target *t = &c->target[i];

		while (!__atomic_load_n(&t->up, __ATOMIC_ACQUIRE)) {
			if (bench_clock_now() > end)
				return bench_cell_deaf(c, i, "coming up");
			syscall(SYS_futex, &t->up, FUTEX_WAIT, 0, &tick, NULL,
				0);
		}
		if (t->error)
			return bench_cell_fail(
				c, t->error, "CPU %d can't take part: %s",
				c->target_cpus[i], strerror(-t->error));
	}
	return 0;
}

void target_reset(struct bench_target *t)
{
	t->seq = t->work = t->ready = t->flag = t->request = 0;
	t->up = t->stop = 0;
	t->cpu = NULL;
	t->error = 0;
	t->slept = 0;
	t->block.marked = false;
	memset(t->came, 0, sizeof(t->came));
}
