// SPDX-License-Identifier: GPL-2.0-only
/* Which records stand against which: the rows. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "tool/names.h"

struct cmp_row *cmp_row_add(struct compare *c)
{
	struct cmp_rows *rows = &c->rows;
	struct cmp_row *row;

	if (rows->n == rows->cap) {
		size_t cap = rows->cap ? 2 * rows->cap : 32;
		void *more = realloc(rows->at, cap * sizeof(*rows->at));

		if (!more)
			return NULL;
		rows->at = more;
		rows->cap = cap;
	}
	row = &rows->at[rows->n++];
	*row = (struct cmp_row){
		.p_raw = NAN,
		.p_holm = NAN,
		.cliff = NAN,
		.shift = { NAN, NAN, NAN },
		.beyond_null_ns = NAN,
		.beyond_null_share = NAN,
	};
	return row;
}

void cmp_note(struct compare *c, const char *fmt, ...)
{
	char **more = realloc(c->note, (c->notes_n + 1) * sizeof(*more));
	va_list ap;

	if (!more)
		return;
	c->note = more;
	va_start(ap, fmt);
	if (vasprintf(&more[c->notes_n], fmt, ap) >= 0)
		c->notes_n++;
	va_end(ap);
}

static bool is_run(const struct cmp_record *rec, const char *run)
{
	return !strcmp(cmp_text(rec->json, "run"), run);
}

static struct cmp_row *row_new(struct compare *c, size_t base_n, size_t side_n)
{
	struct cmp_row *row = cmp_row_add(c);

	if (!row)
		return NULL;
	row->base = calloc(base_n + side_n + 1, sizeof(*row->base));
	if (!row->base) {
		c->rows.n--;
		return NULL;
	}
	row->side = row->base + base_n;
	return row;
}

static void row_direction(struct cmp_row *row)
{
	const char *better = cmp_text(row->base[0]->json, "better");

	row->low_is_better = !better || strcmp(better, "high");
}

/* ---- designs within one file -------------------------------------------- */

static bool like(const struct compare *c, const struct cmp_record *a,
		 const struct cmp_record *b)
{
	char buf[16];

	cmp_axes_differ(c, a, b, false, buf, sizeof(buf));
	return !buf[0];
}

/* What was not measured is told; it stands in no row. */
static void note_faults(struct compare *c, const struct cmp_file *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct cmp_record *r = &f->rec[i];
		const char *fault = cmp_record_fault(r);
		const char *reason = cmp_text(r->json, "reason");

		if (!r->wanted || !strcmp(cmp_text(r->json, "status"), "ok"))
			continue;
		cmp_note(c, "%s: %s %s %s%s%s", f->path,
			 cmp_text(r->json, "run"), cmp_text(r->json, "metric"),
			 fault, reason ? ": " : "", reason ? reason : "");
	}
}

static bool measured(const struct cmp_record *r)
{
	return r->wanted && !strcmp(cmp_text(r->json, "status"), "ok");
}

/* The first of its kind, or the one that was asked for; NULL: has none. */
static const struct cmp_record *base_of(const struct compare *c,
					const struct cmp_record *rec)
{
	const struct cmp_file *f = &c->file[0];
	const struct cmp_record *first = NULL;
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct cmp_record *r = &f->rec[i];

		if (!measured(r) || !like(c, r, rec))
			continue;
		if (c->baseline ? is_run(r, c->baseline) : !cmp_record_fault(r))
			return r;
		first = first ? first : r;
	}
	return c->baseline ? NULL : first;
}

static int row_against(struct compare *c, const struct cmp_record *base,
		       const struct cmp_record *side)
{
	struct cmp_row *row = row_new(c, 1, 1);
	const char *fault = cmp_record_fault(base);
	const json_t *att;

	if (!row)
		return -ENOMEM;
	row->base[row->base_n++] = base;
	row->side[row->side_n++] = side;
	row_direction(row);
	if (!fault) {
		base = side;
		fault = cmp_record_fault(side);
	}
	att = json_object_get(base->json, "attestation");
	if (fault)
		snprintf(row->why, sizeof(row->why), "%s: %s%s%.200s",
			 cmp_text(base->json, "run"), fault,
			 cmp_text(att, "why") ? ": " : "",
			 cmp_text(att, "why") ? cmp_text(att, "why") : "");
	return 0;
}

static int check_baseline(const struct compare *c, struct tool_error *err)
{
	const struct cmp_file *f = &c->file[0];
	const char **names = calloc(f->n + 1, sizeof(*names));
	bool found = false;
	size_t i;
	int ret = 0;

	for (i = 0; names && i < f->n; i++) {
		names[i] = cmp_text(f->rec[i].json, "run");
		found |= is_run(&f->rec[i], c->baseline);
	}
	if (!found)
		ret = tool_fail(
			err, -EINVAL, "%s: no run is named '%s'%s", f->path,
			c->baseline,
			names ? names_hint(c->baseline, names, f->n).text : "");
	free(names);
	return ret;
}

static bool in_a_row(const struct compare *c, const struct cmp_record *r)
{
	size_t i;

	for (i = 0; i < c->rows.n; i++)
		if (c->rows.at[i].base[0] == r || c->rows.at[i].side[0] == r)
			return true;
	return false;
}

