// SPDX-License-Identifier: GPL-2.0-only
/* `ipi trace slow`: interrupts that took long, and what was at both ends. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "options.h"
#include "slow_work.h"
#include "tool/cli.h"
#include "tool/units.h"
#include "tools.h"

#define POLL_NS 100000000ull
#define RING_KB_MOST (1u << 20)
#define STACKS_MOST (1u << 20)

/* ---- one event ----------------------------------------------------------- */

static const struct symbols *names(const struct slow *t)
{
	return &t->s.symbols;
}

/* Which frame of a stack is the first that tells something. */
typedef size_t (*first_frame)(const struct symbols *s, const uint64_t *frames,
			      size_t n);

static json_t *end_json(const struct slow *t, const struct slow_end *end,
			first_frame first)
{
	uint64_t frames[SLOW_FRAMES];
	char comm[SLOW_COMM + 1];
	json_t *stack = json_null();

	slow_frames(t, end->stack, frames);
	if (end->stack >= 0)
		stack = symbols_stack(names(t), frames,
				      first(names(t), frames, SLOW_FRAMES),
				      SLOW_FRAMES);
	snprintf(comm, sizeof(comm), "%.*s", SLOW_COMM, end->comm);
	return json_pack("{s:s,s:i,s:o}", "process", comm, "pid",
			 (int)end->pid, "stack", stack);
}

static void keep(struct slow *t, const struct slow_event *e)
{
	json_array_append_new(
		t->events,
		json_pack("{s:I,s:I,s:i,s:i,s:s,s:o,s:o}", "at_ns",
			  (json_int_t)e->at, "took_ns", (json_int_t)e->took,
			  "from", (int)e->from, "to", (int)e->to, "class",
			  trace_class_name[e->class], "sender",
			  e->sender_known ? end_json(t, &e->sender, symbols_asker)
					  : json_null(),
			  "target", end_json(t, &e->target, symbols_interrupted)));
}

static void print_stack(const struct slow *t, const char *what, int32_t stack,
			first_frame first)
{
	uint64_t frames[SLOW_FRAMES];
	size_t i;

	if (stack < 0)
		return;
	slow_frames(t, stack, frames);
	i = first(names(t), frames, SLOW_FRAMES);
	printf("    %s", what);
	if (i == SLOW_FRAMES)
		printf(" in user space");
	for (; i < SLOW_FRAMES && frames[i]; i++)
		printf(" < %s",
		       symbols_function(names(t), frames[i] - 1).text);
	putchar('\n');
}

static void print(const struct slow *t, const struct slow_event *e)
{
	uint64_t frames[SLOW_FRAMES];

	printf("%" PRIu64 ".%06" PRIu64 " %8s  CPU %u -> %u %s, ",
	       (uint64_t)e->at / 1000000000, (uint64_t)e->at / 1000 % 1000000,
	       units_ns((double)e->took).text, e->from, e->to,
	       trace_class_name[e->class]);
	slow_frames(t, e->sender_known ? e->sender.stack : -1, frames);
	if (e->sender_known)
		printf("sent by %.*s (%u)%s", SLOW_COMM, e->sender.comm,
		       e->sender.pid,
		       symbols_in_interrupt(names(t), frames, SLOW_FRAMES)
			       ? " in an interrupt"
			       : "");
	else
		printf("sender not told");
	printf(", there ran %.*s (%u)\n", SLOW_COMM, e->target.comm,
	       e->target.pid);
	if (e->sender_known)
		print_stack(t, "sender", e->sender.stack, symbols_asker);
	print_stack(t, "target", e->target.stack, symbols_interrupted);
}

int slow_event(void *of, void *data, size_t size)
{
	const struct slow_event *e = data;
	struct slow *t = of;

	if (size < sizeof(*e) || !t->counting)
		return 0;
	t->shown++;
	print(t, e);
	if (t->events)
		keep(t, e);
	return 0;
}

/* ---- the session's ------------------------------------------------------- */

static bool poll_ring(struct session *s)
{
	struct slow *t = (struct slow *)s;

	if (ring_buffer__consume(t->ring) > 0)
		fflush(stdout);
	return t->opts.stop && t->shown;
}

