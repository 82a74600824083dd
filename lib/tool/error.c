// SPDX-License-Identifier: GPL-2.0-only
/* An error with its sentence. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

int tool_fail(struct tool_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}
