// SPDX-License-Identifier: GPL-2.0-only
/* One side of a row: its units of replication, and what any of them add to. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "stats.h"

/* More blocks than this are taken together, neighbours first. */
#define UNITS_MAX 400u

static bool same_boot(const struct cmp_record *a, const struct cmp_record *b)
{
	return a->file == b->file || (a->file->boot && b->file->boot &&
				      !strcmp(a->file->boot, b->file->boot));
}

/* The first record of the same boot: an unknown boot is one of its own. */
static size_t boot_of(const struct cmp_side *s, size_t rec)
{
	size_t i;

	for (i = 0; i < rec; i++)
		if (same_boot(s->rec[i], s->rec[rec]))
			return i;
	return rec;
}

static int side_bands(struct cmp_side *s)
{
	bool all = true;
	size_t i;

	s->band_at = calloc(s->rec_n + 1, sizeof(*s->band_at));
	if (!s->band_at)
		return -ENOMEM;
	for (i = 0; i < s->rec_n; i++) {
		s->band_at[i] = s->bands_n;
		s->bands_n += s->rec[i]->dist.bands_n;
		all &= s->rec[i]->dist.bands_n > 0;
	}
	if (!all)
		s->bands_n = 0;
	return 0;
}

static struct cmp_unit *unit_new(struct cmp_side *s, size_t group,
				 const struct cmp_block *b)
{
	struct cmp_unit *u = &s->unit[s->n];

	*u = (struct cmp_unit){
		.t_s = b->t_s,
		.source = b->source,
		.target = b->target,
		.group = group,
		.w = s->w + s->n * s->bands_n,
	};
	s->n++;
	return u;
}

/* The unit that a block belongs to, made when it is the first of it. */
static struct cmp_unit *unit_for(struct cmp_side *s, enum cmp_level level,
				 size_t rec, const struct cmp_block *b,
				 size_t *in_unit, size_t most)
{
	struct cmp_unit *last = s->n ? &s->unit[s->n - 1] : NULL;
	size_t i, group = level == LEVEL_BOOT ? boot_of(s, rec) : rec;

	if (level == LEVEL_BLOCK) {
		bool fits = last && last->group == group && *in_unit < most &&
			    last->source == b->source &&
			    last->target == b->target;

		*in_unit = fits ? *in_unit + 1 : 1;
		return fits ? last : unit_new(s, group, b);
	}
	for (i = 0; i < s->n; i++)
		if (s->unit[i].group == group)
			return &s->unit[i];
	return unit_new(s, group, b);
}

static void unit_add(struct cmp_side *s, struct cmp_unit *u, size_t rec,
		     const struct cmp_block *b)
{
	size_t i;

	for (i = 0; s->bands_n && i < s->rec[rec]->dist.bands_n; i++)
		u->w[s->band_at[rec] + i] += b->band[i];
}

static void side_fill(struct cmp_side *s, enum cmp_level level, size_t blocks)
{
	size_t most = (blocks + UNITS_MAX - 1) / UNITS_MAX, r, i, k;
	size_t *of = calloc(blocks + 1, sizeof(*of)), at = 0, in_unit = 0;
	double *p50 = calloc(blocks + 1, sizeof(*p50));

	for (r = 0; of && r < s->rec_n; r++)
		for (i = 0; i < s->rec[r]->blocks_n; i++) {
			const struct cmp_block *b = &s->rec[r]->block[i];
			struct cmp_unit *u =
				unit_for(s, level, r, b, &in_unit, most);

			of[at++] = (size_t)(u - s->unit);
			unit_add(s, u, r, b);
		}
	for (k = 0; p50 && of && k < s->n; k++) {
		size_t n = 0;

		at = 0;
		for (r = 0; r < s->rec_n; r++)
			for (i = 0; i < s->rec[r]->blocks_n; i++)
				if (of[at++] == k)
					p50[n++] = s->rec[r]->block[i].p50_ns;
		s->unit[k].center = stats_median(p50, n);
	}
	free(p50);
	free(of);
}

int cmp_side_make(struct cmp_side *s, const struct cmp_record *const *rec,
		  size_t n, enum cmp_level level)
{
	size_t blocks = 0, i;

	memset(s, 0, sizeof(*s));
	s->rec = (const struct cmp_record **)rec;
	s->rec_n = s->processes = n;
	for (i = 0; i < n; i++) {
		blocks += rec[i]->blocks_n;
		s->boots += boot_of(s, i) == i;
	}
	if (side_bands(s))
		return -ENOMEM;
	s->unit = calloc(blocks + 1, sizeof(*s->unit));
	s->w = calloc(blocks * s->bands_n + 1, sizeof(*s->w));
	s->center = calloc(blocks + 1, sizeof(*s->center));
	if (!s->unit || !s->w || !s->center)
		return -ENOMEM;
	side_fill(s, level, blocks);
	return 0;
}

void cmp_side_free(struct cmp_side *s)
{
	free(s->band_at);
	free(s->unit);
	free(s->w);
	free(s->center);
}

double cmp_side_center(const struct cmp_side *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		s->center[i] = s->unit[i].center;
	return stats_median(s->center, s->n);
}

/* ---- distributions over all records of the side ------------------------- */

double cmp_side_above(const struct cmp_side *s, const double *w, double x)
{
	double above = 0, all = 0;
	size_t r;

	for (r = 0; r < s->rec_n; r++) {
		const double *own = w + s->band_at[r];
		double n = cmp_dist_sum(&s->rec[r]->dist, own);

		if (n <= 0)
			continue;
		above += n * cmp_dist_above(&s->rec[r]->dist, own, x);
		all += n;
	}
	return all > 0 ? above / all : NAN;
}

/* Found by halving: records differ in where their bands end. */
double cmp_side_quantile(const struct cmp_side *s, const double *w, double p)
{
	double low = INFINITY, high = -INFINITY;
	size_t r;
	int i;

	if (s->rec_n == 1)
		return cmp_dist_quantile(&s->rec[0]->dist, w, p);
	for (r = 0; r < s->rec_n; r++) {
		const struct cmp_dist *d = &s->rec[r]->dist;

		low = d->rows_n ? fmin(low, d->low[0]) : low;
		high = d->rows_n ? fmax(high, d->high[d->rows_n - 1]) : high;
	}
	for (i = 0; i < 50; i++) {
		double mid = (low + high) / 2;

		if (cmp_side_above(s, w, mid) > 1 - p)
			low = mid;
		else
			high = mid;
	}
	return high;
}
