// SPDX-License-Identifier: GPL-2.0-only
/* `ipi trace wakes`: what told another CPU something without an interrupt. */
#include <stdlib.h>

#include "causes_work.h"
#include "tool/cli.h"
#include "tools.h"

#define ROW(row) ((const struct cause_row *)(row))

/* Not where a call that is polled for can't be told from a reschedule. */
static uint64_t spared(const struct cause_row *row)
{
	return row->n.polled +
	       (row->of->joined_known ? cause_joined(row) : 0);
}

static struct cell get_joined(const void *row)
{
	return ROW(row)->of->joined_known ? cell_count(cause_joined(row))
					  : cell_null();
}

static struct cell get_sent(const void *row)
{
	return cell_count(cause_sent(row));
}

static const struct column columns[] = {
	{ "spared", .in = IN_ALL, .get = cause_get_value },
	{ "rate_per_s", "per s", .in = IN_ALL, .decimals = 1,
	  .get = cause_get_rate },
	{ "joined", .in = IN_ALL, .get = get_joined },
	{ "polled", .in = IN_ALL, .get = cause_get_polled },
	{ "sent", .in = IN_ALL, .get = get_sent },
	{ "queued", .in = IN_ALL, .get = cause_get_queued },
	{ "to", "to CPU", .in = IN_ALL, .get = cause_get_to },
	{ "kind", .in = IN_ALL, .get = cause_get_kind },
	{ "callback", .in = IN_ALL, .get = cause_get_func },
	{ "call_site", "call site", .in = IN_ALL, .get = cause_get_site },
};

static int show(struct session *s, bool final, FILE *out)
{
	int ret = causes_show(s, final, out);

	if (final && !((struct causes *)s)->joined_known)
		fprintf(out, "calls that joined others: not told, for this "
			     "kernel does not show what is queued\n");
	return ret;
}

static const struct session_ops ops = {
	.kind = "ipi-trace-wakes",
	.stages = causes_stages,
	.stages_n = CAUSES_STAGES,
	.needed = CAUSES_SEND + 1,
	.tested = CAUSES_QUEUE + 1,
	.memory = causes_memory,
	.open = causes_open,
	.close = causes_close,
	.wipe = causes_wipe,
	.count = causes_count,
	.show = show,
	.keep = causes_keep,
};

static const struct argp argp = {
	causes_options, causes_parse, NULL,
	"Count what told a CPU something and needed no interrupt: calls that "
	"joined others in its queue, and CPUs that poll while they idle.\v"
	"Needs root; see ipi-trace(8).\n\nExamples:\n"
	"  ipi trace wakes -d 10\n"
	"  ipi trace wakes -c 3 -i 5s"
};

int tool_wakes(int argc, char **argv)
{
	struct causes c = {
		.s.ops = &ops,
		.value = spared,
		.columns = columns,
		.columns_n = sizeof(columns) / sizeof(columns[0]),
		.title = "told without an interrupt",
	};

	cli_parse(&argp, argc, argv, &c);
	return session_run(&c.s, argv);
}
