// SPDX-License-Identifier: GPL-2.0-only
/* `ipi bench compare`: the command line, and the order of its work. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "front.h"
#include "stats.h"
#include "tool/aside.h"
#include "tool/cli.h"
#include "tool/log.h"

static const char doc[] =
	"Say which results differ, by how much, and how sure that is.\v"
	"One RESULT: its runs are compared with the first one like them (or "
	"with --baseline), wherever nothing but the design differs. Two: the "
	"second against the first, run by run. Several a side: --base A1 A2 "
	"--new B1 B2.\n\n"
	"Examples:\n"
	"  ipi bench compare out.json\n"
	"  ipi bench compare out.json --baseline plain\n"
	"  ipi bench compare before.json after.json\n"
	"  ipi bench compare --base a1.json a2.json --new b1.json b2.json\n"
	"  ipi bench compare out.json --run 'slots*' --metric rtt\n"
	"  ipi bench compare out.json --across route --format markdown\n\n"
	"Exit status: 0 nothing got worse; 1 failed; 2 usage; 3 something got "
	"worse (never in one file without --baseline: there slower is a "
	"finding); 4 not comparable, or not separable from boot effects.";

enum {
	OPT_JSON = 1000,
	OPT_FORMAT,
	OPT_BASE,
	OPT_NEW,
	OPT_ACROSS,
	OPT_BASELINE,
	OPT_RUN,
	OPT_METRIC,
	OPT_SEED
};

static const struct argp_option options[] = {
	{ "base", OPT_BASE, "FILE...", 0, "files of the base, up to --new", 1 },
	{ "new", OPT_NEW, "FILE...", 0, "files to be held against them", 1 },
	{ "baseline", OPT_BASELINE, "RUN", 0,
	  "one file: the run that the others are held against", 1 },
	{ "run", OPT_RUN, "PATTERN", 0, "only runs of such a name ('slots-*')",
	  1 },
	{ "metric", OPT_METRIC, "NAME", 0, "only this metric, or such ones",
	  1 },
	{ "across", OPT_ACROSS, "KEY[,KEY...]", 0,
	  "compare although these differ: waiter, route, machine, ...", 1 },
	{ "format", OPT_FORMAT, "FORMAT", 0,
	  "of stdout: table, markdown, json, lkml", 2 },
	{ "json", OPT_JSON, "FILE", 0, "write the comparison as JSON", 2 },
	{ "seed", OPT_SEED, "N", 0, "of the resampling (1)", 2 },
	{ 0 },
};

struct format {
	const char *name;
	int (*write)(const struct compare *c, FILE *out);
};

static const struct format formats[] = {
	{ "table", cmp_write_table },
	{ "markdown", cmp_write_markdown },
	{ "json", cmp_write_json },
	{ "lkml", cmp_write_lkml },
};
#define FORMATS_N (sizeof(formats) / sizeof(formats[0]))

enum { SIDE_PLAIN, SIDE_BASE, SIDE_NEW, SIDES };

struct compare_args {
	struct compare c;
	const char **path[SIDES];
	size_t path_n[SIDES];
	int to; /* the side of the next file */
	const char *json;
	const struct format *format;
};

/* ---- the command line --------------------------------------------------- */

static error_t add_path(struct compare_args *a, int side, const char *path)
{
	const char **more =
		realloc(a->path[side], (a->path_n[side] + 1) * sizeof(*more));

	if (!more)
		return ENOMEM;
	a->path[side] = more;
	more[a->path_n[side]++] = path;
	return 0;
}

static const struct format *find_format(const char *name)
{
	const char *names[FORMATS_N];
	size_t i;

	for (i = 0; i < FORMATS_N; i++) {
		names[i] = formats[i].name;
		if (!strcmp(name, names[i]))
			return &formats[i];
	}
	log_error("--format: unknown format '%s'%s (table, markdown, json, "
		  "lkml)",
		  name, names_hint(name, names, FORMATS_N).text);
	exit(EXIT_USAGE);
}

static void take_seed(struct compare_args *a, const char *arg)
{
	char *end;

	errno = 0;
	a->c.seed = strtoull(arg, &end, 10);
	if (!errno && end != arg && !*end && *arg != '-')
		return;
	log_error("--seed: '%s' is no seed (a number)", arg);
	exit(EXIT_USAGE);
}

