// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts in words, with no more digits than the figures have. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "compare.h"
#include "front.h"
#include "tool/units.h"

struct text {
	char *buf;
	size_t size, at;
};

static void say(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->at >= t->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->at, t->size - t->at, fmt, ap);
	va_end(ap);
	t->at += n > 0 ? (size_t)n : 0;
}

/* An interval that reaches so many times farther than its middle is open. */
#define FAR 5

/* As many decimals as the width of the interval has a use for. */
static int decimals(double width)
{
	return width >= 10 || !isfinite(width) ? 0 : width >= 0.3 ? 1 : 2;
}

/*
 * An emulator's ns are nobody's: only how its two sides stand to each other is
 * told, as a ratio.
 */
static void say_middle_ratio(struct text *t, const struct cmp_row *row)
{
	const struct cmp_shift *s = &row->shift;
	double center = row->center_ns;
	bool open = fabs(s->high) > FAR * fabs(s->at) ||
		    fabs(s->low) > FAR * fabs(s->at);
	int d;

	say(t, "%s when emulated",
	    row->middle > 0	 ? row->low_is_better ? "slower" : "higher"
	    : row->low_is_better ? "faster"
				 : "lower");
	if (center <= 0)
		return;
	d = 2 + (fabs(s->high - s->low) < 0.03 * center);
	say(t, ": ratio %.*f", d, 1 + s->at / center);
	if (!open)
		say(t, " (%.*f..%.*f)", d, 1 + s->low / center, d,
		    1 + s->high / center);
}

static void say_middle(struct text *t, const struct cmp_row *row)
{
	static const char *const word[2][2] = { { "lower", "higher" },
						{ "faster", "slower" } };
	const struct cmp_shift *s = &row->shift;
	double part = 100 / row->center_ns, sign = s->at < 0 ? -1 : 1;
	double low = fmin(sign * s->low, sign * s->high);
	double high = fmax(sign * s->low, sign * s->high);
	int d = decimals((fmin(high, FAR * fabs(s->at)) - low) * part);

	say(t, "%s by ", word[row->low_is_better][row->middle > 0]);
	/* One disturbed block can leave an interval with no upper end. */
	if (row->center_ns > 0 && high > FAR * fabs(s->at))
		say(t, "%.*f %% (%.*f at least), ", d, fabs(s->at) * part, d,
		    low * part);
	else if (row->center_ns > 0)
		say(t, "%.*f %% (%.*f..%.*f), ", d, fabs(s->at) * part, d,
		    low * part, d, high * part);
	say(t, "%s", units_ns(fabs(s->at)).text);
}

static void say_tail(struct text *t, const struct cmp_tail *tail, bool emulated)
{
	say(t, "tail %s%s: p%g ", tail->excess_ns > 0 ? "worse" : "better",
	    emulated ? " when emulated" : "", 100 * tail->p);
	if (emulated)
		say(t, "ratio %.3g", tail->side.at / tail->base.at);
	else
		say(t, "%s -> %s", units_ns(tail->base.at).text,
		    units_ns(tail->side.at).text);
	if (isfinite(tail->ratio) && tail->ratio > 0)
		say(t, ", %.2g times as many beyond", tail->ratio);
}

static void say_moved(struct text *t, const struct cmp_row *row, bool emulated)
{
	if (row->middle && emulated)
		say_middle_ratio(t, row);
	else if (row->middle)
		say_middle(t, row);
	if (row->middle && row->told)
		say(t, "; ");
	if (row->told)
		say_tail(t, row->told, emulated);
}

static void say_same(struct text *t, const struct cmp_row *row, bool emulated)
{
	char percent[16];

	snprintf(percent, sizeof(percent), "%.2g %%",
		 100 * fabs(row->shift.at) / row->center_ns);
	say(t, "indistinguishable%s: ", emulated ? " when emulated" : "");
	if (row->p_holm <= CMP_ALPHA)
		say(t, "they differ by %s, and %s; ",
		    emulated ? percent : units_ns(fabs(row->shift.at)).text,
		    row->step_ns >= row->floor_ns
			    ? "that is no more than a tick of the clock"
		    : row->pairing == PAIRING_NONE
			    ? "so may two runs of the same"
			    : "so does each from itself");
	if (row->seen_ns > row->center_ns) {
		say(t, "so unsteady that nothing under 100 %% would have been "
		       "seen");
		return;
	}
	if (emulated)
		say(t, "a ratio %.2g %% from 1 would have been seen",
		    100 * row->seen_ns / row->center_ns);
	else
		say(t, "%s (%.2g %%) would have been seen",
		    units_ns(row->seen_ns).text,
		    100 * row->seen_ns / row->center_ns);
}

static const char *unit_name(const struct cmp_row *row)
{
	static const char *const name[] = { "blocks", "processes", "boots" };

	return name[row->level];
}

