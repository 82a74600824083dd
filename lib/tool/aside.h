/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files written aside and renamed: a reader sees the old file or the whole
 * new one. What is no regular file (/dev/null, a pipe) is written in place;
 * "-" is standard output.
 */
#ifndef IPI_TOOL_ASIDE_H
#define IPI_TOOL_ASIDE_H

#include <stdio.h>

#include "error.h"

struct aside {
	FILE *file;	   /* write here */
	char *path, *temp; /* temp NULL: written in place */
};

/* Would aside_open() succeed now? Leaves nothing behind. */
int aside_check(const char *path, struct tool_error *err);
int aside_open(struct aside *a, const char *path, struct tool_error *err);
/* Ends the file and renames it; on failure the temporary file is removed. */
int aside_commit(struct aside *a, struct tool_error *err);
void aside_abort(struct aside *a);

#endif
