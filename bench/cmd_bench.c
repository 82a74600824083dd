// SPDX-License-Identifier: GPL-2.0-only
/* `ipi bench list` and `ipi bench run`: the command lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "front.h"
#include "tool/cli.h"
#include "tool/log.h"

static const char bench_examples[] =
	"  ipi bench list -v\n"
	"  ipi bench run --json out.json\n"
	"  ipi bench run what-is-the-floor\n"
	"  ipi bench run unicast --delivery poll --gap back-to-back\n"
	"  ipi bench compare out.json\n"
	"  ipi bench compare before.json after.json\n";

int cmd_bench(int argc, char **argv)
{
	static const struct cli_command list[] = {
		{ "list", "drivers, queues, acks and deliveries", cmd_list },
		{ "run", "measure a plan", cmd_run },
		{ "compare", "which differs from which, and by how much",
		  cmd_compare },
		{ NULL },
	};

	return cli_dispatch(list, "ipi bench", bench_examples, argc, argv);
}

/* ---- ipi bench run ------------------------------------------------------ */

static const char run_doc[] =
	"Measure what telling another CPU costs.\v"
	"CONFIG is a file, or the name of a config that came with ipi; NAME is "
	"a driver of `ipi bench list`. Without any, the config `quick` is run. "
	"Options overrule what configs say.\n\n"
	"Examples:\n"
	"  ipi bench run --json out.json\n"
	"  ipi bench run was-it-an-interrupt\n"
	"  ipi bench run unicast signal --metrics rtt --cpus 0-3\n"
	"  ipi bench run quick --dry-run --topology 'synthetic:pack:2 l3:4 "
	"core:8 pu:2'\n"
	"  ipi bench run unicast --inject handler:200ns --csv -\n\n"
	"Exit status: 0 done; 1 failed or interrupted; 2 usage; 77 this "
	"machine "
	"can't, or should not without --force.";

enum {
	OPT_JSON = 1000,
	OPT_CSV,
	OPT_FORMAT,
	OPT_TOPOLOGY,
	OPT_DRY_RUN,
	OPT_BUSY,
	OPT_FORCE,
	OPT_ANONYMOUS,
	OPT_TRACE,
	OPT_KEY, /* and the keys after it, in their order */
};

static const struct argp_option fixed[] = {
	{ "json", OPT_JSON, "FILE", 0,
	  "write the result file (see ipi-result(5))", 1 },
	{ "csv", OPT_CSV, "FILE", 0, "write records as CSV; - is stdout", 1 },
	{ "format", OPT_FORMAT, "FORMAT", 0,
	  "of stdout: table, csv, json, lkml", 1 },
	{ "anonymous", OPT_ANONYMOUS, NULL, 0,
	  "leave out what names the machine", 1 },
	{ "quiet", 'q', NULL, 0, "no progress, no remarks", 1 },
	{ "trace", OPT_TRACE, NULL, 0,
	  "trace the interrupts, too: where their time goes, and a second "
	  "attestation; needs root, and costs each some time",
	  1 },
	{ "dry-run", OPT_DRY_RUN, NULL, 0,
	  "print plan, CPUs, time and output size; touch nothing", 2 },
	{ "topology", OPT_TOPOLOGY, "WHAT", 0,
	  "with --dry-run: synthetic:... or an lstopo XML file", 2 },
	{ "busy", OPT_BUSY, NULL, 0,
	  "measure a busy machine too, and say so in the first line", 2 },
	{ "force", OPT_FORCE, NULL, 0,
	  "measure on a busy machine and on other people's CPUs", 2 },
};

#define FIXED_N (sizeof(fixed) / sizeof(fixed[0]))

struct run_args {
	struct run_request req;
	struct argp_option options[FIXED_N + 40];
	int keys_n;
};

static int fill_options(struct argp_option *o)
{
	const struct key *k;
	int key = OPT_KEY;

	memcpy(o, fixed, sizeof(fixed));
	o += FIXED_N;
	for (k = key_list; k->name; k++, o++)
		*o = (struct argp_option){
			k->name, key++,
			k->arg,	 k->flag ? OPTION_ARG_OPTIONAL : 0,
			k->help, k->scope == KEY_PLAN ? 3 : 4,
		};
	*o = (struct argp_option){ 0 };
	return key - OPT_KEY;
}

static void take_key(struct run_args *a, int key, const char *value,
		     struct argp_state *state)
{
	const struct key *k = &key_list[key - OPT_KEY];
	struct tool_error err;
	struct settings scratch;

	settings_init(&scratch);
	if (!value)
		value = "yes";
	if (k->set(&scratch, value, &err)) {
		log_error("--%s: %s", k->name, err.text);
		exit(EXIT_USAGE);
	}
	if (assignments_add(&a->req.cli, k, value))
		argp_failure(state, EXIT_FAILED, ENOMEM, "options");
}

static void take_format(struct run_args *a, const char *arg)
{
	static const char *const names[] = { "table", "csv", "json", "lkml" };
	size_t i;

	for (i = 0; i < 4; i++)
		if (!strcmp(arg, names[i])) {
			a->req.format = names[i];
			return;
		}
	log_error("--format: unknown format '%s'%s (table, csv, json, lkml)",
		  arg, names_hint(arg, names, 4).text);
	exit(EXIT_USAGE);
}

static error_t parse_run(int key, char *arg, struct argp_state *state)
{
	struct run_args *a = state->input;
	char **what;

	switch (key) {
	case OPT_JSON:
		a->req.json = arg;
		return 0;
	case OPT_CSV:
		a->req.csv = arg;
		return 0;
	case OPT_FORMAT:
		take_format(a, arg);
		return 0;
	case OPT_TOPOLOGY:
		a->req.topology = arg;
		return 0;
	case OPT_DRY_RUN:
		a->req.dry_run = true;
		return 0;
	case OPT_BUSY:
		a->req.busy = true;
		return 0;
	case OPT_FORCE:
		a->req.force = true;
		return 0;
	case OPT_ANONYMOUS:
		a->req.anonymous = true;
		return 0;
	case OPT_TRACE:
		a->req.trace = true;
		return 0;
	case 'q':
		a->req.quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		what = realloc(a->req.what,
			       (a->req.what_n + 1) * sizeof(*what));
		if (!what)
			return ENOMEM;
		a->req.what = what;
		what[a->req.what_n++] = arg;
		return 0;
	default:
		if (key < OPT_KEY || key >= OPT_KEY + a->keys_n)
			return ARGP_ERR_UNKNOWN;
		take_key(a, key, arg, state);
		return 0;
	}
}

int cmd_run(int argc, char **argv)
{
	struct run_args a = { .req = { .format = "table" } };
	const struct argp argp = { a.options, parse_run, "[CONFIG|NAME...]",
				   run_doc };
	char *quick[] = { (char *)"quick" };
	char **command = calloc(argc + 3, sizeof(*command));
	int i, ret;

	if (!command)
		return EXIT_FAILED;
	command[0] = (char *)"ipi";
	command[1] = (char *)"bench";
	command[2] = (char *)"run";
	for (i = 1; i < argc; i++)
		command[i + 2] = argv[i];
	a.keys_n = fill_options(a.options);
	cli_parse(&argp, argc, argv, &a);
	a.req.command = command;
	if (!a.req.what) {
		a.req.what = quick;
		a.req.what_n = 1;
	}
	ret = run_request(&a.req);
	if (a.req.what != quick)
		free(a.req.what);
	assignments_free(&a.req.cli);
	free(command);
	return ret;
}
