// SPDX-License-Identifier: GPL-2.0-only
/* `ipi trace senders`: who interrupts whom, and why. */
#include <stdlib.h>

#include "causes_work.h"
#include "tool/cli.h"
#include "tools.h"

#define ROW(row) ((const struct cause_row *)(row))

/* Which vector told it; one cause may use both. */
static struct cell get_class(const void *row)
{
	if (ROW(row)->key.kind == CAUSE_RESCHEDULE)
		return cell_text("reschedule");
	if (ROW(row)->n.single && ROW(row)->n.many)
		return cell_text("both");
	return cell_text(ROW(row)->n.many ? "many" : "single");
}

static struct cell get_process(const void *row)
{
	if (ROW(row)->key.in_interrupt)
		return cell_text("(interrupt)");
	return cell_format("%.*s", CAUSE_COMM, ROW(row)->key.comm);
}

static struct cell get_pid(const void *row)
{
	return ROW(row)->key.in_interrupt ? cell_null()
					  : cell_count(ROW(row)->key.pid);
}

static const struct column columns[] = {
	{ "n", .in = IN_ALL, .get = cause_get_value },
	{ "rate_per_s", "per s", .in = IN_ALL, .decimals = 1,
	  .get = cause_get_rate },
	{ "share_percent", "%", .in = IN_ALL, .decimals = 1,
	  .get = cause_get_share },
	{ "from", "from CPU", .in = IN_ALL, .get = cause_get_from },
	{ "to", .in = IN_ALL, .get = cause_get_to },
	{ "class", .in = IN_ALL, .get = get_class },
	{ "process", .in = IN_ALL, .get = get_process },
	{ "pid", .in = IN_ALL, .get = get_pid },
	{ "kind", .in = IN_ALL, .get = cause_get_kind },
	{ "callback", .in = IN_ALL, .get = cause_get_func },
	{ "call_site", "call site", .in = IN_ALL, .get = cause_get_site },
	{ "single", .in = IN_JSON, .get = cause_get_single },
	{ "many", .in = IN_JSON, .get = cause_get_many },
};

static const struct session_ops ops = {
	.kind = "ipi-trace-senders",
	.stages = causes_stages,
	.stages_n = CAUSES_NO_IPI, /* what is not sent is not asked for */
	.needed = CAUSES_SEND + 1,
	.tested = CAUSES_QUEUE + 1,
	.memory = causes_memory,
	.open = causes_open,
	.close = causes_close,
	.wipe = causes_wipe,
	.count = causes_count,
	.show = causes_show,
	.keep = causes_keep,
};

static const struct argp argp = {
	causes_options, causes_parse, NULL,
	"Tell who interrupts whom and why: function called, call site, "
	"process, by pair of CPUs and by rate.\v"
	"Needs root. The process is the one that ran when the interrupt was "
	"sent; see ipi-trace(8).\n\nExamples:\n"
	"  ipi trace senders -c 3 -d 10\n"
	"  ipi trace senders -p 1234 -i 5s\n"
	"  ipi trace senders -d 1min --top 50 --json out.json"
};

int tool_senders(int argc, char **argv)
{
	struct causes c = {
		.s.ops = &ops,
		.by_process = true,
		.by_source = true,
		.value = cause_sent,
		.columns = columns,
		.columns_n = sizeof(columns) / sizeof(columns[0]),
		.title = "interrupts sent",
	};

	cli_parse(&argp, argc, argv, &c);
	return session_run(&c.s, argv);
}
