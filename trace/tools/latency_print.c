// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: tables and the JSON file. */
#include <inttypes.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "headline.h"
#include "latency_work.h"
#include "tool/column.h"
#include "tool/units.h"
#include "tool/version.h"

/* A quantile that fewer samples exceed says too little. */
#define BEYOND 100

#define COUNT(columns) (sizeof(columns) / sizeof(columns[0]))

/* ---- paths --------------------------------------------------------------- */

#define PATH(row) ((const struct seen_path *)(row))
#define GETTER(name, value) \
	static struct cell get_##name(const void *row) \
	{ \
		return value; \
	}

GETTER(from, cell_count(PATH(row)->from))
GETTER(to, cell_count(PATH(row)->to))
GETTER(relation, cell_text(PATH(row)->relation))
GETTER(class, cell_text(trace_class_name[PATH(row)->class]))

#define TIMES(stage) \
	GETTER(stage##_n, cell_count(PATH(row)->times.stage.n)) \
	GETTER(stage##_min, \
	       cell_real(PATH(row)->times.stage.n ? \
				 (double)PATH(row)->times.stage.min : \
				 NAN)) \
	GETTER(stage##_max, \
	       cell_real(PATH(row)->times.stage.n ? \
				 (double)PATH(row)->times.stage.max : \
				 NAN)) \
	GETTER(stage##_p50, \
	       cell_real(trace_hist_quantile(&PATH(row)->times.stage, .5, 1))) \
	GETTER(stage##_p90, cell_real(trace_hist_quantile( \
				    &PATH(row)->times.stage, .9, BEYOND))) \
	GETTER(stage##_p99, cell_real(trace_hist_quantile( \
				    &PATH(row)->times.stage, .99, BEYOND))) \
	GETTER(stage##_p999, cell_real(trace_hist_quantile( \
				     &PATH(row)->times.stage, .999, BEYOND)))
TIMES(wire)
TIMES(handler)

#define NS(name, heading, in, get) \
	{ name "_ns", heading, "ns", "low", in, -1, get }

#define PATH_COLUMNS \
	{ "class", .in = IN_ALL, .get = get_class }, \
	{ "n", .in = IN_ALL, .get = get_wire_n }, \
	NS("entry_min", "min", IN_ALL, get_wire_min), \
	NS("entry_p50", "p50", IN_ALL, get_wire_p50), \
	NS("entry_p90", "p90", IN_ALL, get_wire_p90), \
	NS("entry_p99", "p99", IN_ALL, get_wire_p99), \
	NS("entry_p999", "p99.9", IN_ALL, get_wire_p999), \
	NS("entry_max", "max", IN_ALL, get_wire_max), \
	{ "handler_n", .in = IN_JSON, .get = get_handler_n }, \
	NS("handler_min", NULL, IN_JSON, get_handler_min), \
	NS("handler_p50", "handler p50", IN_ALL, get_handler_p50), \
	NS("handler_p90", NULL, IN_JSON, get_handler_p90), \
	NS("handler_p99", "p99", IN_ALL, get_handler_p99), \
	NS("handler_p999", NULL, IN_JSON, get_handler_p999), \
	NS("handler_max", "max", IN_ALL, get_handler_max)

static const struct column pair_columns[] = {
	{ "from", "from CPU", .in = IN_ALL, .get = get_from },
	{ "to", "to", .in = IN_ALL, .get = get_to },
	{ "relation", .in = IN_ALL, .get = get_relation },
	PATH_COLUMNS
};

static const struct column node_columns[] = {
	{ "from", "from node", .in = IN_ALL, .get = get_from },
	{ "to", "to", .in = IN_ALL, .get = get_to },
	PATH_COLUMNS
};

/* ---- accounting ---------------------------------------------------------- */

struct account {
	const char *name;
	const struct seen_class *c;
};

#define CLASS(row) (((const struct account *)(row))->c)

