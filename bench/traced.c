// SPDX-License-Identifier: GPL-2.0-only
/* What the tracer saw of each series, and whether that agrees. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "stages.h"
#include "tool/cpulist.h"
#include "tool/log.h"
#include "tool/tracer.h"
#include "traced.h"
#include "tracer.h"

struct tracer *bench_tracer;

/* ---- around a block ------------------------------------------------------ */

static struct traced_sum *sum_of(struct block_unit *u)
{
	return &u->run->traced[u->cell.series];
}

/* Who means no interrupts has none to be seen. */
static bool wanted(const struct block_unit *u)
{
	return bench_tracer && u->mode == BLOCK_MEASURE && u->run->meant;
}

/* The first who finds out tells people; the records tell what they lack. */
static void ask(struct block_unit *u, const char *command, json_t **answer)
{
	struct traced_sum *sum = sum_of(u);
	bool known = tracer_ended(bench_tracer);

	if (tracer_ask(bench_tracer, command, answer) && !known)
		log_warn("%s; the rest of the run is not traced",
			 tracer_ended(bench_tracer));
	if (tracer_ended(bench_tracer) && !sum->why[0])
		snprintf(sum->why, sizeof(sum->why), "%.190s",
			 tracer_ended(bench_tracer));
}

void traced_next(struct block_unit *u)
{
	const struct bench_cell *c = &u->cell;
	char command[TRACER_COMMAND_BYTES], *list;

	if (!wanted(u))
		return;
	sum_of(u)->blocks++;
	list = cpulist_format(c->target_cpus, c->targets_n);
	snprintf(command, sizeof(command), TRACER_NEXT " %s", list ? list : "");
	ask(u, command, NULL);
	free(list);
}

void traced_arm(struct block_unit *u)
{
	if (wanted(u))
		ask(u, TRACER_ARM, NULL);
}

void traced_disarm(struct block_unit *u)
{
	if (wanted(u))
		ask(u, TRACER_DISARM, NULL);
}

void traced_read(struct block_unit *u)
{
	json_t *answer = NULL;

	if (!wanted(u))
		return;
	/* A thread that hangs may be in the middle of asking. */
	if (u->stuck)
		tracer_give_up(bench_tracer, "a thread of the bench hangs");
	ask(u, TRACER_READ, &answer);
	if (answer)
		traced_add(sum_of(u), answer);
	json_decref(answer);
}

/* ---- adding up ----------------------------------------------------------- */

static double count(const json_t *account, const char *key)
{
	return json_number_value(json_object_get(account, key));
}

static bool add_account(struct traced_sum *sum, const json_t *account)
{
	static const char *const name[TRACED_N] = { "single", "many",
						    "reschedule" };
	const char *class = json_string_value(json_object_get(account, "class"));
	int i;

	for (i = 0; class && i < TRACED_N; i++) {
		if (strcmp(class, name[i]))
			continue;
		sum->class[i].sends +=
			count(account, "sends") + count(account, "other_sends");
		sum->class[i].entries += count(account, "entries") +
					 count(account, "other_entries");
		sum->paired += count(account, "paired");
		sum->lost += count(account, "contended") +
			     fabs(count(account, "identity_off"));
		return true;
	}
	return false;
}

bool traced_add(struct traced_sum *sum, const json_t *answer)
{
	const json_t *list = json_object_get(answer, "accounting"), *account;
	bool good = json_array_size(list) == TRACED_N &&
		    !stages_add(&sum->stages, json_object_get(answer, "stages"));
	size_t i;

	json_array_foreach(list, i, account)
		good = good && add_account(sum, account);
	sum->lost += count(answer, "recursion_misses");
	sum->seen += good;
	if (!good && !sum->why[0])
		snprintf(sum->why, sizeof(sum->why),
			 "the tracer's answer is not what it should be");
	return good;
}

/* ---- the verdict --------------------------------------------------------- */

