// SPDX-License-Identifier: GPL-2.0-only
/* The figures of one row. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_work.h"

/* A quantile is worth stating when this many samples lie beyond it. */
#define BEYOND STATS_BEYOND
/*
 * Medians that are a tick apart may be of distributions that are hardly apart
 * at all; more than a tick must be more.
 */
#define STEPS 1.5

static size_t boots_of_both(const struct cmp_row *row)
{
	const struct cmp_record *all[64];
	struct cmp_side both;
	size_t n = 0, i, boots = 1;

	for (i = 0; i < row->base_n + row->side_n && n < 64; i++)
		all[n++] = row->base[i]; /* both sides lie in one array */
	if (!cmp_side_make(&both, all, n, LEVEL_BLOCK))
		boots = both.boots;
	cmp_side_free(&both);
	return boots;
}

/* The highest level of which there are enough on both sides. */
static int choose_level(struct cmp_work *w, struct cmp_row *row)
{
	size_t boots = boots_of_both(row), least;
	int ret;

	ret = cmp_side_make(&w->base, row->base, row->base_n, LEVEL_BLOCK);
	if (!ret)
		ret = cmp_side_make(&w->side, row->side, row->side_n,
				    LEVEL_BLOCK);
	if (ret)
		return ret;
	row->boots_base = w->base.boots;
	row->boots_side = w->side.boots;
	row->processes_base = w->base.processes;
	row->processes_side = w->side.processes;
	row->one_boot_a_side =
		boots > 1 && w->base.boots == 1 && w->side.boots == 1;
	least = boots > 1
			? (row->boots_base < row->boots_side ? row->boots_base
							     : row->boots_side)
			: (row->base_n < row->side_n ? row->base_n
						     : row->side_n);
	row->separable = boots == 1 || least >= CMP_UNITS_MIN;
	if (least < CMP_UNITS_MIN)
		return 0;
	w->level = boots > 1 ? LEVEL_BOOT : LEVEL_PROCESS;
	cmp_side_free(&w->base);
	cmp_side_free(&w->side);
	ret = cmp_side_make(&w->base, row->base, row->base_n, w->level);
	return ret ? ret
		   : cmp_side_make(&w->side, row->side, row->side_n, w->level);
}

static int work_open(struct cmp_work *w, struct cmp_row *row, uint64_t seed)
{
	size_t n;
	int ret;

	memset(w, 0, sizeof(*w));
	w->rng.state = seed;
	w->level = LEVEL_BLOCK;
	ret = choose_level(w, row);
	if (!ret)
		ret = cmp_pair_up(w, row->base[0]->file == row->side[0]->file);
	if (ret)
		return ret;
	n = w->base.n + w->side.n + 1;
	w->a = calloc(n, sizeof(*w->a));
	w->b = calloc(n, sizeof(*w->b));
	w->w_base = calloc(w->base.bands_n + 1, sizeof(*w->w_base));
	w->w_side = calloc(w->side.bands_n + 1, sizeof(*w->w_side));
	return w->a && w->b && w->w_base && w->w_side ? 0 : -ENOMEM;
}

static void work_close(struct cmp_work *w)
{
	cmp_side_free(&w->base);
	cmp_side_free(&w->side);
	free(w->pair);
	free(w->a);
	free(w->b);
	free(w->w_base);
	free(w->w_side);
}

/* ---- the middle --------------------------------------------------------- */

static void paired_values(struct cmp_work *w)
{
	size_t i;

	for (i = 0; i < w->pairs_n; i++)
		w->a[i] = w->side.unit[w->pair[i].side].center -
			  w->base.unit[w->pair[i].base].center;
}

static void unpaired_values(struct cmp_work *w)
{
	size_t i;

	for (i = 0; i < w->base.n; i++)
		w->a[i] = w->base.unit[i].center;
	for (i = 0; i < w->side.n; i++)
		w->b[i] = w->side.unit[i].center;
}

static struct cmp_shift shift_at(const struct cmp_work *w, double alpha)
{
	return w->pairs_n
		       ? cmp_pairs_shift(w->a, w->pairs_n, alpha)
		       : cmp_two_shift(w->a, w->base.n, w->b, w->side.n, alpha);
}

/* How far off a shift must be for its interval to leave 0 out. */
static double reach(const struct cmp_work *w, double alpha)
{
	struct cmp_shift s = shift_at(w, alpha);

	return (s.high - s.low) / 2;
}

static void judge_middle(const struct compare *c, struct cmp_work *w,
			 struct cmp_row *row)
{
	if (w->pairs_n) {
		paired_values(w);
		row->p_raw = cmp_pairs_p(w->a, w->pairs_n);
		row->least_p = cmp_pairs_least_p(w->pairs_n);
	} else {
		unpaired_values(w);
		row->p_raw = cmp_two_p(w->a, w->base.n, w->b, w->side.n);
		row->least_p = cmp_two_least_p(w->base.n, w->side.n);
	}
	row->shift = shift_at(w, CMP_ALPHA);
	row->seen_ns = reach(w, CMP_ALPHA / (double)c->family);
	row->center_ns = cmp_side_center(&w->base);
}

/* ---- the rest ----------------------------------------------------------- */

static bool has_tails(const struct cmp_record *rec)
{
	const char *kind = cmp_text(rec->json, "sample_kind");

	return kind && !strcmp(kind, "single");
}

