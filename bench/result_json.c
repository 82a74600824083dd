// SPDX-License-Identifier: GPL-2.0-only
/* Result files: schema 1, documented in ipi-result(5). */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result_columns.h"
#include "tool/reader.h"
#include "tool/version.h"

/* ---- one record --------------------------------------------------------- */

static json_t *histogram_json(const struct bench_record *rec)
{
	json_t *buckets = json_array();
	uint32_t b;

	for (b = 0; rec->hist && b < IPI_HIST_BUCKETS; b++) {
		json_t *one;

		if (!rec->hist->count[b])
			continue;
		one = json_array();
		json_array_append_new(
			one, columns_json_real(ipi_hist_low(b) * rec->tick_ns));
		json_array_append_new(one, columns_json_real(ipi_hist_high(b) *
							     rec->tick_ns));
		json_array_append_new(one, json_integer(rec->hist->count[b]));
		json_array_append_new(buckets, one);
	}
	return json_pack("{s:s,s:o}", "unit", "ns", "bucket", buckets);
}

static json_t *marks_json(const struct bench_block *b)
{
	json_t *marks = json_array();
	char text[sizeof(b->marks)], *mark, *save = NULL;

	memcpy(text, b->marks, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (mark = strtok_r(text, ",;", &save); mark;
	     mark = strtok_r(NULL, ",;", &save))
		json_array_append_new(marks,
				      json_string(mark + strspn(mark, " ")));
	return marks;
}

static json_t *cpu_json(int cpu)
{
	return cpu < 0 ? json_null() : json_integer(cpu);
}

static json_t *bands_json(const struct bench_record *rec)
{
	json_t *upto = json_array();
	size_t i;

	for (i = 0; i < rec->bands_n; i++)
		json_array_append_new(
			upto,
			columns_json_real(ipi_hist_high(rec->band_last[i]) *
					  rec->tick_ns));
	return json_pack("{s:o}", "upto_ns", upto);
}

static json_t *block_bands_json(const struct bench_record *rec,
				const struct bench_block *b)
{
	json_t *counts = json_array();
	size_t i;

	for (i = 0; i < rec->bands_n; i++)
		json_array_append_new(counts, json_integer(b->band[i]));
	return counts;
}

static json_t *blocks_json(const struct bench_record *rec)
{
	json_t *blocks = json_array();
	size_t i;

	for (i = 0; i < rec->blocks_n; i++) {
		const struct bench_block *b = &rec->blocks[i];

		json_array_append_new(
			blocks,
			json_pack("{s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
				  "t_s", json_real(round(b->t_s * 1000) / 1000),
				  "n", (json_int_t)b->n, "p50_ns",
				  columns_json_real(b->p50_ns), "p99_ns",
				  columns_json_real(b->p99_ns), "marks",
				  marks_json(b), "freq_mhz",
				  columns_json_real(b->freq_mhz), "mean_ns",
				  columns_json_real(b->mean_ns), "source",
				  cpu_json(b->source), "target",
				  cpu_json(b->target), "bands",
				  block_bands_json(rec, b)));
	}
	return blocks;
}

static json_t *pairs_json(const struct bench_record *rec)
{
	json_t *source = json_array(), *target = json_array();
	json_t *n = json_array(), *min = json_array(), *p50 = json_array();
	json_t *p99 = json_array();
	size_t i;

	for (i = 0; i < rec->pairs_n; i++) {
		const struct bench_pair_stat *p = &rec->pairs[i];

		json_array_append_new(source, json_integer(p->source));
		json_array_append_new(target, json_integer(p->target));
		json_array_append_new(n, json_integer(p->n));
		json_array_append_new(min, columns_json_real(p->min_ns));
		json_array_append_new(p50, columns_json_real(p->p50_ns));
		json_array_append_new(p99, columns_json_real(p->p99_ns));
	}
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "source", source,
			 "target", target, "n", n, "min_ns", min, "p50_ns", p50,
			 "p99_ns", p99);
}

