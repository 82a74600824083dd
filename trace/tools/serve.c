// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ipi trace serve`: `latency` for a program that says when. It is
 * `ipi bench run --trace` that starts it; tool/tracer.h has what they say.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "latency_work.h"
#include "tool/cli.h"
#include "tool/log.h"
#include "tool/tracer.h"
#include "tools.h"
#include "wait.h"

/* Above the threads that the bench measures with. */
#define PRIORITY 2

struct serve {
	struct latency l;
	cpu_set_t affinity; /* before it was pinned */
};

/* Takes the object. Nobody reads any more: the input's end follows. */
static void answer(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
	json_decref(object);
	putchar('\n');
	fflush(stdout);
}

static void answer_error(const struct tool_error *err)
{
	answer(json_pack("{s:s}", "error", err->text));
}

/* ---- commands ------------------------------------------------------------ */

static int next(struct latency *l, const char *cpus, struct tool_error *err)
{
	struct cpulist list;
	size_t i;

	if (cpulist_parse(cpus, &list, err))
		return -EINVAL;
	for (i = 0; i < list.n; i++)
		if (list.cpu[i] >= l->cpus.possible) {
			tool_fail(err, -EINVAL, "CPU %d: there is no such CPU",
				  list.cpu[i]);
			cpulist_free(&list);
			return -EINVAL;
		}
	cpulist_free(&l->opts.targets);
	l->opts.targets = list;
	latency_wipe(l, false);
	return 0;
}

static json_t *counted(const struct latency *l, struct tool_error *err)
{
	struct seen seen;
	json_t *object;

	if (latency_read(l, &seen)) {
		tool_fail(err, -ENOMEM, "no memory");
		return NULL;
	}
	seen.final = true;
	object = json_pack("{s:o,s:o,s:I}", "stages", stages_json(&seen),
			   "accounting", accounts_json(&seen),
			   "recursion_misses", (json_int_t)seen.missed);
	seen_free(&seen);
	return object;
}

static void obey(struct latency *l, const char *line)
{
	static const char next_word[] = TRACER_NEXT " ";
	const size_t next_len = sizeof(next_word) - 1;
	json_t *object = NULL;
	struct tool_error err;
	int ret = 0;

	if (!strcmp(line, TRACER_ARM))
		latency_arm(l);
	else if (!strcmp(line, TRACER_DISARM))
		ret = latency_disarm(l, &err);
	else if (!strcmp(line, TRACER_READ))
		ret = (object = counted(l, &err)) ? 0 : -ENOMEM;
	else if (!strncmp(line, next_word, next_len))
		ret = next(l, line + next_len, &err);
	else
		ret = tool_fail(&err, -EINVAL,
				"'%.40s': next CPUS, arm, disarm or read",
				line);
	if (ret)
		answer_error(&err);
	else
		answer(object ? object : json_object());
}

static void serve(struct latency *l)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		obey(l, line);
	}
	free(line);
}

/* ---- the start ----------------------------------------------------------- */

static int prepare(struct serve *s, struct tool_error *err)
{
	struct latency *l = &s->l;
	int ret = cpus_load(&l->cpus, err);

	if (!ret)
		ret = ladder_allowed(err);
	if (!ret)
		ret = topo_load(NULL, &l->topo, err);
	if (ret)
		return ret;
	sched_getaffinity(0, sizeof(s->affinity), &s->affinity);
	ret = cpus_reader(&l->cpus, &l->opts.targets, &l->reader, err);
	return ret ? ret : latency_probe(l, err);
}

/*
 * Whoever commands waits, while other threads of the bench may spin in real
 * time on every other CPU, ours too: wherever it waits there is room.
 */
static void be_ready(const struct serve *s)
{
	const struct sched_param param = { .sched_priority = PRIORITY };
	size_t i;

	for (i = 0; i < s->l.opts.targets.n; i++)
		if (s->l.opts.targets.cpu[i] == s->l.reader)
			sched_setaffinity(0, sizeof(s->affinity), &s->affinity);
	sched_setscheduler(0, SCHED_FIFO, &param);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	return options_parse(state->input, key, arg, state);
}

static const struct argp_option options[] = {
	{ "cpus", 'c', "CPUS", 0,
	  "those that will be asked for: it runs elsewhere, if it can", 0 },
	{ "probe", 'P', "RUNG", 0, "as for latency", 0 },
	{ 0 },
};

static const struct argp argp = {
	options, parse, NULL,
	"Trace interrupts when told to, over standard input and output: the "
	"tracer's side of `ipi bench run --trace`.\v"
	"Needs root. ipi-trace(8) has the commands.\n\nExamples:\n"
	"  printf 'next 1\\narm\\ndisarm\\nread\\n' | ipi trace serve"
};

int tool_serve(int argc, char **argv)
{
	struct serve s = { .l.links.n = 0 };
	struct tool_error err;
	int status = EXIT_CANNOT;

	ladder_quiet();
	/* Stages are what it is asked for; these come if they can be seen. */
	s.l.csd = s.l.call = true;
	s.l.ko = !access("/sys/module/ipi", F_OK);
	cli_parse(&argp, argc, argv, &s.l.opts);
	/* The input's end is the only one. */
	wait_block_signals();
	if (prepare(&s, &err)) {
		answer_error(&err);
	} else {
		be_ready(&s);
		answer(json_pack("{s:i,s:o}", "protocol", TRACER_PROTOCOL,
				 "plan", ladder_json(s.l.plan, STAGES)));
		serve(&s.l);
		status = EXIT_DONE;
	}
	latency_close(&s.l);
	topo_free(s.l.topo);
	cpus_free(&s.l.cpus);
	cpulist_free(&s.l.opts.targets);
	return status;
}
