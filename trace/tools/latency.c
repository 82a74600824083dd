// SPDX-License-Identifier: GPL-2.0-only
/* `ipi trace latency`: send to entry to exit of each interrupt. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "headline.h"
#include "latency_work.h"
#include "tool/aside.h"
#include "tool/cli.h"
#include "tool/log.h"
#include "tool/units.h"
#include "tools.h"
#include "wait.h"

#define MAX_PAIRS (1u << 20)

/* ---- command line -------------------------------------------------------- */

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct latency *l = state->input;

	switch (key) {
	case 'm':
		l->max_pairs = options_number("--max-pairs", arg, MAX_PAIRS);
		return 0;
	case OPTION_CSD:
		l->csd = true;
		return 0;
	case OPTION_CALL:
		l->call = true;
		return 0;
	case OPTION_KO:
		l->ko = true;
		return 0;
	}
	return options_parse(&l->opts, key, arg, state);
}

static const struct argp_option options[] = {
	OPTIONS_COMMON,
	OPTIONS_INTERVAL,
	OPTIONS_PROBE("tp_btf, raw_tp, fentry, kprobe, tp, fexit or kretprobe"),
	{ "csd", OPTION_CSD, NULL, 0,
	  "also from the queueing of a call to its interrupt, and what its "
	  "function takes",
	  0 },
	{ "call", OPTION_CALL, NULL, 0,
	  "also how long senders wait for their calls", 0 },
	{ "ko", OPTION_KO, NULL, 0, "also the messages of ipi.ko", 0 },
	{ "max-pairs", 'm', "N", 0, "room for so many pairs of CPUs", 0 },
	{ 0 },
};

static const struct argp argp = {
	options, parse, NULL,
	"Time each interrupt between processors from its send to the entry "
	"and the exit of its handler, by pair of CPUs and by node.\v"
	"Needs root. What can't be told apart is counted, and is in no "
	"time; ipi-trace(8) has what the columns mean, what it costs and "
	"how exact it is.\n\nExamples:\n"
	"  ipi trace latency -d 5\n"
	"  ipi trace latency -c 3 -i 10s\n"
	"  ipi trace latency -d 1min --json out.json"
};

/* ---- the run ------------------------------------------------------------- */

void latency_headline(struct latency *l)
{
	snprintf(l->headline, sizeof(l->headline),
		 "%.250s: send by %s, entry by %s", headline(&l->cpus).text,
		 l->plan[STAGE_SEND].rung->name,
		 l->plan[STAGE_ENTRY].rung->name);
}

/* All that can be told before anything is touched. */
static int prepare(struct latency *l, struct tool_error *err)
{
	int ret = cpus_load(&l->cpus, err);

	if (!ret)
		ret = cpus_check(&l->cpus, &l->opts.targets, err);
	if (!ret && l->opts.json)
		ret = aside_check(l->opts.json, err);
	if (ret)
		return ret == -ENODEV ? EXIT_CANNOT : EXIT_USAGE;
	if (ladder_allowed(err) || topo_load(NULL, &l->topo, err))
		return EXIT_CANNOT;
	if (cpus_reader(&l->cpus, &l->opts.targets, &l->reader, err))
		return EXIT_CANNOT;
	l->memory_bytes = latency_memory(l);
	log_note("%s for at most %llu pairs of CPUs; reads on CPU %d",
		 units_bytes(l->memory_bytes).text,
		 (unsigned long long)latency_max_pairs(l), l->reader);
	return EXIT_DONE;
}

static int show(struct latency *l, struct seen *seen, uint64_t since,
		bool final)
{
	int ret = latency_read(l, seen);

	seen->final = final;
	seen->taken = l->taken;
	seen->seconds = (double)(wait_now_ns() - since) / 1e9;
	if (!ret)
		ret = seen_print(l, seen, stdout);
	if (!ret && fflush(stdout))
		ret = -errno;
	return ret;
}

/* Until the time has come, or a signal. True: by a signal. */
static bool trace(struct latency *l, uint64_t began)
{
	uint64_t end =
		l->opts.duration_ns ? began + l->opts.duration_ns : UINT64_MAX;
	uint64_t next = began;
	struct seen seen;

	while (l->opts.interval_ns && next + l->opts.interval_ns < end) {
		next += l->opts.interval_ns;
		if (wait_until(next))
			return true;
		if (show(l, &seen, began, false))
			return true;
		seen_free(&seen);
	}
	return wait_until(end);
}

static int keep(const struct latency *l, const struct seen *seen,
		char *const *command, bool complete, struct tool_error *err)
{
	struct aside file;
	int ret;

	if (!l->opts.json)
		return 0;
	ret = aside_open(&file, l->opts.json, err);
	if (ret)
		return ret;
	ret = seen_write_json(l, seen, command, complete, file.file);
	if (!ret)
		return aside_commit(&file, err);
	aside_abort(&file);
	return tool_fail(err, ret, "%s: %s", l->opts.json, strerror(-ret));
}

static bool identities_hold(const struct seen *seen)
{
	int i;

	for (i = 0; i < TRACE_CLASSES; i++)
		if (seen_error(&seen->class[i]))
			return false;
	return !calls_error(&seen->calls) && !ko_error(&seen->calls);
}

static int run(struct latency *l, char *const *command, struct tool_error *err)
{
	uint64_t began;
	struct seen seen;
	bool signalled;
	int ret;

	latency_headline(l);
	printf("%s\n", l->headline);
	ladder_print(l->plan, STAGES, stdout);
	fflush(stdout);
	latency_arm(l);
	began = wait_now_ns();
	log_note("tracing; Ctrl-C ends it");
	signalled = trace(l, began);
	ret = latency_disarm(l, err);
	if (!ret && show(l, &seen, began, true))
		ret = tool_fail(err, -EIO, "the result can't be shown");
	if (ret)
		return ret;
	ret = keep(l, &seen, command, !signalled || !l->opts.duration_ns, err);
	if (!ret && !identities_hold(&seen))
		ret = tool_fail(err, -EIO,
				"sends and entries don't add up; "
				"see the accounting");
	seen_free(&seen);
	return ret;
}

int tool_latency(int argc, char **argv)
{
	struct latency l = { .links.n = 0 };
	struct tool_error err;
	int status;

	ladder_quiet();
	cli_parse(&argp, argc, argv, &l);
	status = prepare(&l, &err);
	if (!status) {
		wait_block_signals();
		status = latency_probe(&l, &err) ? EXIT_CANNOT
			 : run(&l, argv, &err)	 ? EXIT_FAILED
						 : EXIT_DONE;
	}
	if (status)
		log_error("%s", err.text);
	latency_close(&l);
	topo_free(l.topo);
	cpus_free(&l.cpus);
	cpulist_free(&l.opts.targets);
	return status;
}
