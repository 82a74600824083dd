// SPDX-License-Identifier: GPL-2.0-only
/* A block: targets up, counters read, chunks measured and filed, all down. */
#include <linux/futex.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "block.h"
#include "loop.h"
#include "witness.h"

#define PINGS 2000u
/*
 * Every wait of a worker ends by itself; past this it was kept from running,
 * as by a real-time thread on its processor.
 */
#define PATIENCE_NS 60000000000u
/* Share of a block's length for which nothing is sent before it. */
#define QUIET_SHARE 10u

int bench_cell_fail(struct bench_cell *c, int err, const char *fmt, ...)
{
	va_list ap;

	if (c->reason[0])
		return err;
	va_start(ap, fmt);
	vsnprintf(c->reason, sizeof(c->reason), fmt, ap);
	va_end(ap);
	return err;
}

int bench_cell_deaf(struct bench_cell *c, uint32_t target, const char *what)
{
	return bench_cell_fail(c, -ETIMEDOUT,
			       "CPU %d did not answer CPU %d within %u ms (%s)",
			       c->target_cpus[target], c->source_cpu,
			       BENCH_DEAF_NS / 1000000u, what);
}

/* ---- the targets -------------------------------------------------------- */

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

static int target_begin(struct bench_target *t, const struct block_unit *u)
{
	const struct bench_cell *c = t->cell;
	int err = 0;

	t->tid = (int)syscall(SYS_gettid);
	t->delay_handler = t->delay_ack = 0;
	if (c->opts->inject == INJECT_HANDLER)
		t->delay_handler = bench_delay_calibrate(c->opts->inject_ns);
	if (c->opts->inject == INJECT_ACK)
		t->delay_ack = bench_delay_calibrate(c->opts->inject_ns);
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
	memset(&t->block, 0, sizeof(t->block));
	witness_judge(&from, &to, &t->block);
}

static void target_job(void *arg)
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

static void targets_stop(struct bench_cell *c)
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
static int targets_await_up(struct bench_cell *c)
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

/* ---- the source --------------------------------------------------------- */

static int chunk(struct block_unit *u, uint64_t until, bool discard)
{
	struct bench_cell *c = &u->cell;
	struct bench_source *s = c->src;
	int err;

	s->n = 0;
	s->base = s->sent;
	s->until = until;
	s->n_max = c->series == SERIES_STOLEN ? 1 : BENCH_CHUNK / c->batch;
	if (!discard && s->n_max > u->samples_left)
		s->n_max = (uint32_t)u->samples_left;
	err = c->ops->source_run(c);
	if (!err && c->answers && c->series != SERIES_STOLEN)
		err = bench_await_ready(c);
	if (err)
		return bench_cell_fail(c, err, "CPU %d: %s", c->source_cpu,
				       strerror(-err));
	if (u->samples_left != UINT64_MAX && !discard &&
	    u->mode == BLOCK_MEASURE)
		u->samples_left -= s->n;
	record_file(u->run, c, discard);
	return 0;
}

static int chunks(struct block_unit *u)
{
	uint64_t start = bench_clock_now();
	uint64_t length = bench_clock_units((double)u->length_ns);
	uint64_t keep = start + length / 10, end = start + length;
	int err = 0;

	while (!err && bench_clock_now() < keep)
		err = chunk(u, keep, true);
	/* One at least, also where a single sample outlasts the block. */
	while (!err && u->samples_left) {
		err = chunk(u, end, false);
		if (bench_clock_now() >= end || bench_stop)
			break;
	}
	return err;
}

/* Everything that is read at both ends of a block. */
struct ends {
	struct witness w;
	struct ipi_counters lib;
	double machine, time_ns;
	int error;
};

static void read_ends(const struct block_unit *u, struct ends *e)
{
	const struct bench_cell *c = &u->cell;

	memset(e, 0, sizeof(*e));
	witness_read(c->source_cpu, &e->w);
	if (c->ops->counters)
		c->ops->counters((struct bench_cell *)c, &e->lib);
	e->time_ns = (double)bench_clock_raw_ns();
	if (c->counter[0])
		e->error = attest_read(ATTEST_PATH, c->counter, c->target_cpus,
				       c->targets_n, &e->machine);
}

static void attest_block(struct block_unit *u, const struct ends *from,
			 const struct ends *to)
{
	struct bench_cell *c = &u->cell;
	struct attest_sum *att = &u->run->att[c->series];
	struct ipi_counters delta = { 0 };

#define IPI_COUNTER(name, unit, help)                                          \
	delta.name = to->lib.name - from->lib.name;
#include <ipi/counters.def>
#undef IPI_COUNTER
	if (c->ops->counters)
		attest_add_lib(att, &from->lib, &to->lib);
	if (c->ops->expected)
		att->asked += c->ops->expected(c, &delta, c->src->sent);
	att->taken += to->machine - from->machine;
	att->blocks_s += (to->time_ns - from->time_ns) / 1e9;
	if (to->error)
		att->error = to->error;
}

