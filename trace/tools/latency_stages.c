// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: the stages of an interrupt's path, in its order. */
#include <math.h>
#include <string.h>

#include "latency_work.h"
#include "tool/column.h"

/* A quantile that fewer samples exceed says too little. */
#define BEYOND 100

static const struct about {
	const char *name, *from, *to;
	enum latency_stage plan; /* whose probe it takes, */
	const char *option; /* and what asks for that */
} abouts[TRACE_STAGES] = {
	[TRACE_QUEUE] = { "queue", "call queued", "send", STAGE_CSD,
			  " (--csd)" },
	[TRACE_FLIGHT] = { "flight", "send", "handler entry", STAGE_SEND,
			   NULL },
	[TRACE_HANDLER] = { "handler", "handler entry", "handler exit",
			    STAGE_ENTRY, NULL },
	[TRACE_DISPATCH] = { "dispatch", "handler entry", "function entry",
			     STAGE_CSD, " (--csd)" },
	[TRACE_FUNCTION] = { "function", "function entry", "function exit",
			     STAGE_CSD, " (--csd)" },
	[TRACE_EXIT] = { "exit", "function exit", "handler exit", STAGE_CSD,
			 " (--csd)" },
	[TRACE_COMPLETE] = { "complete", "call", "return to the caller",
			     STAGE_CALL, " (--call)" },
	[TRACE_KO_POST] = { "ko-post", "post", "notify", STAGE_KO, " (--ko)" },
	[TRACE_KO_FLIGHT] = { "ko-flight", "notify", "entry", STAGE_KO,
			      " (--ko)" },
	[TRACE_KO_DEQUEUE] = { "ko-dequeue", "entry", "dequeue", STAGE_KO,
			       " (--ko)" },
	[TRACE_KO_HANDLER] = { "ko-handler", "dequeue", "done", STAGE_KO,
			       " (--ko)" },
};

struct row {
	const struct about *about;
	const struct seen_stage *seen;
};

#define ROW(row) ((const struct row *)(row))
#define HIST(row) (&ROW(row)->seen->hist)
#define GETTER(name, value)                                                    \
	static struct cell get_##name(const void *row)                         \
	{                                                                      \
		return value;                                                  \
	}
#define QUANTILE(name, share, beyond)                                          \
	GETTER(name, cell_real(trace_hist_quantile(HIST(row), share, beyond)))

GETTER(name, cell_text(ROW(row)->about->name))
GETTER(from, cell_text(ROW(row)->about->from))
GETTER(to, cell_text(ROW(row)->about->to))
GETTER(probe, cell_text(ROW(row)->seen->probe))
GETTER(floor, cell_real(ROW(row)->seen->floor_ns))
GETTER(n, cell_count(HIST(row)->n))
GETTER(negative, cell_count(HIST(row)->negative))
GETTER(min, cell_real(HIST(row)->n ? (double)HIST(row)->min : NAN))
GETTER(max, cell_real(HIST(row)->n ? (double)HIST(row)->max : NAN))
QUANTILE(p50, .5, 1)
QUANTILE(p90, .9, BEYOND)
QUANTILE(p99, .99, BEYOND)
QUANTILE(p999, .999, BEYOND)

#define NS(name, heading, get)                                                 \
	{                                                                      \
		name "_ns", heading, "ns", "low", IN_ALL, -1, get              \
	}

static const struct column columns[] = {
	{ "name", "stage", .in = IN_ALL, .get = get_name },
	{ "from", .in = IN_ALL, .get = get_from },
	{ "to", .in = IN_ALL, .get = get_to },
	{ "probe", .in = IN_JSON, .get = get_probe },
	NS("floor", "floor", get_floor),
	{ "n", .in = IN_ALL, .get = get_n },
	NS("min", "min", get_min),
	NS("p50", "p50", get_p50),
	NS("p90", "p90", get_p90),
	NS("p99", "p99", get_p99),
	NS("p999", "p99.9", get_p999),
	NS("max", "max", get_max),
	{ "negative", .in = IN_ALL, .get = get_negative },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

int stages_print(const struct seen *seen, FILE *out)
{
	struct row row[TRACE_STAGES];
	const void *rows[TRACE_STAGES];
	size_t n = 0;
	int i;

	for (i = 0; i < TRACE_STAGES; i++) {
		row[i] = (struct row){ &abouts[i], &seen->stage[i] };
		if (seen->stage[i].probe)
			rows[n++] = &row[i];
	}
	return columns_table(columns, COLUMNS, rows, n, out);
}

/* Buckets that hold something: from, below, how many. */
static json_t *buckets_json(const struct trace_hist *h)
{
	json_t *list = json_array();
	__u32 i;

	for (i = 0; i < TRACE_HIST_BUCKETS; i++)
		if (h->count[i])
			json_array_append_new(
				list,
				json_pack("[I,I,I]",
					  (json_int_t)trace_hist_low(i),
					  (json_int_t)trace_hist_low(i + 1),
					  (json_int_t)h->count[i]));
	return list;
}

json_t *stages_json(const struct seen *seen)
{
	json_t *list = json_array(), *one;
	struct row row;
	int i;

	for (i = 0; i < TRACE_STAGES; i++) {
		row = (struct row){ &abouts[i], &seen->stage[i] };
		one = json_object();
		columns_json(columns, COLUMNS, &row, one);
		json_object_set_new(one, "histogram",
				    buckets_json(&row.seen->hist));
		if (!row.seen->probe)
			json_object_set_new(one, "why",
					    json_string(row.seen->why));
		json_array_append_new(list, one);
	}
	return list;
}

/* Send to entry to exit, over all pairs: from the nodes, which have all. */
static void add_paths(struct seen *seen)
{
	const struct seen_path *p;

	for (p = seen->node; p < seen->node + seen->nodes_n; p++) {
		trace_hist_merge(&seen->stage[TRACE_FLIGHT].hist,
				 &p->times.wire);
		trace_hist_merge(&seen->stage[TRACE_HANDLER].hist,
				 &p->times.handler);
	}
}

static void no_probe(const struct latency *l, struct seen_stage *s,
		     const struct about *about)
{
	const struct choice *c = &l->plan[about->plan];

	if (about->plan == STAGE_ENTRY)
		snprintf(s->why, sizeof(s->why),
			 "shown as dispatch, function and exit");
	else if (!c->stage)
		snprintf(s->why, sizeof(s->why), "not asked for%s",
			 about->option ? about->option : "");
	else
		ladder_reasons(c, s->why, sizeof(s->why));
}

void stages_read(const struct latency *l, struct seen *seen)
{
	const struct rung *rung;
	int i;

	for (i = 0; i < TRACE_STAGES; i++) {
		rung = l->plan[abouts[i].plan].rung;
		if (i == TRACE_HANDLER && l->plan[STAGE_CSD].rung)
			rung = NULL;
		seen->stage[i].floor_ns = l->floor_ns[i];
		seen->stage[i].probe = rung ? rung->name : NULL;
		if (!rung)
			no_probe(l, &seen->stage[i], &abouts[i]);
	}
	add_paths(seen);
}
