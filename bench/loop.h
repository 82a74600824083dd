/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timed loops, as templates: a driver passes its send and wait as static
 * functions, and the compiler makes one straight loop of them.
 */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include "harness.h"

#define BENCH_INLINE static inline __attribute__((always_inline))
#define BENCH_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Turns between two looks at the clock while waiting. */
#define BENCH_SPINS 1024u

/* Pairs of windows of a stolen chunk, and messages of a window with them. */
#define BENCH_STOLEN_PAIRS 2u
#define BENCH_STOLEN_GAPPED 16u
#define BENCH_STOLEN_CLOSED 4096u

typedef int (*bench_step)(struct bench_cell *c);

BENCH_INLINE void bench_relax(void)
{
#if defined(__x86_64__)
	__asm__ volatile("pause" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/* Waits as the item's waiter says until *word is at least want. */
BENCH_INLINE bool bench_await(const uint64_t *word, uint64_t want,
			      uint32_t spin_loads)
{
	uint64_t deadline = 0;
	uint32_t turn = 0;

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < want) {
		if (++turn > spin_loads)
			bench_relax();
		if (turn % BENCH_SPINS)
			continue;
		if (!deadline)
			deadline = bench_clock_now() +
				   bench_clock_units(BENCH_DEAF_NS);
		else if (bench_clock_now() > deadline)
			return false;
	}
	return true;
}

BENCH_INLINE uint32_t bench_spin_loads(const struct bench_cell *c)
{
	return c->opts->waiter == IPI_WAITER_SPIN ? c->opts->spin_loads : 0;
}

/* Until every target's main loop has seen all handlers return. */
BENCH_INLINE int bench_await_ready(struct bench_cell *c)
{
	uint32_t i;

	for (i = 0; i < c->targets_n; i++)
		if (!bench_await(&c->target[i].ready, c->src->sent, 0))
			return bench_cell_deaf(c, i, "ready word");
	return 0;
}

BENCH_INLINE void bench_spin_until(uint64_t when)
{
	while (bench_clock_now() < when)
		bench_relax();
}

/* What comes before a first stamp: the ready word, then the gap. */
BENCH_INLINE int bench_pause(struct bench_cell *c, bool handshake)
{
	struct bench_source *s = c->src;
	int err;

	if (handshake && s->handshake) {
		err = bench_await_ready(c);
		if (err)
			return err;
	}
	if (s->gap_max)
		bench_spin_until(bench_clock_now() + stats_uniform(&s->rng,
								   s->gap_min,
								   s->gap_max));
	return 0;
}

/* Where no handler tells: what the targets' hearts have beaten so far. */
BENCH_INLINE void bench_heart_before(struct bench_cell *c)
{
	uint32_t i;

	if (c->witnessing != WITNESS_HEARTBEAT)
		return;
	for (i = 0; i < c->targets_n; i++)
		c->src->beats[i] =
			__atomic_load_n(&c->target[i].work, __ATOMIC_ACQUIRE);
}

/*
 * A target whose heart beat between the two looks was running; one more beat
 * proves that its interrupted loop goes on before the next sample begins.
 */
BENCH_INLINE void bench_heart_after(struct bench_cell *c)
{
	struct bench_source *s = c->src;
	enum ipi_way way = IPI_WAY_INTERRUPT;
	uint32_t i;

	if (c->witnessing != WITNESS_HEARTBEAT)
		return;
	for (i = 0; i < c->targets_n; i++) {
		const uint64_t *work = &c->target[i].work;
		uint64_t beats = __atomic_load_n(work, __ATOMIC_ACQUIRE);
		uint32_t turn = 0;

		if (beats == s->beats[i])
			way = IPI_WAY_NONE;
		while (beats != s->beats[i] && turn++ < BENCH_SPINS &&
		       __atomic_load_n(work, __ATOMIC_ACQUIRE) == beats)
			bench_relax();
	}
	s->way[s->n] = (uint8_t)way;
}

/* One sample; with split, only the send lies between the stamps. */
BENCH_INLINE int bench_sample(struct bench_cell *c, bench_step send,
			      bench_step wait, bool split)
{
	struct bench_source *s = c->src;
	uint64_t t0, t1 = 0;
	int err;

	bench_heart_before(c);
	t0 = bench_clock_now();
	err = send(c);
	if (split)
		t1 = bench_clock_now();
	if (BENCH_UNLIKELY(err))
		return err;
	err = wait(c);
	if (!split)
		t1 = bench_clock_now();
	bench_heart_after(c);
	s->start[s->n] = t0;
	s->ticks[s->n++] = t1 - t0;
	s->sent++;
	return err;
}

BENCH_INLINE int bench_singles(struct bench_cell *c, bench_step send,
			       bench_step wait, bool split)
{
	struct bench_source *s = c->src;
	int err = 0;

	while (!err && s->n < s->n_max) {
		err = bench_pause(c, true);
		if (!err)
			err = bench_sample(c, send, wait, split);
		if (s->n && s->start[s->n - 1] + s->ticks[s->n - 1] >= s->until)
			break;
	}
	return err;
}

/* The mean of each batch, in fractions of a unit. */
BENCH_INLINE int bench_batches(struct bench_cell *c, bench_step send,
			       bench_step wait)
{
	struct bench_source *s = c->src;
	uint64_t t0, t1 = 0;
	uint32_t i;
	int err = 0;

	while (s->n < s->n_max && t1 < s->until) {
		err = bench_pause(c, true);
		if (err)
			return err;
		bench_heart_before(c);
		t0 = bench_clock_now();
		for (i = 0; i < c->batch && !err; i++) {
			err = send(c);
			if (BENCH_UNLIKELY(err))
				break;
			err = wait(c);
		}
		t1 = bench_clock_now();
		s->sent += i;
		if (err)
			return err;
		bench_heart_after(c);
		s->start[s->n] = t0;
		s->ticks[s->n++] =
			((t1 - t0) * BENCH_BATCH_FRACTION + c->batch / 2) /
			c->batch;
	}
	return 0;
}

/* Work the targets have done, summed. */
BENCH_INLINE double bench_work(const struct bench_cell *c)
{
	double sum = 0;
	uint32_t i;

	for (i = 0; i < c->targets_n; i++)
		sum += (double)__atomic_load_n(&c->target[i].work,
					       __ATOMIC_RELAXED);
	return sum;
}

struct bench_window {
	double time, work;
};

BENCH_INLINE int bench_window_busy(struct bench_cell *c, bench_step send,
				   bench_step wait, struct bench_window *w)
{
	uint64_t t0 = bench_clock_now();
	double from = bench_work(c);
	uint32_t i;
	int err;

	for (i = 0; i < c->batch; i++) {
		err = bench_pause(c, false);
		if (!err)
			err = send(c);
		if (!err)
			err = wait(c);
		if (err)
			return err;
		c->src->sent++;
	}
	w->time += (double)(bench_clock_now() - t0);
	w->work += bench_work(c) - from;
	return 0;
}

BENCH_INLINE void bench_window_quiet(struct bench_cell *c, double length,
				     struct bench_window *w)
{
	uint64_t t0 = bench_clock_now();
	double from = bench_work(c);

	bench_spin_until(t0 + (uint64_t)length);
	w->time += (double)(bench_clock_now() - t0);
	w->work += bench_work(c) - from;
}

/*
 * Windows with and without, in the order with, without, without, with, so
 * that a drift of the speed cancels; their difference is one sample.
 */
BENCH_INLINE int bench_stolen(struct bench_cell *c, bench_step send,
			      bench_step wait)
{
	struct bench_source *s = c->src;
	struct bench_window busy = { 0, 0 }, quiet = { 0, 0 };
	uint64_t t0 = bench_clock_now();
	double lost;
	int err;

	bench_heart_before(c);
	err = bench_window_busy(c, send, wait, &busy);
	if (err)
		return err;
	bench_window_quiet(c, busy.time, &quiet);
	bench_window_quiet(c, busy.time, &quiet);
	err = bench_window_busy(c, send, wait, &busy);
	if (err)
		return err;
	/*
	 * Time less that which the busy windows' work takes undisturbed; with
	 * several targets their work is summed, so this is the mean target's.
	 * A target that did nothing in between did not run.
	 */
	s->stalled = quiet.work <= 0 || busy.work <= 0;
	lost = s->stalled ? 0 : busy.time - busy.work * quiet.time / quiet.work;
	lost = lost * BENCH_BATCH_FRACTION / (BENCH_STOLEN_PAIRS * c->batch);
	bench_heart_after(c);
	s->start[s->n] = t0;
	s->ticks[s->n++] = lost > 0 ? (uint64_t)(lost + 0.5) : 0;
	return 0;
}

/* The loop of a driver: its source_run is this call and nothing else. */
BENCH_INLINE int bench_loop(struct bench_cell *c, bench_step send,
			    bench_step wait)
{
	if (c->series == SERIES_STOLEN)
		return bench_stolen(c, send, wait);
	if (c->series == SERIES_SEND)
		return bench_singles(c, send, wait, true);
	if (c->batch > 1)
		return bench_batches(c, send, wait);
	return bench_singles(c, send, wait, false);
}

/* ---- the target's side -------------------------------------------------- */

BENCH_INLINE bool bench_target_stopped(const struct bench_target *t)
{
	return __atomic_load_n(&t->stop, __ATOMIC_ACQUIRE);
}

/* A handler's whole work where nothing is stamped or injected. */
BENCH_INLINE void bench_handled(struct bench_target *t, enum ipi_way way)
{
	t->way[t->seq % BENCH_LOG] = (uint8_t)way;
	__atomic_store_n(&t->seq, t->seq + 1, __ATOMIC_RELAXED);
}

/* Which ones are delayed is left to no chance: the answer is a known one. */
BENCH_INLINE bool bench_due(uint64_t n, uint32_t every)
{
	return every < 2 || n % every == 0;
}

/* The same with stamps and delays; what follows it is the acknowledgement. */
BENCH_INLINE void bench_handled_slow(struct bench_target *t, enum ipi_way way)
{
	/* A plain series pays for the delay only, not for two readings. */
	bool stamp = t->cell->series == SERIES_STAMPED;
	uint32_t at = t->seq % BENCH_LOG;
	bool due = bench_due(t->seq, t->delay_every);

	if (stamp)
		t->entry[at] = bench_clock_now();
	if (t->delay_handler && due)
		bench_delay(t->delay_handler);
	bench_handled(t, way);
	if (stamp)
		t->done[at] = bench_clock_now();
	if (t->delay_ack && due)
		bench_delay(t->delay_ack);
}

/* True when the handlers of this cell must be the slow ones. */
BENCH_INLINE bool bench_handler_is_slow(const struct bench_cell *c)
{
	return c->series == SERIES_STAMPED || c->opts->inject != INJECT_NONE;
}

/*
 * Publishes what the interrupted loop has seen, and takes the line of the log
 * that comes next back from the source, which has read it.
 */
BENCH_INLINE void bench_target_publish(struct bench_target *t, uint64_t *seen)
{
	uint64_t seq = __atomic_load_n(&t->seq, __ATOMIC_RELAXED);

	if (seq == *seen)
		return;
	*seen = seq;
	__atomic_store_n(&t->way[(seq + IPI_APART_BYTES) % BENCH_LOG], 0,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&t->ready, seq, __ATOMIC_RELEASE);
}

/*
 * The main loop. serve, if any, delivers by polling and says how many ran.
 * In the stolen series the loop only works: nothing but what the message
 * itself costs may slow it down.
 */
BENCH_INLINE void bench_target_loop(struct bench_target *t,
				    unsigned (*serve)(struct bench_target *t))
{
	/* Not seq: a handler may have run before this loop began. */
	uint64_t seen = t->ready;

	if (t->cell->series == SERIES_STOLEN ||
	    t->cell->witnessing == WITNESS_HEARTBEAT) {
		while (!bench_target_stopped(t)) {
			if (serve)
				serve(t);
			__atomic_store_n(&t->work, t->work + 1,
					 __ATOMIC_RELAXED);
		}
		return;
	}
	while (!bench_target_stopped(t)) {
		if (!serve || !serve(t))
			bench_relax();
		bench_target_publish(t, &seen);
	}
}

#endif
