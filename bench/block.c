// SPDX-License-Identifier: GPL-2.0-only
/* A block: targets up, counters read, chunks measured and filed, all down. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "block_ends.h"
#include "block_target.h"
#include "loop.h"
#include "round.h"
#include "witness.h"

#define PINGS 2000u
/*
 * Every wait of a worker ends by itself; past this it was kept from running,
 * as by a real-time thread on its processor.
 */
#define PATIENCE_NS 60000000000u

int bench_cell_fail(struct bench_cell *c, int err, const char *fmt, ...)
{
	va_list ap;

	/* Several sources may fail at once: the first one tells. */
	if (__atomic_exchange_n(&c->failed, true, __ATOMIC_ACQ_REL))
		return err;
	va_start(ap, fmt);
	vsnprintf(c->reason, sizeof(c->reason), fmt, ap);
	va_end(ap);
	return err;
}

static int deaf(struct bench_cell *c, uint32_t target, int source,
		const char *what)
{
	return bench_cell_fail(
		c, -ETIMEDOUT, "CPU %d did not answer CPU %d within %u ms (%s)",
		c->target_cpus[target], source, BENCH_DEAF_NS / 1000000u, what);
}

int bench_cell_deaf(struct bench_cell *c, uint32_t target, const char *what)
{
	return deaf(c, target, c->source_cpu, what);
}

int bench_source_deaf(struct bench_source *s, uint32_t target, const char *what)
{
	return deaf(s->cell, target, s->cpu, what);
}

/* ---- the source --------------------------------------------------------- */

/* Each source's share of the samples that are left, and its log's room. */
static uint32_t window_samples(const struct block_unit *u, bool discard)
{
	uint64_t share = u->samples_left / u->cell.sources_n;

	if (discard || share >= BENCH_CHUNK)
		return BENCH_CHUNK;
	return share ? (uint32_t)share : 1;
}

static uint64_t window(struct block_unit *u, bool discard, int *err)
{
	struct bench_cell *c = &u->cell;
	uint64_t n = c->series == SERIES_INTERVAL;
	uint32_t i;

	*err = round_window(c->src, u->length_ns / ROUND_WINDOWS,
			    window_samples(u, discard));
	for (i = 0; i < c->sources_n && !*err; i++)
		n += c->srcs[i]->n;
	if (!*err)
		record_file_window(u->run, c, discard);
	return n;
}

static uint64_t samples(struct block_unit *u, uint64_t until, bool discard,
			int *err)
{
	struct bench_cell *c = &u->cell;
	struct bench_source *s = c->src;

	s->n = 0;
	s->base = s->sent;
	s->until = until;
	s->n_max = c->series == SERIES_STOLEN
			   ? 1
			   : BENCH_CHUNK / c->batch / c->messages;
	if (!discard && s->n_max > u->samples_left)
		s->n_max = (uint32_t)u->samples_left;
	*err = c->ops->source_run(c);
	if (!*err && c->answers && c->series != SERIES_STOLEN)
		*err = bench_await_ready(c);
	if (!*err)
		record_file(u->run, c, discard);
	return s->n;
}