static json_t *last_json(const struct bench_record *rec)
{
	json_t *cpu = json_array(), *count = json_array();
	size_t i;

	for (i = 0; i < rec->last_cpus; i++) {
		json_array_append_new(cpu, json_integer(rec->last_cpu[i]));
		json_array_append_new(count, json_integer(rec->last_n[i]));
	}
	return json_pack("{s:o,s:o}", "cpu", cpu, "count", count);
}

static json_t *senders_json(const struct bench_record *rec)
{
	json_t *cpu = json_array(), *count = json_array();
	size_t i;

	for (i = 0; i < rec->senders_n; i++) {
		json_array_append_new(cpu, json_integer(rec->sender_cpu[i]));
		json_array_append_new(count, json_integer(rec->sender_n[i]));
	}
	return json_pack("{s:o,s:o}", "cpu", cpu, "count", count);
}

/* Of windows, whose messages may have come in several ways. */
static json_t *ways_json(const struct bench_record *rec)
{
	json_t *ways = json_object();
	enum ipi_way way;

	for (way = 0; way < IPI_WAYS; way++)
		if (rec->way_n[way])
			json_object_set_new(ways, way_name[way],
					    json_integer(rec->way_n[way]));
	return ways;
}

static json_t *attestation_json(const struct bench_attestation *a)
{
	json_t *att = json_pack("{s:s,s:s}", "verdict",
				verdict_name[a->verdict], "why", a->why);
	json_t *machine = json_null();
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {
		{ "asked", a->lib.asked },
		{ "notified", a->lib.notified },
		{ "already_pending", a->lib.already_pending },
		{ "polled", a->lib.polled },
		{ "local", a->lib.local },
		{ "refused", a->lib.refused },
		{ "entries", a->lib.entries },
		{ "merged", a->lib.merged },
	};
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(att, counts[i].name,
				    a->has_lib ? json_integer(counts[i].value)
					       : json_null());
	if (a->counter[0])
		machine = json_pack("{s:s,s:o,s:o,s:o,s:o}", "counter",
				    a->counter, "taken",
				    columns_json_real(a->taken), "background",
				    columns_json_real(a->background),
				    "expected", columns_json_real(a->expected),
				    "unsent", columns_json_real(a->unsent));
	json_object_set_new(att, "machine", machine);
	return att;
}

static json_t *trace_json(const struct bench_trace *t)
{
	return json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:O?}", "verdict",
			 verdict_name[t->verdict], "why", t->why, "sends",
			 columns_json_real(t->sends), "entries",
			 columns_json_real(t->entries), "paired",
			 columns_json_real(t->paired), "lost",
			 columns_json_real(t->lost), "blocks",
			 columns_json_real(t->blocks), "blocks_traced",
			 columns_json_real(t->seen), "stages", t->stages);
}

static json_t *inject_json(const struct bench_record *rec)
{
	const struct bench_opts *o = rec->item->opts;

	if (!o->inject)
		return json_null();
	return json_pack("{s:s,s:f,s:i,s:o}", "where", inject_name[o->inject],
			 "ns", round(rec->inject_ns * 10) / 10, "every",
			 (int)(o->inject_every ? o->inject_every : 1), "share",
			 o->inject_share > 0 ? json_real(o->inject_share)
					     : json_null());
}

static json_t *record_json(const struct record_row *row)
{
	const struct bench_record *rec = row->rec;
	json_t *o = json_object();

	if (!o || columns_json(record_columns, record_columns_n, row, o)) {
		json_decref(o);
		return NULL;
	}
	json_object_set_new(o, "inject", inject_json(rec));
	json_object_set_new(o, "histogram", histogram_json(rec));
	json_object_set_new(o, "bands", bands_json(rec));
	json_object_set_new(o, "blocks", blocks_json(rec));
	json_object_set_new(o, "pairs", pairs_json(rec));
	json_object_set_new(o, "last_target_n",
			    rec->last_cpus ? last_json(rec) : json_null());
	json_object_set_new(o, "sender_count",
			    rec->senders_n ? senders_json(rec) : json_null());
	json_object_set_new(o, "way_count",
			    rec->batch == BENCH_BATCH_WINDOW ? ways_json(rec)
							     : json_null());
	json_object_set_new(o, "attestation", attestation_json(&rec->att));
	json_object_set_new(o, "trace",
			    rec->traced ? trace_json(&rec->trace)
					: json_null());
	return o;
}

