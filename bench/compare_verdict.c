// SPDX-License-Identifier: GPL-2.0-only
/* From figures to verdicts: all rows are corrected for one another. */
#include <math.h>
#include <stdlib.h>

#include "compare.h"
#include "front.h"

const char *const cmp_verdict_name[CMP_VERDICTS] = {
	[CMP_SAME] = "indistinguishable",
	[CMP_BETTER] = "better",
	[CMP_WORSE] = "worse",
	[CMP_TAIL_BETTER] = "tail better",
	[CMP_TAIL_WORSE] = "tail worse",
	[CMP_TOO_FEW] = "too few",
	[CMP_NOT_SEPARABLE] = "not separable",
	[CMP_NOT_COMPARABLE] = "not comparable",
};

/* ---- many rows ---------------------------------------------------------- */

static void correct(struct compare *c)
{
	size_t n = c->rows.n, i, t;
	double *p = malloc((1 + CMP_TAILS) * (n + 1) * sizeof(*p));
	double *tails = p + n;

	for (i = 0; p && i < n; i++) {
		struct cmp_row *row = &c->rows.at[i];

		p[i] = row->why[0] ? NAN : row->p_raw;
		for (t = 0; t < CMP_TAILS; t++)
			tails[i * CMP_TAILS + t] =
				t < row->tails_n ? row->tail[t].p_raw : NAN;
	}
	if (p) {
		cmp_holm(p, n);
		cmp_holm(tails, n * CMP_TAILS);
	}
	for (i = 0; i < n; i++) {
		struct cmp_row *row = &c->rows.at[i];

		row->p_holm = p ? p[i] : 1;
		for (t = 0; t < row->tails_n; t++)
			row->tail[t].p_holm = p ? tails[i * CMP_TAILS + t] : 1;
	}
	free(p);
}

/* ---- one row ------------------------------------------------------------ */

static int middle_moved(const struct cmp_row *row)
{
	if (!(row->p_holm <= CMP_ALPHA) ||
	    fabs(row->shift.at) <= fmax(row->floor_ns, row->step_ns))
		return 0;
	return row->shift.at > 0 ? 1 : -1;
}

/* The tail that speaks loudest; NULL: none does. */
static const struct cmp_tail *tail_moved(const struct cmp_row *row)
{
	const struct cmp_tail *found = NULL;
	size_t i;

	for (i = 0; i < row->tails_n; i++) {
		const struct cmp_tail *t = &row->tail[i];

		if (t->p_holm <= CMP_ALPHA &&
		    fabs(t->excess_ns) > row->step_ns &&
		    fabs(log(t->ratio)) > log(t->floor) &&
		    (!found || fabs(log(t->ratio)) > fabs(log(found->ratio))))
			found = t;
	}
	return found;
}

/* Nothing was found; could anything have been? */
static enum cmp_verdict verdict_of_none(const struct compare *c,
					const struct cmp_row *row)
{
	return row->least_p * (double)c->family > CMP_ALPHA ? CMP_TOO_FEW
							    : CMP_SAME;
}

static enum cmp_verdict verdict_of(const struct compare *c, struct cmp_row *row)
{
	int bad;

	if (row->why[0])
		return CMP_NOT_COMPARABLE;
	if (isnan(row->p_raw))
		return CMP_TOO_FEW;
	row->middle = middle_moved(row);
	row->told = tail_moved(row);
	if (!row->middle && !row->told)
		return verdict_of_none(c, row);
	if (!row->separable)
		return CMP_NOT_SEPARABLE;
	bad = row->low_is_better ? row->middle : -row->middle;
	if (bad > 0)
		return CMP_WORSE;
	if (row->told && row->told->excess_ns > 0)
		return CMP_TAIL_WORSE;
	return bad < 0 ? CMP_BETTER : CMP_TAIL_BETTER;
}

static int status_of(const struct compare *c)
{
	size_t judged = c->rows.n - c->count[CMP_TOO_FEW] -
			c->count[CMP_NOT_SEPARABLE] -
			c->count[CMP_NOT_COMPARABLE];
	bool gate = c->n > 1 || c->baseline;

	if (gate && c->count[CMP_WORSE] + c->count[CMP_TAIL_WORSE])
		return EXIT_REGRESSION;
	if (c->refusal[0] || !judged || c->count[CMP_NOT_SEPARABLE])
		return EXIT_NOT_COMPARABLE;
	return EXIT_DONE;
}

void cmp_verdicts(struct compare *c)
{
	size_t i;

	correct(c);
	for (i = 0; i < c->rows.n; i++) {
		struct cmp_row *row = &c->rows.at[i];

		row->seen_ns =
			fmax(row->seen_ns, fmax(row->floor_ns, row->step_ns));
		row->verdict = verdict_of(c, row);
		c->count[row->verdict]++;
		cmp_words(c, row);
	}
	if (!c->refusal[0] && !c->rows.n)
		snprintf(c->refusal, sizeof(c->refusal),
			 "there is nothing to compare in %s: no two records "
			 "are alike in all but their design",
			 c->file[0].path);
	c->status = status_of(c);
}
