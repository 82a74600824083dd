// SPDX-License-Identifier: GPL-2.0-only
/* Reads interrupt counts and judges whether the asked ones were taken. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest.h"
#include "tool/interrupts.h"

static int read_number(const char *folder, const char *name, double *number)
{
	char path[256];
	FILE *f;
	int got;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	if (!f)
		return -ENOKEY;
	got = fscanf(f, "%lf", number);
	fclose(f);
	return got == 1 ? 0 : -ENOKEY;
}

int attest_read_counter(const char *path, const char *folder,
			const char *counter, const int *processors, size_t n,
			double *sum)
{
	const char *plus = strchr(counter, '+');
	double first, more = 0;
	char row[64];
	int err;

	snprintf(row, sizeof(row), "%.*s",
		 plus ? (int)(plus - counter) : (int)strlen(counter), counter);
	err = interrupts_read(path, row, processors, n, &first);
	if (!err && plus)
		err = read_number(folder, plus + 1, &more);
	if (!err)
		*sum = first + more;
	return err;
}

void attest_add_lib(struct attest_sum *s, const struct ipi_counters *from,
		    const struct ipi_counters *to)
{
	s->has_lib = true;
#define IPI_COUNTER(name, unit, help) s->lib.name += to->name - from->name;
#include <ipi/counters.def>
#undef IPI_COUNTER
}

void attest_add_quiet(struct attest_sum *s, double taken, double length_s)
{
	double rate = length_s > 0 ? taken / length_s : 0;

	s->quiet += taken;
	s->quiet_s += length_s;
	s->quiet_n++;
	s->rates += rate;
	s->rates_squared += rate * rate;
}

double attest_background(const struct attest_sum *s, double *spread)
{
	double n = 0, mean, variance;

	*spread = 0;
	if (s->quiet_s > 0) {
		n = s->quiet / s->quiet_s * s->blocks_s;
		mean = s->rates / s->quiet_n;
		variance = s->rates_squared / s->quiet_n - mean * mean;
		if (variance > 0)
			*spread = 3 * sqrt(variance / s->quiet_n) * s->blocks_s;
	}
	/* What a count that was small may have been by chance. */
	*spread += 3 * sqrt(n + 1);
	return n;
}

#define SAY(...) snprintf(out->why, sizeof(out->why), __VA_ARGS__)

/* The library's own arithmetic: exact, or something was lost. */
static bool lib_adds_up(const struct ipi_counters *n,
			struct bench_attestation *out)
{
	long long sends = (long long)(n->notified + n->already_pending +
				      n->polled + n->local + n->refused);
	long long taken = (long long)(n->entries + n->merged);

	if ((long long)n->asked != sends)
		SAY("the library asked %llu times and accounts for %lld",
		    (unsigned long long)n->asked, sends);
	else if ((long long)n->notified != taken)
		SAY("the library notified %llu times and saw %lld deliveries: "
		    "%lld too %s",
		    (unsigned long long)n->notified, taken,
		    llabs(taken - (long long)n->notified),
		    taken < (long long)n->notified ? "few" : "many");
	else
		return true;
	out->verdict = VERDICT_CONTRADICTED;
	return false;
}

static const char *unreadable(int err, const char *row)
{
	static _Thread_local char text[120];

	switch (-err) {
	case ENODATA:
		return INTERRUPTS_PATH " is masked here (empty or all zero)";
	case ENOENT:
		return INTERRUPTS_PATH " does not exist here";
	case ENOKEY:
		snprintf(text, sizeof(text),
			 INTERRUPTS_PATH " has no row %s for these CPUs", row);
		return text;
	default:
		snprintf(text, sizeof(text), INTERRUPTS_PATH ": %s",
			 strerror(-err));
		return text;
	}
}

/*
 * Samples whose target did not run are no part of the series of interrupts: it
 * holds when just the others were taken. In the series of those without one,
 * the interrupts that were asked for and never came are a contradiction.
 */
static bool holds_without_absent(const struct attest_sum *s, enum ipi_way way,
				 double spread, struct bench_attestation *out)
{
	double expected;

	if (way != IPI_WAY_INTERRUPT || !s->absent || s->samples <= s->absent)
		return false;
	expected = s->asked * (1 - s->absent / s->samples);
	if (fabs(s->taken - out->background - expected) >
	    spread + 0.01 * expected)
		return false;
	out->verdict = VERDICT_ATTESTED;
	out->expected = expected;
	SAY("%s: taken %.0f, asked %.0f of a running target, background %.0f "
	    "+- %.0f; %.0f of %.0f samples, whose target did not run, stand "
	    "apart",
	    out->counter, s->taken, expected, out->background, spread,
	    s->absent, s->samples);
	return true;
}