/* ---- the whole ---------------------------------------------------------- */

json_t *result_topology_json(const struct topo *topo, bool anonymous)
{
	json_t *cpus = json_array(), *distances = json_array();
	unsigned *d = topo_distances(topo);
	char *xml = topo_xml(topo, anonymous);
	json_t *object;
	size_t i;
	int a, b;

	for (i = 0; i < topo->n; i++) {
		const struct topo_cpu *c = &topo->cpu[i];

		json_array_append_new(
			cpus,
			json_pack("{s:i,s:i,s:i,s:i,s:i,s:i}", "cpu", c->cpu,
				  "core", c->core, "llc", c->llc, "node",
				  c->node, "socket", c->socket, "smt", c->smt));
	}
	/* One node is at its own side; several without a table are unknown. */
	for (a = 0; (d || topo->nodes == 1) && a < topo->nodes; a++) {
		json_t *line = json_array();

		for (b = 0; b < topo->nodes; b++)
			json_array_append_new(
				line,
				json_integer(d ? d[a * topo->nodes + b] : 10));
		json_array_append_new(distances, line);
	}
	object = json_pack("{s:o,s:o,s:s?}", "cpus", cpus, "distances",
			   distances, "hwloc_xml", xml);
	free(d);
	free(xml);
	return object;
}

static json_t *strings_json(char *const *list, size_t n, bool anonymous)
{
	json_t *array = json_array();
	const char *text;
	size_t i;

	for (i = 0; i < n; i++) {
		text = list[i];
		/* Paths tell who and where. */
		if (anonymous && strrchr(text, '/'))
			text = strrchr(text, '/') + 1;
		json_array_append_new(array, json_string(text));
	}
	return array;
}

static json_t *plan_json(const struct result *r)
{
	const struct plan *p = r->plan;

	return json_pack(
		"{s:I,s:o,s:o,s:o,s:o}", "seed", (json_int_t)p->seed,
		"budget_s",
		p->budget_ns ? json_real(p->budget_ns / 1e9) : json_null(),
		"planned_s", json_real(round(p->planned_ns / 1e6) / 1e3),
		"config",
		strings_json(r->config->file, r->config->files_n, r->anonymous),
		"cut", strings_json(p->note, p->notes_n, false));
}

static size_t words_n(char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

static json_t *records_json(const struct result *r)
{
	json_t *records = json_array(), *one;
	size_t i;

	for (i = 0; records && i < r->records->n; i++) {
		one = record_json(
			&(struct record_row){ r, &r->records->rec[i], i });
		if (!one || json_array_append_new(records, one)) {
			json_decref(records);
			return NULL;
		}
	}
	return records;
}

json_t *result_json(const struct result *r)
{
	return json_pack(
		"{s:i,s:s,s:b,s:b,s:b,s:O?,s:s,s:{s:s,s:s},s:o,s:s,s:f,s:s,s:O,"
		"s:o,s:o,s:o}",
		"schema", RESULT_SCHEMA, "kind", RESULT_KIND, "complete",
		(int)r->complete, "busy", (int)r->busy, "traced",
		(int)!!r->probes, "probes", r->probes, "headline", r->headline,
		"tool", "name", "ipi", "version", IPI_VERSION, "command",
		strings_json(r->command, words_n(r->command), r->anonymous),
		"started_utc", r->started_utc, "elapsed_s",
		round(r->elapsed_s * 1000) / 1000, "machine",
		machine_kind_name[r->machine->kind], "context", r->context,
		"topology", result_topology_json(r->topo, r->anonymous), "plan",
		plan_json(r), "records", records_json(r));
}

int result_write_json(const struct result *r, FILE *out)
{
	json_t *root = result_json(r);
	int ret;

	if (!root)
		return -ENOMEM;
	/* Ten digits carry 0.1 ns up to a second. */
	ret = json_dumpf(root, out, JSON_COMPACT | JSON_REAL_PRECISION(10));
	json_decref(root);
	fputc('\n', out);
	return ret ? -EIO : 0;
}