static int chunk(struct block_unit *u, uint64_t until, bool discard)
{
	struct bench_cell *c = &u->cell;
	uint64_t n;
	int err;

	n = c->ops->one_window ? window(u, discard, &err)
			       : samples(u, until, discard, &err);
	if (err)
		return bench_cell_fail(c, err, "CPU %d: %s", c->source_cpu,
				       strerror(-err));
	if (u->samples_left != UINT64_MAX && !discard &&
	    u->mode == BLOCK_MEASURE)
		u->samples_left -= n < u->samples_left ? n : u->samples_left;
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

static int source_measure(struct block_unit *u)
{
	struct block_ends from, to;
	int err;

	ends_quiet(u);
	traced_arm(u);
	ends_read(u, &from);
	u->block.t_s = ((double)bench_clock_raw_ns() - u->origin_ns) / 1e9;
	err = chunks(u);
	ends_read(u, &to);
	traced_disarm(u);
	witness_judge(&from.w, &to.w, &u->block);
	if (u->cell.crowded)
		witness_mark(&u->block, "more CPUs than processors");
	if (u->mode == BLOCK_MEASURE)
		ends_attest(u, &from, &to);
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
	uint32_t i;

	for (i = 0; i < u->cell.sources_n; i++) {
		struct bench_source *s = u->cell.srcs[i];

		/* Far apart, so that no two draw the same numbers. */
		s->rng.state = u->seed + ((uint64_t)i << 40);
		s->gap_min = bench_clock_units((double)o->gap_ns_min);
		s->gap_max = bench_clock_units((double)o->gap_ns_max);
		s->handshake = s->gap_max && u->cell.answers;
		s->pause = 0;
		s->paused = 0;
		s->sent = 0;
	}
	if (o->inject == INJECT_SENDER)
		u->cell.src->pause = bench_clock_units(u->run->inject_ns);
}

static int source_in(struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	int err;

	if (!c->peers) {
		err = targets_await_up(c);
		if (err)
			return err;
	}
	if (c->ops->one_window) {
		err = round_gather(c->src);
		if (err)
			return err;
	}
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

/* The first of several. */
static void first_job(void *arg)
{
	struct block_unit *u = arg;
	struct bench_cell *c = &u->cell;

	c->src->error = round_enter(c->src);
	u->error = c->src->error ? c->src->error : source_in(u);
	round_quit(c);
	if (!c->peers)
		targets_stop(c);
	round_leave(c->src);
}

static void follower_job(void *arg)
{
	round_follow(arg);
}

/* ---- the main thread ---------------------------------------------------- */

/* What disturbed a target or another source disturbed the block. */
static void mark_for_others(struct block_unit *u)
{
	const struct bench_cell *c = &u->cell;
	uint32_t i;

	for (i = 1; i < c->sources_n; i++)
		if (c->srcs[i]->block.marked)
			witness_mark(&u->block, "CPU %d: %s", c->srcs[i]->cpu,
				     c->srcs[i]->block.marks);
	for (i = 0; i < c->targets_n && !c->peers; i++)
		if (c->target[i].block.marked)
			witness_mark(&u->block, "CPU %d: %s", c->target_cpus[i],
				     c->target[i].block.marks);
}

static void begin(struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	bool many = c->ops->one_window;
	uint32_t i;

	source_prepare(u);
	for (i = 0; i < c->targets_n; i++)
		target_reset(&c->target[i]);
	for (i = 0; i < c->targets_n && !c->peers; i++)
		worker_begin(u->targets[i], target_job, &c->target[i]);
	if (many)
		round_reset(c);
	for (i = 1; i < c->sources_n; i++)
		worker_begin(u->sources[i], follower_job, c->srcs[i]);
	worker_begin(u->sources[0], many ? first_job : source_job, u);
}

static void sources_finish(struct block_unit *u, uint64_t patience)
{
	struct bench_cell *c = &u->cell;
	uint32_t i;

	for (i = 0; i < c->sources_n; i++) {
		if (!worker_finish(u->sources[i], patience))
			continue;
		u->stuck = true;
		targets_stop(c);
		u->error = bench_cell_fail(c, -ETIMEDOUT,
					   "CPU %d did not end its block",
					   c->source_cpus[i]);
		/* It has had its time; the others have had theirs, too. */
		patience = 0;
	}
}

static void name_cpus(struct block_unit *u)
{
	const struct bench_cell *c = &u->cell;

	u->block.source = c->sources_n > 1 ? -1 : c->source_cpu;
	u->block.target = c->targets_n == 0   ? c->source_cpu
			  : c->targets_n == 1 ? c->target_cpus[0]
					      : -1;
}

int block_run(struct block_unit *u, enum block_mode mode)
{
	struct bench_cell *c = &u->cell;
	uint32_t i;

	u->mode = mode;
	u->error = 0;
	memset(&u->block, 0, sizeof(u->block));
	u->block.freq_mhz = NAN;
	name_cpus(u);
	begin(u);
	sources_finish(u, PATIENCE_NS + 4 * u->length_ns);
	for (i = 0; i < c->targets_n && !c->peers; i++) {
		if (!worker_finish(u->targets[i], PATIENCE_NS))
			continue;
		u->stuck = true;
		u->error = bench_cell_deaf(c, i, "ending its block");
	}
	if (mode == BLOCK_MEASURE && !u->stuck)
		mark_for_others(u);
	if (c->sleeps && mode == BLOCK_MEASURE && !u->stuck)
		ends_attest_sleep(u);
	return u->error;
}
