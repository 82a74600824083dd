// SPDX-License-Identifier: GPL-2.0-only
/* `ipi bench list`: what can be measured, and why something can't here. */
#include <stdlib.h>
#include <string.h>

#include "front.h"
#include "kernel.h"
#include "tool/cli.h"
#include "tool/column.h"
#include "tool/log.h"

struct entry {
	const char *kind, *name, *help, *not_here;
	const struct bench_driver *driver; /* NULL: none */
	bool queue;
	unsigned number; /* of the queue */
};

struct entries {
	struct entry *at;
	size_t n;
};

static struct cell get_kind(const void *row)
{
	return cell_text(((const struct entry *)row)->kind);
}

static struct cell get_name(const void *row)
{
	return cell_text(((const struct entry *)row)->name);
}

static struct cell get_here(const void *row)
{
	return cell_text(((const struct entry *)row)->not_here ? "no" : "yes");
}

static struct cell get_help(const void *row)
{
	const struct entry *e = row;

	return e->not_here ? cell_format("%s: %s", e->help, e->not_here)
			   : cell_text(e->help);
}

static struct cell get_metrics(const void *row)
{
	const struct entry *e = row;
	struct cell cell = cell_text("");
	size_t at = 0;
	int m;

	for (m = 0; e->driver && m < METRIC_N; m++)
		if (e->driver->metrics & 1u << m && at < sizeof(cell.text))
			at += snprintf(cell.text + at, sizeof(cell.text) - at,
				       "%s%s", at ? "," : "", metric_name[m]);
	return cell;
}

/* One sender's messages to one target. */
static struct cell get_order(const void *row)
{
	const struct entry *e = row;
	struct ipi_queue_info info;

	if (!e->queue || ipi_queue_info(e->number, &info))
		return cell_text("");
	return cell_text(info.fifo ? "FIFO" : "any");
}

static struct cell get_bytes(const void *row, uint32_t cpus)
{
	const struct entry *e = row;

	if (!e->queue)
		return cell_text("");
	return cell_format("%llu", (unsigned long long)ipi_queue_bytes(
					   e->number, cpus, 0));
}

static struct cell get_bytes_2(const void *row)
{
	return get_bytes(row, 2);
}

static struct cell get_bytes_64(const void *row)
{
	return get_bytes(row, 64);
}

static struct cell get_bytes_1024(const void *row)
{
	return get_bytes(row, 1024);
}

/* The last of them. */
#define VERBOSE_COLUMNS 5

static const struct column columns[] = {
	{ "kind", .in = IN_TABLE, .get = get_kind },
	{ "name", .in = IN_TABLE, .get = get_name },
	{ "here", .in = IN_TABLE, .get = get_here },
	{ "what", .in = IN_TABLE, .get = get_help },
	{ "order", .in = IN_TABLE, .get = get_order },
	{ "B/CPU of 2", .in = IN_TABLE, .get = get_bytes_2 },
	{ "of 64", .in = IN_TABLE, .get = get_bytes_64 },
	{ "of 1024", .in = IN_TABLE, .get = get_bytes_1024 },
	{ "metrics", .in = IN_TABLE, .get = get_metrics },
};

static void add(struct entries *e, struct entry entry)
{
	struct entry *at = realloc(e->at, (e->n + 1) * sizeof(*at));

	if (!at)
		return;
	e->at = at;
	at[e->n++] = entry;
}

static void add_drivers(struct entries *e)
{
	const struct bench_driver *d;
	struct settings s;
	size_t i;

	for (i = 0; (d = bench_drivers[i]); i++) {
		settings_init(&s);
		s.opts.driver = (char *)d->name;
		add(e, (struct entry){ d->yardstick ? "yardstick" : "driver",
				       d->name, d->help,
				       d->probe ? d->probe(&s.opts) : NULL, d,
				       .queue = false });
	}
}

static void add_designs(struct entries *e)
{
	unsigned n;

	for (n = 0; ipi_queue_name(n); n++)
		add(e, (struct entry){ .kind = "queue",
				       .name = ipi_queue_name(n),
				       .help = ipi_queue_help(n),
				       .queue = true,
				       .number = n });
	for (n = 0; ipi_ack_name(n); n++)
		add(e, (struct entry){ "ack", ipi_ack_name(n), ipi_ack_help(n),
				       NULL, NULL });
	for (n = 0; kernel_delivery_name(n); n++)
		add(e, (struct entry){
			       "kernel delivery", kernel_delivery_name(n),
			       kernel_delivery_help(n),
			       kernel_delivery_probe(kernel_delivery_name(n)),
			       NULL });
	for (n = 0; ipi_delivery_name(n); n++)
		add(e, (struct entry){ "delivery", ipi_delivery_name(n),
				       ipi_delivery_help(n),
				       ipi_delivery_probe(ipi_delivery_name(n)),
				       NULL });
}

/* The question that opens a config is its help. */
static void add_configs(struct entries *e, char **names, char (*help)[96])
{
	char *path;
	size_t i;

	for (i = 0; names && names[i]; i++) {
		path = place_config(names[i]);
		if (path)
			machine_line(path, help[i], sizeof(help[i]));
		add(e, (struct entry){ "config", names[i],
				       help[i] + strspn(help[i], "#; "), NULL,
				       NULL });
		free(path);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *verbose = state->input;

	if (key == 'v') {
		*verbose = true;
		return 0;
	}
	if (key == ARGP_KEY_ARG) {
		log_error("unexpected '%s' (see %s --help)", arg, state->name);
		exit(EXIT_USAGE);
	}
	return ARGP_ERR_UNKNOWN;
}

int cmd_list(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "verbose", 'v', NULL, 0,
		  "each driver's metrics, each queue's order and memory", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		options, parse, NULL,
		"List drivers, queues, acks, deliveries and configs.\v"
		"What cannot run here says why.\n\nExamples:\n"
		"  ipi bench list\n  ipi bench list -v"
	};
	struct entries e = { 0 };
	char **names = place_config_names(), (*help)[96];
	bool verbose = false;
	size_t n = sizeof(columns) / sizeof(columns[0]), i;
	int ret = EXIT_FAILED;

	cli_parse(&argp, argc, argv, &verbose);
	for (i = 0; names && names[i]; i++)
		;
	help = calloc(i + 1, sizeof(*help));
	add_drivers(&e);
	add_designs(&e);
	if (help)
		add_configs(&e, names, help);
	if (!columns_table_of(columns, verbose ? n : n - VERBOSE_COLUMNS, e.at,
			      sizeof(*e.at), e.n, stdout))
		ret = EXIT_DONE;
	free(help);
	free(e.at);
	place_names_free(names);
	return ret;
}
