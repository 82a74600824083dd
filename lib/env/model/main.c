/* SPDX-License-Identifier: GPL-2.0-only */
/* The program ipi-model: explores scenarios and says what it found. */
#include <argp.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/scenario.h"

const struct scenario *scenario;

static const char *const memory_names[] = { "sc", "tso", "c11" };

static const struct {
	const char *name;
	const struct ipi_path *path;
	bool conforms;
} queues[] = {
#define IPI_QUEUE(name, depth, conforms, fifo, help)                           \
	{ #name, &ipi_path_##name, conforms },
#include "core/queues.def"
#undef IPI_QUEUE
};
#define QUEUES (sizeof(queues) / sizeof(queues[0]))

static const char *const acks[] = {
#define IPI_ACK(name, help) #name,
#include "core/acks.def"
#undef IPI_ACK
};
#define ACKS (sizeof(acks) / sizeof(acks[0]))

static struct {
	const char *scenario, *queue, *ack, *delivery, *memory, *replay;
	int bound, weak, events; /* -1: the scenario's own */
	double seconds;
	bool list, first, sites;
} want = {
	.scenario = "*", .bound = -1, .weak = -1, .events = -1, .seconds = 3600
};

/*
 * A scenario is explored three times: twice with nobody dying, once with
 * somebody dying, leaving, or finding no room at any point.
 */
static const struct pass {
	enum memory memory;
	bool hostile;
	bool asked_only;
} passes[] = {
	{ MEMORY_SC, false, true },
	{ MEMORY_TSO, false, false },
	{ MEMORY_C11, false, false },
	{ MEMORY_C11, true, false },
};
#define PASSES (sizeof(passes) / sizeof(passes[0]))

static struct {
	unsigned queue, ack;
	bool interrupts;
	const struct pass *pass;
} now;

static struct {
	unsigned explorations, violations, ill;
	unsigned long long runs, states;
} total;

void world_set(void)
{
	const unsigned lines = IPI_NEST_MAX;
	unsigned cpus = scenario->threads;
	struct world_params p = {
		.path = queues[now.queue].path,
		.queue = now.queue,
		.ack = now.ack,
		.interrupts = now.interrupts,
		.waiter = scenario->waiter,
		.idle_spin_ns = scenario->idle_spin_ns,
		.cpus_max = cpus,
		.pool_nodes = scenario->pool_nodes ?: cpus + 1,
		.lines = scenario->pool_nodes && scenario->pool_nodes < lines
				 ? scenario->pool_nodes
				 : lines,
	};

	world_begin(&p);
}

/* ---- options ------------------------------------------------------------ */

enum {
	OPT_EVENTS = 256,
	OPT_SECONDS,
	OPT_LIST,
	OPT_WEAK,
	OPT_WEAKEN,
	OPT_DELIVERY,
	OPT_ALL,
	OPT_FIRST,
	OPT_SITES
};

static const struct argp_option options[] = {
	{ "scenario", 's', "PATTERN", 0, "only these (shell pattern)" },
	{ "memory", 'm', "LEVEL", 0,
	  "sc, tso or c11; without it, tso and c11" },
	{ "queue", 'q', "NAME", 0, "only this queue design" },
	{ "ack", 'a', "NAME", 0, "only this acknowledgement design" },
	{ "delivery", OPT_DELIVERY, "NAME", 0,
	  "interrupt or poll; without it, both" },
	{ "bound", 'b', "N", 0,
	  "preemptions; without it, each scenario's own" },
	{ "weak", OPT_WEAK, "N", 0, "old values read, or stores held back" },
	{ "events", OPT_EVENTS, "N", 0,
	  "deaths, leaves, deliveries without room; without it, 0 and then 1" },
	{ "seconds", OPT_SECONDS, "N", 0, "for each exploration (3600)" },
	{ "replay", 'r', "SEED", 0, "repeat one run and tell it" },
	{ "weaken", OPT_WEAKEN, "FILE:LINE[=ORDER]", 0,
	  "another order than the source says (relaxed)" },
	{ "all-steps", OPT_ALL, NULL, 0,
	  "tell also the steps on what one thread alone uses" },
	{ "first", OPT_FIRST, NULL, 0, "end with the first violation" },
	{ "sites", OPT_SITES, NULL, 0,
	  "list the places of ordered operations, FILE:LINE" },
	{ "list", OPT_LIST, NULL, 0, "the scenarios" },
	{ 0 },
};

static int number(struct argp_state *state, const char *arg)
{
	char *end;
	long n = strtol(arg, &end, 10);

	if (!*arg || *end || n < 0 || n > 100)
		argp_error(state, "'%s' is no number from 0 to 100", arg);
	return (int)n;
}

static const char *one_of(struct argp_state *state, const char *arg,
			  const char *a, const char *b, const char *c)
{
	if (strcmp(arg, a) && strcmp(arg, b) && (!c || strcmp(arg, c)))
		argp_error(state, "'%s' is none of %s, %s%s%s", arg, a, b,
			   c ? ", " : "", c ? c : "");
	return arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 's':
		want.scenario = arg;
		return 0;
	case 'm':
		want.memory = one_of(state, arg, "sc", "tso", "c11");
		return 0;
	case 'q':
		want.queue = arg;
		return 0;
	case 'a':
		want.ack = arg;
		return 0;
	case OPT_DELIVERY:
		want.delivery = one_of(state, arg, "interrupt", "poll", NULL);
		return 0;
	case 'b':
		want.bound = number(state, arg);
		return 0;
	case OPT_WEAK:
		want.weak = number(state, arg);
		return 0;
	case OPT_EVENTS:
		want.events = number(state, arg);
		return 0;
	case OPT_SECONDS:
		want.seconds = atof(arg);
		return 0;
	case 'r':
		want.replay = arg;
		return 0;
	case OPT_WEAKEN:
		if (memory_weaken(arg))
			argp_error(state, "'%s' is not FILE:LINE[=ORDER]", arg);
		return 0;
	case OPT_ALL:
		trace_all = true;
		return 0;
	case OPT_FIRST:
		want.first = true;
		return 0;
	case OPT_SITES:
		want.sites = noting = true;
		return 0;
	case OPT_LIST:
		want.list = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	NULL,
	"Runs the library's core under every interleaving up to a bound.\v"
	"Exit status: 0 nothing found, 1 a violation, 2 usage.\n\n"
	"  ipi-model --list\n"
	"  ipi-model --scenario 'unregister-*' --memory c11 --bound 3\n"
	"  ipi-model --scenario unicast-wait --weaken lib/core/serve.c:64",
	NULL,
	NULL,
	NULL
};

/* ---- explorations ------------------------------------------------------- */

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void tell(const char *seed)
{
	enum end end;

	tracing = true;
	if (explore_seed(sched_run, seed, &end)) {
		fprintf(stderr, "ipi-model: '%s' is no seed\n", seed);
		exit(2);
	}
	tracing = false;
	(void)memory_learned();
	trace_print();
	if (end != END_VIOLATION)
		printf("  no violation in this run\n");
}

static uint8_t bound_of(int asked, uint8_t own)
{
	return asked >= 0 ? (uint8_t)asked : own;
}

/*
 * How much less is explored than the scenario says. What tso could find beyond
 * c11 is not in the designs' own files, nor in how they take turns; nor, when
 * somebody may die, is there in a broadcast what is not in a unicast, but for
 * the first of each.
 */
static uint8_t spares(void)
{
	if (now.pass->memory == MEMORY_TSO)
		return now.queue || now.ack || scenario->sends;
	return (now.queue || now.ack) && now.pass->hostile &&
	       scenario->sends == SENDS_TO_MANY;
}

static bool explore_one(void)
{
	bool hostile = now.pass->hostile;
	enum memory memory = now.pass->memory;
	uint8_t preempt =
		hostile ? scenario->hostile_preempt : scenario->preempt;
	uint8_t weak = hostile ? 0 : scenario->weak;
	uint8_t less = spares();
	const struct bounds bounds = { {
		[COST_PREEMPT] = bound_of(
			want.bound, (uint8_t)(preempt - (preempt ? less : 0))),
		[COST_WEAK] = bound_of(
			memory == MEMORY_SC ? 0 : want.weak,
			(uint8_t)(weak - (weak > 1 ? less : 0))),
		[COST_EVENT] = bound_of(want.events, hostile),
	} };
	struct exploration x;
	double began = now_s();

	memory_forget();
	memory_set(memory);
	model_steps = 0;
	explore(sched_run, memory_learned, &bounds, want.seconds, &x);
	printf("%-26s %-6s %-7s %-9s %-3s  bound %u+%u+%u  %9llu runs %9llu states "
	       "%6.2f s  %s\n",
	       scenario->name, queues[now.queue].name, acks[now.ack],
	       now.interrupts ? "interrupt" : "poll", memory_names[memory],
	       bounds.left[0], bounds.left[1], bounds.left[2],
	       (unsigned long long)x.runs, (unsigned long long)x.states,
	       now_s() - began,
	       x.violated      ? "VIOLATION"
	       : x.out_of_time ? "out of time"
	       : x.cut	       ? "ok"
			       : "ok, all there is");
	if (x.violated) {
		char seed[sizeof(x.seed)];

		memcpy(seed, x.seed, sizeof(seed));
		printf("\n  %s\n\n", violation_text());
		tell(seed);
		printf("\n  again: ipi-model -s %s -q %s -a %s --delivery %s -m %s "
		       "--replay %s\n\n",
		       scenario->name, queues[now.queue].name, acks[now.ack],
		       now.interrupts ? "interrupt" : "poll",
		       memory_names[memory], seed);
	}
	fflush(stdout);
	total.explorations++;
	total.violations += x.violated;
	total.runs += x.runs;
	total.states += x.states;
	return !x.violated && !x.out_of_time;
}

static bool wanted(const char *only, const char *name)
{
	return !only || !strcmp(only, name);
}

static bool pass_wanted(const struct pass *p)
{
	if (want.memory ? strcmp(want.memory, memory_names[p->memory]) != 0
			: p->asked_only)
		return false;
	if (p->hostile && scenario->hostile_polls && now.interrupts &&
	    now.queue)
		return false;
	return want.events < 0 || !want.events == !p->hostile;
}

/* One scenario over one combination, pass by pass. */
static void explore_passes(void)
{
	for (unsigned i = 0; i < PASSES; i++) {
		if (!pass_wanted(&passes[i]))
			continue;
		now.pass = &passes[i];
		if (want.replay) {
			memory_forget();
			memory_set(now.pass->memory);
			tell(want.replay);
			total.explorations++;
			return;
		}
		total.ill += !explore_one();
		if (want.first && total.violations)
			return;
	}
}

/*
 * What a scenario has nothing to do with is not varied in it; and each queue
 * meets the first acknowledgement, and each acknowledgement the first queue.
 */
static bool now_wanted(void)
{
	return queues[now.queue].conforms &&
	       (!now.queue || scenario->sends) &&
	       (!now.ack ||
		(scenario->sends == SENDS_TO_MANY && !now.queue)) &&
	       (!now.interrupts || !scenario->polls) &&
	       wanted(want.queue, queues[now.queue].name) &&
	       wanted(want.ack, acks[now.ack]) &&
	       wanted(want.delivery, now.interrupts ? "interrupt" : "poll");
}

static void explore_scenario(void)
{
	for (now.queue = 0; now.queue < QUEUES; now.queue++)
		for (now.ack = 0; now.ack < ACKS; now.ack++)
			for (unsigned d = 0; d < 2; d++) {
				now.interrupts = !d;
				if (want.first && total.violations)
					return;
				if (now_wanted())
					explore_passes();
			}
}

static void explore_all(void)
{
	for (unsigned s = 0; scenarios[s]; s++) {
		scenario = scenarios[s];
		if (!fnmatch(want.scenario, scenario->name, 0))
			explore_scenario();
	}
}

static void list(void)
{
	for (unsigned i = 0; scenarios[i]; i++)
		printf("%-26s %u threads, bound %u+%u+0 and %u+0+1: %s\n",
		       scenarios[i]->name, scenarios[i]->threads,
		       scenarios[i]->preempt, scenarios[i]->weak,
		       scenarios[i]->hostile_preempt, scenarios[i]->help);
}

static void tell_site(const char *file, int line)
{
	const char *lib = strstr(file, "lib/");

	printf("site %s:%d\n", lib ? lib : file, line);
}

int main(int argc, char **argv)
{
	double began = now_s();

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (want.list) {
		list();
		return 0;
	}
	explore_all();
	if (!total.explorations) {
		fprintf(stderr, "ipi-model: nothing matches (--list)\n");
		return 2;
	}
	if (want.sites)
		memory_sites(tell_site);
	if (!want.replay)
		printf("%u explorations, %llu runs, %llu states, %.1f s: %u "
		       "ended in a violation or out of time\n",
		       total.explorations, total.runs, total.states,
		       now_s() - began, total.ill);
	return total.ill ? 1 : 0;
}
