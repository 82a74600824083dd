// SPDX-License-Identifier: GPL-2.0-only
/* Chunks of a session of ipi.ko, filed as if they had been logged here. */
#include <sys/ioctl.h>

#include "session.h"

static const enum ipi_uapi_kind kind_of[SERIES_N] = {
	[SERIES_PLAIN] = IPI_UAPI_KIND_RTT,
	[SERIES_SEND] = IPI_UAPI_KIND_SEND,
	[SERIES_STOLEN] = IPI_UAPI_KIND_RTT,
	[SERIES_STAMPED] = IPI_UAPI_KIND_RTT,
	[SERIES_INTERVAL] = IPI_UAPI_KIND_STREAM,
};

static int ran(struct bench_source *s, const struct ipi_uapi_run *q, int err)
{
	switch (-err) {
	case ETIMEDOUT:
		return bench_cell_fail(
			s->cell, err,
			"CPU %d did not answer CPU %d within %u ms, in the "
			"kernel",
			(int)q->cpu, s->cpu, BENCH_DEAF_NS / 1000000u);
	case ENXIO:
		return bench_cell_fail(s->cell, err, "CPU %d went offline",
				       (int)q->cpu);
	case ENODEV:
		return bench_cell_fail(s->cell, err,
				       "CPU %d went offline under its sender",
				       (int)q->cpu);
	default:
		return err;
	}
}

static struct ipi_uapi_run *begin(struct bench_source *s, uint32_t samples,
				  uint32_t batch)
{
	struct bench_cell *c = s->cell;
	struct kernel_cell *k = kernel_of(c);
	struct ipi_uapi_run *q = k->run[s->index];

	memset(q, 0, sizeof(*q));
	q->version = IPI_UAPI_VERSION;
	q->kind = kind_of[c->series];
	q->source = s->index;
	q->samples_max = samples;
	q->batch = batch;
	if (samples)
		q->bytes = ipi_uapi_run_bytes(samples, batch, c->targets_n,
					      k->stamped);
	q->gap_min = s->gap_min;
	q->gap_max = s->gap_max;
	q->seed = stats_random(&s->rng);
	return q;
}

static int end(struct bench_source *s, struct ipi_uapi_run *q)
{
	const struct kernel_cell *k = kernel_of(s->cell);

	if (!ioctl(k->fd, IPI_UAPI_RUN, q))
		return 0;
	return ran(s, q, -errno);
}

/* As if each target had logged it, and had seen its handlers return. */
static void file_target(struct bench_cell *c, uint32_t i,
			const struct ipi_uapi_run *q)
{
	uint64_t most = (uint64_t)q->samples_max * q->batch, m;
	const struct ipi_uapi_sample *sample = (const void *)(q + 1);
	const uint8_t *way = (const uint8_t *)(sample + q->samples_max);
	const struct ipi_uapi_stamp *stamp =
		(const void *)(way + ipi_uapi_way_bytes(most, c->targets_n));
	struct bench_target *t = &c->target[i];

	way += kernel_of(c)->at[i] * most;
	stamp += kernel_of(c)->at[i] * most;
	for (m = 0; m < q->sent; m++) {
		uint64_t at = (c->src->sent + m) % BENCH_LOG;

		t->way[at] = way[m];
		if (!kernel_of(c)->stamped)
			continue;
		t->entry[at] = stamp[m].entry;
		t->done[at] = stamp[m].done;
	}
	__atomic_store_n(&t->ready, c->src->sent + q->sent, __ATOMIC_RELEASE);
}

static void file_samples(struct bench_source *s, const struct ipi_uapi_run *q)
{
	const struct ipi_uapi_sample *sample = (const void *)(q + 1);
	uint32_t i, at;

	for (i = 0; i < q->samples; i++) {
		at = s->n++;
		s->start[at] = sample[i].start;
		s->ticks[at] = sample[i].ticks;
		if (q->batch > 1)
			s->ticks[at] = (sample[i].ticks * BENCH_BATCH_FRACTION +
					q->batch / 2) /
				       q->batch;
	}
}

static int chunk(struct bench_cell *c)
{
	struct bench_source *s = c->src;
	struct ipi_uapi_run *q = begin(s, s->n_max, c->batch);
	uint32_t i;
	int err;

	q->until = s->until;
	err = end(s, q);
	if (err)
		return err;
	for (i = 0; c->answers && i < c->targets_n; i++)
		file_target(c, i, q);
	file_samples(s, q);
	s->sent += q->sent;
	return 0;
}

/*
 * Stolen: the message's way is filed, but the time it took is not; the target's
 * loop here tells what it lost, and the windows are the harness' own.
 */
static int one(struct bench_cell *c)
{
	struct ipi_uapi_run *q = begin(c->src, 1, 1);
	uint32_t i;
	int err;

	q->gap_min = q->gap_max = 0;
	err = end(c->src, q);
	for (i = 0; !err && c->answers && i < c->targets_n; i++)
		file_target(c, i, q);
	return err;
}

static int nothing(struct bench_cell *c)
{
	return 0;
}

int kernel_source_run(struct bench_cell *c)
{
	return c->series == SERIES_STOLEN ? bench_stolen(c, one, nothing)
					  : chunk(c);
}

/* ---- one of several sources ---------------------------------------------- */

/* Windows begin when all have come, and with them the session. */
int kernel_one_enter(struct bench_source *s)
{
	return s->index ? 0 : kernel_source_enter(s->cell);
}

void kernel_one_leave(struct bench_source *s)
{
	if (!s->index)
		kernel_source_leave(s->cell);
}

int kernel_one_window(struct bench_source *s)
{
	bool stream = s->cell->series == SERIES_INTERVAL;
	struct ipi_uapi_run *q = begin(s, stream ? 0 : s->n_max, 1);
	const uint8_t *way;
	int err;

	q->window = __atomic_load_n(&s->round->go, __ATOMIC_ACQUIRE);
	q->from = s->round->from;
	q->until = s->round->until;
	s->n = 0;
	err = end(s, q);
	if (err)
		return err;
	file_samples(s, q);
	way = (const uint8_t *)((struct ipi_uapi_sample *)(q + 1) +
				q->samples_max);
	memcpy(s->way, way, q->samples);
	s->sent += q->sent;
	s->count = q->answered;
	s->end = q->end;
	return 0;
}
