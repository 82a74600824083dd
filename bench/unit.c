// SPDX-License-Identifier: GPL-2.0-only
/* A unit: its worker threads, its placed memory, its driver's cell. */
#include <stdio.h>
#include <stdlib.h>

#include "group.h"
#include "loop.h"

/* The ordinal-th worker of a processor, started when there is none yet. */
static int worker_get(struct group *g, int processor, size_t ordinal,
		      struct bench_worker **out)
{
	struct bench_worker **more;
	size_t i;
	int err;

	for (i = 0; i < g->workers_n; i++) {
		if (worker_processor(g->workers[i]) != processor || ordinal--)
			continue;
		*out = g->workers[i];
		return 0;
	}
	more = realloc(g->workers, (g->workers_n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	g->workers = more;
	err = worker_start(processor, &more[g->workers_n]);
	if (err)
		return err;
	*out = more[g->workers_n++];
	return 0;
}

/* Threads that share a processor with an earlier one of this unit. */
struct seats {
	const int *processor[BENCH_CPUS_MAX + IPI_CPUS_MAX];
	size_t n;
};

static int seat(struct group *g, struct block_unit *u, struct seats *seats,
		const int *processor, struct bench_worker **out)
{
	size_t ordinal = 0, i;
	int err;

	for (i = 0; i < seats->n; i++)
		ordinal += *seats->processor[i] == *processor;
	seats->processor[seats->n++] = processor;
	u->cell.crowded |= ordinal > 0 || u->run->item->crowded;
	err = worker_get(g, *processor, ordinal, out);
	if (err)
		return bench_cell_fail(&u->cell, err, "no thread on CPU %d: %s",
				       *processor, strerror(-err));
	return 0;
}

static int unit_threads(struct group *g, struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	struct seats seats = { .n = 0 };
	uint32_t i;
	int err = 0;

	u->sources = calloc(c->sources_n, sizeof(*u->sources));
	u->targets = calloc(c->targets_n + 1u, sizeof(*u->targets));
	if (!u->sources || !u->targets)
		return -ENOMEM;
	for (i = 0; i < c->sources_n && !err; i++)
		err = seat(g, u, &seats, &c->source_cpus[i], &u->sources[i]);
	for (i = 0; i < c->targets_n && !c->peers && !err; i++)
		err = seat(g, u, &seats, &c->target_cpus[i], &u->targets[i]);
	return err;
}

/* A power of two, so that a message's place is its number's low bits. */
static uint32_t places(uint32_t inflight)
{
	uint32_t n = 1;

	while (n < inflight)
		n *= 2;
	return n;
}

/* Messages that a source has on the way at once, at most. */
static uint32_t on_the_way(const struct bench_cell *c)
{
	if (c->item->burst)
		return c->item->burst;
	return c->opts->inflight ? c->opts->inflight : 1;
}

static int source_memory(struct block_unit *u, uint32_t i)
{
	struct bench_cell *c = &u->cell;
	uint32_t inflight = on_the_way(c);
	size_t messages = (size_t)places(inflight) * BENCH_MESSAGE_BYTES;
	size_t beats = (c->targets_n + 1u) * sizeof(uint64_t);
	size_t lists =
		(c->targets_n + 1u + places(inflight)) * sizeof(uint32_t);
	struct bench_source *s;
	int err;

	err = placement_alloc(messages + sizeof(*s) + beats + lists,
			      placement_node(c->source_cpus[i]),
			      &u->source_mem[i]);
	if (err)
		return err;
	s = (void *)((char *)u->source_mem[i].mem + messages);
	s->message = u->source_mem[i].mem;
	s->beats = (uint64_t *)(s + 1);
	s->order = (uint32_t *)((char *)s->beats + beats);
	s->whom = s->order + c->targets_n + 1;
	s->cell = c;
	s->round = c->round;
	s->index = i;
	s->cpu = c->source_cpus[i];
	s->inflight = inflight;
	s->mask = places(inflight) - 1;
	c->srcs[i] = s;
	return 0;
}

/* Messages that one window may bring to one target. */
static uint32_t arrivals_max(const struct bench_cell *c)
{
	if (!c->ops->one_window)
		return 0;
	return c->peers ? BENCH_LOG + c->sources_n : BENCH_LOG * c->sources_n;
}

/* The lines that are shared, in the order: round, scratch, targets, logs. */
static int shared_memory(struct block_unit *u, int node)
{
	struct bench_cell *c = &u->cell;
	size_t targets = c->targets_n * sizeof(struct bench_target);
	uint32_t log = arrivals_max(c), i;
	char *mem;
	int err;

	err = placement_alloc(
		sizeof(*c->round) + BENCH_SCRATCH_BYTES + targets +
			(size_t)log * c->targets_n * sizeof(uint32_t),
		node, &u->lines);
	if (err)
		return err;
	mem = u->lines.mem;
	c->round = (void *)mem;
	c->scratch = mem + sizeof(*c->round);
	c->target = (void *)(c->scratch + BENCH_SCRATCH_BYTES);
	for (i = 0; i < c->targets_n; i++) {
		c->target[i].cell = c;
		c->target[i].arrived_max = log;
		c->target[i].arrived = (uint32_t *)(c->target + c->targets_n) +
				       (size_t)log * i;
	}
	return 0;
}

static int unit_memory(struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	int target = c->targets_n ? c->target_cpus[0] : c->source_cpu;
	int node, err;
	uint32_t i;

	err = placement_home(c->opts->home, c->source_cpu, target, &node);
	if (err)
		return bench_cell_fail(
			c, err,
			"home=other needs a node that is neither "
			"the source's nor the target's");
	u->source_mem = calloc(c->sources_n, sizeof(*u->source_mem));
	c->srcs = calloc(c->sources_n, sizeof(*c->srcs));
	if (!u->source_mem || !c->srcs)
		return -ENOMEM;
	err = shared_memory(u, node);
	for (i = 0; i < c->sources_n && !err; i++)
		err = source_memory(u, i);
	if (err)
		return bench_cell_fail(c, err, "no memory for the lines: %s",
				       strerror(-err));
	c->src = c->srcs[0];
	return 0;
}

/* Who sends to whom. */
static void unit_cpus(struct bench_cell *c, const struct bench_item *item,
		      size_t position)
{
	if (item->targets_n) {
		c->source_cpus = &item->source;
		c->target_cpus = item->targets;
		c->targets_n = (uint32_t)item->targets_n;
	} else {
		c->source_cpus = &item->pairs[position].source;
		c->target_cpus = &item->pairs[position].target;
		c->targets_n = 1;
	}
	c->sources_n = 1;
	if (item->sources_n) {
		c->source_cpus = item->sources;
		c->sources_n = (uint32_t)item->sources_n;
	}
	c->source_cpu = c->source_cpus[0];
	c->peers = bench_driver_shape(c->opts) == SHAPE_ALLTOALL;
	if (c->driver->shape == SHAPE_ALONE)
		c->targets_n = 0;
}

static void unit_describe(struct block_unit *u, struct record_run *run,
			  enum bench_series series, size_t position)
{
	const struct bench_item *item = run->item;
	const struct bench_opts *o = item->opts;
	struct bench_cell *c = &u->cell;

	u->run = run;
	c->item = item;
	c->opts = o;
	c->driver = run->driver;
	c->ops = run->driver->ops;
	c->series = series;
	c->messages = item->burst ? item->burst : 1;
	c->batch = o->batch ? o->batch : 1;
	if (series == SERIES_STOLEN)
		c->batch = o->gap_ns_max ? BENCH_STOLEN_GAPPED
					 : BENCH_STOLEN_CLOSED;
	else if (series != SERIES_PLAIN)
		c->batch = 1;
	c->counter = "";
	c->route = run->route;
	c->state = record_target_state(item);
	unit_cpus(c, item, position);
	u->length_ns = group_block_length(o);
	u->blocks_wanted = group_blocks_wanted(item);
	u->samples_left =
		o->samples && series != SERIES_STOLEN ? o->samples : UINT64_MAX;
}

void group_unit_failed(struct block_unit *u, int err)
{
	struct record_run *run = u->run;

	bench_cell_fail(&u->cell, err, "%s", strerror(-err));
	snprintf(run->failed[u->cell.series], sizeof(run->failed[0]), "%s",
		 u->cell.reason);
	u->open = false;
}

/* Each target's own distribution of entries, where there are several. */
static void want_entries(struct record_run *run, const struct bench_cell *c)
{
	uint32_t i;

	if (run->entry || c->series != SERIES_STAMPED || c->targets_n < 2)
		return;
	run->entry = malloc(c->targets_n * sizeof(*run->entry));
	for (i = 0; run->entry && i < c->targets_n; i++)
		ipi_hist_clear(&run->entry[i]);
}

static int unit_make(struct block_unit *u)
{
	int err = unit_memory(u);

	if (!err && u->cell.ops->open)
		err = u->cell.ops->open(&u->cell);
	return err;
}

void group_unit_unmake(struct block_unit *u)
{
	uint32_t i;

	if (u->cell.priv && u->cell.ops->close)
		u->cell.ops->close(&u->cell);
	placement_free(&u->lines);
	for (i = 0; u->source_mem && i < u->cell.sources_n; i++)
		placement_free(&u->source_mem[i]);
	free(u->source_mem);
	free(u->cell.srcs);
	u->source_mem = NULL;
	u->cell.srcs = NULL;
}

int group_unit_renew(struct block_unit *u)
{
	int err;

	group_unit_verify(u);
	group_unit_unmake(u);
	err = unit_make(u);
	if (err)
		group_unit_failed(u, err);
	return err;
}

void group_unit_open(struct group *g, struct record_run *run,
		     enum bench_series series, size_t position)
{
	struct block_unit *u = &g->units[g->units_n++];
	struct bench_cell *c = &u->cell;
	int err;

	unit_describe(u, run, series, position);
	u->origin_ns = g->origin_ns;
	err = unit_threads(g, u);
	if (!err)
		err = unit_make(u);
	if (err) {
		group_unit_failed(u, err);
		return;
	}
	u->open = true;
	run->route = c->route;
	run->counter = c->counter;
	run->crowded |= c->crowded;
	run->meant = c->ops->expected && strcmp(c->route, "none");
	want_entries(run, c);
}
