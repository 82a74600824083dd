// SPDX-License-Identifier: GPL-2.0-only
/* `senders` and `wakes`: their tables, and what they keep. */
#include "causes_work.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "options.h"

#define MAX_ROWS (1u << 20)
#define TOP_USUAL 20

static const char *const kind_name[CAUSE_KINDS] = {
	[CAUSE_CALL] = "call",		   [CAUSE_CALL_WAITS] = "call+wait",
	[CAUSE_IRQ_WORK] = "irq-work",	   [CAUSE_WAKE_UP] = "wake-up",
	[CAUSE_RESCHEDULE] = "reschedule", [CAUSE_NOT_TOLD] = "call?",
};

const struct argp_option causes_options[] = {
	OPTIONS_COMMON,
	OPTIONS_PROBE("tp_btf, raw_tp, fentry, kprobe or tp"),
	OPTIONS_INTERVAL,
	{ "top", 'n', "N", 0,
	  "so many rows, and the rest as one (20; the file has all)", 0 },
	{ "max-rows", 'm', "N", 0,
	  "room for so many different causes (8192)", 0 },
	{ 0 },
};

error_t causes_parse(int key, char *arg, struct argp_state *state)
{
	struct causes *c = state->input;

	switch (key) {
	case 'n':
		c->top = options_number("--top", arg, MAX_ROWS);
		return 0;
	case 'm':
		c->max_rows = options_number("--max-rows", arg, MAX_ROWS);
		return 0;
	}
	return options_parse(&c->s.opts, key, arg, state);
}

/* ---- cells --------------------------------------------------------------- */

#define ROW(row) ((const struct cause_row *)(row))
#define GETTER(name, value) \
	struct cell cause_get_##name(const void *row) \
	{ \
		return value; \
	}

static struct cell function(const void *row, uint64_t address)
{
	return address ? cell_text(symbols_function(&ROW(row)->of->s.symbols,
						    address)
					   .text)
		       : cell_null();
}

static double total(const struct causes *c)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < c->n; i++)
		sum += (double)c->value(&c->row[i]);
	return sum;
}

GETTER(from, cell_count(ROW(row)->key.from))
GETTER(to, cell_count(ROW(row)->key.to))
GETTER(kind, cell_text(kind_name[ROW(row)->key.kind % CAUSE_KINDS]))
GETTER(func, function(row, ROW(row)->key.func))
GETTER(site, function(row, ROW(row)->key.site))
GETTER(queued, ROW(row)->n.queued ? cell_count(ROW(row)->n.queued)
				  : cell_null())
GETTER(single, cell_count(ROW(row)->n.single))
GETTER(many, cell_count(ROW(row)->n.many))
GETTER(polled, cell_count(ROW(row)->n.polled))
GETTER(value, cell_count(ROW(row)->of->value(row)))
GETTER(rate, cell_real((double)ROW(row)->of->value(row) /
		       ROW(row)->of->s.seconds))
GETTER(share, cell_real(100.0 * (double)ROW(row)->of->value(row) /
			total(ROW(row)->of)))

/* ---- the table ----------------------------------------------------------- */

static void print_rest(const struct causes *c, size_t from, FILE *out)
{
	uint64_t rest = 0;
	size_t i;

	for (i = from; i < c->n; i++)
		rest += c->value(&c->row[i]);
	if (rest)
		fprintf(out, "and %" PRIu64 " (%.1f/s) in %zu more rows\n",
			rest, (double)rest / c->s.seconds, c->n - from);
}

static void print_lost(const struct causes *c, FILE *out)
{
	fprintf(out,
		"\nnot in the rows: %llu without room (--max-rows), %llu to "
		"itself, %llu not asked for\n"
		"in them, but less is known: %llu stacks without room, "
		"%llu sends of calls not seen queued\n"
		"%llu probes left out by the kernel (recursion)\n",
		c->lost.map_full, c->lost.self, c->lost.other, c->lost.stacks,
		c->lost.unmatched, (unsigned long long)c->s.missed);
}

int causes_show(struct session *s, bool final, FILE *out)
{
	struct causes *c = (struct causes *)s;
	size_t top = c->top ? c->top : TOP_USUAL;
	int ret = causes_read(c);

	if (ret)
		return ret;
	fprintf(out, "\n%.1f s, %.0f %s, %.1f/s\n", s->seconds, total(c),
		c->title, total(c) / s->seconds);
	if (top > c->n)
		top = c->n;
	if (top)
		ret = columns_table_of(c->columns, c->columns_n, c->row,
				       sizeof(*c->row), top, out);
	print_rest(c, top, out);
	if (final)
		print_lost(c, out);
	return ret;
}

/* ---- the file ------------------------------------------------------------ */

int causes_keep(struct session *s, json_t *root)
{
	struct causes *c = (struct causes *)s;
	json_t *list = json_array(), *one;
	size_t i;

	for (i = 0; i < c->n; i++) {
		one = json_object();
		columns_json(c->columns, c->columns_n, &c->row[i], one);
		json_object_set_new(one, "stack", cause_stack_json(&c->row[i]));
		json_array_append_new(list, one);
	}
	json_object_set_new(root, "rows", list);
	return json_object_set_new(
		root, "lost",
		json_pack("{s:I,s:I,s:I,s:I,s:I}", "map_full",
			  (json_int_t)c->lost.map_full, "to_itself",
			  (json_int_t)c->lost.self, "not_asked_for",
			  (json_int_t)c->lost.other, "stacks",
			  (json_int_t)c->lost.stacks, "unmatched",
			  (json_int_t)c->lost.unmatched));
}
