/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs litmus tests in the model checker, without the judge and without core:
 * its threads are no CPUs. The outcomes that were reached are compared with
 * those that the test expects, both ways.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/tests/litmus.h"

/* Enough that nothing is cut off. */
#define PREEMPT 16
#define WEAK 12
#define SECONDS 10

#define OUTCOMES 1024u

const struct scenario *scenario;

static const struct litmus *test;
static unsigned registers_n;
static bool reached[OUTCOMES];
static unsigned outcomes_n; /* all that the values allow */
static char strange[LITMUS_REGISTERS + 1]; /* an outcome of other values */

static void body(void)
{
	litmus_execute(current->index);
}

/* ---- outcomes ----------------------------------------------------------- */

/* The registers' possible values, one word of test->values each. */
static const char *values_of(unsigned r, size_t *n)
{
	const char *v = test->values ?: "";

	for (; r; r--) {
		v += strcspn(v, " ");
		v += *v == ' ';
	}
	*n = strcspn(v, " ");
	return v;
}

static void count_outcomes(void)
{
	size_t n;

	outcomes_n = 1;
	registers_n = 0;
	for (values_of(0, &n); n; values_of(registers_n, &n)) {
		outcomes_n *= (unsigned)n;
		registers_n++;
	}
	if (registers_n > LITMUS_REGISTERS || outcomes_n > OUTCOMES)
		litmus_ill_formed(test->values);
}

static const char *outcome_text(unsigned outcome)
{
	static char text[LITMUS_REGISTERS + 1];

	for (unsigned r = registers_n; r--;) {
		size_t n;
		const char *v = values_of(r, &n);

		text[r] = v[outcome % n];
		outcome /= (unsigned)n;
	}
	text[registers_n] = '\0';
	return text;
}

static void note_outcome(void)
{
	unsigned outcome = 0;
	bool known = true;

	for (unsigned r = 0; r < registers_n; r++) {
		size_t n;
		const char *v = values_of(r, &n);
		const char *at = memchr(v, (int)('0' + litmus_reg[r]), n);

		known &= at != NULL;
		outcome = outcome * (unsigned)n + (unsigned)(at ? at - v : 0);
	}
	if (known)
		reached[outcome] = true;
	for (unsigned r = 0; !known && r < registers_n; r++)
		strange[r] = (char)('0' + litmus_reg[r] % 10);
}

/* Does one of the patterns describe the outcome? */
static bool matches(const char *patterns, const char *outcome)
{
	for (const char *p = patterns ?: ""; *p; p += *p == ' ') {
		size_t n = strcspn(p, " ");
		bool same = n == registers_n;

		for (size_t i = 0; same && i < n; i++)
			same = p[i] == '.' || p[i] == outcome[i];
		if (same)
			return true;
		p += n;
	}
	return false;
}

/* ---- what the explorer wants of a judge --------------------------------- */

void judge_begin(void)
{
	litmus_begin();
}

void judge_end(void)
{
	current = &threads[0];
	litmus_execute(LITMUS_END);
	note_outcome();
}

bool judge_disturbed(void)
{
	return false;
}

const char *judge_place(const void *where, char *out, size_t size)
{
	const char *name = litmus_place(where);

	if (!name)
		return NULL;
	snprintf(out, size, "%s", name);
	return out;
}

void judge_attach(int index)
{
}

void judge_leave(void)
{
}

void world_set(void)
{
}

/* ---- the program -------------------------------------------------------- */

static const char *const level_names[] = { "sc", "tso", "c11" };

static void print_set(const char *what, enum memory level, bool expected)
{
	printf("#   %s:", what);
	for (unsigned i = 0; i < outcomes_n; i++) {
		const char *text = outcome_text(i);

		if (expected ? !matches(test->never[level], text) &&
				       !matches(test->unshown[level], text)
			     : reached[i])
			printf(" %s", text);
	}
	printf("\n");
}

static bool compare(enum memory level)
{
	bool same = !strange[0];

	for (unsigned i = 0; i < outcomes_n; i++) {
		const char *text = outcome_text(i);

		same &= reached[i] == (!matches(test->never[level], text) &&
				       !matches(test->unshown[level], text));
	}
	return same;
}

static void report(enum memory level, const struct exploration *x)
{
	static unsigned number;
	bool ok;

	if (test->wrong)
		ok = x->violated && strstr(violation_text(), test->wrong);
	else
		ok = !x->violated && !x->cut && compare(level);
	if (x->out_of_time)
		ok = false;
	if (test->at_once && x->runs != 1)
		ok = false;
	printf("%s %u - %s: %s\n", ok ? "ok" : "not ok", ++number,
	       level_names[level], test->name);
	if (x->violated)
		printf("#   in run %llu: %s\n", (unsigned long long)x->runs,
		       violation_text());
	if (!ok) {
		printf("#   %llu runs%s%s\n", (unsigned long long)x->runs,
		       x->cut ? ", a bound cut something off" : "",
		       x->out_of_time ? ", out of time" : "");
		if (test->wrong)
			printf("#   expected: %s\n", test->wrong);
		else
			print_set("expected", level, true);
		print_set("reached", level, false);
		if (strange[0])
			printf("#   and: %s\n", strange);
	}
	if (ok && test->unshown[level])
		printf("#   never shown, though C++20 allows it: %s (%s)\n",
		       test->unshown[level], test->note);
	fflush(stdout);
}

static void run(enum memory level)
{
	const struct bounds bounds = { {
		[COST_PREEMPT] = test->at_once ? 0 : PREEMPT,
		[COST_WEAK] = test->at_once ? 0 : WEAK,
	} };
	struct scenario s = { .name = test->name };
	struct exploration x;

	for (unsigned i = 0; i < MODEL_THREADS; i++) {
		s.body[i] = body;
		s.threads += test->thread[i] != NULL;
		litmus_parse(i, test->thread[i]);
	}
	litmus_parse(LITMUS_END, test->end);
	count_outcomes();
	memset(reached, 0, sizeof(reached));
	memset(strange, 0, sizeof(strange));
	scenario = &s;
	memory_forget();
	memory_set(level);
	explore(sched_run, memory_learned, &bounds, SECONDS, &x);
	report(level, &x);
}

static void run_levels(void)
{
	for (unsigned level = 0; level < MEMORIES; level++)
		run((enum memory)level);
}

int main(void)
{
	unsigned tests = 0;

	for (test = litmus_order; test->name; test++)
		tests++;
	for (test = litmus_threads; test->name; test++)
		tests++;
	printf("1..%u\n", tests * MEMORIES);
	for (test = litmus_order; test->name; test++)
		run_levels();
	for (test = litmus_threads; test->name; test++)
		run_levels();
	return 0;
}
