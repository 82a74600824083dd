// SPDX-License-Identifier: GPL-2.0-only
/* Resampling units: intervals, and what a side differs from itself by. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_work.h"

#define DRAWS 1000u
#define SPLITS 400u
/* A side that was measured for itself is cut into so many parts by time. */
#define PARTS 4u
/*
 * Between two runs more may have happened than within one. Of made-up runs of
 * one machine that wanders by 1 %, this factor leaves 20 of 1500 pairs told
 * apart, and the rank test alone 603.
 */
#define APART 3
/* What is assumed where only several runs could tell. */
#define ONE_RUN_SHARE 0.1
#define ONE_RUN_RATIO 2

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void cmp_select(const struct cmp_side *s, double *sum,
		const struct cmp_unit *unit)
{
	size_t i;

	for (i = 0; i < s->bands_n; i++)
		sum[i] = unit ? sum[i] + unit->w[i] : 0;
}

void cmp_select_all(const struct cmp_side *s, double *sum)
{
	size_t i;

	cmp_select(s, sum, NULL);
	for (i = 0; i < s->n; i++)
		cmp_select(s, sum, &s->unit[i]);
}

/* Sorts v. The interval of 1 - CMP_ALPHA. */
static void interval(struct cmp_estimate *e, double *v, size_t n)
{
	size_t cut = (size_t)(CMP_ALPHA / 2 * (double)n);

	qsort(v, n, sizeof(*v), by_value);
	e->low = v[cut];
	e->high = v[n - 1 - cut];
}

/* ---- intervals ---------------------------------------------------------- */

static size_t draw(struct cmp_work *w, size_t n)
{
	return (size_t)stats_uniform(&w->rng, 0, n - 1);
}

static void draw_units(struct cmp_work *w)
{
	size_t i, k;

	cmp_select(&w->base, w->w_base, NULL);
	cmp_select(&w->side, w->w_side, NULL);
	for (i = 0; i < w->pairs_n; i++) {
		k = draw(w, w->pairs_n);
		cmp_select(&w->base, w->w_base, &w->base.unit[w->pair[k].base]);
		cmp_select(&w->side, w->w_side, &w->side.unit[w->pair[k].side]);
	}
	if (w->pairs_n)
		return;
	for (i = 0; i < w->base.n; i++)
		cmp_select(&w->base, w->w_base,
			   &w->base.unit[draw(w, w->base.n)]);
	for (i = 0; i < w->side.n; i++)
		cmp_select(&w->side, w->w_side,
			   &w->side.unit[draw(w, w->side.n)]);
}

/* p50 and each tail: base, side, change. */
#define DRAWN (3 * (CMP_TAILS + 1))

static void take_draw(struct cmp_work *w, const struct cmp_row *row, double *v,
		      size_t draws)
{
	size_t t;

	for (t = 0; t <= row->tails_n; t++) {
		double p = t ? row->tail[t - 1].p : 0.5;
		double a = cmp_side_quantile(&w->base, w->w_base, p);
		double b = cmp_side_quantile(&w->side, w->w_side, p);

		v[(3 * t) * draws] = a;
		v[(3 * t + 1) * draws] = b;
		v[(3 * t + 2) * draws] = b - a;
	}
}

int cmp_bootstrap(struct cmp_work *w, struct cmp_row *row)
{
	double *v = malloc(DRAWN * DRAWS * sizeof(*v));
	size_t i, t;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < DRAWS; i++) {
		draw_units(w);
		take_draw(w, row, v + i, DRAWS);
	}
	interval(&row->base_p50, v, DRAWS);
	interval(&row->side_p50, v + DRAWS, DRAWS);
	for (t = 0; t < row->tails_n; t++) {
		double *at = v + 3 * (t + 1) * DRAWS;

		interval(&row->tail[t].base, at, DRAWS);
		interval(&row->tail[t].side, at + DRAWS, DRAWS);
		interval(&row->tail[t].change, at + 2 * DRAWS, DRAWS);
	}
	free(v);
	return 0;
}

/* ---- A against A -------------------------------------------------------- */

static bool neighbours(const struct cmp_side *s, size_t i)
{
	const struct cmp_unit *a = &s->unit[i], *b = &s->unit[i + 1];

	return a->source == b->source && a->target == b->target;
}

/* One split: of each two neighbours one goes left, by the toss of a coin. */
static double split(struct cmp_work *w, const struct cmp_side *s, double *left,
		    double *right)
{
	size_t i, n = 0;

	cmp_select(s, left, NULL);
	cmp_select(s, right, NULL);
	for (i = 0; i + 1 < s->n; i += 2) {
		bool swap = stats_random(&w->rng) >> 63;

		if (w->level == LEVEL_BLOCK && !neighbours(s, i)) {
			i--; /* the next stretch begins with the second */
			continue;
		}
		w->a[n++] =
			s->unit[i + !swap].center - s->unit[i + swap].center;
		cmp_select(s, left, &s->unit[i + swap]);
		cmp_select(s, right, &s->unit[i + !swap]);
	}
	return fabs(stats_median(w->a, n));
}

/* How unlike two selections are in what lies beyond: a ratio's logarithm. */
static double unlike(const struct cmp_work *w, const struct cmp_side *s,
		     const double *left, const double *right,
		     const struct cmp_tail *t)
{
	double x = s == &w->base ? t->x_base : t->x_high, n = 0;
	size_t i;

	for (i = 0; i < s->bands_n; i++)
		n += left[i] + right[i];
	/* One sample more on both sides, so that none beyond is no infinity. */
	return fabs(log((cmp_side_above(s, left, x) + 1 / n) /
			(cmp_side_above(s, right, x) + 1 / n)));
}

