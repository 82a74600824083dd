// SPDX-License-Identifier: GPL-2.0-only
/* Result files as compare needs them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "tool/reader.h"

const char *cmp_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

double cmp_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

bool cmp_same_text(const struct cmp_record *a, const struct cmp_record *b,
		   const char *key)
{
	const char *x = cmp_text(a->json, key), *y = cmp_text(b->json, key);

	return (!x && !y) || (x && y && !strcmp(x, y));
}

bool cmp_same_load(const struct cmp_record *a, const struct cmp_record *b)
{
	static const char *const keys[] = { "senders_n", "targets_n",
					    "inflight",	 "burst",
					    "members",	 "order" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *x = json_object_get(a->json, keys[i]);
		const json_t *y = json_object_get(b->json, keys[i]);

		/* Files from before a member existed say nothing about it. */
		if (x && y && !json_equal(x, y))
			return false;
	}
	return true;
}

static int cpu_of(const json_t *block, const char *key)
{
	const json_t *cpu = json_object_get(block, key);

	return json_is_integer(cpu) ? (int)json_integer_value(cpu) : -1;
}

static int by_cpus_and_time(const void *a, const void *b)
{
	const struct cmp_block *x = a, *y = b;

	if (x->source != y->source)
		return x->source - y->source;
	if (x->target != y->target)
		return x->target - y->target;
	return (x->t_s > y->t_s) - (x->t_s < y->t_s);
}

/* Blocks whose counts aren't those of the bands make a record without. */
static void read_block(struct cmp_record *rec, size_t i, const json_t *block)
{
	const json_t *bands = json_object_get(block, "bands");
	double *band = rec->bands + i * rec->dist.bands_n;
	size_t k;

	rec->block[i] = (struct cmp_block){
		.t_s = cmp_number(block, "t_s"),
		.p50_ns = cmp_number(block, "p50_ns"),
		.source = cpu_of(block, "source"),
		.target = cpu_of(block, "target"),
		.band = band,
	};
	if (json_array_size(bands) != rec->dist.bands_n)
		rec->dist.bands_n = 0;
	for (k = 0; k < rec->dist.bands_n; k++)
		band[k] = json_number_value(json_array_get(bands, k));
}

static int read_blocks(struct cmp_record *rec)
{
	const json_t *blocks = json_object_get(rec->json, "blocks"), *block;
	size_t i, n = json_array_size(blocks);

	rec->block = calloc(n + 1, sizeof(*rec->block));
	rec->bands = calloc(n * rec->dist.bands_n + 1, sizeof(*rec->bands));
	if (!rec->block || !rec->bands)
		return -ENOMEM;
	json_array_foreach(blocks, i, block)
	{
		if (isnan(cmp_number(block, "p50_ns")))
			continue;
		read_block(rec, rec->blocks_n++, block);
	}
	qsort(rec->block, rec->blocks_n, sizeof(*rec->block), by_cpus_and_time);
	return 0;
}

/* Of the mean of a window results keep an eighth of the tick. */
#define WINDOW_STEPS 8

/* The clock's tick, of which the mean of a batch has a fraction. */
static double step_of(const struct cmp_record *rec)
{
	const json_t *context = json_object_get(rec->file->root, "context");
	double tick = cmp_number(json_object_get(context, "clock"), "tick_ns");
	const char *kind = cmp_text(rec->json, "sample_kind");
	unsigned batch;

	if (kind && !strcmp(kind, "window_mean"))
		batch = WINDOW_STEPS;
	else if (!kind || sscanf(kind, "batch%u", &batch) != 1 || !batch)
		batch = 1;
	return isfinite(tick) ? tick / batch : 0;
}

static int read_record(struct cmp_record *rec, const struct cmp_file *f,
		       const json_t *json, struct tool_error *err)
{
	int ret;

	rec->json = json;
	rec->file = f;
	rec->samples_n = cmp_number(json, "samples_n");
	rec->step_ns = step_of(rec);
	ret = cmp_dist_make(&rec->dist, json);
	if (!ret)
		ret = read_blocks(rec);
	if (ret == -EBADMSG)
		return tool_fail(err, ret,
				 "%s: the histogram of record %zu (%s) is "
				 "damaged; copy the file again, or measure "
				 "again",
				 f->path, f->n - 1, cmp_text(json, "run"));
	return ret ? tool_fail(err, ret, "out of memory") : 0;
}

int cmp_file_load(struct cmp_file *f, const char *path, struct tool_error *err)
{
	const json_t *records;
	size_t i;
	int ret = reader_load(path, &f->root, err);

	f->path = path;
	if (ret)
		return ret;
	records = json_object_get(f->root, "records");
	f->boot = cmp_text(json_object_get(f->root, "context"), "boot_id");
	f->rec = calloc(json_array_size(records) + 1, sizeof(*f->rec));
	if (!f->rec)
		return tool_fail(err, -ENOMEM, "out of memory");
	for (i = 0; !ret && i < json_array_size(records); i++)
		ret = read_record(&f->rec[f->n++], f,
				  json_array_get(records, i), err);
	return ret;
}

const char *cmp_emulator(const struct cmp_file *f)
{
	const json_t *context = json_object_get(f->root, "context");
	const char *by = cmp_text(json_object_get(context, "emulated"), "by");
	const char *kind = cmp_text(f->root, "machine");

	return by ? by : kind && !strcmp(kind, "emulated") ? "unknown" : NULL;
}

void cmp_file_free(struct cmp_file *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		cmp_dist_free(&f->rec[i].dist);
		free(f->rec[i].block);
		free(f->rec[i].bands);
	}
	free(f->rec);
	json_decref(f->root);
}
