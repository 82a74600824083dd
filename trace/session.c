// SPDX-License-Identifier: GPL-2.0-only
/* What tools do alike. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "climb.h"
#include "headline.h"
#include "options.h"
#include "poke.h"
#include "tool/aside.h"
#include "tool/cli.h"
#include "tool/log.h"
#include "tool/units.h"
#include "tool/version.h"
#include "wait.h"

#define POKES 17
/* A call may join another CPU's; it does not always. */
#define TRIES 5

bool session_targets(const struct session *s, int cpu)
{
	return !s->opts.targets.n || cpulist_has(&s->opts.targets, cpu);
}

int session_pid(const struct session *s, __u32 *pid, __u64 *dev, __u64 *ino,
		struct tool_error *err)
{
	uint64_t d = 0, i = 0;
	int ret = s->opts.pid ? options_pid_space(&d, &i, err) : 0;

	*pid = s->opts.pid;
	*dev = d;
	*ino = i;
	return ret;
}

/* ---- the plan ------------------------------------------------------------ */

static void arm(struct session *s, bool own)
{
	*s->filter.own_only = own;
	wait_armed(s->filter.armed_at);
}

static int disarm(struct session *s)
{
	*s->filter.armed_at = 0;
	*s->filter.own_only = 0;
	return wait_for_probes();
}

static void close_probes(void *of)
{
	struct session *s = of;

	ladder_detach(&s->links);
	s->ops->close(s);
	s->obj = NULL;
}

static int raise_ladder(struct session *s, struct tool_error *err)
{
	int ret = s->ops->open(s, err);

	if (ret)
		return ret;
	ladder_want_none(s->obj);
	bpf_program__set_autoload(s->filter.who_am_i, true);
	return ladder_raise(s->obj, s->skeleton, s->filter.who_am_i, s->plan,
			    s->ops->stages_n, &s->links, err);
}

/* Those stages that see each interrupt must have seen all of ours. */
static int test(struct session *s, const struct choice *choice, char said[160],
		struct tool_error *err)
{
	size_t stage = choice - s->plan;
	int tries = TRIES, ret;
	uint64_t n = 0;

	do {
		s->ops->wipe(s, true);
		ret = poke_wake(s->poke, err);
		if (ret)
			return ret;
		arm(s, true);
		ret = poke_single(s->poke, POKES);
		poke_rest(s->poke);
		if (disarm(s) || ret)
			return tool_fail(err, ret ? ret : -EIO,
					 "self-test: no interrupt can be sent");
		n = s->ops->count(s, stage, s->poke->target[0].cpu);
	} while (n != POKES && --tries);
	snprintf(said, 160, "self-test: %d of %d", POKES, POKES);
	return n == POKES ? 0
			  : tool_fail(err, -EIO,
				      "self-test: %llu of %d were seen",
				      (unsigned long long)n, POKES);
}

static int attempt(void *of, const struct choice *choice, char said[160],
		   struct tool_error *err)
{
	struct session *s = of;
	int ret = raise_ladder(s, err);

	if (ret || !choice)
		return ret;
	if (choice - s->plan < (long)s->ops->tested)
		return test(s, choice, said, err);
	snprintf(said, 160, "attached, not tested");
	return 0;
}

static int probe(struct session *s, struct tool_error *err)
{
	const struct climb c = { s->ops->stages, s->ops->stages_n,
				 s->ops->needed, s->opts.probe, s->plan, s,
				 attempt, close_probes };
	struct poke poke;
	int cpus[2] = { s->reader }, ret;

	cpus[1] = cpus_choose(&s->cpus, &s->opts.targets,
			      &(struct cpulist){ cpus, 1 });
	if (cpus[1] < 0)
		return tool_fail(err, -ENODEV,
				 "one CPU that this process may run on: it "
				 "interrupts no other");
	/* Chosen first: from then on this process sees one CPU. */
	cpus_pin(s->reader);
	ret = poke_open(&poke, cpus + 1, 1, err);
	if (ret)
		return ret;
	s->poke = &poke;
	ret = climb(&c, err);
	poke_close(&poke);
	s->poke = NULL;
	if (!ret)
		s->ops->wipe(s, false);
	return ret;
}

/* ---- the run ------------------------------------------------------------- */

/* All that can be told before anything is touched. */
static int prepare(struct session *s, struct tool_error *err)
{
	int ret = cpus_load(&s->cpus, err);

	if (!ret)
		ret = cpus_check(&s->cpus, &s->opts.targets, err);
	if (!ret && s->opts.json)
		ret = aside_check(s->opts.json, err);
	if (ret)
		return ret == -ENODEV ? EXIT_CANNOT : EXIT_USAGE;
	if (ladder_allowed(err))
		return EXIT_CANNOT;
	if (symbols_load(&s->symbols)) {
		tool_fail(err, -ENOMEM, "no memory for the kernel's names");
		return EXIT_FAILED;
	}
	if (cpus_reader(&s->cpus, &s->opts.targets, &s->reader, err))
		return EXIT_CANNOT;
	s->memory_bytes = s->ops->memory(s);
	log_note("%s of the kernel's memory; reads on CPU %d",
		 units_bytes(s->memory_bytes).text, s->reader);
	return EXIT_DONE;
}

