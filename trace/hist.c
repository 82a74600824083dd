// SPDX-License-Identifier: GPL-2.0-only
/* What is read out of a histogram. */
#include "hist.h"

#include <math.h>

__u64 trace_hist_low(__u32 bucket)
{
	__u32 octave = bucket >> TRACE_HIST_SUB_BITS;
	__u64 sub = bucket & (TRACE_HIST_SUB - 1);

	return octave ? (TRACE_HIST_SUB + sub) << (octave - 1) : sub;
}

void trace_hist_merge(struct trace_hist *to, const struct trace_hist *from)
{
	__u32 i;

	to->negative += from->negative;
	if (!from->n)
		return;
	if (!to->n || from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->n += from->n;
	to->sum += from->sum;
	for (i = 0; i < TRACE_HIST_BUCKETS; i++)
		to->count[i] += from->count[i];
}

double trace_hist_quantile(const struct trace_hist *h, double share,
			   __u64 beyond)
{
	double rank = share * (double)h->n, value, width;
	__u64 below = 0;
	__u32 i;

	if (!h->n || (double)h->n * (1 - share) < (double)beyond)
		return NAN;
	for (i = 0; i < TRACE_HIST_BUCKETS - 1; i++) {
		if ((double)(below + h->count[i]) >= rank && h->count[i])
			break;
		below += h->count[i];
	}
	if (i == TRACE_HIST_BUCKETS - 1)
		return (double)h->max;
	width = (double)(trace_hist_low(i + 1) - trace_hist_low(i));
	value = (double)trace_hist_low(i) +
		width * (rank - (double)below) / (double)h->count[i];
	return fmin(fmax(value, (double)h->min), (double)h->max);
}
