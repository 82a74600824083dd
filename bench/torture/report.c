// SPDX-License-Identifier: GPL-2.0-only
/* What a torture has come to: table, verdict line, JSON. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool/column.h"

/* ---- columns ------------------------------------------------------------ */

#define TEXT(member)                                                           \
	static struct cell get_##member(const void *row)                       \
	{                                                                      \
		return cell_text(((const struct outcome *)row)->comb->member); \
	}
TEXT(queue)
TEXT(ack)
TEXT(delivery)
TEXT(waiter)
#undef TEXT

static struct cell get_elapsed(const void *row)
{
	return cell_real((double)((const struct outcome *)row)->elapsed_ns /
			 1e9);
}

static uint64_t handlers(const struct outcome *o)
{
	return o->tally[TALLY_messages] + o->tally[TALLY_runs];
}

static struct cell get_rate(const void *row)
{
	const struct outcome *o = row;

	return o->elapsed_ns ? cell_count(handlers(o) * UINT64_C(1000000000) /
					  o->elapsed_ns)
			     : cell_null();
}

static struct cell get_calms(const void *row)
{
	return cell_count(((const struct outcome *)row)->calms);
}

static struct cell get_deepest(const void *row)
{
	return cell_count(((const struct outcome *)row)->deepest);
}

static struct cell get_failures(const void *row)
{
	return cell_count(get(&((struct outcome *)row)->failures));
}