GETTER(account, cell_text(((const struct account *)row)->name))
GETTER(sends, cell_count(CLASS(row)->sum.sends))
GETTER(entries, cell_count(CLASS(row)->sum.entries))
GETTER(paired, cell_count(CLASS(row)->sum.paired))
GETTER(merged, cell_count(seen_merged(CLASS(row))))
GETTER(in_flight, cell_count(CLASS(row)->in_flight))
GETTER(ambiguous, cell_count(CLASS(row)->sum.ambiguous))
GETTER(late, cell_count(CLASS(row)->sum.late))
GETTER(unpaired, cell_count(CLASS(row)->sum.unpaired))
GETTER(negative, cell_count(CLASS(row)->sum.negative))
GETTER(map_full, cell_count(CLASS(row)->sum.map_full))
GETTER(contended, cell_count(CLASS(row)->sum.contended))
GETTER(other, cell_count(CLASS(row)->sum.other_sends))
GETTER(other_entries, cell_count(CLASS(row)->sum.other_entries))

static const struct column account_columns[] = {
	{ "class", .in = IN_ALL, .get = get_account },
	{ "sends", .in = IN_ALL, .get = get_sends },
	{ "entries", .in = IN_ALL, .get = get_entries },
	{ "paired", .in = IN_ALL, .get = get_paired },
	{ "merged", .in = IN_ALL, .get = get_merged },
	{ "in_flight", "in flight", .in = IN_ALL, .get = get_in_flight },
	{ "ambiguous", .in = IN_ALL, .get = get_ambiguous },
	{ "late", .in = IN_ALL, .get = get_late },
	{ "unpaired", .in = IN_ALL, .get = get_unpaired },
	{ "negative", .in = IN_ALL, .get = get_negative },
	{ "map_full", "map full", .in = IN_ALL, .get = get_map_full },
	{ "contended", .in = IN_ALL, .get = get_contended },
	{ "other_sends", "not asked for", .in = IN_ALL, .get = get_other },
	{ "other_entries", .in = IN_JSON, .get = get_other_entries },
};

static void accounts(const struct seen *seen, struct account *list)
{
	int i;

	for (i = 0; i < TRACE_CLASSES; i++)
		list[i] = (struct account){ trace_class_name[i],
					    &seen->class[i] };
}

/* ---- tables -------------------------------------------------------------- */

static int print_accounts(const struct seen *seen, FILE *out)
{
	struct account list[TRACE_CLASSES];
	const void *rows[TRACE_CLASSES];
	int i;

	accounts(seen, list);
	for (i = 0; i < TRACE_CLASSES; i++)
		rows[i] = &list[i];
	return columns_table(account_columns, COUNT(account_columns), rows,
			     TRACE_CLASSES, out);
}

static void print_identity(const struct seen *seen, FILE *out)
{
	int64_t off = 0;
	int i;

	for (i = 0; i < TRACE_CLASSES; i++)
		off += llabs(seen_error(&seen->class[i]));
	if (!seen->final)
		return;
	fprintf(out,
		"\nsends = entries - unpaired + merged + in flight + contended: "
		"%s",
		off ? "DOES NOT HOLD" : "holds");
	if (off)
		fprintf(out, ", %" PRId64 " off", off);
	fprintf(out,
		"\n%" PRIu64 " to itself, %" PRIu64
		" woken without an interrupt, %" PRIu64
		" probes left out by the kernel (recursion)\n",
		seen->self, seen->no_ipi, seen->missed);
}

/*
 * The probes and the kernel's counters begin and end some microseconds apart,
 * so a few may differ; more were handled without the probe's being called.
 */
static void print_witness(const struct seen *seen, FILE *out)
{
	if (!seen->final || !seen->taken.known)
		return;
	fprintf(out,
		"the kernel itself counted %.0f calls (probes: %" PRIu64
		") and %.0f"
		" reschedules (probes: %" PRIu64 ")\n",
		seen->taken.call, seen_calls(seen), seen->taken.reschedule,
		seen_reschedules(seen));
}

