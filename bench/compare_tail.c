// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tails. A rank test of how many samples lie beyond a threshold, block by
 * block: a stall of one message in a thousand moves no median and no mean that
 * anybody would notice, but it doubles what lies beyond p99.9.
 *
 * What is beyond is asked after the middle's own shift: a path that is longer
 * by 50 ns, or by 5 %, has no worse tail for that.
 */
#include <math.h>

#include "compare_work.h"

const double cmp_tail_p[CMP_TAILS] = { 0.9, 0.99, 0.997, 0.999 };

/* The other side's: x moved by the shift, or not, or in ratio. */
void cmp_thresholds(struct cmp_row *row)
{
	double shift = row->shift.at;
	double ratio = row->center_ns > 0 ? shift / row->center_ns : 0;
	size_t i;

	for (i = 0; i < row->tails_n; i++) {
		struct cmp_tail *t = &row->tail[i];
		double x = (t->base.at + t->side.at - shift) / 2;

		t->x_base = x;
		t->x_low = x + fmin(0, fmin(shift, x * ratio));
		t->x_high = x + fmax(0, fmax(shift, x * ratio));
	}
}

/* Shares beyond, unit by unit; the mean of what they differ by. */
static double beyond(struct cmp_work *w, double base_x, double side_x)
{
	double a = 0, b = 0;
	size_t i;

	for (i = 0; i < w->pairs_n; i++) {
		const struct cmp_pair *p = &w->pair[i];

		w->a[i] = cmp_side_above(&w->side, w->side.unit[p->side].w,
					 side_x) -
			  cmp_side_above(&w->base, w->base.unit[p->base].w,
					 base_x);
		a += w->a[i];
	}
	if (w->pairs_n)
		return a / (double)w->pairs_n;
	for (i = 0; i < w->base.n; i++)
		a += w->a[i] =
			cmp_side_above(&w->base, w->base.unit[i].w, base_x);
	for (i = 0; i < w->side.n; i++)
		b += w->b[i] =
			cmp_side_above(&w->side, w->side.unit[i].w, side_x);
	return b / (double)w->side.n - a / (double)w->base.n;
}

static double beyond_p(struct cmp_work *w)
{
	return w->pairs_n ? cmp_pairs_p(w->a, w->pairs_n)
			  : cmp_two_p(w->a, w->base.n, w->b, w->side.n);
}

static void test(struct cmp_work *w, struct cmp_tail *t)
{
	double moved = t->side.at - t->base.at + t->x_base, x = t->x_high;

	t->p_raw = 1;
	if (beyond(w, t->x_base, t->x_high) > 0) {
		t->p_raw = beyond_p(w);
		t->excess_ns = fmax(0, moved - t->x_high);
	} else if (beyond(w, t->x_base, t->x_low) < 0) {
		t->p_raw = beyond_p(w);
		t->excess_ns = fmin(0, moved - t->x_low);
		x = t->x_low;
	}
	t->ratio = cmp_side_above(&w->side, w->w_side, x) /
		   cmp_side_above(&w->base, w->w_base, t->x_base);
}

void cmp_tails(struct cmp_work *w, struct cmp_row *row)
{
	size_t i;

	cmp_select_all(&w->base, w->w_base);
	cmp_select_all(&w->side, w->w_side);
	for (i = 0; i < row->tails_n; i++)
		test(w, &row->tail[i]);
}
