// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows of time that several sources run together. Between two windows the
 * others wait for the first one, which files what all have logged: spinning
 * where each has a processor to itself, asleep soon where they share some.
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "block_target.h"
#include "loop.h"
#include "round.h"
#include "witness.h"

/* Turns before a wait falls asleep: alone on its processor, and crowded. */
#define TURNS_ALONE 200000u
#define TURNS_CROWDED 200u
/* Sources that are targets look at their mail between two naps. */
#define NAP_NS 100000
/* From the word to go to the window's begin, so that all begin with it. */
#define MARGIN_NS 30000.0
#define MARGIN_CROWDED_NS 300000.0
/*
 * How long the others may take to come or to end a window: two waits of one
 * message each, and a thread that others keep from running now and then.
 */
#define PATIENCE_NS (3 * (uint64_t)BENCH_DEAF_NS)

static void wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static void nap(uint32_t *word, uint32_t seen)
{
	const struct timespec ts = { .tv_nsec = NAP_NS };

	syscall(SYS_futex, word, FUTEX_WAIT, seen, &ts, NULL, 0);
}

/* Until *word is want; false: it took too long. Serves meanwhile. */
static bool await(struct bench_source *s, uint32_t *word, uint32_t want,
		  uint64_t patience_ns)
{
	const struct bench_cell *c = s->cell;
	uint32_t turns = c->crowded ? TURNS_CROWDED : TURNS_ALONE, turn = 0;
	uint64_t end = 0;
	uint32_t seen;

	while ((seen = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != want) {
		if (c->peers && c->ops->one_serve(s))
			continue;
		if (turn++ < turns) {
			bench_relax();
			continue;
		}
		if (!end)
			end = bench_clock_now() +
			      bench_clock_units((double)patience_ns);
		else if (bench_clock_now() > end)
			return false;
		nap(word, seen);
	}
	return true;
}

static void arrive(struct bench_source *s)
{
	__atomic_add_fetch(&s->round->here, 1, __ATOMIC_ACQ_REL);
	wake(&s->round->here);
}

int round_enter(struct bench_source *s)
{
	struct bench_cell *c = s->cell;
	int err;

	if (c->peers)
		target_prepare(&c->target[s->index]);
	err = c->ops->one_enter(s);
	if (!err && c->opts->rt)
		err = worker_fifo(true);
	if (err)
		bench_cell_fail(c, err, "CPU %d can't send: %s", s->cpu,
				strerror(-err));
	return err;
}

void round_leave(struct bench_source *s)
{
	if (s->cell->opts->rt)
		worker_fifo(false);
	s->cell->ops->one_leave(s);
}

static void run_window(struct bench_source *s)
{
	if (!s->error)
		s->error = s->cell->ops->one_window(s);
	if (s->error)
		__atomic_store_n(&s->round->over, 1, __ATOMIC_RELAXED);
}

/* Its own waiting and switches, from its coming to its leaving. */
void round_follow(struct bench_source *s)
{
	struct witness from, to;
	uint32_t window = 0;

	s->error = round_enter(s);
	witness_read(s->cpu, &from);
	arrive(s);
	/* The first one ends the block whatever happens to it. */
	while (await(s, &s->round->go, ++window, UINT64_MAX / 4) &&
	       !s->round->quit) {
		run_window(s);
		arrive(s);
	}
	witness_read(s->cpu, &to);
	memset(&s->block, 0, sizeof(s->block));
	witness_judge(&from, &to, &s->block);
	round_leave(s);
}

void round_reset(struct bench_cell *c)
{
	uint32_t i;

	memset(c->round, 0, sizeof(*c->round));
	for (i = 0; i < c->sources_n; i++) {
		struct bench_source *s = c->srcs[i];

		s->error = 0;
		s->sent = 0;
		s->counted = 0;
		s->block.marked = false;
	}
}

int round_gather(struct bench_source *first)
{
	struct bench_cell *c = first->cell;
	uint32_t i;

	if (!await(first, &c->round->here, c->sources_n - 1, PATIENCE_NS))
		return bench_cell_fail(
			c, -ETIMEDOUT,
			"not all %u senders came back within "
			"%llu ms",
			c->sources_n,
			(unsigned long long)(PATIENCE_NS / 1000000));
	for (i = 0; i < c->sources_n; i++)
		if (c->srcs[i]->error)
			return c->srcs[i]->error;
	return 0;
}

static void go(struct bench_round *r)
{
	__atomic_store_n(&r->go, r->go + 1, __ATOMIC_RELEASE);
	wake(&r->go);
}

int round_window(struct bench_source *first, uint64_t length_ns, uint32_t n_max)
{
	struct bench_cell *c = first->cell;
	struct bench_round *r = c->round;
	uint32_t i;

	for (i = 0; i < c->sources_n; i++)
		c->srcs[i]->n_max = n_max;
	for (i = 0; i < c->targets_n; i++)
		c->target[i].arrived_n = 0;
	r->over = 0;
	r->here = 0;
	r->from = bench_clock_now() +
		  bench_clock_units(c->crowded ? MARGIN_CROWDED_NS : MARGIN_NS);
	r->until = r->from + bench_clock_units((double)length_ns);
	go(r);
	run_window(first);
	return round_gather(first);
}

void round_quit(struct bench_cell *c)
{
	c->round->quit = true;
	go(c->round);
}
