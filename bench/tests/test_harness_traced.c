// SPDX-License-Identifier: GPL-2.0-only
/* The tracer's answers: whole, cut short, none; what they add up to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness.h"
#include "stages.h"
#include "traced.h"
#include "tracer.h"

#define HELLO "echo '{\"protocol\": 1, \"plan\": [7]}'\n"

/* ---- a tracer that is a script ------------------------------------------- */

static char script[] = "/tmp/ipi-tracer-XXXXXX";

static int start(const char *body, struct tracer **t, struct tool_error *err)
{
	FILE *f = fopen(script, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s", body);
	fclose(f);
	assert_int_equal(chmod(script, 0700), 0);
	return tracer_start(script, "0-1", t, err);
}

static void refuses(const char *body, const char *why)
{
	struct tool_error err = { "" };
	struct tracer *t = NULL;

	assert_int_equal(start(body, &t, &err), -ENODEV);
	assert_null(t);
	if (!strstr(err.text, why))
		fail_msg("no '%s' in '%s'", why, err.text);
}

static void test_tracer_says_why_it_cant(void **state)
{
	struct tool_error err = { "" };
	struct tracer *t = NULL;

	refuses("exit 3\n", "the tracer ended");
	refuses("echo '{\"error\": \"no BPF here\"}'\nexit 77\n",
		"no BPF here");
	refuses("echo '{\"protocol\": 99}'\n", "another version");
	refuses("echo hello\n", "not JSON");
	refuses("printf '{\"protocol\"'\n", "in the middle of an answer");
	assert_int_equal(tracer_start("/nowhere/ipi-trace", "0", &t, &err),
			 -ENODEV);
	assert_non_null(strstr(err.text, "/nowhere/ipi-trace: No such file"));
}

static void test_tracer_answers(void **state)
{
	struct tool_error err = { "" };
	json_t *answer = NULL;
	struct tracer *t;

	assert_int_equal(start(HELLO "while read word rest; do\n"
				     "echo \"{\\\"$word\\\": \\\"$rest\\\"}\"\n"
				     "done\n",
			       &t, &err),
			 0);
	assert_int_equal(json_array_size(tracer_plan(t)), 1);
	assert_int_equal(tracer_ask(t, "next 1-3", NULL), 0);
	assert_int_equal(tracer_ask(t, "arm it", &answer), 0);
	assert_string_equal(json_string_value(json_object_get(answer, "arm")),
			    "it");
	assert_null(tracer_ended(t));
	json_decref(answer);
	tracer_stop(t);
}

/* Whoever ended is not asked again, and its first reason is kept. */
static void ends(const char *body, const char *why)
{
	struct tool_error err = { "" };
	json_t *answer = NULL;
	struct tracer *t;

	assert_int_equal(start(body, &t, &err), 0);
	assert_true(tracer_ask(t, "read", &answer) < 0);
	assert_null(answer);
	if (!strstr(tracer_ended(t), why))
		fail_msg("no '%s' in '%s'", why, tracer_ended(t));
	tracer_give_up(t, "another reason");
	assert_non_null(strstr(tracer_ended(t), why));
	assert_int_equal(tracer_ask(t, "read", NULL), -EPIPE);
	tracer_stop(t);
}

static void test_tracer_may_end_at_any_time(void **state)
{
	ends(HELLO "read line\n", "the tracer ended");
	ends(HELLO "read line\nprintf '{\"stages\": ['\n",
	     "in the middle of an answer");
	ends(HELLO "read line\necho '[1]'\nread line\n", "not JSON");
	ends(HELLO "read line\necho '{\"error\": \"lost\"}'\nread line\n",
	     "lost");
}

/* ---- adding up ----------------------------------------------------------- */

static json_t *stage(const char *histogram, int n)
{
	char text[400];

	snprintf(text, sizeof(text),
		 "[{\"name\": \"flight\", \"n\": %d, \"min_ns\": 10, "
		 "\"max_ns\": 70, \"floor_ns\": 5, \"histogram\": %s}]",
		 n, histogram);
	return json_loads(text, 0, NULL);
}

static int add(json_t **sum, const char *histogram, int n)
{
	json_t *more = stage(histogram, n);
	int ret = stages_add(sum, more);

	json_decref(more);
	return ret;
}

static void test_stages_add_up(void **state)
{
	json_t *sum = NULL, *first, *same;
	double p50;

	assert_int_equal(add(&sum, "[[10,20,3],[40,50,1]]", 4), 0);
	assert_int_equal(add(&sum, "[[20,40,95],[40,50,2],[60,80,1]]", 98), 0);
	first = json_array_get(sum, 0);
	same = json_loads("[[10,20,3],[20,40,95],[40,50,3],[60,80,1]]", 0,
			  NULL);
	assert_true(json_equal(json_object_get(first, "histogram"), same));
	assert_int_equal(
		json_integer_value(json_object_get(first, "n")), 102);
	/* The 51st of 102 is the 48th of 95 between 20 and 40. */
	p50 = json_number_value(json_object_get(first, "p50_ns"));
	assert_true(p50 > 30 && p50 < 30.3);
	assert_true(json_is_null(json_object_get(first, "p90_ns")));
	assert_int_equal(
		json_number_value(json_object_get(first, "floor_ns")), 5);
	json_decref(same);
	json_decref(sum);
}

static void test_stages_of_another_kind_are_refused(void **state)
{
	json_t *sum = NULL, *more = json_loads("[{\"name\": \"flight\"}]", 0,
					       NULL);

	assert_int_equal(stages_add(&sum, NULL), -EBADMSG);
	assert_int_equal(stages_add(&sum, more), -EBADMSG);
	assert_int_equal(add(&sum, "[[10,20]]", 1), -EBADMSG);
	assert_null(sum);
	assert_int_equal(add(&sum, "[[10,20,1]]", 1), 0);
	json_object_set_new(json_array_get(more, 0), "n", json_integer(0));
	json_object_set_new(json_array_get(more, 0), "histogram",
			    json_array());
	json_object_set_new(json_array_get(more, 0), "name",
			    json_string("exit"));
	assert_int_equal(stages_add(&sum, more), -EBADMSG);
	json_decref(more);
	json_decref(sum);
}

/* ---- the verdict --------------------------------------------------------- */

static json_t *answer_of(int sends, int entries, int missed)
{
	char text[900];

	snprintf(text, sizeof(text),
		 "{\"stages\": [], \"recursion_misses\": %d, \"accounting\": "
		 "[{\"class\": \"single\", \"sends\": %d, \"entries\": %d, "
		 "\"other_sends\": 0, \"other_entries\": 0, \"paired\": %d, "
		 "\"contended\": 0, \"identity_off\": 0}, "
		 "{\"class\": \"many\"}, {\"class\": \"reschedule\", "
		 "\"sends\": 5000}]}",
		 missed, sends, entries, entries);
	return json_loads(text, 0, NULL);
}

/* Two blocks of 500 asked for each. */
static struct bench_trace judged(int sends, int entries, int missed,
				 double taken, int blocks)
{
	struct traced_sum sum = { .blocks = blocks, .why = "it fell over" };
	struct attest_sum sums = { .asked = 1000, .taken = taken };
	struct bench_record rec = { .way = IPI_WAY_INTERRUPT };
	struct bench_trace out;
	json_t *answer = answer_of(sends, entries, missed);

	assert_true(traced_add(&sum, answer));
	assert_true(traced_add(&sum, answer));
	attest_judge(&sums, "CAL", true, rec.way, &rec.att);
	traced_judge(&sum, &sums, "CAL", &rec, &out);
	json_decref(answer);
	json_decref(sum.stages);
	json_decref(out.stages);
	return out;
}

static void expect(struct bench_trace t, enum bench_verdict verdict,
		   const char *why)
{
	if (t.verdict != verdict || !strstr(t.why, why))
		fail_msg("%d: %s", t.verdict, t.why);
}

static void test_trace_is_a_second_witness(void **state)
{
	expect(judged(500, 500, 0, 1000, 2), VERDICT_ATTESTED,
	       "probes: 1000 sends, 1000 entries, the machine's counter 1000, "
	       "asked 1000");
	expect(judged(300, 300, 0, 600, 2), VERDICT_CONTRADICTED,
	       "some were asked for and never sent");
	expect(judged(700, 700, 0, 1400, 2), VERDICT_CONTRADICTED,
	       "more were sent than asked for");
	expect(judged(500, 500, 0, 600, 2), VERDICT_CONTRADICTED,
	       "those taken are not those that entered");
	expect(judged(500, 500, 3, 1000, 2), VERDICT_UNATTESTED,
	       "lost 6 events");
	expect(judged(500, 500, 0, 1000, 3), VERDICT_UNATTESTED,
	       "2 of 3 blocks were traced: it fell over");
}

static void test_trace_of_nothing_says_so(void **state)
{
	struct attest_sum sums = { .asked = 1000, .taken = 1000 };
	struct bench_record rec = { .way = IPI_WAY_NONE };
	struct traced_sum sum = { .blocks = 0 };
	struct bench_trace out;

	traced_judge(&sum, &sums, "", &rec, &out);
	expect(out, VERDICT_NOT_APPLICABLE, "no interrupts to trace");
	sum.blocks = sum.seen = 2;
	traced_judge(&sum, &sums, "CAL", &rec, &out);
	expect(out, VERDICT_NOT_APPLICABLE, "without an interrupt");
	rec.way = IPI_WAY_INTERRUPT;
	traced_judge(&sum, &sums, "NMI", &rec, &out);
	expect(out, VERDICT_UNATTESTED, "no probe sees");
}

static int make_script(void **state)
{
	int fd = mkstemp(script);

	return fd < 0 ? -1 : close(fd);
}

static int drop_script(void **state)
{
	return unlink(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tracer_says_why_it_cant),
		cmocka_unit_test(test_tracer_answers),
		cmocka_unit_test(test_tracer_may_end_at_any_time),
		cmocka_unit_test(test_stages_add_up),
		cmocka_unit_test(test_stages_of_another_kind_are_refused),
		cmocka_unit_test(test_trace_is_a_second_witness),
		cmocka_unit_test(test_trace_of_nothing_says_so),
	};

	return cmocka_run_group_tests(tests, make_script, drop_script);
}
