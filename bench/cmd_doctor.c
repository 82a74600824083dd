// SPDX-License-Identifier: GPL-2.0-only
/* `ipi doctor`: every check with its verdict and a sentence. */
#include <stdlib.h>

#include "front.h"
#include "tool/cli.h"
#include "tool/column.h"
#include "tool/log.h"

static struct cell get_name(const void *row)
{
	return cell_text(((const struct check *)row)->name);
}

static struct cell get_verdict(const void *row)
{
	return cell_text(
		check_verdict_name[((const struct check *)row)->verdict]);
}

static struct cell get_why(const void *row)
{
	return cell_text(((const struct check *)row)->why);
}

static const struct column columns[] = {
	{ "check", .in = IN_ALL, .get = get_name },
	{ "verdict", .in = IN_ALL, .get = get_verdict },
	{ "why", .in = IN_ALL, .get = get_why },
};
#define COLUMNS_N (sizeof(columns) / sizeof(columns[0]))

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	if (key == 'j') {
		*json = true;
		return 0;
	}
	if (key == ARGP_KEY_ARG) {
		log_error("unexpected '%s' (see %s --help)", arg, state->name);
		exit(EXIT_USAGE);
	}
	return ARGP_ERR_UNKNOWN;
}

static int show_json(const void *const *rows, size_t n)
{
	json_t *list = json_array(), *one;
	size_t i;
	int ret;

	for (i = 0; i < n; i++) {
		one = json_object();
		columns_json(columns, COLUMNS_N, rows[i], one);
		json_array_append_new(list, one);
	}
	ret = json_dumpf(list, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(list);
	return ret;
}

int cmd_doctor(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", 'j', NULL, 0, "as in result files", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		options, parse, NULL,
		"Check what can be measured here, and why not.\v"
		"Nothing is changed. A verdict `no` or `warn` is no failure: "
		"it "
		"says what results from here lack.\n\nExamples:\n"
		"  ipi doctor\n  ipi doctor --json"
	};
	struct check *checks = NULL;
	const void **rows;
	bool json = false;
	size_t n = 0, i;
	int ret = -1;

	cli_parse(&argp, argc, argv, &json);
	if (doctor_run(&checks, &n))
		return EXIT_FAILED;
	rows = calloc(n, sizeof(*rows));
	for (i = 0; rows && i < n; i++)
		rows[i] = &checks[i];
	if (rows)
		ret = json ? show_json(rows, n)
			   : columns_table(columns, COLUMNS_N, rows, n, stdout);
	free(rows);
	free(checks);
	return ret ? EXIT_FAILED : EXIT_DONE;
}
