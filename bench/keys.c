// SPDX-License-Identifier: GPL-2.0-only
/* The keys of configs, which are the long options of `ipi bench run` too. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "front.h"
#include "kernel.h"
#include "tool/units.h"

const char *const metric_name[METRIC_N] = {
	"rtt",	      "send",	   "stolen",   "one_way",  "first_entry",
	"last_entry", "first_ack", "last_ack", "interval", "max_of_unicasts",
};

const char *const way_name[IPI_WAYS] = {
	"none", "interrupt", "waiter", "poll", "unhold", "idle", "local",
};

const char *const home_name[3] = { "source", "target", "other" };

/* ---- kinds of values ---------------------------------------------------- */

static size_t count_names(const char *const *names)
{
	size_t n = 0;

	while (names[n])
		n++;
	return n;
}

/* The index of word among the names, or -EINVAL with the nearest. */
static int pick(const char *what, const char *word, const char *const *names,
		struct tool_error *err)
{
	size_t n = count_names(names), i;

	for (i = 0; i < n; i++)
		if (!strcmp(word, names[i]))
			return i;
	return tool_fail(err, -EINVAL, "unknown %s '%s'%s", what, word,
			 names_hint(word, names, n).text);
}

static int duration(const char *value, uint64_t *ns, struct tool_error *err)
{
	int ret = units_duration(value, ns);

	if (ret)
		return tool_fail(err, ret,
				 "'%s' is no duration (wanted: 200ns, 20us, "
				 "1.5ms, 30s)",
				 value);
	return 0;
}

static int count(const char *value, uint64_t most, uint64_t *n,
		 struct tool_error *err)
{
	int ret = units_count(value, n);

	if (!ret && *n > most)
		ret = -ERANGE;
	if (ret)
		return tool_fail(err, ret,
				 "'%s' is no count up to %llu (wanted: 10000, "
				 "10k, 2M)",
				 value, (unsigned long long)most);
	return 0;
}

static int yes_or_no(const char *value, bool *out, struct tool_error *err)
{
	if (strcmp(value, "yes") && strcmp(value, "no"))
		return tool_fail(err, -EINVAL, "'%s' is neither yes nor no",
				 value);
	*out = !strcmp(value, "yes");
	return 0;
}

/* A design of the library's lists, by the functions that name them. */
static int design(const char *what, const char *(*at)(unsigned n),
		  const char *value, char **out, struct tool_error *err)
{
	const char *names[33];
	size_t n = 0;

	while (n < 32 && at(n)) {
		names[n] = at(n);
		n++;
	}
	names[n] = NULL;
	if (pick(what, value, names, err) < 0)
		return -EINVAL;
	*out = (char *)value;
	return 0;
}

/* ---- the keys ----------------------------------------------------------- */

static int set_driver(struct settings *s, const char *value,
		      struct tool_error *err)
{
	const char *names[65];
	size_t n;

	for (n = 0; n < 64 && bench_drivers[n]; n++)
		names[n] = bench_drivers[n]->name;
	names[n] = NULL;
	if (pick("driver", value, names, err) < 0)
		return -EINVAL;
	s->opts.driver = (char *)value;
	return 0;
}

static int set_queue(struct settings *s, const char *value,
		     struct tool_error *err)
{
	return design("queue", ipi_queue_name, value, &s->opts.queue, err);
}

static int set_ack(struct settings *s, const char *value,
		   struct tool_error *err)
{
	return design("ack", ipi_ack_name, value, &s->opts.ack, err);
}

/* The library's, and then the kernel's. */
static const char *any_delivery(unsigned n)
{
	unsigned own = 0;

	while (own < n && ipi_delivery_name(own))
		own++;
	return ipi_delivery_name(own) ? ipi_delivery_name(n)
				      : kernel_delivery_name(n - own);
}

static int set_delivery(struct settings *s, const char *value,
			struct tool_error *err)
{
	return design("delivery", any_delivery, value, &s->opts.delivery, err);
}

static int set_waiter(struct settings *s, const char *value,
		      struct tool_error *err)
{
	static const char *const names[] = { "relax", "spin", "sleep", NULL };
	uint64_t loads = 1000;
	char word[16];
	int i;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(value, ":"), value);
	i = pick("waiter", word, names, err);
	if (i < 0)
		return i;
	if (strchr(value, ':')) {
		if (i != IPI_WAITER_SPIN)
			return tool_fail(err, -EINVAL,
					 "waiter '%s' takes no number", word);
		if (count(strchr(value, ':') + 1, UINT32_MAX, &loads, err))
			return -EINVAL;
	}
	s->opts.waiter = i;
	s->opts.spin_loads = i == IPI_WAITER_SPIN ? loads : 0;
	return 0;
}

