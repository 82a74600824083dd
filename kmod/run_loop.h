/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timed loops, as templates: a path passes its send and wait as static
 * functions, and the compiler makes one straight loop of them. They run with
 * preemption disabled, and breathe between two samples every ten milliseconds.
 */
#ifndef IPI_KMOD_RUN_LOOP_H
#define IPI_KMOD_RUN_LOOP_H

#include <linux/errno.h>
#include <linux/ktime.h>
#ifdef CONFIG_X86
#include <asm/msr.h>
#include <asm/tsc.h>
#endif

#include "run.h"

/* Turns between two looks at the clock while waiting. */
#define RUN_SPINS 1024u
/* Messages between two such looks in a batch, and in a stream. */
#define RUN_LOOK_EVERY 8u

/* Sends or waits for the i-th message of this chunk. */
typedef int (*run_step)(struct run_session *r, struct run_source *s, u32 i);

static __always_inline u64 run_clock(const struct run_session *r)
{
#ifdef CONFIG_X86
	if (r->tsc)
		return rdtsc_ordered();
#endif
	return ktime_get_raw_fast_ns();
}

/* Waits, as the session's waiter does, until *word is at least want. */
static __always_inline int run_await(struct run_session *r,
				     struct run_source *s, const u64 *word,
				     u64 want)
{
	u64 deadline = 0;
	u32 turn = 0;
	int err;

	while (smp_load_acquire(word) < want) {
		if (++turn > s->spin_loads)
			cpu_relax();
		if (turn % RUN_SPINS)
			continue;
		err = run_late(r, s, &deadline);
		if (err)
			return err;
	}
	return 0;
}

static __always_inline int run_spin_until(struct run_session *r,
					  struct run_source *s, u64 when)
{
	u64 now;
	int err;

	while ((s64)(when - (now = run_clock(r))) > 0) {
		cpu_relax();
		if (now - s->slice < r->slice)
			continue;
		err = run_breathe(r, s);
		if (err)
			return err;
	}
	return 0;
}

/* Uniform in the gap's range, by the top bits of a splitmix64. */
static __always_inline u64 run_gap(struct run_source *s)
{
	u64 z = s->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return s->gap_min + ((z >> 32) * s->gap_span >> 32);
}

/* What comes before a first stamp: the ready words, then the gap. */
static __always_inline int run_pause(struct run_session *r,
				     struct run_source *s)
{
	int err = 0;
	u32 k;

	for (k = 0; s->ready && k < r->targets_n && !err; k++)
		err = run_await(r, s, &r->target[k]->ready, s->number);
	if (err)
		return err;
	if (s->gap_span)
		return run_spin_until(r, s, run_clock(r) + run_gap(s));
	return s->last - s->slice < r->slice ? 0 : run_breathe(r, s);
}

/* One sample; with split, only the send lies between the stamps. */
static __always_inline int run_sample(struct run_session *r,
				      struct run_source *s, run_step send,
				      run_step wait, bool split)
{
	struct ipi_uapi_sample *sample = &s->sample[s->n];
	u64 t0, t1 = 0;
	int err;

	t0 = run_clock(r);
	err = send(r, s, s->n);
	if (split)
		t1 = run_clock(r);
	if (unlikely(err))
		return err;
	err = wait(r, s, s->n);
	if (!split)
		t1 = run_clock(r);
	if (unlikely(err))
		return err;
	sample->start = t0;
	sample->ticks = t1 - t0;
	s->last = t1;
	s->number++;
	s->n++;
	return 0;
}

static __always_inline bool run_ended(const struct run_source *s)
{
	return s->n == s->n_max || (s->until && s->last >= s->until);
}

static __always_inline int run_singles(struct run_session *r,
				       struct run_source *s, run_step send,
				       run_step wait, bool split)
{
	int err;

	do {
		err = run_pause(r, s);
		if (!err)
			err = run_sample(r, s, send, wait, split);
	} while (!err && !run_ended(s));
	return err;
}

