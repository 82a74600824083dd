// SPDX-License-Identifier: GPL-2.0-only
/* What a program says to people, on stderr. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static bool quiet_wanted;
static bool progress_shown;

static void say(const char *kind, const char *fmt, va_list ap)
{
	log_progress_end();
	fprintf(stderr, "%s: %s", program_invocation_short_name, kind);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

void log_note(const char *fmt, ...)
{
	va_list ap;

	if (quiet_wanted)
		return;
	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void log_quiet(bool quiet)
{
	quiet_wanted = quiet;
}

void log_progress(double done, const char *label)
{
	if (quiet_wanted || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%3.0f %%  %.60s", done * 100, label);
	fflush(stderr);
	progress_shown = true;
}

void log_progress_end(void)
{
	if (!progress_shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress_shown = false;
}