static void introduce(struct session *s)
{
	size_t at = snprintf(s->headline, sizeof(s->headline), "%.250s",
			     headline(&s->cpus).text), i;

	for (i = 0; i < s->ops->stages_n && at < sizeof(s->headline); i++)
		if (s->plan[i].rung)
			at += snprintf(s->headline + at,
				       sizeof(s->headline) - at, "%s %s by %s",
				       i ? "," : ":", s->plan[i].stage->name,
				       s->plan[i].rung->name);
	printf("%s\n", s->headline);
	ladder_print(s->plan, s->ops->stages_n, stdout);
	if (!s->symbols.n)
		printf("  names   none: the kernel hides its addresses "
		       "(/proc/sys/kernel/kptr_restrict)\n");
	fflush(stdout);
}

static int show(struct session *s, bool final)
{
	int ret;

	s->seconds = (double)(wait_now_ns() - s->began) / 1e9;
	s->missed = ladder_missed(s->obj) - s->missed_before;
	ret = s->ops->show(s, final, stdout);
	return !ret && fflush(stdout) ? -errno : ret;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Until its time has come, a signal, or what it was to end at. */
static bool trace(struct session *s)
{
	const uint64_t never = UINT64_MAX;
	uint64_t end = s->opts.duration_ns ? s->began + s->opts.duration_ns
					   : never;
	uint64_t poll = s->ops->poll_ns ? s->began : never;
	uint64_t print = s->opts.interval_ns ? s->began + s->opts.interval_ns
					     : never;
	uint64_t now;

	do {
		if (wait_until(sooner(end, sooner(poll, print))))
			return true;
		now = wait_now_ns();
		if (now >= poll) {
			s->met = s->ops->poll(s);
			poll = now + s->ops->poll_ns;
		}
		if (now >= print && print < end && show(s, false))
			return true;
		if (now >= print)
			print += s->opts.interval_ns;
	} while (now < end && !s->met);
	return false;
}

static int keep(struct session *s, char *const *command, bool complete,
		struct tool_error *err)
{
	struct aside file;
	json_t *root;
	int ret;

	if (!s->opts.json)
		return 0;
	root = json_pack("{s:s,s:i,s:b,s:s,s:s,s:o,s:f,s:I,s:o,s:I}", "kind",
			 s->ops->kind, "schema", 1, "complete", (int)complete,
			 "headline", s->headline, "version", IPI_VERSION,
			 "command", headline_words(command), "seconds",
			 s->seconds, "memory_bytes",
			 (json_int_t)s->memory_bytes, "plan",
			 ladder_json(s->plan, s->ops->stages_n),
			 "recursion_misses", (json_int_t)s->missed);
	ret = root ? s->ops->keep(s, root) : -ENOMEM;
	if (ret)
		tool_fail(err, ret, "%s: %s", s->opts.json, strerror(-ret));
	else
		ret = aside_open(&file, s->opts.json, err);
	if (!ret) {
		json_dumpf(root, file.file,
			   JSON_INDENT(1) | JSON_REAL_PRECISION(10));
		fputc('\n', file.file);
		ret = aside_commit(&file, err);
	}
	json_decref(root);
	return ret;
}

static int run(struct session *s, char *const *command, struct tool_error *err)
{
	bool signalled;
	int ret;

	introduce(s);
	s->missed_before = ladder_missed(s->obj);
	arm(s, false);
	s->began = wait_now_ns();
	log_note("tracing; Ctrl-C ends it");
	signalled = trace(s);
	ret = disarm(s);
	if (ret)
		return tool_fail(err, ret,
				 "running probes can't be waited for: %s",
				 strerror(-ret));
	if (s->ops->poll_ns && s->ops->poll(s))
		s->met = true;
	ret = show(s, true);
	if (ret)
		return tool_fail(err, ret, "the result can't be shown");
	return keep(s, command, !signalled || !s->opts.duration_ns, err);
}

int session_run(struct session *s, char *const *command)
{
	struct tool_error err;
	int status;

	ladder_quiet();
	status = prepare(s, &err);
	if (!status) {
		wait_block_signals();
		status = probe(s, &err)		 ? EXIT_CANNOT
			 : run(s, command, &err) ? EXIT_FAILED
			 : s->met		 ? EXIT_FOUND
						 : EXIT_DONE;
	}
	if (status && status != EXIT_FOUND)
		log_error("%s", err.text);
	close_probes(s);
	symbols_free(&s->symbols);
	cpus_free(&s->cpus);
	cpulist_free(&s->opts.targets);
	return status;
}