static void take_across(struct compare_args *a, const char *arg)
{
	struct tool_error err;

	if (!cmp_axes_parse(arg, &a->c.across, &err))
		return;
	log_error("--across: %s", err.text);
	exit(EXIT_USAGE);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *a = state->input;

	switch (key) {
	case OPT_JSON:
		a->json = arg;
		return 0;
	case OPT_FORMAT:
		a->format = find_format(arg);
		return 0;
	case OPT_BASELINE:
		a->c.baseline = arg;
		return 0;
	case OPT_RUN:
		a->c.run = arg;
		return 0;
	case OPT_METRIC:
		a->c.metric = arg;
		return 0;
	case OPT_ACROSS:
		take_across(a, arg);
		return 0;
	case OPT_SEED:
		take_seed(a, arg);
		return 0;
	case OPT_BASE:
	case OPT_NEW:
		a->to = key == OPT_BASE ? SIDE_BASE : SIDE_NEW;
		return add_path(a, a->to, arg);
	case ARGP_KEY_ARG:
		return add_path(a, a->to, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int usage(const char *why)
{
	log_error("%s (see ipi bench compare --help)", why);
	return EXIT_USAGE;
}

static int check_args(const struct compare_args *a)
{
	size_t plain = a->path_n[SIDE_PLAIN], base = a->path_n[SIDE_BASE];
	size_t fresh = a->path_n[SIDE_NEW];

	if (!plain && !base && !fresh)
		return usage("compare needs a result file");
	if (!base != !fresh)
		return usage("--base and --new go together");
	if (plain && base)
		return usage("files stand before --base, and on no side");
	if (plain > 2)
		return usage("more than two files: say which are the base "
			     "(--base A1 A2 --new B1 B2)");
	if (a->c.baseline && plain != 1)
		return usage("--baseline names a run of one file");
	return EXIT_DONE;
}

/* ---- the work ----------------------------------------------------------- */

static int load(struct compare_args *a, struct tool_error *err)
{
	struct compare *c = &a->c;
	size_t n = a->path_n[SIDE_PLAIN] + a->path_n[SIDE_BASE] +
		   a->path_n[SIDE_NEW];
	int side, ret = 0;
	size_t i;

	c->base_n = a->path_n[SIDE_BASE] ? a->path_n[SIDE_BASE] : 1;
	c->file = calloc(n + 1, sizeof(*c->file));
	if (!c->file)
		return tool_fail(err, -ENOMEM, "out of memory");
	for (side = 0; side < SIDES; side++)
		for (i = 0; !ret && i < a->path_n[side]; i++)
			ret = cmp_file_load(&c->file[c->n++], a->path[side][i],
					    err);
	return ret;
}

static int judge_rows(struct compare *c, struct tool_error *err)
{
	struct stats_rng rng = { c->seed };
	size_t i;

	for (i = 0; i < c->rows.n; i++)
		c->family += !c->rows.at[i].why[0];
	for (i = 0; i < c->rows.n; i++) {
		if (!c->rows.at[i].why[0] &&
		    cmp_judge(c, &c->rows.at[i], stats_random(&rng)))
			return tool_fail(err, -ENOMEM, "out of memory");
	}
	cmp_verdicts(c);
	return 0;
}

static int compare(struct compare *c, struct tool_error *err)
{
	int ret = cmp_narrow(c, err);

	if (ret)
		return ret;
	if (c->n > 1)
		cmp_files_check(c);
	if (!c->refusal[0])
		ret = c->n > 1 ? cmp_match_files(c, err)
			       : cmp_match_designs(c, err);
	if (!ret)
		ret = judge_rows(c, err);
	if (!ret)
		cmp_headline(c);
	return ret;
}

static int write_all(const struct compare_args *a, struct tool_error *err)
{
	struct aside file;
	int ret = 0;

	if (a->json) {
		ret = aside_open(&file, a->json, err);
		if (ret)
			return ret;
		ret = cmp_write_json(&a->c, file.file);
		if (ret) {
			aside_abort(&file);
			return tool_fail(err, ret, "%s: cannot be written: %s",
					 a->json, strerror(-ret));
		}
		ret = aside_commit(&file, err);
	}
	if (!ret && a->format->write(&a->c, stdout))
		ret = tool_fail(err, -EIO, "standard output was lost");
	return ret;
}

static int work(struct compare_args *a)
{
	struct tool_error err = { "" };
	int ret = load(a, &err);

	if (!ret && a->json)
		ret = aside_check(a->json, &err);
	if (!ret)
		ret = compare(&a->c, &err);
	if (!ret)
		ret = write_all(a, &err);
	if (ret) {
		log_error("%s", err.text);
		return ret == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	if (a->c.refusal[0])
		log_error("%s", a->c.refusal);
	return a->c.status;
}

static void close_all(struct compare_args *a)
{
	struct compare *c = &a->c;
	size_t i;

	for (i = 0; i < c->n; i++)
		cmp_file_free(&c->file[i]);
	free(c->file);
	for (i = 0; i < c->rows.n; i++)
		free(c->rows.at[i].base);
	free(c->rows.at);
	for (i = 0; i < c->notes_n; i++)
		free(c->note[i]);
	free(c->note);
	for (i = 0; i < SIDES; i++)
		free(a->path[i]);
}

int cmd_compare(int argc, char **argv)
{
	struct compare_args a = { .c.seed = 1, .format = &formats[0] };
	const struct argp argp = { options, parse,
				   "RESULT [RESULT]\n"
				   "--base FILE... --new FILE...",
				   doc };
	int ret;

	cli_parse_in_order(&argp, argc, argv, &a);
	ret = check_args(&a);
	if (ret == EXIT_DONE)
		ret = work(&a);
	close_all(&a);
	return ret;
}