static void raise_tail(struct cmp_tail *t, double off)
{
	t->floor = fmax(t->floor, isfinite(off) ? exp(off) : 1);
}

static void floor_by_splits(struct cmp_work *w, const struct cmp_side *s,
			    struct cmp_row *row, double *v)
{
	double *left = calloc(2 * s->bands_n + 1, sizeof(*left));
	double *right = left + s->bands_n;
	struct cmp_estimate e = { 0 };
	size_t i, t;

	for (i = 0; left && i < SPLITS; i++) {
		v[i] = split(w, s, left, right);
		for (t = 0; t < row->tails_n; t++)
			v[(t + 1) * SPLITS + i] =
				unlike(w, s, left, right, &row->tail[t]);
	}
	for (t = 0; left && t <= row->tails_n; t++) {
		interval(&e, v + t * SPLITS, SPLITS);
		/* Halves have half the blocks: they differ by more. */
		e.high *= M_SQRT1_2;
		if (t)
			raise_tail(&row->tail[t - 1], e.high);
		else if (isfinite(e.high))
			row->floor_ns = fmax(row->floor_ns, e.high);
	}
	free(left);
}

/* Where unit i stands in its own stretch, which has *n; from its middle. */
static double place_in_stretch(const struct cmp_side *s, size_t i, size_t *at,
			       size_t *n, double *scratch)
{
	size_t k, m = 0;

	*at = 0;
	for (k = 0; k < s->n; k++) {
		const struct cmp_unit *u = &s->unit[k];

		if (u->source != s->unit[i].source ||
		    u->target != s->unit[i].target ||
		    u->group != s->unit[i].group)
			continue;
		*at += k < i;
		scratch[m++] = u->center;
	}
	*n = m;
	return s->unit[i].center - stats_median(scratch, m);
}

/*
 * Sides that did not alternate may differ by all that the machine did
 * meanwhile: by as much, at least, as one part of a side from another.
 */
static void floor_by_time(struct cmp_work *w, const struct cmp_side *s,
			  struct cmp_row *row)
{
	double *left = calloc(2 * s->bands_n + 1, sizeof(*left));
	double *right = left + s->bands_n, low = INFINITY, high = -INFINITY;
	size_t part, i, t, at, n;

	for (part = 0; left && part < PARTS; part++) {
		size_t m = 0;

		for (i = 0; i < s->n; i++) {
			double off = place_in_stretch(s, i, &at, &n, w->b);

			if (at * PARTS / n != part)
				continue;
			w->a[m++] = off;
			cmp_select(s, part < PARTS / 2 ? left : right,
				   &s->unit[i]);
		}
		if (m) {
			double mid = stats_median(w->a, m);

			low = fmin(low, mid);
			high = fmax(high, mid);
		}
	}
	if (high > low)
		row->floor_ns = fmax(row->floor_ns, APART * (high - low));
	for (t = 0; left && t < row->tails_n; t++)
		raise_tail(&row->tail[t],
			   APART * unlike(w, s, left, right, &row->tail[t]));
	free(left);
}

/* Processes of one side differ: less than that is no difference of sides. */
static void floor_by_process(struct cmp_work *w, const struct cmp_side *s,
			     struct cmp_row *row)
{
	double low = INFINITY, high = -INFINITY;
	size_t g, i;

	for (g = 0; g < s->rec_n && s->rec_n > 1; g++) {
		size_t n = 0;

		for (i = 0; i < s->n; i++)
			if (s->unit[i].group == g)
				w->a[n++] = s->unit[i].center;
		if (n) {
			double mid = stats_median(w->a, n);

			low = fmin(low, mid);
			high = fmax(high, mid);
		}
	}
	if (high > low)
		row->floor_ns = fmax(row->floor_ns, APART * (high - low));
}

/*
 * One file a side, measured one after the other: nothing in them tells what two
 * runs of the same differ by. On the machine this was written on it was 6 %.
 */
static void floor_of_one_run(const struct cmp_work *w, struct cmp_row *row)
{
	size_t t;

	if (w->base.rec_n > 1 || w->side.rec_n > 1 ||
	    w->base.rec[0]->file == w->side.rec[0]->file)
		return;
	row->floor_ns =
		fmax(row->floor_ns, ONE_RUN_SHARE * cmp_side_center(&w->base));
	for (t = 0; t < row->tails_n; t++)
		raise_tail(&row->tail[t], log(ONE_RUN_RATIO));
}

int cmp_floors(struct cmp_work *w, struct cmp_row *row)
{
	double *v = malloc((CMP_TAILS + 1) * SPLITS * sizeof(*v));
	bool split_them =
		w->pairing == PAIRING_ALTERNATE || w->level != LEVEL_BLOCK;
	const struct cmp_side *side[2] = { &w->base, &w->side };
	size_t i;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < 2; i++) {
		if (split_them)
			floor_by_splits(w, side[i], row, v);
		else
			floor_by_time(w, side[i], row);
		if (w->level == LEVEL_BLOCK)
			floor_by_process(w, side[i], row);
	}
	floor_of_one_run(w, row);
	free(v);
	return 0;
}