static int set_depth(struct settings *s, const char *value,
		     struct tool_error *err)
{
	uint64_t n = 0;
	int ret = count(value, 65536, &n, err);

	s->opts.depth = n;
	return ret;
}

static int set_metrics(struct settings *s, const char *value,
		       struct tool_error *err)
{
	const char *names[METRIC_N + 1] = { NULL };
	const char *at = value;
	uint32_t metrics = 0;
	char word[32];
	int m;

	memcpy(names, metric_name, sizeof(metric_name));
	for (;;) {
		at += strspn(at, " ");
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, ", "),
			 at);
		m = pick("metric", word, names, err);
		if (m < 0)
			return m;
		metrics |= 1u << m;
		at += strcspn(at, ",");
		if (!*at)
			break;
		at++;
	}
	s->opts.metrics = metrics;
	return 0;
}

static int set_gap(struct settings *s, const char *value,
		   struct tool_error *err)
{
	if (!strcmp(value, "back-to-back")) {
		s->opts.gap_ns_min = s->opts.gap_ns_max = 0;
		return 0;
	}
	if (units_range(value, &s->opts.gap_ns_min, &s->opts.gap_ns_max))
		return tool_fail(err, -EINVAL,
				 "'%s' is no gap (wanted: 2us..20us, 5us, "
				 "back-to-back)",
				 value);
	return 0;
}

static int set_batch(struct settings *s, const char *value,
		     struct tool_error *err)
{
	uint64_t n = 0;
	int ret = count(value, 1000000, &n, err);

	s->opts.batch = n;
	return ret;
}

static int set_samples(struct settings *s, const char *value,
		       struct tool_error *err)
{
	return count(value, 1000000000, &s->opts.samples, err);
}

static int set_time(struct settings *s, const char *value,
		    struct tool_error *err)
{
	int ret = duration(value, &s->opts.time_ns, err);

	if (!ret && s->opts.time_ns < 1000000)
		ret = tool_fail(err, -ERANGE, "'%s' is under 1ms", value);
	return ret;
}

static int set_block(struct settings *s, const char *value,
		     struct tool_error *err)
{
	int ret = duration(value, &s->opts.block_ns, err);

	/* Shorter blocks would measure their own beginning. */
	if (!ret && s->opts.block_ns < 50000000)
		ret = tool_fail(err, -ERANGE,
				"a block of '%s' is too short (50ms at least)",
				value);
	return ret;
}

static int set_home(struct settings *s, const char *value,
		    struct tool_error *err)
{
	const char *const names[] = { home_name[0], home_name[1], home_name[2],
				      NULL };
	int i = pick("home", value, names, err);

	if (i < 0)
		return i;
	s->opts.home = i;
	return 0;
}

/* "200ns", "5%" of the run's own round trip; "/1000": in one of so many. */
static int inject_amount(struct settings *s, const char *value,
			 struct tool_error *err)
{
	const char *slash = strchr(value, '/');
	char amount[32], *end;
	uint64_t every = 1;

	if (slash && (count(slash + 1, UINT32_MAX, &every, err) || !every))
		return tool_fail(err, -EINVAL,
				 "'%s': one of how many? (wanted: 20us/1000)",
				 value);
	s->opts.inject_every = every;
	snprintf(amount, sizeof(amount), "%.*s", (int)strcspn(value, "/"),
		 value);
	if (!strchr(amount, '%'))
		return duration(amount, &s->opts.inject_ns, err);
	s->opts.inject_share = strtod(amount, &end) / 100;
	if (end == amount || strcmp(end, "%") || s->opts.inject_share <= 0 ||
	    s->opts.inject_share > 100)
		return tool_fail(err, -EINVAL,
				 "'%s' is no share (wanted: 5%%, 0.5%%)",
				 amount);
	return 0;
}

static int set_inject(struct settings *s, const char *value,
		      struct tool_error *err)
{
	static const char *const names[] = { "none", "handler", "ack", "sender",
					     NULL };
	const char *colon = strchr(value, ':');
	char word[16];
	int i;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(value, ":"), value);
	i = pick("place to inject", word, names, err);
	if (i < 0)
		return i;
	s->opts.inject = i;
	s->opts.inject_ns = 0;
	s->opts.inject_share = 0;
	s->opts.inject_every = 1;
	if (!colon != (i == INJECT_NONE))
		return tool_fail(err, -EINVAL,
				 "'%s' is no injection (wanted: none, "
				 "handler:200ns, ack:5%%, "
				 "handler:20us/1000, sender:20us)",
				 value);
	return colon ? inject_amount(s, colon + 1, err) : 0;
}