int cmp_match_designs(struct compare *c, struct tool_error *err)
{
	const struct cmp_file *f = &c->file[0];
	const struct cmp_record *base;
	size_t alone = 0, i;

	if (c->baseline && check_baseline(c, err))
		return -EINVAL;
	note_faults(c, f);
	for (i = 0; i < f->n; i++) {
		if (!measured(&f->rec[i]))
			continue;
		base = base_of(c, &f->rec[i]);
		if (base && base != &f->rec[i] &&
		    row_against(c, base, &f->rec[i]))
			return tool_fail(err, -ENOMEM, "out of memory");
	}
	for (i = 0; i < f->n; i++)
		alone += measured(&f->rec[i]) && !in_a_row(c, &f->rec[i]);
	if (alone)
		cmp_note(c,
			 "%zu records have nothing like them to be compared "
			 "with (--across compares unlike things)",
			 alone);
	return 0;
}

/* ---- files by side ------------------------------------------------------ */

/* More than all other traits together. */
#define SAME_LOAD 100

/* How many of its other traits are those of the record that is looked for. */
static int likeness(const struct compare *c, const struct cmp_record *a,
		    const struct cmp_record *b)
{
	static const char *const keys[] = { "comparability", "cpus",
					    "queue",	     "ack",
					    "delivery",	     "home",
					    "target_state",  "series" };
	int same = 0;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		same += cmp_same_text(a, b, keys[i]);
	return same;
}

static bool same_name(const struct cmp_record *a, const struct cmp_record *b)
{
	return cmp_same_text(a, b, "run") && cmp_same_text(a, b, "metric") &&
	       cmp_same_text(a, b, "relation");
}

/* Has the base another record of that name that is of r's size? */
static bool is_anothers(const struct compare *c, const struct cmp_record *r)
{
	const struct cmp_file *f = &c->file[0];
	size_t i;

	for (i = 0; i < f->n; i++)
		if (same_name(&f->rec[i], r) && cmp_same_load(&f->rec[i], r))
			return true;
	return false;
}

/*
 * The record of that name in another file: run, metric, relation, way, and of
 * a run that was measured for several sizes that of the same size. One that
 * failed there has no way, and is the answer when there is no better.
 */
static const struct cmp_record *find(const struct compare *c,
				     const struct cmp_file *f,
				     const struct cmp_record *rec)
{
	const struct cmp_record *best = NULL;
	int most = -1, same;
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct cmp_record *r = &f->rec[i];
		bool same_load = cmp_same_load(r, rec);

		if (!same_name(r, rec) ||
		    (measured(r) && !cmp_same_text(r, rec, "way")) ||
		    (!same_load && is_anothers(c, r)))
			continue;
		same = (same_load ? SAME_LOAD : 0) +
		       (measured(r) ? 1 + likeness(c, r, rec) : 0);
		if (same > most) {
			most = same;
			best = r;
		}
	}
	return best;
}

static void refuse(struct cmp_row *row, const struct cmp_record *r,
		   const char *what)
{
	const char *reason = cmp_text(r->json, "reason");

	if (!reason)
		reason = cmp_text(json_object_get(r->json, "attestation"),
				  "why");
	if (!row->why[0])
		snprintf(row->why, sizeof(row->why), "%s: %s%s%.160s",
			 r->file->path, what, reason ? ": " : "",
			 reason ? reason : "");
}

static void row_check(const struct compare *c, struct cmp_row *row)
{
	const struct cmp_record *first = row->base[0];
	char differ[280];
	size_t i;

	for (i = 0; i < row->base_n + row->side_n; i++) {
		/* Both sides lie in one array. */
		const struct cmp_record *r = row->base[i];

		if (cmp_record_fault(r)) {
			refuse(row, r, cmp_record_fault(r));
			continue;
		}
		cmp_axes_differ(c, first, r, true, differ, sizeof(differ));
		if (differ[0] && !row->why[0])
			snprintf(row->why, sizeof(row->why), "%s", differ);
	}
}

static int row_of_files(struct compare *c, const struct cmp_record *rec,
			size_t *missing)
{
	struct cmp_row *row = row_new(c, c->base_n, c->n - c->base_n);
	const struct cmp_record *r;
	size_t i;

	if (!row)
		return -ENOMEM;
	for (i = 0; i < c->n; i++) {
		r = i ? find(c, &c->file[i], rec) : rec;
		if (r && i < c->base_n)
			row->base[row->base_n++] = r;
	}
	row->side = row->base + row->base_n;
	for (i = c->base_n; i < c->n; i++) {
		r = find(c, &c->file[i], rec);
		if (r)
			row->side[row->side_n++] = r;
	}
	*missing += row->base_n + row->side_n < c->n;
	if (!row->side_n) {
		free(row->base);
		c->rows.n--;
		return 0;
	}
	row_direction(row);
	row_check(c, row);
	return 0;
}

static bool is_side(const struct compare *c, const struct cmp_record *r)
{
	size_t i;

	for (i = 0; i < c->rows.n; i++)
		if (c->rows.at[i].side[0] == r)
			return true;
	return false;
}

/* Records of the new side that no base record found. */
static size_t unmatched(const struct compare *c)
{
	const struct cmp_file *f = &c->file[c->base_n];
	size_t i, n = 0;

	for (i = 0; i < f->n; i++)
		n += measured(&f->rec[i]) && !is_side(c, &f->rec[i]);
	return n;
}

int cmp_match_files(struct compare *c, struct tool_error *err)
{
	const struct cmp_file *f = &c->file[0];
	size_t missing = 0, extra, i;

	note_faults(c, f);
	for (i = 0; i < f->n; i++) {
		if (!measured(&f->rec[i]))
			continue;
		if (row_of_files(c, &f->rec[i], &missing))
			return tool_fail(err, -ENOMEM, "out of memory");
	}
	extra = unmatched(c);
	if (missing)
		cmp_note(c, "%zu records of %s are not in all files", missing,
			 f->path);
	if (extra)
		cmp_note(c, "%zu records are only in %s", extra,
			 c->file[c->base_n].path);
	return 0;
}
