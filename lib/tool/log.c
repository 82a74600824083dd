// SPDX-License-Identifier: GPL-2.0-only
/* What a program says to people, on stderr. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* In a pipe: often enough for whoever takes silence for a hang. */
#define LINE_SECONDS 30

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

static void progress_line(double done, const char *label)
{
	static time_t due_s; /* 0: nothing was asked yet */
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < due_s)
		return;
	if (due_s)
		log_note("%.0f %% done: %s", done * 100, label);
	due_s = now.tv_sec + LINE_SECONDS;
}

void log_progress(double done, const char *label)
{
	if (quiet_wanted)
		return;
	if (!isatty(STDERR_FILENO)) {
		progress_line(done, label);
		return;
	}
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
