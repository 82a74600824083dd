/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads result files: ours and whole, or one line that says what is wrong. */
#ifndef IPI_TOOL_READER_H
#define IPI_TOOL_READER_H

#include <jansson.h>

#include "error.h"

#define RESULT_SCHEMA 1
#define RESULT_KIND "ipi-result"

/*
 * The file as checked JSON; the caller drops it with json_decref(). -errno of
 * opening; -EBADMSG: no JSON, or cut short; -EPROTONOSUPPORT: another kind of
 * file, or a schema that this build does not know.
 */
int reader_load(const char *path, json_t **out, struct tool_error *err);

#endif
