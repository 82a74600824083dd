// SPDX-License-Identifier: GPL-2.0-only
/* Configs: what they say, and how they are refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/tests/check.h"
#include "front.h"

static char path[] = "/tmp/ipi-test-XXXXXX";

static void put(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Loads the text with options "name=value" on top. */
static int make(const char *text, const char *const *options, struct runs *runs,
		struct config *c, struct tool_error *err)
{
	struct assignments cli = { 0 };
	char name[32];
	int ret;

	put(text);
	*c = (struct config){ 0 };
	ret = config_load(c, path, err);
	for (; !ret && options && *options; options++) {
		snprintf(name, sizeof(name), "%.*s",
			 (int)strcspn(*options, "="), *options);
		assert_int_equal(assignments_add(&cli, key_find(name),
						 strchr(*options, '=') + 1),
				 0);
	}
	if (!ret)
		ret = runs_make(c, &cli, runs, err);
	if (ret)
		config_free(c);
	/* The values of cli live as long as the test. */
	return ret;
}

static void refused(const char *text, const char *what)
{
	struct tool_error err = { "" };
	struct config c;
	struct runs runs;
	char place[128];

	if (!make(text, NULL, &runs, &c, &err))
		fail_msg("accepted: %s", text);
	snprintf(place, sizeof(place), "%s:", path);
	assert_holds(err.text, place);
	assert_holds(err.text, what);
	assert_null(strchr(err.text, '\n'));
}

static void test_config_overlays_defaults_section_options(void **state)
{
	static const char *const options[] = { "gap=5us", "seed=42", NULL };
	struct tool_error err;
	struct config c;
	struct runs runs;

	assert_int_equal(
		make("# why\n[defaults]\ntime = 2s\nmetrics = rtt\nbudget = "
		     "9s\n"
		     "[one]\ndriver = unicast\ndelivery = poll\n"
		     "inject = handler:200ns\n"
		     "[two]\ndriver = clock ; a remark\ntime = 3s\ngroup = g\n",
		     options, &runs, &c, &err),
		0);
	assert_int_equal(runs.n, 2);
	assert_int_equal(runs.ask.seed, 42);
	assert_int_equal(runs.ask.budget_ns, 9000000000);
	assert_int_equal(runs.at[0].opts.time_ns, 2000000000);
	assert_int_equal(runs.at[1].opts.time_ns, 3000000000);
	assert_int_equal(runs.at[0].opts.gap_ns_min, 5000);
	assert_int_equal(runs.at[0].opts.metrics, 1u << METRIC_RTT);
	assert_int_equal(runs.at[0].opts.inject, INJECT_HANDLER);
	assert_int_equal(runs.at[0].opts.inject_ns, 200);
	assert_int_equal(runs.at[0].opts.seed, 42);
	assert_string_equal(runs.at[0].opts.run, "one");
	assert_string_equal(runs.at[0].opts.delivery, "poll");
	assert_non_null(runs.at[0].opts.queue);
	assert_null(runs.at[1].opts.queue);
	assert_string_equal(runs.at[1].group, "g");
	runs_free(&runs);
	config_free(&c);
}

static void test_config_injects_shares_and_seldom(void **state)
{
	struct tool_error err;
	struct config c;
	struct runs runs;

	assert_int_equal(make("[a]\ndriver = unicast\ninject = ack:5%\n"
			      "[b]\ndriver = unicast\n"
			      "inject = handler:20us/1000\n"
			      "[c]\ndriver = incast\ninject = sender:20us\n",
			      NULL, &runs, &c, &err),
			 0);
	assert_true(runs.at[0].opts.inject_share == 0.05);
	assert_int_equal(runs.at[0].opts.inject_ns, 0);
	assert_int_equal(runs.at[0].opts.inject_every, 1);
	assert_true(runs.at[1].opts.inject_share == 0);
	assert_int_equal(runs.at[1].opts.inject_ns, 20000);
	assert_int_equal(runs.at[1].opts.inject_every, 1000);
	assert_int_equal(runs.at[2].opts.inject, INJECT_SENDER);
	assert_int_equal(runs.at[2].opts.inject_ns, 20000);
	runs_free(&runs);
	config_free(&c);
}

