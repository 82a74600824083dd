// SPDX-License-Identifier: GPL-2.0-only
/* The bands of a record: what its blocks keep of their samples. */
#include <stdlib.h>

#include "records.h"

/* Where bands end, in shares of all samples. */
static const double edges[BENCH_BANDS - 1] = {
	0.01, 0.05, 0.1,  0.2,	0.3,  0.4,   0.45,  0.5,   0.55,   0.6,	   0.7,
	0.8,  0.9,  0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999,
};

void record_sparse_keep(struct record_sparse *s, const struct ipi_hist *h)
{
	uint32_t b;

	s->n = 0;
	for (b = 0; b < IPI_HIST_BUCKETS; b++)
		s->n += h->count[b] > 0;
	s->at = malloc(s->n * sizeof(*s->at));
	if (!s->at) {
		s->n = 0;
		return;
	}
	s->n = 0;
	for (b = 0; b < IPI_HIST_BUCKETS; b++) {
		if (!h->count[b])
			continue;
		s->at[s->n].bucket = b;
		s->at[s->n++].count = h->count[b];
	}
}

/* A coarse clock has fewer buckets than there are edges: equal ones are one. */
static void cut(struct bench_record *rec)
{
	size_t i;

	for (i = 0; i < BENCH_BANDS; i++) {
		uint64_t rank = i < BENCH_BANDS - 1
					? (uint64_t)(edges[i] *
						     (double)(rec->hist->n - 1))
					: rec->hist->n - 1;
		uint32_t b = ipi_hist_rank(rec->hist, rank);

		if (!rec->bands_n || rec->band_last[rec->bands_n - 1] != b)
			rec->band_last[rec->bands_n++] = b;
	}
}

void record_bands(struct bench_record *rec, const struct record_sparse *sparse)
{
	size_t i, k, band;

	cut(rec);
	for (i = 0; i < rec->blocks_n; i++) {
		band = 0;
		for (k = 0; k < sparse[i].n; k++) {
			while (sparse[i].at[k].bucket > rec->band_last[band])
				band++;
			rec->blocks[i].band[band] += sparse[i].at[k].count;
		}
		/* Without all of them it can't be put together again. */
		if (!sparse[i].n)
			rec->bands_n = 0;
	}
}
