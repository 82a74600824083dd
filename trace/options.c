// SPDX-License-Identifier: GPL-2.0-only
/* Options that tools have in common. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/cli.h"
#include "tool/log.h"
#include "tool/names.h"
#include "tool/units.h"

static const char *const rungs[] = { "tp_btf", "raw_tp", "fentry", "kprobe",
				     "tp",     "fexit",	 "kretprobe" };

/* Seconds, or a duration with its unit. */
uint64_t options_time(const char *option, const char *arg)
{
	uint64_t ns = 0;
	char *end;
	double s = strtod(arg, &end);
	bool plain = end != arg && !*end && s > 0 && s < 1e9;

	if (plain)
		return (uint64_t)(s * 1e9);
	if (units_duration(arg, &ns) || !ns) {
		log_error("%s '%s': seconds, or a duration like 500ms or 2min",
			  option, arg);
		exit(EXIT_USAGE);
	}
	return ns;
}

uint64_t options_number(const char *option, const char *arg, uint64_t most)
{
	uint64_t n = 0;

	if (units_count(arg, &n) || !n || n > most) {
		log_error("%s '%s': a number from 1 to %llu", option, arg,
			  (unsigned long long)most);
		exit(EXIT_USAGE);
	}
	return n;
}

const char *options_rung(const char *arg)
{
	const size_t n = sizeof(rungs) / sizeof(rungs[0]);
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(rungs[i], arg))
			return rungs[i];
	log_error("--probe '%s': tp_btf, raw_tp, fentry, kprobe, tp, fexit or "
		  "kretprobe%s", arg,
		  names_hint(arg, rungs, n).text);
	exit(EXIT_USAGE);
}

void options_cpus(const char *arg, struct cpulist *out)
{
	struct tool_error err;

	cpulist_free(out);
	if (cpulist_parse(arg, out, &err)) {
		log_error("--cpus: %s", err.text);
		exit(EXIT_USAGE);
	}
}

int options_pid_space(uint64_t *dev, uint64_t *ino, struct tool_error *err)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st))
		return tool_fail(err, -errno,
				 "/proc/self/ns/pid: %s; --pid needs it",
				 strerror(errno));
	*dev = st.st_dev;
	*ino = st.st_ino;
	return 0;
}

error_t options_parse(struct options *opts, int key, char *arg,
		      struct argp_state *state)
{
	switch (key) {
	case 'd':
		opts->duration_ns = options_time("--duration", arg);
		return 0;
	case 'i':
		opts->interval_ns = options_time("--interval", arg);
		return 0;
	case 'c':
		options_cpus(arg, &opts->targets);
		return 0;
	case 'p':
		opts->pid = options_number("--pid", arg, INT32_MAX);
		return 0;
	case 'P':
		opts->probe = options_rung(arg);
		return 0;
	case 'j':
		opts->json = arg;
		return 0;
	case ARGP_KEY_ARG:
		log_error("unexpected '%s' (see %s --help)", arg, state->name);
		exit(EXIT_USAGE);
	}
	return ARGP_ERR_UNKNOWN;
}
