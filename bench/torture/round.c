// SPDX-License-Identifier: GPL-2.0-only
/* One round: a domain's life, driven by the main thread, which is no CPU. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tool/log.h"
#include "torture.h"

#define CALM_EVERY_NS UINT64_C(100000000)
/* Many combinations leave a round some ms, in which a busy machine comes to nothing. */
#define FIRST_HANDLER_NS UINT64_C(2000000000)
#define RESTART_MOST_NS 4000000u

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) +
	       (uint64_t)ts.tv_nsec;
}

static void nap(long ns)
{
	const struct timespec ts = { .tv_nsec = ns };

	nanosleep(&ts, NULL);
}

uint64_t round_tally(const struct round *r, enum tally which)
{
	uint64_t sum = get(&r->churner.tally[which]);

	for (unsigned i = 0; i < r->n; i++)
		sum += get(&r->seat[i].tally[which]);
	return sum;
}

/* ---- threads ------------------------------------------------------------ */

/* A thread that ended is joined, and after a while another takes its seat. */
static void tend(struct round *r, struct seat *s)
{
	if (s->started && get_acquire(&s->ended)) {
		struct dice d = dice_for(s->base, ~s->step);

		pthread_join(s->thread, NULL);
		s->started = false;
		if (s->ended_how == ENDING_ORDERLY)
			return;
		seat_buried(s);
		/* Others shall meet the dead one. */
		s->restart_ns = now_ns() + roll(&d, RESTART_MOST_NS);
	}
	if (!s->started && now_ns() >= s->restart_ns && seat_start(s)) {
		fail(r, CHECK_leak, s, "no thread could be had");
		s->restart_ns = now_ns() + 10 * RESTART_MOST_NS;
	}
}

static void tend_all(struct round *r)
{
	for (unsigned i = 0; i < r->n; i++)
		tend(r, &r->seat[i]);
}

static bool all_at(const struct round *r, int phase)
{
	bool all = get_acquire(&r->churner.at) == phase;

	for (unsigned i = 0; i < r->n; i++)
		all &= get_acquire(&r->seat[i].at) == phase;
	return all;
}

/* ---- phases ------------------------------------------------------------- */

/* The watchdog bounds these waits. */
static void reach(struct round *r, int phase, const char *doing)
{
	watch_round(r, doing);
	set_release(&r->phase, phase);
	while (!all_at(r, phase)) {
		tend_all(r);
		nap(100000);
	}
}

static void calm(struct round *r)
{
	reach(r, PHASE_HALT, "all stop sending");
	reach(r, PHASE_SETTLE, "what is under way comes to its end");
	watch_round(r, "checking");
	round_check(r);
	idents_calm(r);
	r->out->calms++;
	failures_tell(r->t, r->out);
}

struct bounds {
	uint64_t began_ns, ns, messages;
	double done, share;
};

static uint64_t handlers_ran(const struct round *r)
{
	return round_tally(r, TALLY_messages) + round_tally(r, TALLY_runs);
}

static double part_done(const struct round *r, const struct bounds *b)
{
	double part = 0, other;

	if (b->ns)
		part = (double)(now_ns() - b->began_ns) / (double)b->ns;
	if (b->messages) {
		other = (double)handlers_ran(r) / (double)b->messages;
		part = other > part ? other : part;
	}
	return part > 1 ? 1 : part;
}

static bool is_over(const struct round *r, const struct bounds *b)
{
	if (torture_stop || get(&r->out->failures))
		return true;
	return part_done(r, b) >= 1 &&
	       (handlers_ran(r) ||
		now_ns() - b->began_ns >= FIRST_HANDLER_NS);
}

static void show(const struct round *r, const struct bounds *b)
{
	const struct combination *c = r->comb;
	char label[60];

	snprintf(label, sizeof(label), "%s %s %s %s", c->queue, c->ack,
		 c->delivery, c->waiter);
	log_progress(b->done + b->share * part_done(r, b), label);
}

static void run_a_while(struct round *r, const struct bounds *b)
{
	uint64_t until = now_ns() + CALM_EVERY_NS;

	watch_round(r, "running");
	set_release(&r->phase, PHASE_RUN);
	while (now_ns() < until && !is_over(r, b)) {
		tend_all(r);
		nap(500000);
	}
}

static void end(struct round *r)
{
	watch_round(r, "the CPUs leave");
	set_release(&r->phase, PHASE_END);
	for (unsigned i = 0; i < r->n; i++) {
		pthread_join(r->seat[i].thread, NULL);
		r->seat[i].started = false;
	}
	pthread_join(r->churner.thread, NULL);
}

static int start(struct round *r, struct tool_error *err)
{
	int ret = seat_start(&r->churner);

	for (unsigned i = 0; i < r->n && !ret; i++)
		ret = seat_start(&r->seat[i]);
	if (!ret)
		return 0;
	/* What has started ends before it does anything. */
	set_release(&r->phase, PHASE_END);
	for (unsigned i = 0; i < r->n; i++)
		if (r->seat[i].started)
			pthread_join(r->seat[i].thread, NULL);
	if (r->churner.started)
		pthread_join(r->churner.thread, NULL);
	return tool_fail(err, ret, "cannot start %u threads: %s", r->n + 1,
			 strerror(-ret));
}

static void sum_up(struct round *r, uint64_t began_ns)
{
	struct outcome *out = r->out;

	for (unsigned k = 0; k < TALLIES; k++)
		out->tally[k] += round_tally(r, (enum tally)k);
	for (unsigned i = 0; i < r->n; i++)
		if (get(&r->seat[i].deepest) > out->deepest)
			out->deepest = get(&r->seat[i].deepest);
	out->elapsed_ns += now_ns() - began_ns;
	out->rounds++;
}

int round_run(const struct torture *t, struct outcome *out, unsigned nth,
	      uint64_t ns, uint64_t messages, double done, double share,
	      struct tool_error *err)
{
	struct bounds b = { .began_ns = now_ns(),
			    .ns = ns,
			    .messages = messages,
			    .done = done,
			    .share = share };
	struct round *r = round_open(t, out, nth, err);
	int ret;

	if (!r)
		return -EIO;
	ret = start(r, err);
	if (!ret) {
		do {
			run_a_while(r, &b);
			calm(r);
			show(r, &b);
		} while (!is_over(r, &b));
		end(r);
		sum_up(r, b.began_ns);
	}
	round_close(r);
	failures_tell(t, out);
	return ret;
}