/*
 * Linux sends no interrupt to a CPU that idles polling; a store wakes it. Their
 * samples are a series of their own, which holds when none was taken for them.
 */
static void say_more(const struct attest_sum *s, enum ipi_way way,
		       struct bench_attestation *out)
{
	size_t at = strlen(out->why);

	if (s->shared > 0)
		at += (size_t)snprintf(out->why + at, sizeof(out->why) - at,
				       "; several messages may share one");
	if (s->unsent > 0 && at < sizeof(out->why))
		snprintf(out->why + at, sizeof(out->why) - at,
			 "; no interrupt was sent for %.0f messages to CPUs "
			 "that idled polling",
			 s->unsent);
	if (way == IPI_WAY_IDLE)
		out->unsent = s->unsent;
}

static void judge_machine(const struct attest_sum *s, const char *row,
			  enum ipi_way way, struct bench_attestation *out)
{
	double spread, off, taken;

	out->background = attest_background(s, &spread);
	out->expected = s->asked;
	out->taken = s->taken;
	taken = s->taken - out->background;
	off = taken - s->asked;
	if (off < 0)
		off = fmin(off + s->shared, 0);
	snprintf(out->counter, sizeof(out->counter), "%s", row);
	/* A hundredth forgives what falls between the two readings. */
	if (fabs(off) <= spread + 0.01 * s->asked) {
		out->verdict = VERDICT_ATTESTED;
		SAY("%s: taken %.0f, asked %.0f, background %.0f +- %.0f", row,
		    s->taken, s->asked, out->background, spread);
		say_more(s, way, out);
		return;
	}
	if (holds_without_absent(s, way, spread, out))
		return;
	SAY("%s: taken %.0f, asked %.0f, background %.0f +- %.0f: %.0f too %s",
	    row, s->taken, s->asked, out->background, spread, fabs(off),
	    off < 0 ? "few" : "many");
	out->verdict = VERDICT_CONTRADICTED;
	if (off > 0 && s->disturbed > 0) {
		/* Other work's interrupts: they hide ours, they deny nothing. */
		out->verdict = VERDICT_UNATTESTED;
		snprintf(out->why + strlen(out->why),
			 sizeof(out->why) - strlen(out->why),
			 "; others disturbed %.0f of %.0f blocks", s->disturbed,
			 s->blocks);
	} else if (off < 0 && s->peers) {
		/* Taken on the way out of the kernel, without an interrupt. */
		snprintf(out->why + strlen(out->why),
			 sizeof(out->why) - strlen(out->why),
			 "; who was in a system call of its own, as a sender "
			 "is, took its signals at its end");
	} else if (s->absent > 0) {
		snprintf(out->why + strlen(out->why),
			 sizeof(out->why) - strlen(out->why),
			 "; the target did not run in %.0f of %.0f samples",
			 s->absent, s->samples);
	}
}

/*
 * A CPU that sleeps may be woken by an interrupt or, where it idles in a state
 * that polls, by a store; the machine's counters tell neither. But that it
 * slept the kernel knows: it has seen the thread give its processor up.
 */
static void judge_sleep(const struct attest_sum *s,
			struct bench_attestation *out)
{
	bool each = s->slept >= 0.99 * s->messages;

	out->verdict = each ? VERDICT_ATTESTED : VERDICT_CONTRADICTED;
	SAY("asleep: %.0f times for %.0f messages%s", s->slept, s->messages,
	    each ? "" : "; the others found it awake");
}

void attest_judge(const struct attest_sum *s, const char *row, bool meant,
		  enum ipi_way way, struct bench_attestation *out)
{
	memset(out, 0, sizeof(*out));
	out->has_lib = s->has_lib;
	out->lib = s->lib;
	if (!meant) {
		out->verdict = VERDICT_NOT_APPLICABLE;
		SAY("no interrupt is meant");
		return;
	}
	if (s->has_lib && !lib_adds_up(&s->lib, out))
		return;
	if (s->sleeps) {
		judge_sleep(s, out);
	} else if (s->has_lib && s->lib.asked && !s->asked && !s->unsent) {
		out->verdict = VERDICT_ATTESTED;
		SAY("no interrupt was asked for: %llu of %llu sends polled",
		    (unsigned long long)s->lib.polled,
		    (unsigned long long)s->lib.asked);
	} else if (!s->asked && !s->unsent) {
		out->verdict = VERDICT_UNATTESTED;
		SAY("nothing was sent");
	} else if (!row[0]) {
		out->verdict = VERDICT_UNATTESTED;
		SAY("no counter of this machine counts these interrupts");
	} else if (s->error) {
		out->verdict = VERDICT_UNATTESTED;
		SAY("%s", unreadable(s->error, row));
	} else {
		judge_machine(s, row, way, out);
	}
}
