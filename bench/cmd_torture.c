// SPDX-License-Identifier: GPL-2.0-only
/* `ipi torture`: options, the run, the verdict. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "front.h"
#include "tool/aside.h"
#include "tool/cli.h"
#include "tool/log.h"
#include "tool/units.h"
#include "torture/report.h"

#define DEFAULT_NS UINT64_C(10000000000)
#define CPUS_LEAST 2u

enum {
	OPT_SECONDS = 0x100,
	OPT_MESSAGES,
	OPT_CPUS,
	OPT_SEED,
	OPT_QUEUE,
	OPT_ACK,
	OPT_DELIVERY,
	OPT_WAITER,
	OPT_MIX,
	OPT_JSON,
	OPT_DEADLINE,
	OPT_LIST,
};

struct request {
	struct torture t;
	struct selection sel;
	const char *json;
	bool seeded, quiet, list;
};

static const struct argp_option options[] = {
	{ "seconds", OPT_SECONDS, "S", 0,
	  "how long, over all combinations (default: 10)", 0 },
	{ "messages", OPT_MESSAGES, "N", 0,
	  "how many handler runs, over all combinations", 0 },
	{ "cpus", OPT_CPUS, "N", 0,
	  "CPUs, which are pinned threads (default: 2 x processors + 2)", 0 },
	{ "seed", OPT_SEED, "N", 0, "of all that is drawn (default: random)",
	  0 },
	{ "queue", OPT_QUEUE, "NAMES", 0, "queue designs, or all", 0 },
	{ "ack", OPT_ACK, "NAMES", 0, "acknowledgement designs, or all", 0 },
	{ "delivery", OPT_DELIVERY, "NAMES", 0, "deliveries, or all", 0 },
	{ "waiter", OPT_WAITER, "NAMES", 0,
	  "how waits spin: relax, spin, sleep, or all", 0 },
	{ "mix", OPT_MIX, "OP=WEIGHT,...", 0, "other weights of operations",
	  0 },
	{ "deadline", OPT_DEADLINE, "S", 0,
	  "a wait that lasts longer is a hang (default: 20)", 0 },
	{ "json", OPT_JSON, "FILE", 0, "write the outcome; - is stdout", 0 },
	{ "quiet", 'q', NULL, 0, "no progress and no remarks", 0 },
	{ "list-ops", OPT_LIST, NULL, 0, "list the operations and stop", 0 },
	{ 0 },
};

/* ---- options ------------------------------------------------------------ */

static void __attribute__((noreturn))
usage(const char *option, const char *arg, const char *want)
{
	log_error("--%s: '%s' is not %s", option, arg, want);
	exit(EXIT_USAGE);
}

/* Seconds, or any duration with its unit. */
static uint64_t seconds(const char *option, const char *arg)
{
	uint64_t ns = 0;
	char *end;
	double s;

	if (!units_duration(arg, &ns) && ns)
		return ns;
	errno = 0;
	s = strtod(arg, &end);
	if (end == arg || *end || errno || !(s > 0) || s > 1e6)
		usage(option, arg,
		      "a number of seconds above 0 (10, 0.5, 2min)");
	return (uint64_t)(s * 1e9);
}

static uint64_t number(const char *option, const char *arg, uint64_t least,
		       uint64_t most)
{
	char want[80];
	uint64_t n = 0;

	if (!units_count(arg, &n) && n >= least && n <= most)
		return n;
	snprintf(want, sizeof(want), "a number from %llu to %llu",
		 (unsigned long long)least, (unsigned long long)most);
	usage(option, arg, want);
}

static uint64_t seed(const char *arg)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(arg, &end, 0);
	if (*arg < '0' || *arg > '9' || *end || errno)
		usage("seed", arg, "a number of at most 64 bits");
	return n;
}

static error_t parse_word(char *arg, struct argp_state *state)
{
	struct request *req = state->input;

	if (strcmp(arg, "list")) {
		log_error("unexpected '%s' (see %s --help)", arg, state->name);
		exit(EXIT_USAGE);
	}
	req->list = true;
	return 0;
}