static int set_senders(struct settings *s, const char *value,
		       struct tool_error *err)
{
	return counts_parse(value, BENCH_CPUS_MAX, &s->opts.senders, err);
}

static int set_targets(struct settings *s, const char *value,
		       struct tool_error *err)
{
	return counts_parse(value, BENCH_CPUS_MAX, &s->opts.targets, err);
}

static int set_burst(struct settings *s, const char *value,
		     struct tool_error *err)
{
	return counts_parse(value, BENCH_INFLIGHT_MAX, &s->opts.bursts, err);
}

static int nearness(const char *value, enum bench_nearness *out,
		    struct tool_error *err)
{
	static const char *const names[] = { "near", "far", NULL };
	int i = pick("nearness", value, names, err);

	if (i < 0)
		return i;
	*out = i;
	return 0;
}

static int set_members(struct settings *s, const char *value,
		       struct tool_error *err)
{
	return nearness(value, &s->opts.members, err);
}

static int set_pattern(struct settings *s, const char *value,
		       struct tool_error *err)
{
	static const char *const names[] = { "incast", "alltoall", NULL };
	int i = pick("pattern", value, names, err);

	if (i < 0)
		return i;
	s->opts.pattern = i;
	return 0;
}

static int set_target_state(struct settings *s, const char *value,
			    struct tool_error *err)
{
	static const char *const names[] = { "spin",	    "idle",
					     "epoll",	    "busy-user",
					     "busy-kernel", "idle-poll",
					     NULL };
	int i = pick("target state", value, names, err);

	if (i < 0)
		return i;
	s->opts.target_state = i;
	return 0;
}

static int set_idle_spin(struct settings *s, const char *value,
			 struct tool_error *err)
{
	return duration(value, &s->opts.idle_spin_ns, err);
}

static int set_order(struct settings *s, const char *value,
		     struct tool_error *err)
{
	return nearness(value, &s->opts.order, err);
}

static int set_inflight(struct settings *s, const char *value,
			struct tool_error *err)
{
	uint64_t n = 0;
	int ret = count(value, BENCH_INFLIGHT_MAX, &n, err);

	if (!ret && !n)
		ret = tool_fail(err, -EINVAL,
				"a sender without a message on its way sends "
				"nothing");
	s->opts.inflight = n;
	return ret;
}

static int set_hold_target(struct settings *s, const char *value,
			   struct tool_error *err)
{
	return yes_or_no(value, &s->opts.hold_target, err);
}

static int set_rt(struct settings *s, const char *value, struct tool_error *err)
{
	return yes_or_no(value, &s->opts.rt, err);
}

static int set_group(struct settings *s, const char *value,
		     struct tool_error *err)
{
	if (!*value)
		return tool_fail(err, -EINVAL, "a group needs a name");
	s->group = value;
	return 0;
}

static int set_pairs(struct settings *s, const char *value,
		     struct tool_error *err)
{
	uint64_t n;

	if (strcmp(value, "all") && !strchr(value, ':')) {
		if (count(value, 1000000, &n, err) || !n)
			return tool_fail(err, -EINVAL,
					 "'%s' says no pairs (wanted: all, a "
					 "count of each class, or 0:1,2:3)",
					 value);
	}
	s->ask.pairs = value;
	return 0;
}

static int set_row(struct settings *s, const char *value,
		   struct tool_error *err)
{
	bool row = false;
	int ret = yes_or_no(value, &row, err);

	s->ask.row = row;
	return ret;
}

static int set_cpus(struct settings *s, const char *value,
		    struct tool_error *err)
{
	struct cpulist list;
	int ret = cpulist_parse(value, &list, err);

	if (ret)
		return ret;
	cpulist_free(&list);
	s->ask.cpus = value;
	return 0;
}

static int set_budget(struct settings *s, const char *value,
		      struct tool_error *err)
{
	return duration(value, &s->ask.budget_ns, err);
}

static int set_seed(struct settings *s, const char *value,
		    struct tool_error *err)
{
	char *end;

	errno = 0;
	s->ask.seed = strtoull(value, &end, 10);
	if (errno || end == value || *end || *value == '-')
		return tool_fail(err, -EINVAL, "'%s' is no seed (a number)",
				 value);
	return 0;
}