int seen_print(const struct latency *l, const struct seen *seen, FILE *out)
{
	int ret = 0;

	fprintf(out, "\n%.1f s, send to handler entry, and handler:\n",
		seen->seconds);
	if (seen->pairs_n)
		ret = columns_table_of(pair_columns, COUNT(pair_columns),
				       seen->pair, sizeof(*seen->pair),
				       seen->pairs_n, out);
	else
		fprintf(out, "no pair of CPUs was timed\n");
	if (!ret && seen->nodes_n) {
		fputc('\n', out);
		ret = columns_table_of(node_columns, COUNT(node_columns),
				       seen->node, sizeof(*seen->node),
				       seen->nodes_n, out);
	}
	fputc('\n', out);
	if (!ret)
		ret = stages_print(seen, out);
	fputc('\n', out);
	if (!ret)
		ret = print_accounts(seen, out);
	if (!ret)
		print_identity(seen, out);
	if (!ret)
		print_witness(seen, out);
	if (!ret && (l->csd || l->call || l->ko))
		ret = calls_print(l, seen, out);
	return ret;
}

/* ---- JSON ---------------------------------------------------------------- */

/* Buckets that hold something: the least value, and how many. */
static json_t *hist_json(const struct trace_hist *h)
{
	json_t *list = json_array();
	__u32 i;

	for (i = 0; i < TRACE_HIST_BUCKETS; i++)
		if (h->count[i])
			json_array_append_new(
				list, json_pack("[I,I]",
						(json_int_t)trace_hist_low(i),
						(json_int_t)h->count[i]));
	return list;
}

static json_t *paths_json(const struct column *columns, size_t columns_n,
			  const struct seen_path *paths, size_t n)
{
	json_t *list = json_array(), *one;
	size_t i;

	for (i = 0; i < n; i++) {
		one = json_object();
		columns_json(columns, columns_n, &paths[i], one);
		json_object_set_new(one, "entry_histogram",
				    hist_json(&paths[i].times.wire));
		json_object_set_new(one, "handler_histogram",
				    hist_json(&paths[i].times.handler));
		json_array_append_new(list, one);
	}
	return list;
}

json_t *accounts_json(const struct seen *seen)
{
	json_t *list = json_array(), *one;
	struct account account[TRACE_CLASSES];
	int i;

	accounts(seen, account);
	for (i = 0; i < TRACE_CLASSES; i++) {
		one = json_object();
		columns_json(account_columns, COUNT(account_columns),
			     &account[i], one);
		json_object_set_new(
			one, "identity_off",
			json_integer(seen_error(&seen->class[i])));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *witness_json(const struct seen *seen)
{
	if (!seen->taken.known)
		return json_null();
	return json_pack("{s:I,s:I,s:I,s:I}", "calls",
			 (json_int_t)seen->taken.call, "calls_probed",
			 (json_int_t)seen_calls(seen), "reschedules",
			 (json_int_t)seen->taken.reschedule,
			 "reschedules_probed",
			 (json_int_t)seen_reschedules(seen));
}

int seen_write_json(const struct latency *l, const struct seen *seen,
		    char *const *command, bool complete, FILE *out)
{
	json_t *root = json_pack(
		"{s:s,s:i,s:b,s:s,s:s,s:o,s:f,s:I,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:o,s:o,s:o}",
		"kind", "ipi-trace-latency", "schema", 1, "complete",
		(int)complete, "headline", l->headline, "version", IPI_VERSION,
		"command", headline_words(command), "seconds", seen->seconds,
		"memory_bytes", (json_int_t)l->memory_bytes, "plan",
		ladder_json(l->plan, STAGES), "stages", stages_json(seen),
		"calls", calls_json(l, seen), "accounting", accounts_json(seen),
		"to_itself", (json_int_t)seen->self, "woken_without_ipi",
		(json_int_t)seen->no_ipi, "recursion_misses",
		(json_int_t)seen->missed, "kernel_counted", witness_json(seen),
		"pairs",
		paths_json(pair_columns, COUNT(pair_columns), seen->pair,
			   seen->pairs_n),
		"nodes",
		paths_json(node_columns, COUNT(node_columns), seen->node,
			   seen->nodes_n));
	int ret;

	if (!root)
		return -ENOMEM;
	ret = json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
	json_decref(root);
	fputc('\n', out);
	return ret ? -EIO : 0;
}