static void parse_mix(struct mix *mix, const char *arg)
{
	struct tool_error err;

	if (!mix_parse(mix, arg, &err))
		return;
	log_error("%s", err.text);
	exit(EXIT_USAGE);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct request *req = state->input;

	switch (key) {
	case OPT_SECONDS:
		req->t.ns = seconds("seconds", arg);
		return 0;
	case OPT_MESSAGES:
		req->t.messages = number("messages", arg, 1, UINT64_C(1) << 50);
		return 0;
	case OPT_CPUS:
		req->t.cpus =
			(unsigned)number("cpus", arg, CPUS_LEAST, SEATS_MAX);
		return 0;
	case OPT_SEED:
		req->t.seed = seed(arg);
		req->seeded = true;
		return 0;
	case OPT_QUEUE:
		req->sel.queue = arg;
		return 0;
	case OPT_ACK:
		req->sel.ack = arg;
		return 0;
	case OPT_DELIVERY:
		req->sel.delivery = arg;
		return 0;
	case OPT_WAITER:
		req->sel.waiter = arg;
		return 0;
	case OPT_MIX:
		parse_mix(&req->t.mix, arg);
		req->t.mix_text = arg;
		return 0;
	case OPT_DEADLINE:
		req->t.deadline_ns = seconds("deadline", arg);
		return 0;
	case OPT_JSON:
		req->json = arg;
		return 0;
	case OPT_LIST:
		req->list = true;
		return 0;
	case 'q':
		req->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		return parse_word(arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options, parse, "[list]",
	"Torture the library: private domains with more CPUs than processors, "
	"a "
	"mix of everything that may be called, and checks that are exact.\v"
	"The seed is printed first. It repeats what each CPU decides, not how "
	"the CPUs interleave.\n\nExamples:\n"
	"  ipi torture\n"
	"  ipi torture --seconds 2min --cpus 16\n"
	"  ipi torture --delivery signal --waiter relax,sleep --seed 7\n"
	"  ipi torture --messages 10M --json torture.json\n"
	"  ipi torture --mix all=0,trigger=10,churn=5,exit=1\n"
	"  ipi torture list"
};

/* ---- what is used ------------------------------------------------------- */

/* The processors that we were started on, and may use. */
static int allowed_processors(struct torture *t, struct tool_error *err)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return tool_fail(err, -errno, "sched_getaffinity: %s",
				 strerror(errno));
	t->processor = calloc(CPU_SETSIZE, sizeof(*t->processor));
	if (!t->processor)
		return tool_fail(err, -ENOMEM, "out of memory");
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			t->processor[t->processors++] = i;
	return 0;
}

static int complete(struct request *req, struct tool_error *err)
{
	struct torture *t = &req->t;
	int ret = allowed_processors(t, err);

	if (!t->ns && !t->messages)
		t->ns = DEFAULT_NS;
	if (!t->cpus)
		t->cpus = 2 * t->processors + 2;
	if (t->cpus > SEATS_MAX)
		t->cpus = SEATS_MAX;
	if (!ret && !req->seeded &&
	    getrandom(&t->seed, sizeof(t->seed), 0) != sizeof(t->seed))
		ret = tool_fail(err, -EIO, "getrandom: %s", strerror(errno));
	/* One that is easily said. */
	if (!req->seeded)
		t->seed >>= 32;
	return ret ?: combinations(&req->sel, &t->comb, &t->comb_n, err);
}

static void on_signal(int signo)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	/* The second one means it. */
	if (torture_stop) {
		sigaction(signo, &plain, NULL);
		raise(signo);
	}
	torture_stop = 1;
}

static void catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_signal,
				  .sa_flags = SA_RESTART };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
}

/* ---- the outcome -------------------------------------------------------- */

static int write_json(const struct request *req, char **argv,
		      struct tool_error *err)
{
	struct aside a;
	int ret = aside_open(&a, req->json, err);

	if (ret)
		return ret;
	ret = report_json(&req->t, argv, a.file);
	if (ret == -ENOMEM) {
		aside_abort(&a);
		return tool_fail(err, ret, "%s: out of memory", req->json);
	}
	return aside_commit(&a, err);
}

static bool json_takes_stdout(const struct request *req)
{
	return req->json && !strcmp(req->json, "-");
}

static int write_all(const struct request *req, char **argv,
		     struct tool_error *err)
{
	int ret = 0;

	if (!json_takes_stdout(req) && report_table(&req->t, stdout))
		return tool_fail(err, -EIO, "the outcome could not be written");
	if (req->json)
		ret = write_json(req, argv, err);
	return ret;
}

static int judge(const struct torture *t)
{
	switch (report_verdict(t)) {
	case VERDICT_PASSED:
		return EXIT_DONE;
	case VERDICT_INTERRUPTED:
		log_error("interrupted; nothing had failed by then");
		return EXIT_FAILED;
	default:
		return EXIT_FAILED;
	}
}

static void say_first(const struct request *req)
{
	const struct torture *t = &req->t;
	FILE *out = json_takes_stdout(req) ? stderr : stdout;

	fprintf(out, "seed %llu: %zu combinations, %u CPUs on %u processors\n",
		(unsigned long long)t->seed, t->comb_n, t->cpus, t->processors);
	fflush(out);
}

static int run(struct request *req, char **argv)
{
	struct tool_error err = { "" };

	if (complete(req, &err)) {
		log_error("%s", err.text);
		return EXIT_USAGE;
	}
	if (!req->t.comb_n) {
		log_error("no delivery works here (see ipi bench list)");
		return EXIT_CANNOT;
	}
	if (req->json && aside_check(req->json, &err)) {
		log_error("%s", err.text);
		return EXIT_FAILED;
	}
	catch_signals();
	say_first(req);
	if (torture_run(&req->t, &err) || write_all(req, argv, &err)) {
		log_error("%s", err.text);
		return EXIT_FAILED;
	}
	return judge(&req->t);
}

int cmd_torture(int argc, char **argv)
{
	struct request req = { .t.deadline_ns = UINT64_C(20000000000) };
	int ret;

	mix_default(&req.t.mix);
	cli_parse(&argp, argc, argv, &req);
	log_quiet(req.quiet);
	if (req.list)
		return report_ops(stdout) ? EXIT_FAILED : EXIT_DONE;
	ret = run(&req, argv);
	free(req.t.processor);
	free(req.t.comb);
	free(req.t.out);
	return ret;
}
