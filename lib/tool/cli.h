/* SPDX-License-Identifier: GPL-2.0-only */
/* What all commands do alike with their command line and their end. */
#ifndef IPI_TOOL_CLI_H
#define IPI_TOOL_CLI_H

#include <argp.h>

/* How our programs end. */
enum cli_exit {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_REGRESSION = 3, /* compare found one */
	EXIT_FOUND = 3, /* so did a trace that stops at what it looks for */
	EXIT_NOT_COMPARABLE = 4,
	EXIT_CANNOT = 77, /* this machine can't do it, and why */
};

/* A command below `ipi` or `ipi bench`. */
struct cli_command {
	const char *name;
	const char *help; /* one line */
	int (*run)(int argc, char **argv);
};

/*
 * Runs argv[1] of a list that ends with a NULL name, with argv[0] naming the
 * whole path ("ipi bench run"). Usage and unknown commands are handled here.
 */
int cli_dispatch(const struct cli_command *list, const char *path,
		 const char *examples, int argc, char **argv);

/*
 * argp_parse() that names an unknown option's nearest neighbour. Does not
 * return on --help and on errors (exit status 2).
 */
void cli_parse(const struct argp *argp, int argc, char **argv, void *input);
/* The same, where it matters which option an argument stands behind. */
void cli_parse_in_order(const struct argp *argp, int argc, char **argv,
			void *input);

/*
 * Becomes another program, of the same arguments behind its own name. Comes
 * back only where it can't, which is told: the exit status.
 */
int cli_become(const char *path, char **argv);

/* Descriptors 0 to 2 exist from here on, so that no file becomes stdout. */
void cli_begin(void);
/* The program's end: status, or 1 when standard output was lost. */
int cli_end(int status);

#endif
