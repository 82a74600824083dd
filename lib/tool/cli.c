// SPDX-License-Identifier: GPL-2.0-only
/* What all commands do alike. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "names.h"
#include "version.h"

#define OPTIONS_MAX 64

static void usage(const struct cli_command *list, const char *path,
		  const char *examples, FILE *out)
{
	const struct cli_command *c;

	fprintf(out, "Usage: %s COMMAND [OPTION...]\n\n", path);
	for (c = list; c->name; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->help);
	fprintf(out,
		"\n`%s COMMAND --help` tells more of each.\n\nExamples:\n%s",
		path, examples);
}

static int unknown(const struct cli_command *list, const char *path,
		   const char *word)
{
	const char *names[16];
	size_t n;

	for (n = 0; list[n].name && n < 16; n++)
		names[n] = list[n].name;
	log_error("unknown command '%s'%s (see %s --help)", word,
		  names_hint(word, names, n).text, path);
	return EXIT_USAGE;
}

int cli_dispatch(const struct cli_command *list, const char *path,
		 const char *examples, int argc, char **argv)
{
	const struct cli_command *c;
	char *whole;
	int ret;

	if (argc < 2) {
		usage(list, path, examples, stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") ||
	    !strcmp(argv[1], "help")) {
		usage(list, path, examples, stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("ipi " IPI_VERSION);
		return EXIT_DONE;
	}
	for (c = list; c->name; c++)
		if (!strcmp(c->name, argv[1]))
			break;
	if (!c->name)
		return unknown(list, path, argv[1]);
	if (asprintf(&whole, "%s %s", path, c->name) < 0)
		return EXIT_FAILED;
	argv[1] = whole;
	ret = c->run(argc - 1, argv + 1);
	free(whole);
	return ret;
}

/* ---- options ------------------------------------------------------------ */

static size_t option_names(const struct argp *argp, const char **names,
			   size_t max)
{
	const struct argp_option *o;
	size_t n = 0;

	for (o = argp->options; o && (o->name || o->key || o->doc); o++)
		if (o->name && n < max)
			names[n++] = o->name;
	return n;
}

/* getopt takes any beginning that fits one option; so does this. */
static bool is_known(const char *word, size_t length, const char *const *names,
		     size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strncmp(word, names[i], length))
			return true;
	return false;
}

static void check_names(const struct argp *argp, int argc, char **argv)
{
	const char *names[OPTIONS_MAX + 3] = { "help", "usage", "version" };
	size_t n = 3 + option_names(argp, names + 3, OPTIONS_MAX), length;
	char word[64];
	const char *near;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (strncmp(argv[i], "--", 2))
			continue;
		length = strcspn(argv[i] + 2, "=");
		if (is_known(argv[i] + 2, length, names, n))
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)length, argv[i] + 2);
		near = names_nearest(word, names, n);
		log_error("unknown option '--%s'%s%s%s (see %s --help)", word,
			  near ? "; did you mean '--" : "", near ? near : "",
			  near ? "'?" : "", argv[0]);
		exit(EXIT_USAGE);
	}
}

static void parse(const struct argp *argp, int argc, char **argv,
		  unsigned flags, void *input)
{
	argp_err_exit_status = EXIT_USAGE;
	argp_program_version = "ipi " IPI_VERSION;
	check_names(argp, argc, argv);
	if (argp_parse(argp, argc, argv, flags, NULL, input))
		exit(EXIT_USAGE);
}

void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	parse(argp, argc, argv, 0, input);
}

void cli_parse_in_order(const struct argp *argp, int argc, char **argv,
			void *input)
{
	parse(argp, argc, argv, ARGP_IN_ORDER, input);
}

/* ---- beginning and end -------------------------------------------------- */

int cli_become(const char *path, char **argv)
{
	argv[0] = (char *)path;
	execv(path, argv);
	log_error("%s: %s", path, strerror(errno));
	return EXIT_CANNOT;
}

void cli_begin(void)
{
	int fd;

	/* Opened the wrong way round, so that using it is an error. */
	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

int cli_end(int status)
{
	bool lost = ferror(stdout);

	errno = 0;
	lost |= fflush(stdout);
	if (lost) {
		log_error("standard output was lost%s%s", errno ? ": " : "",
			  errno ? strerror(errno) : "");
		return status ? status : EXIT_FAILED;
	}
	return status;
}
