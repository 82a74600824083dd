// SPDX-License-Identifier: GPL-2.0-only
/* Files a chunk's samples by the way they came. */
#include <stdlib.h>

#include "records.h"

/* How one sample came, from the logs of all targets. */
struct came {
	enum ipi_way way;
	const char *state;
};

/* Messages of one sample. */
static uint64_t messages(const struct bench_cell *c)
{
	return (uint64_t)c->batch * c->messages;
}

static uint8_t way_at(const struct bench_target *t, uint64_t seq)
{
	return __atomic_load_n(&t->way[seq % BENCH_LOG], __ATOMIC_RELAXED);
}

/*
 * Messages from..to made one sample. It belongs to the interrupts only if
 * every one of them came by interrupt on every target; several kinds of way
 * in one sample make it a sample of none.
 */
static struct came came_by_log(const struct bench_cell *c, uint64_t from,
			       uint64_t to)
{
	struct came how = { way_at(&c->target[0], from), c->state };
	uint64_t seq;
	uint32_t i;

	for (i = 0; i < c->targets_n; i++)
		for (seq = from; seq < to; seq++)
			if (way_at(&c->target[i], seq) != how.way) {
				how.way = IPI_WAY_NONE;
				how.state = "mixed ways";
				return how;
			}
	return how;
}

static struct came came_how(const struct bench_cell *c, uint32_t i)
{
	const struct bench_source *s = c->src;
	struct came how = { IPI_WAY_NONE, c->state };
	uint64_t from;

	if (c->series == SERIES_STOLEN && s->stalled) {
		how.state = "not running";
		return how;
	}
	switch (c->witnessing) {
	case WITNESS_NONE:
		return how;
	case WITNESS_HEARTBEAT:
		how.way = s->way[i];
		if (how.way == IPI_WAY_NONE && !c->opts->hold_target)
			how.state = "not running";
		return how;
	case WITNESS_HANDLER:
		break;
	}
	if (!c->answers)
		return how;
	if (c->series == SERIES_STOLEN) {
		from = s->sent - s->base > BENCH_CHUNK ? s->sent - BENCH_CHUNK
						       : s->base;
		return came_by_log(c, from, s->sent);
	}
	from = s->base + (uint64_t)i * messages(c);
	return came_by_log(c, from, from + messages(c));
}

static void add(struct record_run *run, const struct bench_cell *c,
		enum bench_metric metric, struct came how, uint64_t ticks,
		bool discard)
{
	struct record_acc *a;

	if (!(run->item->opts->metrics & (1u << metric)))
		return;
	a = record_acc_get(run, c, metric, how.way, how.state);
	if (!a)
		return;
	if (discard)
		a->discarded++;
	else
		ipi_hist_add(a->block, ticks);
}

/* Stamps of two CPUs: what the offset makes negative counts as 0. */
static uint64_t since(uint64_t t0, uint64_t t)
{
	return (int64_t)(t - t0) > 0 ? t - t0 : 0;
}

static void file_stamped(struct record_run *run, const struct bench_cell *c,
			 uint32_t i, struct came how, bool discard)
{
	uint64_t t0 = c->src->start[i], first_entry = UINT64_MAX;
	uint64_t last_entry = 0, first_ack = UINT64_MAX, last_ack = 0;
	uint32_t at = (uint32_t)((c->src->base + i) % BENCH_LOG), k, last = 0;
	struct record_acc *a;

	for (k = 0; k < c->targets_n; k++) {
		uint64_t entry = since(t0, c->target[k].entry[at]);
		uint64_t done = since(t0, c->target[k].done[at]);

		first_entry = entry < first_entry ? entry : first_entry;
		last_entry = entry > last_entry ? entry : last_entry;
		first_ack = done < first_ack ? done : first_ack;
		if (done >= last_ack)
			last = k;
		last_ack = done > last_ack ? done : last_ack;
		if (run->entry && !discard)
			ipi_hist_add(&run->entry[k], entry);
	}
	if (c->targets_n == 1)
		add(run, c, METRIC_ONE_WAY, how, first_entry, discard);
	add(run, c, METRIC_FIRST_ENTRY, how, first_entry, discard);
	add(run, c, METRIC_LAST_ENTRY, how, last_entry, discard);
	add(run, c, METRIC_FIRST_ACK, how, first_ack, discard);
	/* The sender's own clock says when it knew of the last one. */
	add(run, c, METRIC_LAST_ACK, how, c->src->ticks[i], discard);
	if (discard || !(run->item->opts->metrics & (1u << METRIC_LAST_ACK)))
		return;
	a = record_acc_get(run, c, METRIC_LAST_ACK, how.way, how.state);
	if (a)
		a->last_n[last]++;
}

