/* SPDX-License-Identifier: GPL-2.0-only */
/* An error with its sentence: libraries hand it up, programs print it. */
#ifndef IPI_TOOL_ERROR_H
#define IPI_TOOL_ERROR_H

struct tool_error {
	char text[400];
};

/* Writes the sentence (err may be NULL) and returns code, so that a failing
 * function ends with `return tool_fail(err, -EINVAL, "...")`.
 */
int tool_fail(struct tool_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