static void test_config_names_the_line_of_a_fault(void **state)
{
	refused("[a]\ndriver = clock\nwaitr = relax\n",
		":3: unknown key 'waitr'; did you mean 'waiter'?");
	refused("[a]\n\n# c\ndriver = unicats\n",
		":4: driver: unknown driver 'unicats'; did you mean "
		"'unicast'?");
	refused("[a]\ndriver = unicast\nqueue = slot\n",
		":3: queue: unknown queue 'slot'; did you mean 'slots'?");
	refused("[a]\ndriver = clock\nmetrics = rtt,sned\n",
		"unknown metric 'sned'; did you mean 'send'?");
	refused("[a]\ndriver = clock\nsamples = many\n",
		":3: samples: 'many' is no count");
	refused("[a]\ndriver = clock\ntime = 5\n", "'5' is no duration");
	refused("[a]\ndriver = clock\nblock = 1ms\n", "too short");
	refused("[a]\ndriver = clock\ngap = 9us..2us\n", "is no gap");
	refused("[a]\ndriver = clock\ninject = ack\n", "is no injection");
	refused("[a]\ndriver = unicast\ninject = ack:1%x\n", "is no share");
	refused("[a]\ndriver = unicast\ninject = ack:1us/0\n",
		"one of how many?");
	refused("[a]\ndriver = clock\nwaiter = relax:9\n", "takes no number");
	refused("[a]\ndriver = clock\nrt = maybe\n", "neither yes nor no");
	refused("[defaults]\ncpus = 0-\n", ":2: cpus: CPU list '0-'");
	refused("[defaults]\nseed = -1\n", "'-1' is no seed");
}

static void test_config_faults_of_form(void **state)
{
	refused("driver = clock\n", ":1: 'driver' stands before");
	refused("[a]\ndriver\n", ":2: neither [section] nor key = value");
	refused("[a]\ndriver = clock\ndriver = clock\n",
		":3: 'driver' is given twice");
	refused("[a]\ndriver = clock\n[a]\ndriver = clock\n",
		":3: [a] stands at");
	refused("[a b]\ndriver = clock\n", ":1: [a b]: names are made of");
	refused("[a]\nseed = 3\n", ":2: 'seed' is one for all runs");
	refused("[a]\n[b]\ndriver = clock\n", ":1: [a]: no driver is named");
	refused("# nothing\n", "holds no [section]");
	refused("[a]\ndriver = clock\nmetrics = stolen\n",
		"driver clock does not measure all of these metrics (it can: "
		"rtt)");
}

static void test_config_long_line(void **state)
{
	char text[700];

	memset(text, 'x', sizeof(text));
	memcpy(text, "[a]\n# ", 6);
	strcpy(text + sizeof(text) - 2, "\n");
	refused(text, ":2: a line longer than");
}

static void test_config_by_name(void **state)
{
	struct config c = { 0 };
	struct tool_error err;

	assert_int_equal(config_add(&c, "clock", &err), 0);
	assert_int_equal(config_add(&c, "/no/such.conf", &err), -ENOENT);
	assert_int_equal(config_add(&c, "membarier", &err), -ENOENT);
	assert_holds(err.text, "did you mean 'membarrier'?");
	assert_int_equal(c.n, 1);
	config_free(&c);
}

static void test_config_missing_file(void **state)
{
	struct config c = { 0 };
	struct tool_error err;

	assert_int_equal(config_load(&c, "/no/such.conf", &err), -ENOENT);
	assert_holds(err.text, "/no/such.conf: No such file");
}

static void test_config_counts(void **state)
{
	static const char *const bad[] = { "",	   "0",	    "x",     "4..2",
					   "1,",   ",1",    "1..",   "-3",
					   "9999", "1..9x", "1..65", "2 3" };
	const uint32_t want[] = { 1, 2, 3, 4, 8 };
	struct bench_counts list = { 0 };
	struct tool_error err;
	size_t i;

	assert_int_equal(counts_parse("8,1..3,2,4", 64, &list, &err), 0);
	assert_int_equal(list.n, 5);
	assert_memory_equal(list.at, want, sizeof(want));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!counts_parse(bad[i], 100, &list, &err))
			fail_msg("'%s' was taken", bad[i]);
		assert_holds(err.text, "wanted: 4, 1,2,4 or 1..8");
	}
	/* What was there is untouched by a fault. */
	assert_int_equal(list.n, 5);
}

/* Every config that ships is read and can be planned. */
static void test_shipped_configs_are_good(void **state)
{
	char **names = place_config_names();
	struct assignments cli = { 0 };
	struct tool_error err = { "" };
	struct config c;
	struct runs runs;
	size_t i;

	assert_non_null(names);
	for (i = 0; names[i]; i++) {
		c = (struct config){ 0 };
		if (config_add(&c, names[i], &err) ||
		    runs_make(&c, &cli, &runs, &err))
			fail_msg("%s: %s", names[i], err.text);
		runs_free(&runs);
		config_free(&c);
	}
	assert_true(i >= 8);
	place_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config_overlays_defaults_section_options),
		cmocka_unit_test(test_config_injects_shares_and_seldom),
		cmocka_unit_test(test_config_names_the_line_of_a_fault),
		cmocka_unit_test(test_config_faults_of_form),
		cmocka_unit_test(test_config_long_line),
		cmocka_unit_test(test_config_by_name),
		cmocka_unit_test(test_config_missing_file),
		cmocka_unit_test(test_config_counts),
		cmocka_unit_test(test_shipped_configs_are_good),
	};
	int fd = mkstemp(path), ret;

	if (fd < 0) {
		perror(path);
		return 1;
	}
	close(fd);
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return ret;
}