static const enum bench_metric metric_of[SERIES_N] = {
	[SERIES_PLAIN] = METRIC_RTT,
	[SERIES_SEND] = METRIC_SEND,
	[SERIES_STOLEN] = METRIC_STOLEN,
};

/* Time of a step as the mean of its messages, in the unit of means. */
static uint64_t mean(const struct bench_cell *c, uint64_t ticks)
{
	if (c->messages == 1)
		return ticks;
	return (ticks * BENCH_BATCH_FRACTION + c->messages / 2) / c->messages;
}

void record_file(struct record_run *run, struct bench_cell *c, bool discard)
{
	struct attest_sum *att = &run->att[c->series];
	uint32_t i;

	for (i = 0; i < c->src->n; i++) {
		struct came how = came_how(c, i);

		att->samples++;
		if (c->witnessing == WITNESS_HEARTBEAT &&
		    how.way == IPI_WAY_NONE)
			att->absent++;
		if (c->series == SERIES_STAMPED)
			file_stamped(run, c, i, how, discard);
		else if (c->series == SERIES_INTERVAL)
			add(run, c, METRIC_INTERVAL, how,
			    mean(c, c->src->ticks[i]), discard);
		else
			add(run, c, metric_of[c->series], how, c->src->ticks[i],
			    discard);
	}
}

/* ---- windows of several sources ----------------------------------------- */

/* Each target's log says of whose messages it was, and how they came. */
static void sort_arrivals(struct bench_cell *c)
{
	uint32_t i, k;

	for (i = 0; i < c->targets_n; i++)
		for (k = 0; k < c->target[i].arrived_n; k++) {
			uint32_t at = c->target[i].arrived[k];
			uint32_t tag = at >> BENCH_WAY_BITS;
			struct bench_source *s = c->srcs[tag >> BENCH_TAG_BITS];

			s->way[tag & ((1u << BENCH_TAG_BITS) - 1)] =
				at & ((1u << BENCH_WAY_BITS) - 1);
		}
}

static void file_source(struct record_run *run, const struct bench_cell *c,
			struct bench_source *s, bool discard)
{
	uint32_t i;

	for (i = 0; i < s->n; i++) {
		struct came how = { s->way[i], c->state };

		add(run, c, metric_of[c->series], how, s->ticks[i], discard);
		s->way[i] = IPI_WAY_NONE;
	}
	run->att[c->series].samples += s->n;
}

/* Messages in equal time: who ended late has counted for longer. */
static double in_equal_time(const struct bench_source *s)
{
	double window = (double)(s->round->until - s->round->from);
	double own = (double)(s->end - s->round->from);

	return own > 0 ? (double)s->count * window / own : 0;
}

static void file_interval(struct record_run *run, const struct bench_cell *c,
			  double answered, bool discard)
{
	double window = (double)(c->round->until - c->round->from);
	struct came how = { IPI_WAY_NONE, c->state };

	if (answered > 0)
		add(run, c, METRIC_INTERVAL, how,
		    (uint64_t)(window * BENCH_BATCH_FRACTION / answered + 0.5),
		    discard);
	run->att[c->series].samples++;
}

void record_file_window(struct record_run *run, struct bench_cell *c,
			bool discard)
{
	bool windows = c->series == SERIES_INTERVAL;
	double answered = 0;
	uint32_t i;

	if (!windows)
		sort_arrivals(c);
	for (i = 0; i < c->sources_n; i++) {
		double n = in_equal_time(c->srcs[i]);

		answered += n;
		if (!discard)
			c->srcs[i]->counted += n;
		if (!windows)
			file_source(run, c, c->srcs[i], discard);
	}
	if (windows)
		file_interval(run, c, answered, discard);
}

void record_senders_close(struct record_run *run, const struct bench_cell *c)
{
	double **sum = &run->counted[c->series];
	enum ipi_way way;
	uint32_t i;

	if (!*sum)
		*sum = calloc(c->sources_n, sizeof(**sum));
	for (i = 0; *sum && i < c->sources_n; i++)
		(*sum)[i] += c->srcs[i]->counted;
	for (i = 0; c->series == SERIES_INTERVAL && i < c->targets_n; i++)
		for (way = 0; way < IPI_WAYS; way++)
			run->came[way] += c->target[i].came[way];
}
