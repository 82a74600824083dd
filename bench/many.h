/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timed loops of one source among several, as templates. Each has at most
 * so many messages on the way as its cell says, and waits for them in the
 * order in which they were sent.
 */
#ifndef BENCH_MANY_H
#define BENCH_MANY_H

#include "loop.h"

/* Messages between two looks at the clock where none is stamped. */
#define BENCH_LOOK_EVERY 8u

/* Sends or waits for the i-th message of this window. */
typedef int (*bench_one_step)(struct bench_source *s, uint32_t i);

BENCH_INLINE bool bench_window_over(const struct bench_source *s)
{
	return __atomic_load_n(&s->round->over, __ATOMIC_RELAXED);
}

/* Ends the window for everyone. */
BENCH_INLINE void bench_window_end(struct bench_source *s)
{
	if (!bench_window_over(s))
		__atomic_store_n(&s->round->over, 1, __ATOMIC_RELAXED);
}

/*
 * No ready word here: the target is at work for the others. The gap alone
 * keeps a source from sending back to back.
 */
BENCH_INLINE void bench_one_pause(struct bench_source *s)
{
	uint64_t pause = 0;

	if (s->pause && bench_due(s->paused++, s->cell->opts->inject_every))
		pause = s->pause;
	if (s->gap_max)
		pause += stats_uniform(&s->rng, s->gap_min, s->gap_max);
	if (pause)
		bench_spin_until(bench_clock_now() + pause);
}

/* A sample for each message; with split, only the send lies in it. */
BENCH_INLINE int bench_one_samples(struct bench_source *s, bench_one_step send,
				   bench_one_step wait, bool split)
{
	uint32_t sent = 0;
	uint64_t now;
	int err = 0;

	s->n = 0;
	while (!err) {
		if (sent - s->n < s->inflight && sent < s->n_max &&
		    !bench_window_over(s)) {
			bench_one_pause(s);
			s->start[sent] = bench_clock_now();
			err = send(s, sent);
			if (split)
				s->ticks[sent] =
					bench_clock_now() - s->start[sent];
			sent += !err;
			continue;
		}
		if (sent == s->n)
			break;
		err = wait(s, s->n);
		now = bench_clock_now();
		if (!split)
			s->ticks[s->n] = now - s->start[s->n];
		s->n += !err;
		/* The first whose log is full ends it: equal time for all. */
		if (now >= s->round->until || sent == s->n_max)
			bench_window_end(s);
	}
	s->sent += sent;
	s->count = s->n;
	s->end = s->round->until;
	return err;
}

/* Counts the messages answered before the window is over; none is stamped. */
BENCH_INLINE int bench_one_stream(struct bench_source *s, bench_one_step send,
				  bench_one_step wait)
{
	uint32_t sent = 0, done = 0;
	int err = 0;

	s->n = 0;
	s->count = 0;
	s->end = s->round->until;
	/* Who was kept from running has missed it. */
	if (bench_window_over(s))
		return 0;
	for (;;) {
		while (!err && sent - done < s->inflight) {
			bench_one_pause(s);
			err = send(s, sent);
			sent += !err;
		}
		if (!err)
			err = wait(s, done);
		if (BENCH_UNLIKELY(err))
			break;
		done++;
		if (bench_window_over(s))
			break;
		if (done % BENCH_LOOK_EVERY == 0 &&
		    bench_clock_now() >= s->round->until)
			bench_window_end(s);
	}
	s->end = bench_clock_now();
	s->count = done;
	s->sent += sent;
	while (!err && done < sent)
		err = wait(s, done++);
	return err;
}

/* The window of a driver: its one_window is this call and nothing else. */
BENCH_INLINE int bench_one_loop(struct bench_source *s, bench_one_step send,
				bench_one_step wait)
{
	bench_spin_until(s->round->from);
	if (s->cell->series == SERIES_INTERVAL)
		return bench_one_stream(s, send, wait);
	return bench_one_samples(s, send, wait, s->cell->series == SERIES_SEND);
}

/* ---- the target's side -------------------------------------------------- */

/* A handler's whole work: the window's count, or its log. */
BENCH_INLINE void bench_arrived(struct bench_target *t, uint32_t tag,
				enum ipi_way way)
{
	if (t->cell->series == SERIES_INTERVAL)
		t->came[way]++;
	else if (t->arrived_n < t->arrived_max)
		t->arrived[t->arrived_n++] = BENCH_ARRIVAL(tag, way);
}

/* The same with delays; what follows it is the acknowledgement. */
BENCH_INLINE void bench_arrived_slow(struct bench_target *t, uint32_t tag,
				     enum ipi_way way)
{
	bool due = bench_due(t->seq++, t->delay_every);

	if (t->delay_handler && due)
		bench_delay(t->delay_handler);
	bench_arrived(t, tag, way);
	if (t->delay_ack && due)
		bench_delay(t->delay_ack);
}

/* The main loop of a target that has several sources. */
BENCH_INLINE void bench_target_serve(struct bench_target *t,
				     unsigned (*serve)(struct bench_target *t))
{
	while (!bench_target_stopped(t))
		if (!serve || !serve(t))
			bench_relax();
}

#endif