/* Where others want the CPU in the middle of a batch, they get it. */
static __always_inline int run_batches(struct run_session *r,
				       struct run_source *s, run_step send,
				       run_step wait)
{
	int err;
	u32 i;

	do {
		struct ipi_uapi_sample *sample = &s->sample[s->n];

		err = run_pause(r, s);
		if (err)
			return err;
		sample->start = run_clock(r);
		for (i = 0; i < s->batch && !err; i++) {
			u32 at = s->n * s->batch + i;

			err = send(r, s, at);
			if (!err)
				err = wait(r, s, at);
			s->number += !err;
			if (!err && i % RUN_LOOK_EVERY == RUN_LOOK_EVERY - 1 &&
			    run_clock(r) - s->slice >= r->slice)
				err = run_breathe(r, s);
		}
		s->last = run_clock(r);
		sample->ticks = s->last - sample->start;
		s->n += !err;
	} while (!err && !run_ended(s));
	return err;
}

/* The chunk of a path: its function is this call and nothing else. */
static __always_inline int run_loop(struct run_session *r, struct run_source *s,
				    u32 kind, run_step send, run_step wait)
{
	if (kind == IPI_UAPI_KIND_SEND)
		return run_singles(r, s, send, wait, true);
	if (s->batch > 1)
		return run_batches(r, s, send, wait);
	return run_singles(r, s, send, wait, false);
}

/* ---- one source among several -------------------------------------------- */

static __always_inline bool run_window_over(const struct run_session *r,
					    const struct run_source *s)
{
	return READ_ONCE(r->over) == s->window;
}

static __always_inline void run_window_end(struct run_session *r,
					   const struct run_source *s)
{
	if (!run_window_over(r, s))
		WRITE_ONCE(r->over, s->window);
}

static __always_inline bool run_past(const struct run_source *s, u64 now)
{
	return s->until && now >= s->until;
}

/* A sample for each message; with split, only the send lies in it. */
static __always_inline int run_many_samples(struct run_session *r,
					    struct run_source *s, run_step send,
					    run_step wait, bool split)
{
	struct ipi_uapi_sample *sample = s->sample;
	u32 sent = 0;
	int err = 0;

	while (!err) {
		if (sent - s->n < s->inflight && sent < s->n_max &&
		    !run_window_over(r, s)) {
			err = run_pause(r, s);
			sample[sent].start = run_clock(r);
			if (!err)
				err = send(r, s, sent);
			if (split)
				sample[sent].ticks =
					run_clock(r) - sample[sent].start;
			sent += !err;
			continue;
		}
		if (sent == s->n)
			break;
		err = wait(r, s, s->n);
		s->last = run_clock(r);
		if (!split)
			sample[s->n].ticks = s->last - sample[s->n].start;
		s->n += !err;
		/* The first whose log is full ends it: equal time for all. */
		if (run_past(s, s->last) || sent == s->n_max)
			run_window_end(r, s);
	}
	s->sent = sent;
	s->answered = s->n;
	s->end = s->until;
	return err;
}

/* Counts the messages answered before the window is over; none is stamped. */
static __always_inline int run_many_stream(struct run_session *r,
					   struct run_source *s, run_step send,
					   run_step wait)
{
	u32 sent = 0, done = 0;
	int err = 0;

	while (!err && !run_window_over(r, s)) {
		while (!err && sent - done < s->inflight) {
			err = run_pause(r, s);
			if (!err)
				err = send(r, s, sent);
			sent += !err;
		}
		if (!err)
			err = wait(r, s, done);
		done += !err;
		if (done % RUN_LOOK_EVERY)
			continue;
		s->last = run_clock(r);
		if (run_past(s, s->last))
			run_window_end(r, s);
	}
	s->end = run_clock(r);
	s->answered = done;
	s->sent = sent;
	while (!err && done < sent)
		err = wait(r, s, done++);
	return err;
}

static __always_inline int run_many_loop(struct run_session *r,
					 struct run_source *s, u32 kind,
					 run_step send, run_step wait)
{
	if (kind == IPI_UAPI_KIND_STREAM)
		return run_many_stream(r, s, send, wait);
	return run_many_samples(r, s, send, wait, kind == IPI_UAPI_KIND_SEND);
}

#endif