static int show(struct session *s, bool final, FILE *out)
{
	struct slow *t = (struct slow *)s;
	const struct trace_slot *sum = &t->sum.sum;

	if (!final)
		return 0;
	slow_read(t);
	fprintf(out,
		"\n%.1f s: %llu of %llu interrupts took longer than %s\n"
		"events: %" PRIu64 " shown, %llu dropped (--ring), %llu whose "
		"sender is not told; %llu stacks without room\n"
		"not judged: %llu ambiguous, %llu unpaired, %llu negative, "
		"%" PRIu64 " merged, %" PRIu64 " in flight, %llu contended, "
		"%llu not asked for\n"
		"%" PRIu64 " probes left out by the kernel (recursion)\n",
		s->seconds, t->counts.over, t->counts.judged,
		units_ns((double)slow_threshold(t)).text, t->shown,
		t->counts.dropped, t->counts.strangers, t->counts.stacks,
		sum->ambiguous, sum->unpaired + sum->late, sum->negative,
		seen_merged(&t->sum), t->sum.in_flight, sum->contended,
		sum->other_sends, s->missed);
	return 0;
}

static int keep_all(struct session *s, json_t *root)
{
	struct slow *t = (struct slow *)s;
	const struct trace_slot *sum = &t->sum.sum;

	json_object_set(root, "events", t->events);
	return json_object_set_new(
		root, "accounting",
		json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,"
			  "s:I,s:I}",
			  "threshold_ns", (json_int_t)slow_threshold(t),
			  "judged", (json_int_t)t->counts.judged, "over",
			  (json_int_t)t->counts.over, "shown",
			  (json_int_t)t->shown, "dropped",
			  (json_int_t)t->counts.dropped, "sender_not_told",
			  (json_int_t)t->counts.strangers, "stacks_lost",
			  (json_int_t)t->counts.stacks, "sends",
			  (json_int_t)sum->sends, "ambiguous",
			  (json_int_t)sum->ambiguous, "unpaired",
			  (json_int_t)(sum->unpaired + sum->late), "negative",
			  (json_int_t)sum->negative, "merged",
			  (json_int_t)seen_merged(&t->sum), "in_flight",
			  (json_int_t)t->sum.in_flight, "contended",
			  (json_int_t)sum->contended));
}

static const struct session_ops ops = {
	.kind = "ipi-trace-slow",
	.stages = slow_stages,
	.stages_n = SLOW_STAGES,
	.needed = SLOW_STAGES,
	.tested = SLOW_STAGES,
	.poll_ns = POLL_NS,
	.memory = slow_memory,
	.open = slow_open,
	.close = slow_close,
	.wipe = slow_wipe,
	.count = slow_count,
	.poll = poll_ring,
	.show = show,
	.keep = keep_all,
};

/* ---- command line -------------------------------------------------------- */

enum { OPT_NO_STACK = 256, OPT_TARGET_STACK, OPT_STACKS };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct slow *t = state->input;

	switch (key) {
	case 't':
		t->opts.threshold_ns = options_time("--threshold", arg);
		return 0;
	case 's':
		t->opts.stop = true;
		return 0;
	case 'r':
		t->opts.ring_kb = options_number("--ring", arg, RING_KB_MOST);
		return 0;
	case OPT_NO_STACK:
		t->opts.no_sender_stack = true;
		return 0;
	case OPT_TARGET_STACK:
		t->opts.target_stack = true;
		return 0;
	case OPT_STACKS:
		t->opts.max_stacks =
			options_number("--max-stacks", arg, STACKS_MOST);
		return 0;
	}
	return options_parse(&t->s.opts, key, arg, state);
}

static const struct argp_option options[] = {
	{ "threshold", 't', "TIME", 0,
	  "show what took longer from send to entry, in seconds or with a "
	  "unit (100us)",
	  0 },
	{ "stop", 's', NULL, 0, "end at the first; exit status 3", 0 },
	OPTIONS_COMMON,
	OPTIONS_PROBE("tp_btf, raw_tp, fentry, kprobe or tp"),
	{ "no-stack", OPT_NO_STACK, NULL, 0, "without the sender's stack", 0 },
	{ "target-stack", OPT_TARGET_STACK, NULL, 0,
	  "with the stack of what was interrupted", 0 },
	{ "ring", 'r', "KB", 0, "room for events that wait to be read (256)",
	  0 },
	{ "max-stacks", OPT_STACKS, "N", 0,
	  "room for so many different stacks (8192)", 0 },
	{ 0 },
};

static const struct argp argp = {
	options, parse, NULL,
	"Show interrupts that took long from send to entry: when, from whom, "
	"why, and what ran on the CPU that took it so late.\v"
	"Needs root; see ipi-trace(8).\n\nExamples:\n"
	"  ipi trace slow -t 50us -d 60\n"
	"  ipi trace slow -t 500us --stop && echo none\n"
	"  ipi trace slow -c 3 --target-stack --json out.json"
};

int tool_slow(int argc, char **argv)
{
	struct slow t = { .s.ops = &ops };
	int status;

	cli_parse(&argp, argc, argv, &t);
	if (t.s.opts.json)
		t.events = json_array();
	status = session_run(&t.s, argv);
	json_decref(t.events);
	return status;
}