#define TALLY(name, heading, help)                                             \
	static struct cell get_##name(const void *row)                         \
	{                                                                      \
		return cell_count(                                             \
			((const struct outcome *)row)->tally[TALLY_##name]);   \
	}
#include "tallies.def"
#undef TALLY

static const struct column columns[] = {
	{ "queue", .in = IN_ALL, .get = get_queue },
	{ "ack", .in = IN_ALL, .get = get_ack },
	{ "delivery", .in = IN_ALL, .get = get_delivery },
	{ "waiter", .in = IN_ALL, .get = get_waiter },
	{ "elapsed_s", "time", "s", .in = IN_ALL, .decimals = 1,
	  .get = get_elapsed },
	{ "handlers_per_s", "handlers", "1/s", "high", IN_ALL,
	  .get = get_rate },
#define TALLY(name, heading, help)                                             \
	{ #name, heading, .in = (heading) ? IN_ALL : IN_JSON | IN_CSV,         \
	  .get = get_##name },
#include "tallies.def"
#undef TALLY
	{ "deepest", .in = IN_JSON | IN_CSV, .get = get_deepest },
	{ "calms", .in = IN_JSON | IN_CSV, .get = get_calms },
	{ "failures", .in = IN_ALL, .get = get_failures },
};
#define COLUMNS_N (sizeof(columns) / sizeof(columns[0]))

/* ---- the verdict -------------------------------------------------------- */

enum verdict report_verdict(const struct torture *t)
{
	bool empty = !t->comb_n;

	for (size_t i = 0; i < t->comb_n; i++) {
		if (get(&t->out[i].failures))
			return VERDICT_FAILED;
		empty |= !handlers(&t->out[i]);
	}
	if (!t->complete)
		return VERDICT_INTERRUPTED;
	return empty ? VERDICT_FAILED : VERDICT_PASSED;
}

static size_t with_failures(const struct torture *t, uint64_t *ran)
{
	size_t failed = 0;

	*ran = 0;
	for (size_t i = 0; i < t->comb_n; i++) {
		failed += get(&t->out[i].failures) != 0;
		*ran += handlers(&t->out[i]);
	}
	return failed;
}

static void print_verdict(const struct torture *t, FILE *out)
{
	uint64_t ran;
	size_t failed = with_failures(t, &ran);

	switch (report_verdict(t)) {
	case VERDICT_PASSED:
		fprintf(out, "passed: %zu combinations", t->comb_n);
		break;
	case VERDICT_INTERRUPTED:
		fprintf(out, "INTERRUPTED: nothing had failed by then");
		break;
	default:
		if (failed)
			fprintf(out, "FAILED: %zu of %zu combinations", failed,
				t->comb_n);
		else
			fprintf(out, "FAILED: a combination ran no handler");
	}
	fprintf(out, "; %llu handler runs; seed %llu, %.1f s\n",
		(unsigned long long)ran, (unsigned long long)t->seed,
		(double)t->elapsed_ns / 1e9);
}

int report_table(const struct torture *t, FILE *out)
{
	const void **rows = calloc(t->comb_n + 1, sizeof(*rows));
	size_t n = 0;
	int ret = 0;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < t->comb_n; i++)
		if (t->out[i].rounds)
			rows[n++] = &t->out[i];
	if (n)
		ret = columns_table(columns, COLUMNS_N, rows, n, out);
	free(rows);
	print_verdict(t, out);
	return ret ?: ferror(out) ? -EIO : 0;
}

/* ---- JSON --------------------------------------------------------------- */

static json_t *failures_json(const struct outcome *o)
{
	json_t *list = json_array();
	unsigned n = get(&((struct outcome *)o)->failures);

	for (unsigned i = 0; i < n && i < FAILURES_KEPT; i++)
		json_array_append_new(list, json_string(o->failure[i]));
	return list;
}

static json_t *outcomes_json(const struct torture *t)
{
	json_t *list = json_array(), *one;

	for (size_t i = 0; i < t->comb_n; i++) {
		one = json_object();
		columns_json(columns, COLUMNS_N, &t->out[i], one);
		json_object_set_new(one, "failed", failures_json(&t->out[i]));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *mix_json(const struct mix *mix)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < ops_n; i++)
		json_object_set_new(object, ops[i].name,
				    json_integer(mix->weight[i]));
	return object;
}

static json_t *command_json(char *const *command)
{
	json_t *list = json_array();

	for (; *command; command++)
		json_array_append_new(list, json_string(*command));
	return list;
}

int report_json(const struct torture *t, char *const *command, FILE *out)
{
	static const char *const verdict[] = { "passed", "failed",
					       "interrupted" };
	/* A seed may have 64 bits; JSON's numbers are not sure to. */
	char seed[24];
	json_t *o;
	int ret;

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)t->seed);
	o = json_pack("{s:s, s:i, s:s, s:s, s:b, s:i, s:i, s:f}", "kind",
		      "ipi-torture", "schema", 1, "seed", seed, "verdict",
		      verdict[report_verdict(t)], "complete", t->complete,
		      "cpus", (int)t->cpus, "processors", (int)t->processors,
		      "elapsed_s", (double)t->elapsed_ns / 1e9);
	if (!o)
		return -ENOMEM;
	json_object_set_new(o, "command", command_json(command));
	json_object_set_new(o, "mix", mix_json(&t->mix));
	json_object_set_new(o, "combinations", outcomes_json(t));
	ret = json_dumpf(o, out, JSON_INDENT(1));
	fputc('\n', out);
	json_decref(o);
	return ret ? -EIO : 0;
}

/* ---- the ops ------------------------------------------------------------ */

static struct cell get_op(const void *row)
{
	return cell_text(((const struct op *)row)->name);
}

static struct cell get_weight(const void *row)
{
	return cell_count(((const struct op *)row)->weight);
}

static struct cell get_help(const void *row)
{
	return cell_text(((const struct op *)row)->help);
}

int report_ops(FILE *out)
{
	static const struct column of_op[] = {
		{ "op", .in = IN_ALL, .get = get_op },
		{ "weight", .in = IN_ALL, .get = get_weight },
		{ "what", .in = IN_ALL, .get = get_help },
	};
	const void *rows[64];

	for (unsigned i = 0; i < ops_n; i++)
		rows[i] = &ops[i];
	return columns_table(of_op, 3, rows, ops_n, out);
}