const struct key key_list[] = {
	{ "driver", "NAME", "what sends and waits (see ipi bench list)",
	  KEY_RUN, false, set_driver },
	{ "queue", "NAME", "queue design", KEY_RUN, false, set_queue },
	{ "ack", "NAME", "acknowledgement design", KEY_RUN, false, set_ack },
	{ "delivery", "NAME", "how a CPU is told", KEY_RUN, false,
	  set_delivery },
	{ "waiter", "KIND", "how waits spin: relax, spin:N, sleep", KEY_RUN,
	  false, set_waiter },
	{ "depth", "N", "queue nodes per sender", KEY_RUN, false, set_depth },
	{ "metrics", "LIST", "rtt, send, stolen, one_way, first_entry, ...",
	  KEY_RUN, false, set_metrics },
	{ "gap", "RANGE", "pause before each send: 2us..20us, back-to-back",
	  KEY_RUN, false, set_gap },
	{ "batch", "N", "sends per sample; 1: single samples", KEY_RUN, false,
	  set_batch },
	{ "samples", "N", "samples per pair; 0: by time", KEY_RUN, false,
	  set_samples },
	{ "time", "DURATION", "measuring time of each relation class", KEY_RUN,
	  false, set_time },
	{ "block", "DURATION", "length of a block, 50ms at least", KEY_RUN,
	  false, set_block },
	{ "home", "PLACE", "node of the shared lines: source, target, other",
	  KEY_RUN, false, set_home },
	{ "inject", "WHERE:NS",
	  "a known delay: handler:200ns, ack:5%, "
	  "handler:20us/1000, sender:20us",
	  KEY_RUN, false, set_inject },
	{ "senders", "COUNTS", "how many CPUs send at once: 1,2,4 or 1..8",
	  KEY_RUN, false, set_senders },
	{ "targets", "COUNTS", "how many CPUs one message goes to: 1,2,4",
	  KEY_RUN, false, set_targets },
	{ "burst", "COUNTS", "how many messages are sent at once: 1,2,4",
	  KEY_RUN, false, set_burst },
	{ "members", "near|far", "who is in a set smaller than all CPUs",
	  KEY_RUN, false, set_members },
	{ "order", "near|far", "who of a set is sent to first", KEY_RUN, false,
	  set_order },
	{ "pattern", "NAME", "of other people's queues: incast, alltoall",
	  KEY_RUN, false, set_pattern },
	{ "target-state", "STATE",
	  "what a target does: spin, idle, epoll; busy-user, busy-kernel, "
	  "idle-poll",
	  KEY_RUN, false, set_target_state },
	{ "idle-spin", "DURATION", "a target in idle spins so long first",
	  KEY_RUN, false, set_idle_spin },
	{ "inflight", "N",
	  "messages that one of several senders has on the way", KEY_RUN, false,
	  set_inflight },
	{ "hold-target", "yes|no", "keep the target thread from running",
	  KEY_RUN, true, set_hold_target },
	{ "rt", "yes|no", "SCHED_FIFO, in bursts (needs the right to it)",
	  KEY_RUN, true, set_rt },
	{ "group", "NAME", "runs of one group alternate block by block",
	  KEY_RUN, false, set_group },
	{ "pairs", "WHICH", "all, a count of each class (8), or 0:1,2:3",
	  KEY_PLAN, false, set_pairs },
	{ "row", "yes|no", "also from one CPU to every other", KEY_PLAN, true,
	  set_row },
	{ "cpus", "LIST", "use these CPUs only: 0-3,8,10-14:2", KEY_PLAN, false,
	  set_cpus },
	{ "budget", "DURATION", "plan to this time and say what is cut",
	  KEY_PLAN, false, set_budget },
	{ "seed", "N", "of pairs, orders and gaps", KEY_PLAN, false, set_seed },
	{ NULL },
};

const struct key *key_find(const char *name)
{
	const struct key *k;

	for (k = key_list; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

struct names_hint key_hint(const char *name)
{
	const char *names[sizeof(key_list) / sizeof(key_list[0])];
	size_t n;

	for (n = 0; key_list[n].name; n++)
		names[n] = key_list[n].name;
	return names_hint(name, names, n);
}

void settings_init(struct settings *s)
{
	*s = (struct settings){
		.opts =
			{
				.waiter = IPI_WAITER_RELAX,
				.gap_ns_min = 2000,
				.gap_ns_max = 20000,
				.batch = 1,
				.time_ns = 1000000000,
				.block_ns = 50000000,
				.home = HOME_TARGET,
				.inflight = 1,
				.bursts = { 5, { 1, 2, 4, 8, 16 } },
			},
		.ask = {.seed = 1, .row = -1},
	};
}