/* The machine's background: the same threads, and nothing is sent. */
static void quiet_window(struct block_unit *u)
{
	double length = (double)u->length_ns / QUIET_SHARE;
	struct ends from, to;

	if (!u->cell.counter[0] || u->mode != BLOCK_MEASURE)
		return;
	read_ends(u, &from);
	bench_spin_until(bench_clock_now() + bench_clock_units(length));
	read_ends(u, &to);
	if (!to.error)
		attest_add_quiet(&u->run->att[u->cell.series],
				 to.machine - from.machine,
				 (to.time_ns - from.time_ns) / 1e9);
}

static int source_measure(struct block_unit *u)
{
	struct ends from, to;
	int err;

	quiet_window(u);
	read_ends(u, &from);
	u->block.t_s = ((double)bench_clock_raw_ns() - u->origin_ns) / 1e9;
	err = chunks(u);
	read_ends(u, &to);
	witness_judge(&from.w, &to.w, &u->block);
	if (u->cell.crowded)
		witness_mark(&u->block, "more CPUs than processors");
	if (u->mode == BLOCK_MEASURE)
		attest_block(u, &from, &to);
	return err;
}

/* Half the smallest round trip bounds the offset, whatever it is. */
static int source_ping(struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	double worst = 0;
	uint32_t i, k;

	for (k = 0; k < c->targets_n; k++) {
		uint64_t best = UINT64_MAX;

		for (i = 1; i <= PINGS; i++) {
			uint64_t t0 = bench_clock_now(), t1;

			__atomic_store_n(&c->target[k].request, i,
					 __ATOMIC_RELEASE);
			if (!bench_await(&c->target[k].flag, i, UINT32_MAX))
				return bench_cell_deaf(c, k, "ping");
			t1 = bench_clock_now();
			best = t1 - t0 < best ? t1 - t0 : best;
		}
		if (bench_clock_ns(best) / 2 > worst)
			worst = bench_clock_ns(best) / 2;
	}
	u->run->offset_bound_ns = worst;
	return 0;
}

static void source_prepare(struct block_unit *u)
{
	const struct bench_opts *o = u->cell.opts;
	struct bench_source *s = u->cell.src;

	s->rng.state = u->seed;
	s->gap_min = bench_clock_units((double)o->gap_ns_min);
	s->gap_max = bench_clock_units((double)o->gap_ns_max);
	s->handshake = s->gap_max && u->cell.answers;
	s->sent = 0;
}

static int source_in(struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	int err;

	err = targets_await_up(c);
	if (err)
		return err;
	switch (u->mode) {
	case BLOCK_PING:
		return source_ping(u);
	default:
		return source_measure(u);
	}
}

static void source_job(void *arg)
{
	struct block_unit *u = arg;
	struct bench_cell *c = &u->cell;
	bool enters = u->mode != BLOCK_PING && c->ops->source_enter;
	int err = 0;

	source_prepare(u);
	if (enters)
		err = c->ops->source_enter(c);
	if (!err && c->opts->rt)
		err = worker_fifo(true);
	if (err)
		bench_cell_fail(c, err, "CPU %d can't send: %s", c->source_cpu,
				strerror(-err));
	else
		err = source_in(u);
	targets_stop(c);
	if (c->opts->rt)
		worker_fifo(false);
	if (enters && c->ops->source_leave)
		c->ops->source_leave(c);
	u->error = err;
}

/* ---- the main thread ---------------------------------------------------- */

static void target_reset(struct bench_target *t)
{
	t->seq = t->work = t->ready = t->flag = t->request = 0;
	t->up = t->stop = 0;
	t->cpu = NULL;
	t->error = 0;
	t->block.marked = false;
}

/* What disturbed a target disturbed the block. */
static void mark_for_targets(struct block_unit *u)
{
	const struct bench_cell *c = &u->cell;
	uint32_t i;

	for (i = 0; i < c->targets_n; i++)
		if (c->target[i].block.marked)
			witness_mark(&u->block, "CPU %d: %s", c->target_cpus[i],
				     c->target[i].block.marks);
}

int block_run(struct block_unit *u, enum block_mode mode)
{
	struct bench_cell *c = &u->cell;
	uint64_t patience = PATIENCE_NS + 4 * u->length_ns;
	uint32_t i;

	u->mode = mode;
	u->error = 0;
	memset(&u->block, 0, sizeof(u->block));
	u->block.freq_mhz = NAN;
	for (i = 0; i < c->targets_n; i++) {
		target_reset(&c->target[i]);
		worker_begin(u->targets[i], target_job, &c->target[i]);
	}
	worker_begin(u->source, source_job, u);
	if (worker_finish(u->source, patience)) {
		u->stuck = true;
		targets_stop(c);
		u->error = bench_cell_fail(c, -ETIMEDOUT,
					   "CPU %d did not end its block",
					   c->source_cpu);
	}
	for (i = 0; i < c->targets_n; i++) {
		if (!worker_finish(u->targets[i], PATIENCE_NS))
			continue;
		u->stuck = true;
		u->error = bench_cell_deaf(c, i, "ending its block");
	}
	if (mode == BLOCK_MEASURE && !u->stuck)
		mark_for_targets(u);
	return u->error;
}
