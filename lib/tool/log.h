/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program says to people: stderr only, each line opening with the
 * program's name; progress is one line on a terminal that is written over, and
 * in a pipe a line each half minute.
 */
#ifndef IPI_TOOL_LOG_H
#define IPI_TOOL_LOG_H

#include <stdbool.h>

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* --quiet: notes and progress are dropped; warnings and errors are not. */
void log_quiet(bool quiet);
/* done in 0..1; overwrites the line before it, on a terminal. */
void log_progress(double done, const char *label);
/* Wipes the progress line. */
void log_progress_end(void);

#endif