/* The fewest units a side that could tell anything about so many rows. */
static size_t wanted(const struct compare *c, const struct cmp_row *row)
{
	size_t n = CMP_UNITS_MIN;

	while (n < 1000) {
		double p = row->pairs ? cmp_pairs_least_p(n)
				      : cmp_two_least_p(n, n);

		if (p * (double)c->family <= CMP_ALPHA)
			break;
		n++;
	}
	return n;
}

static void say_too_few(struct text *t, const struct compare *c,
			const struct cmp_row *row)
{
	say(t,
	    "too few %s (%zu and %zu; %zu a side at least for %zu rows): "
	    "run longer, or compare less",
	    unit_name(row), row->units_base, row->units_side, wanted(c, row),
	    c->family);
}

static void say_not_separable(struct text *t, const struct cmp_row *row,
			      bool emulated)
{
	say_moved(t, row, emulated);
	if (row->one_boot_a_side)
		say(t, ", but not separable from boot effects: one boot a "
		       "side");
	else
		say(t,
		    ", but not separable from boot effects: %zu and %zu "
		    "boots, of %u a side at least",
		    row->boots_base, row->boots_side, CMP_UNITS_MIN);
}

void cmp_words(const struct compare *c, struct cmp_row *row)
{
	struct text t = { row->words, sizeof(row->words), 0 };
	bool emulated = cmp_emulator(&c->file[0]);

	switch (row->verdict) {
	case CMP_NOT_COMPARABLE:
		say(&t, "not comparable: %s", row->why);
		break;
	case CMP_TOO_FEW:
		say_too_few(&t, c, row);
		break;
	case CMP_SAME:
		say_same(&t, row, emulated);
		break;
	case CMP_NOT_SEPARABLE:
		say_not_separable(&t, row, emulated);
		break;
	default:
		say_moved(&t, row, emulated);
	}
}

/* ---- the first line ----------------------------------------------------- */

/* One that is emulated speaks for all: the others are refused beside it. */
static const struct cmp_file *speaker(const struct compare *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (cmp_emulator(&c->file[i]))
			return &c->file[i];
	return &c->file[0];
}

static size_t cpus_of(const json_t *root)
{
	return json_array_size(
		json_object_get(json_object_get(root, "topology"), "cpus"));
}

static void say_emulated(struct text *t, const struct cmp_file *f, bool busy)
{
	size_t cpus = cpus_of(f->root);
	double host =
		cmp_number(json_object_get(f->root, "context"), "host_cpus");
	char words[160];

	machine_emulated_words(cmp_emulator(f), host >= 1 ? (unsigned)host : 0,
			       cpus, words, sizeof(words));
	say(t, "%s; %s%s", words, busy ? "busy, " : "",
	    cpus < 4 ? "few CPUs, " : "");
}

static void say_kind(struct text *t, const struct cmp_file *f, bool busy)
{
	const char *kind = cmp_text(f->root, "machine");
	const char *hypervisor =
		cmp_text(json_object_get(f->root, "context"), "hypervisor");
	size_t cpus = cpus_of(f->root);

	say(t, "%s%s", busy ? "busy " : "", kind ? kind : "unknown machine");
	if (kind && strcmp(kind, "hardware"))
		say(t, " machine (%s)", hypervisor ? hypervisor : "unknown");
	say(t, ", %zu CPU%s%s, ", cpus, cpus == 1 ? "" : "s",
	    cpus < 4 ? " (few)" : "");
}

static void say_machine(struct text *t, const struct compare *c)
{
	const struct cmp_file *f = speaker(c);
	const char *scheduling =
		cmp_text(json_object_get(f->root, "context"), "scheduling");
	bool incomplete = false, busy = false;
	size_t i;

	for (i = 0; i < c->n; i++) {
		incomplete |= json_is_false(
			json_object_get(c->file[i].root, "complete"));
		busy |= json_is_true(json_object_get(c->file[i].root, "busy"));
	}
	say(t, "%s", incomplete ? "INCOMPLETE: " : "");
	if (cmp_emulator(f))
		say_emulated(t, f, busy);
	else
		say_kind(t, f, busy);
	say(t, "%s scheduling: ", scheduling ? scheduling : "unknown");
}

void cmp_headline(struct compare *c)
{
	struct text t = { c->headline, sizeof(c->headline), 0 };
	const char *comma = "";
	size_t v;

	say_machine(&t, c);
	if (c->refusal[0]) {
		say(&t, "not comparable");
		return;
	}
	say(&t, "%zu comparison%s: ", c->rows.n, c->rows.n == 1 ? "" : "s");
	for (v = 0; v < CMP_VERDICTS; v++) {
		if (!c->count[v])
			continue;
		say(&t, "%s%zu %s", comma, c->count[v], cmp_verdict_name[v]);
		comma = ", ";
	}
}