static void verdict(struct bench_trace *out, enum bench_verdict verdict,
		    const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void verdict(struct bench_trace *out, enum bench_verdict verdict,
		    const char *fmt, ...)
{
	va_list ap;

	out->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(out->why, sizeof(out->why), fmt, ap);
	va_end(ap);
}

/* A row of the machine's counters has classes of its own, or none. */
static bool add_classes(const struct traced_sum *sum, const char *row,
			struct bench_trace *out)
{
	bool calls = !strcmp(row, "CAL");
	int from = calls ? TRACED_SINGLE : TRACED_RESCHEDULE;
	int to = calls ? TRACED_MANY : TRACED_RESCHEDULE;

	for (; from <= to; from++) {
		out->sends += sum->class[from].sends;
		out->entries += sum->class[from].entries;
	}
	return calls || !strcmp(row, "RES");
}

/* Some fall between the two readings, as some of the background may. */
static bool agree(double seen, double told, double shared, double spread)
{
	return seen - told <= spread + 0.01 * told &&
	       told - shared - seen <= spread + 0.01 * told;
}

static void judge_counts(const struct attest_sum *sums,
			 const struct bench_record *rec,
			 struct bench_trace *out)
{
	const struct bench_attestation *att = &rec->att;
	double spread, background = attest_background(sums, &spread);
	char taken[64] = "", words[160];
	/* Not where they are masked, or the library had contradicted itself. */
	bool counted = att->counter[0];
	double expected = counted ? att->expected : sums->asked;
	bool asked = agree(out->sends - background, expected, sums->shared,
			   spread);
	bool entered = agree(out->entries, counted ? att->taken : out->sends,
			     0, spread);

	if (counted)
		snprintf(taken, sizeof(taken), ", the machine's counter %.0f",
			 att->taken);
	snprintf(words, sizeof(words),
		 "probes: %.0f sends, %.0f entries%s, asked %.0f, background "
		 "%.0f +- %.0f",
		 out->sends, out->entries, taken, expected, background, spread);
	if (asked && entered)
		verdict(out, VERDICT_ATTESTED, "%s", words);
	else if (out->sends - background > expected && entered &&
		 sums->disturbed > 0)
		verdict(out, VERDICT_UNATTESTED,
			"%s; others disturbed %.0f of %.0f blocks", words,
			sums->disturbed, sums->blocks);
	else
		verdict(out, VERDICT_CONTRADICTED, "%s: %s", words,
			!entered ? "those taken are not those that entered"
			: out->sends - background < expected
				? "some were asked for and never sent"
				: "more were sent than asked for");
}

/* Samples that came without an interrupt have no part in what was seen. */
static bool by_interrupt(const struct bench_record *rec)
{
	return rec->way == IPI_WAY_INTERRUPT ||
	       rec->batch == BENCH_BATCH_WINDOW;
}

/*
 * A wake-up may interrupt a sleeper, or a store may do: there is no number to
 * hold what was seen against.
 */
static void tell_wakes(const struct traced_sum *sum, struct bench_trace *out)
{
	out->sends = sum->class[TRACED_RESCHEDULE].sends;
	out->entries = sum->class[TRACED_RESCHEDULE].entries;
	verdict(out, VERDICT_NOT_APPLICABLE,
		"probes: %.0f reschedules and %.0f calls were sent to the "
		"targets; no counter tells which were for its messages",
		out->sends,
		sum->class[TRACED_SINGLE].sends +
			sum->class[TRACED_MANY].sends);
}

static void judge(const struct traced_sum *sum, const struct attest_sum *sums,
		  const char *row, const struct bench_record *rec,
		  struct bench_trace *out)
{
	bool known = add_classes(sum, row, out);

	if (sum->seen < sum->blocks)
		verdict(out, VERDICT_UNATTESTED,
			"%.0f of %.0f blocks were traced: %.120s", sum->seen,
			sum->blocks, sum->why);
	else if (sum->lost > 0)
		verdict(out, VERDICT_UNATTESTED,
			"the tracer lost %.0f events; %.0f sends and %.0f "
			"entries were seen",
			sum->lost, out->sends, out->entries);
	else if (!known)
		verdict(out, VERDICT_UNATTESTED,
			"no probe sees the interrupts that %s counts", row);
	else
		judge_counts(sums, rec, out);
}

void traced_judge(const struct traced_sum *sum, const struct attest_sum *sums,
		  const char *row, const struct bench_record *rec,
		  struct bench_trace *out)
{
	*out = (struct bench_trace){ .blocks = sum->blocks, .seen = sum->seen };
	if (!sum->blocks) {
		verdict(out, VERDICT_NOT_APPLICABLE, "no interrupts to trace");
		return;
	}
	out->paired = sum->paired;
	out->lost = sum->lost;
	if (!row[0]) {
		tell_wakes(sum, out);
		return;
	}
	if (!by_interrupt(rec)) {
		verdict(out, VERDICT_NOT_APPLICABLE,
			"its samples came without an interrupt");
		return;
	}
	/* Reschedules merge: they are counted, and have no times. */
	if (strcmp(row, "RES"))
		out->stages = json_incref(sum->stages);
	judge(sum, sums, row, rec, out);
}
