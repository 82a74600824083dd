// SPDX-License-Identifier: GPL-2.0-only
/* Comparisons as JSON: all that a plot of them needs. */
#include <errno.h>
#include <math.h>

#include "compare_columns.h"
#include "front.h"
#include "tool/version.h"

#define COMPARE_SCHEMA 1
#define COMPARE_KIND "ipi-compare"

static json_t *estimate_json(const struct cmp_estimate *e)
{
	return json_pack("{s:o,s:o,s:o}", "ns", columns_json_real(e->at), "low",
			 columns_json_real(e->low), "high",
			 columns_json_real(e->high));
}

static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *tails_json(const struct cmp_row *row)
{
	json_t *tails = json_array();
	size_t i;

	for (i = 0; i < row->tails_n; i++) {
		const struct cmp_tail *t = &row->tail[i];

		json_array_append_new(
			tails,
			json_pack("{s:f,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
				  "quantile", t->p, "base",
				  estimate_json(&t->base), "side",
				  estimate_json(&t->side), "change",
				  estimate_json(&t->change), "excess_ns",
				  columns_json_real(t->excess_ns),
				  "floor_ratio", real(t->floor), "beyond_ratio",
				  real(t->ratio), "p_raw", real(t->p_raw),
				  "p_holm", real(t->p_holm)));
	}
	return tails;
}

static void add_single(const struct column *col, double base, double side,
		       void *arg)
{
	json_object_set_new(arg, col->name,
			    json_pack("{s:f,s:f,s:s}", "base", base, "side",
				      side, "better", col->better));
}

/* What a side is, from its first record. */
static json_t *design_json(const struct cmp_record *const *rec, size_t n)
{
	static const char *const keys[] = {
		"id",	     "run",	  "driver",	  "queue",  "ack",
		"delivery",  "depth",	  "idle_spin_ns", "inject", "cpus",
		"senders_n", "targets_n", "inflight",	  "burst",
	};
	json_t *o = json_object();
	double samples = 0;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(rec[0]->json, keys[i]);

		json_object_set_new(o, keys[i],
				    value ? json_incref(value) : json_null());
	}
	for (i = 0; i < n; i++)
		samples += rec[i]->samples_n;
	json_object_set_new(o, "samples_n", real(samples));
	return o;
}

static json_t *row_json(const struct cmp_row *row)
{
	json_t *o = json_object(), *singles = json_object();

	columns_json(cmp_columns, cmp_columns_n, row, o);
	json_object_set_new(o, "base", design_json(row->base, row->base_n));
	json_object_set_new(o, "side", design_json(row->side, row->side_n));
	json_object_set_new(o, "base_p50", estimate_json(&row->base_p50));
	json_object_set_new(o, "side_p50", estimate_json(&row->side_p50));
	json_object_set_new(o, "tails", tails_json(row));
	cmp_singles(row, add_single, singles);
	json_object_set_new(o, "singles", singles);
	return o;
}

static json_t *files_json(const struct compare *c, size_t from, size_t to)
{
	json_t *files = json_array();

	for (; from < to; from++) {
		const struct cmp_file *f = &c->file[from];

		json_array_append_new(
			files, json_pack("{s:s,s:s?,s:s?}", "path", f->path,
					 "boot_id", f->boot, "started_utc",
					 cmp_text(f->root, "started_utc")));
	}
	return files;
}

static json_t *strings_json(char *const *list, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

static json_t *counts_json(const struct compare *c)
{
	json_t *counts = json_object();
	size_t v;

	for (v = 0; v < CMP_VERDICTS; v++)
		json_object_set_new(counts, cmp_verdict_name[v],
				    json_integer((json_int_t)c->count[v]));
	return counts;
}

int cmp_write_json(const struct compare *c, FILE *out)
{
	json_t *rows = json_array(), *root;
	size_t i;
	int ret;

	for (i = 0; i < c->rows.n; i++)
		json_array_append_new(rows, row_json(&c->rows.at[i]));
	root = json_pack(
		"{s:i,s:s,s:s,s:s?,s:{s:s,s:s},s:I,s:f,s:I,s:o,s:o,s:s?,s:o,"
		"s:o,s:i,s:o}",
		"schema", COMPARE_SCHEMA, "kind", COMPARE_KIND, "headline",
		c->headline, "emulated", cmp_emulator(&c->file[0]), "tool",
		"name", "ipi", "version", IPI_VERSION, "seed",
		(json_int_t)c->seed, "alpha", CMP_ALPHA, "family_n",
		(json_int_t)c->family, "base", files_json(c, 0, c->base_n),
		"new", files_json(c, c->base_n, c->n), "refusal",
		c->refusal[0] ? c->refusal : NULL, "notes",
		strings_json(c->note, c->notes_n), "counts", counts_json(c),
		"status", c->status, "rows", rows);
	if (!root)
		return -ENOMEM;
	ret = json_dumpf(root, out, JSON_COMPACT | JSON_REAL_PRECISION(6));
	json_decref(root);
	fputc('\n', out);
	return ret ? -EIO : 0;
}