/* Where low is better and enough samples lie beyond, on both sides. */
static void choose_tails(const struct cmp_work *w, struct cmp_row *row)
{
	double a = 0, b = 0, n;
	size_t i;

	for (i = 0; i < row->base_n; i++)
		a += row->base[i]->samples_n;
	for (i = 0; i < row->side_n; i++)
		b += row->side[i]->samples_n;
	n = a < b ? a : b;
	for (i = 0; i < CMP_TAILS; i++) {
		if (!w->base.bands_n || !w->side.bands_n ||
		    !row->low_is_better || !has_tails(row->base[0]) ||
		    n * (1 - cmp_tail_p[i]) < BEYOND - 1e-6)
			break;
		row->tail[row->tails_n++].p = cmp_tail_p[i];
	}
}

static void estimate(struct cmp_work *w, struct cmp_row *row)
{
	size_t i;

	cmp_select_all(&w->base, w->w_base);
	cmp_select_all(&w->side, w->w_side);
	row->base_p50.at = cmp_side_quantile(&w->base, w->w_base, 0.5);
	row->side_p50.at = cmp_side_quantile(&w->side, w->w_side, 0.5);
	for (i = 0; i < row->tails_n; i++) {
		struct cmp_tail *t = &row->tail[i];

		t->base.at = cmp_side_quantile(&w->base, w->w_base, t->p);
		t->side.at = cmp_side_quantile(&w->side, w->w_side, t->p);
		t->change.at = t->side.at - t->base.at;
	}
}

/* P(side above base) - P(side below base), over all samples of both. */
static double cliff(const struct cmp_record *a, const struct cmp_record *b)
{
	const struct cmp_dist *x = &a->dist, *y = &b->dist;
	double below = 0, wins = 0, losses = 0, n, m;
	size_t i, k = 0;

	if (!x->rows_n || !y->rows_n)
		return NAN;
	n = x->upto[x->rows_n - 1];
	m = y->upto[y->rows_n - 1];
	for (i = 0; i < y->rows_n; i++) {
		double own = y->upto[i] - (i ? y->upto[i - 1] : 0);
		double upto;

		while (k < x->rows_n && x->high[k] < y->low[i])
			k++;
		below = k ? x->upto[k - 1] : 0;
		upto = below;
		if (k < x->rows_n && x->low[k] <= y->high[i])
			upto = x->upto[k];
		wins += own * below;
		losses += own * (n - upto);
	}
	return (wins - losses) / (n * m);
}

/* Without bands p50 is what the record says, and has no interval. */
static void without_bands(struct cmp_row *row)
{
	row->base_p50.at = cmp_number(row->base[0]->json, "latency_ns_p50");
	row->side_p50.at = cmp_number(row->side[0]->json, "latency_ns_p50");
	row->base_p50.low = row->base_p50.high = NAN;
	row->side_p50.low = row->side_p50.high = NAN;
}

/* The record with the queue `null` beside rec; NULL: none. */
static const struct cmp_record *null_of(const struct cmp_record *rec)
{
	static const char *const keys[] = { "driver", "delivery",
					    "metric", "relation",
					    "waiter", "sample_kind",
					    "gap" };
	const struct cmp_file *f = rec->file;
	size_t i, k;

	for (i = 0; i < f->n; i++) {
		const struct cmp_record *r = &f->rec[i];
		const char *queue = cmp_text(r->json, "queue");

		if (!queue || strcmp(queue, "null") || r == rec ||
		    cmp_record_fault(r) ||
		    !json_is_null(json_object_get(r->json, "inject")))
			continue;
		for (k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			if (!cmp_same_text(r, rec, keys[k]))
				break;
		if (k == sizeof(keys) / sizeof(keys[0]) &&
		    cmp_same_load(r, rec))
			return r;
	}
	return NULL;
}

static void judge_null(struct cmp_row *row)
{
	const struct cmp_record *null = null_of(row->side[0]);
	double p50 = cmp_number(row->side[0]->json, "latency_ns_p50");

	if (!null)
		return;
	row->beyond_null_ns = p50 - cmp_number(null->json, "latency_ns_p50");
	row->beyond_null_share = row->beyond_null_ns / p50;
}

static void judge_steps(struct cmp_row *row)
{
	size_t i;

	for (i = 0; i < row->base_n + row->side_n; i++)
		row->step_ns =
			fmax(row->step_ns, STEPS * row->base[i]->step_ns);
}

static int judge_units(const struct compare *c, struct cmp_work *w,
		       struct cmp_row *row)
{
	int ret;

	judge_middle(c, w, row);
	choose_tails(w, row);
	if (!w->base.bands_n || !w->side.bands_n) {
		without_bands(row);
		return cmp_floors(w, row);
	}
	estimate(w, row);
	cmp_thresholds(row);
	ret = cmp_floors(w, row);
	if (!ret)
		ret = cmp_bootstrap(w, row);
	cmp_tails(w, row);
	return ret;
}

int cmp_judge(const struct compare *c, struct cmp_row *row, uint64_t seed)
{
	struct cmp_work w;
	int ret = work_open(&w, row, seed);

	judge_null(row);
	judge_steps(row);
	if (!ret) {
		row->level = w.level;
		row->pairing = w.pairing;
		row->units_base = w.base.n;
		row->units_side = w.side.n;
		row->pairs = w.pairs_n;
		row->cliff = cliff(row->base[0], row->side[0]);
		if (w.base.n >= CMP_UNITS_MIN && w.side.n >= CMP_UNITS_MIN)
			ret = judge_units(c, &w, row);
		else
			without_bands(row);
	}
	work_close(&w);
	return ret;
}
