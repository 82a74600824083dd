// SPDX-License-Identifier: GPL-2.0-only
/* Pairs of blocks: what is common to both is no difference between them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare_work.h"

/* Pairing that leaves out more than this share of the units is none. */
#define PAIRED_SHARE 0.8

static bool same_cpus(const struct cmp_unit *a, const struct cmp_unit *b)
{
	return a->source == b->source && a->target == b->target;
}

/* The end of the run of units over the same CPUs that begins at from. */
static size_t stretch(const struct cmp_side *s, size_t from)
{
	size_t to = from;

	while (to < s->n && same_cpus(&s->unit[from], &s->unit[to]) &&
	       s->unit[from].group == s->unit[to].group)
		to++;
	return to;
}

static size_t find_stretch(const struct cmp_side *s, const struct cmp_unit *u)
{
	size_t i = 0;

	while (i < s->n && !same_cpus(&s->unit[i], u))
		i++;
	return i;
}

/* In time, each is paired with the other side's that comes next to it. */
static void pair_by_time(struct cmp_work *w, size_t a, size_t a_end, size_t b,
			 size_t b_end)
{
	const struct cmp_unit *A = w->base.unit, *B = w->side.unit;

	while (a < a_end && b < b_end) {
		if (A[a].t_s <= B[b].t_s) {
			if (a + 1 < a_end && A[a + 1].t_s <= B[b].t_s) {
				a++;
				continue;
			}
		} else if (b + 1 < b_end && B[b + 1].t_s < A[a].t_s) {
			b++;
			continue;
		}
		w->pair[w->pairs_n++] = (struct cmp_pair){ a++, b++ };
	}
}

static void pair_all(struct cmp_work *w, bool by_time)
{
	size_t a, a_end, b, b_end;

	w->pairs_n = 0;
	for (a = 0; a < w->base.n; a = a_end) {
		a_end = stretch(&w->base, a);
		b = find_stretch(&w->side, &w->base.unit[a]);
		b_end = b < w->side.n ? stretch(&w->side, b) : b;
		if (by_time)
			pair_by_time(w, a, a_end, b, b_end);
		for (; !by_time && a < a_end && b < b_end; a++, b++)
			w->pair[w->pairs_n++] = (struct cmp_pair){ a, b };
	}
}

static bool enough(const struct cmp_work *w)
{
	size_t n = w->base.n < w->side.n ? w->base.n : w->side.n;

	return n && (double)w->pairs_n >= PAIRED_SHARE * (double)n;
}

int cmp_pair_up(struct cmp_work *w, bool one_file)
{
	w->pairing = PAIRING_NONE;
	w->pair = calloc(w->base.n + w->side.n + 1, sizeof(*w->pair));
	if (!w->pair)
		return -ENOMEM;
	if (w->level != LEVEL_BLOCK || w->base.rec_n > 1 || w->side.rec_n > 1)
		return 0;
	if (one_file) {
		pair_all(w, true);
		if (enough(w)) {
			w->pairing = PAIRING_ALTERNATE;
			return 0;
		}
	}
	/* Several pairs of CPUs differ by more than what is looked for. */
	if (w->base.n && stretch(&w->base, 0) < w->base.n) {
		pair_all(w, false);
		if (enough(w)) {
			w->pairing = PAIRING_CPUS;
			return 0;
		}
	}
	w->pairs_n = 0;
	return 0;
}
