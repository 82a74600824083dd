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

static int unit_threads(struct group *g, struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	uint32_t i, k;
	int err;

	err = worker_get(g, c->source_cpu, 0, &u->source);
	if (err)
		return bench_cell_fail(c, err, "no thread on CPU %d: %s",
				       c->source_cpu, strerror(-err));
	u->targets = calloc(c->targets_n + 1u, sizeof(*u->targets));
	if (!u->targets)
		return -ENOMEM;
	for (i = 0; i < c->targets_n; i++) {
		size_t ordinal = c->target_cpus[i] == c->source_cpu;

		for (k = 0; k < i; k++)
			ordinal += c->target_cpus[k] == c->target_cpus[i];
		c->crowded |= ordinal > 0;
		err = worker_get(g, c->target_cpus[i], ordinal, &u->targets[i]);
		if (err)
			return bench_cell_fail(
				c, err, "no thread on CPU %d: %s",
				c->target_cpus[i], strerror(-err));
	}
	return 0;
}

static int unit_memory(struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	size_t lines = c->targets_n * sizeof(struct bench_target);
	int target = c->targets_n ? c->target_cpus[0] : c->source_cpu;
	int node, err;
	uint32_t i;

	err = placement_home(c->opts->home, c->source_cpu, target, &node);
	if (err)
		return bench_cell_fail(
			c, err,
			"home=other needs a node that is neither "
			"the source's nor the target's");
	err = placement_alloc(lines + BENCH_SCRATCH_BYTES, node, &u->lines);
	if (!err)
		err = placement_alloc(
			sizeof(struct bench_source) +
				(c->targets_n + 1u) * sizeof(uint64_t),
			placement_node(c->source_cpu), &u->source_mem);
	if (err)
		return bench_cell_fail(c, err, "no memory for the lines: %s",
				       strerror(-err));
	c->target = u->lines.mem;
	c->scratch = (char *)u->lines.mem + lines;
	c->src = u->source_mem.mem;
	c->src->beats = (uint64_t *)(c->src + 1);
	for (i = 0; i < c->targets_n; i++)
		c->target[i].cell = c;
	return 0;
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
	c->batch = o->batch ? o->batch : 1;
	if (series == SERIES_STOLEN)
		c->batch = o->gap_ns_max ? BENCH_STOLEN_GAPPED
					 : BENCH_STOLEN_CLOSED;
	else if (series != SERIES_PLAIN)
		c->batch = 1;
	c->counter = "";
	c->route = run->route;
	if (item->targets_n) {
		c->source_cpu = item->source;
		c->target_cpus = item->targets;
		c->targets_n = (uint32_t)item->targets_n;
	} else {
		c->source_cpu = item->pairs[position].source;
		c->target_cpus = &item->pairs[position].target;
		c->targets_n = 1;
	}
	if (run->driver->alone)
		c->targets_n = 0;
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
		err = unit_memory(u);
	if (!err && c->ops->open)
		err = c->ops->open(c);
	if (err) {
		group_unit_failed(u, err);
		return;
	}
	u->open = true;
	run->route = c->route;
	run->counter = c->counter;
	run->meant = c->ops->expected && strcmp(c->route, "none");
	want_entries(run, c);
}
