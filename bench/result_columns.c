// SPDX-License-Identifier: GPL-2.0-only
/* The one column table of records: table, CSV and JSON come from it. */
#include "result_columns.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CSV_VERSION 1

const char *const verdict_name[4] = {
	"not applicable",
	"attested",
	"contradicted",
	"unattested",
};
const char *const inject_name[4] = { "none", "handler", "ack", "sender" };

static const struct record_row *row_of(const void *row)
{
	return row;
}

static const struct bench_record *rec_of(const void *row)
{
	return row_of(row)->rec;
}

static const struct bench_opts *opts_of(const void *row)
{
	return rec_of(row)->item->opts;
}

double record_p(const struct bench_record *rec, double p)
{
	if (!rec->hist || !rec->samples_n)
		return NAN;
	return bench_record_quantile(rec, p);
}

void record_sample_kind(const struct bench_record *rec, char *buf, size_t size)
{
	if (rec->batch == BENCH_BATCH_WINDOW)
		snprintf(buf, size, "window_mean");
	else if (rec->batch > 1)
		snprintf(buf, size, "batch%u_mean", rec->batch);
	else
		snprintf(buf, size, "single");
}

static void waiter_text(const struct bench_opts *o, char *buf, size_t size)
{
	static const char *const name[] = { "relax", "spin", "sleep" };

	if (o->waiter == IPI_WAITER_SPIN)
		snprintf(buf, size, "spin:%u", o->spin_loads);
	else
		snprintf(buf, size, "%s", name[o->waiter]);
}

void result_comparability(const struct bench_record *rec, char *buf,
			  size_t size)
{
	const struct bench_opts *o = rec->item->opts;
	char waiter[32], kind[32], gap[48];
	int at;

	waiter_text(o, waiter, sizeof(waiter));
	record_sample_kind(rec, kind, sizeof(kind));
	if (o->gap_ns_max)
		snprintf(gap, sizeof(gap), "gap %llu..%llu",
			 (unsigned long long)o->gap_ns_min,
			 (unsigned long long)o->gap_ns_max);
	else
		snprintf(gap, sizeof(gap), "back-to-back");
	at = snprintf(
		buf, size, "%s/%s/%s/%s/%s/%s", rec->route ? rec->route : "?",
		rec->target_state ? rec->target_state : "none", waiter,
		rec->syscall_in_path ? "syscall" : "no syscall", kind, gap);
	/* A round trip of or among several messages is another thing. */
	if (rec->item->burst && at < (int)size)
		at += snprintf(buf + at, size - at, "/burst of %u",
			       rec->item->burst);
	if (rec->item->sources_n && o->inflight > 1 && at < (int)size)
		at += snprintf(buf + at, size - at, "/%u in flight",
			       o->inflight);
	/* Probes cost each interrupt time. */
	if (rec->traced && at < (int)size)
		snprintf(buf + at, size - at, "/traced");
}

static bool sampled(const struct bench_record *rec)
{
	return rec->status == STATUS_OK && rec->samples_n;
}

/* ---- what was run ------------------------------------------------------- */

static struct cell get_version(const void *row)
{
	return cell_count(CSV_VERSION);
}

static struct cell get_machine(const void *row)
{
	return cell_text(machine_kind_name[row_of(row)->result->machine->kind]);
}

static struct cell get_emulator(const void *row)
{
	const char *by = row_of(row)->result->machine->emulator;

	return cell_text(by[0] ? by : NULL);
}

static struct cell get_boot(const void *row)
{
	return cell_text(json_string_value(
		json_object_get(row_of(row)->result->context, "boot_id")));
}

static struct cell get_started(const void *row)
{
	return cell_text(row_of(row)->result->started_utc);
}

static struct cell get_id(const void *row)
{
	return cell_count(row_of(row)->id);
}

static struct cell get_run(const void *row)
{
	return cell_text(opts_of(row)->run);
}

static struct cell get_status(const void *row)
{
	static const char *const name[] = { "ok", "failed", "skipped" };

	return cell_text(name[rec_of(row)->status]);
}

static struct cell get_reason(const void *row)
{
	const struct bench_record *rec = rec_of(row);

	return cell_text(rec->reason[0] ? rec->reason : NULL);
}

static struct cell get_driver(const void *row)
{
	return cell_text(opts_of(row)->driver);
}

static struct cell get_kind(const void *row)
{
	return cell_text(rec_of(row)->yardstick ? "yardstick" : "measurement");
}

static struct cell get_route(const void *row)
{
	return cell_text(rec_of(row)->route);
}

static struct cell get_queue(const void *row)
{
	return cell_text(opts_of(row)->queue);
}

static struct cell get_ack(const void *row)
{
	return cell_text(opts_of(row)->ack);
}

static struct cell get_delivery(const void *row)
{
	return cell_text(opts_of(row)->delivery);
}

static struct cell get_waiter(const void *row)
{
	char text[32];

	waiter_text(opts_of(row), text, sizeof(text));
	return cell_text(text);
}

/* Of whoever has a queue. */
static struct cell get_depth(const void *row)
{
	const struct bench_opts *o = opts_of(row);

	return o->queue ? cell_count(o->depth) : cell_null();
}

/* Of targets that may sleep. */
static struct cell get_idle_spin(const void *row)
{
	const struct bench_opts *o = opts_of(row);

	return o->delivery ? cell_count(o->idle_spin_ns) : cell_null();
}

static struct cell get_metric(const void *row)
{
	return cell_text(metric_name[rec_of(row)->metric]);
}

static struct cell get_better(const void *row)
{
	return cell_text("low");
}

static struct cell get_sample_kind(const void *row)
{
	char text[32];

	record_sample_kind(rec_of(row), text, sizeof(text));
	return cell_text(text);
}

static struct cell get_gap(const void *row)
{
	const struct bench_opts *o = opts_of(row);

	if (!o->gap_ns_max)
		return cell_text("back-to-back");
	return cell_format("uniform %llu..%llu ns",
			   (unsigned long long)o->gap_ns_min,
			   (unsigned long long)o->gap_ns_max);
}

static struct cell get_gap_min(const void *row)
{
	return cell_count(opts_of(row)->gap_ns_min);
}

static struct cell get_gap_max(const void *row)
{
	return cell_count(opts_of(row)->gap_ns_max);
}

static struct cell get_target_state(const void *row)
{
	return cell_text(rec_of(row)->target_state);
}

static struct cell get_syscall(const void *row)
{
	return cell_bool(rec_of(row)->syscall_in_path);
}

static struct cell get_home(const void *row)
{
	return cell_text(home_name[opts_of(row)->home]);
}

static struct cell get_home_verified(const void *row)
{
	int verified = rec_of(row)->home_verified;

	return verified < 0 ? cell_null() : cell_bool(verified);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Sorts cpu. */
static char *cpus_text(int *cpu, size_t n)
{
	size_t i, kept = 0;

	qsort(cpu, n, sizeof(*cpu), by_number);
	for (i = 0; i < n; i++)
		if (!kept || cpu[kept - 1] != cpu[i])
			cpu[kept++] = cpu[i];
	return cpulist_format(cpu, kept);
}

static struct cell get_inject_where(const void *row)
{
	const struct bench_opts *o = opts_of(row);

	return o->inject ? cell_text(inject_name[o->inject]) : cell_null();
}

static struct cell get_inject_ns(const void *row)
{
	return opts_of(row)->inject ? cell_real(round(rec_of(row)->inject_ns))
				    : cell_null();
}

static struct cell get_inject_every(const void *row)
{
	const struct bench_opts *o = opts_of(row);

	return o->inject ? cell_count(o->inject_every) : cell_null();
}

static size_t add_cpus(int *to, size_t at, const int *cpu, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		to[at++] = cpu[i];
	return at;
}

/* Of all senders and targets. */
static size_t list_cpus(const struct bench_item *item, int *cpu)
{
	size_t n = 0, i;

	for (i = 0; i < item->pairs_n; i++) {
		cpu[n++] = item->pairs[i].source;
		cpu[n++] = item->pairs[i].target;
	}
	if (item->targets_n)
		cpu[n++] = item->source;
	n = add_cpus(cpu, n, item->sources, item->sources_n);
	return add_cpus(cpu, n, item->targets, item->targets_n);
}

/* Each processor that took part, once. */
static struct cell get_cpus(const void *row)
{
	const struct bench_item *item = rec_of(row)->item;
	int *cpu = calloc(2 * item->pairs_n + item->sources_n +
				  item->targets_n + 1,
			  sizeof(*cpu));
	char *text = cpu ? cpus_text(cpu, list_cpus(item, cpu)) : NULL;
	struct cell cell = text ? cell_text(text) : cell_null();

	free(text);
	free(cpu);
	return cell;
}

static struct cell get_comparability(const void *row)
{
	char text[200];

	result_comparability(rec_of(row), text, sizeof(text));
	return cell_text(text);
}

static struct cell get_relation(const void *row)
{
	return cell_text(topo_relation_name[rec_of(row)->item->relation]);
}

/* Who sends to whom. */
static struct cell get_pattern(const void *row)
{
	static const char *const name[] = {
		[SHAPE_PAIR] = "pair",	   [SHAPE_ALONE] = "alone",
		[SHAPE_SPREAD] = "spread", [SHAPE_SET] = "set",
		[SHAPE_INCAST] = "incast", [SHAPE_ALLTOALL] = "alltoall",
	};

	return cell_text(name[bench_driver_shape(opts_of(row))]);
}

static struct cell get_targets(const void *row)
{
	const struct bench_item *item = rec_of(row)->item;

	return cell_count(item->targets_n ? item->targets_n : 1);
}

static struct cell get_senders(const void *row)
{
	const struct bench_item *item = rec_of(row)->item;

	return cell_count(item->sources_n ? item->sources_n : 1);
}

/* How many tell how many: what tells the sizes of a run apart in a table. */
static struct cell get_sizes(const void *row)
{
	const struct bench_item *item = rec_of(row)->item;

	if (item->burst)
		return cell_format("1:1 x%u", item->burst);
	return cell_format("%zu:%zu", item->sources_n ? item->sources_n : 1,
			   item->targets_n ? item->targets_n : 1);
}

static struct cell get_burst(const void *row)
{
	uint32_t burst = rec_of(row)->item->burst;

	return burst ? cell_count(burst) : cell_null();
}

static struct cell nearness(const void *row, enum bench_nearness first,
			    enum bench_shape least, enum bench_shape most)
{
	enum bench_shape shape = bench_driver_shape(opts_of(row));

	if (shape < least || shape > most)
		return cell_null();
	return cell_text(first == NEAR_FIRST ? "near" : "far");
}

static struct cell get_members(const void *row)
{
	return nearness(row, opts_of(row)->members, SHAPE_SET, SHAPE_ALLTOALL);
}

static struct cell get_order(const void *row)
{
	return nearness(row, opts_of(row)->order, SHAPE_SET, SHAPE_SET);
}

static struct cell get_inflight(const void *row)
{
	const struct bench_record *rec = rec_of(row);

	return rec->item->sources_n ? cell_count(rec->item->opts->inflight)
				    : cell_null();
}

static struct cell get_crowded(const void *row)
{
	return sampled(rec_of(row)) ? cell_bool(rec_of(row)->crowded)
				    : cell_null();
}

static struct cell get_series(const void *row)
{
	return cell_text(rec_of(row)->stamped ? "stamped" : "plain");
}

static struct cell get_way(const void *row)
{
	return cell_text(way_name[rec_of(row)->way]);
}

/* ---- what came out ------------------------------------------------------ */

static struct cell number(const struct bench_record *rec, double value)
{
	return sampled(rec) ? cell_real(round(value * 10) / 10) : cell_null();
}

static struct cell get_samples(const void *row)
{
	return cell_count(rec_of(row)->samples_n);
}

static struct cell get_discarded(const void *row)
{
	return cell_count(rec_of(row)->discarded_n);
}

static struct cell get_min(const void *row)
{
	return number(rec_of(row), rec_of(row)->min_ns);
}

static struct cell get_p50(const void *row)
{
	return number(rec_of(row), record_p(rec_of(row), 0.5));
}

static struct cell get_p90(const void *row)
{
	return number(rec_of(row), record_p(rec_of(row), 0.9));
}

static struct cell get_p99(const void *row)
{
	return number(rec_of(row), record_p(rec_of(row), 0.99));
}

static struct cell get_p999(const void *row)
{
	return number(rec_of(row), record_p(rec_of(row), 0.999));
}

static struct cell get_max(const void *row)
{
	return number(rec_of(row), rec_of(row)->max_ns);
}

static struct cell get_mean(const void *row)
{
	return number(rec_of(row), rec_of(row)->mean_ns);
}

static struct cell get_error(const void *row)
{
	return number(rec_of(row), rec_of(row)->error_ns);
}

static struct cell get_offset(const void *row)
{
	return cell_real(round(rec_of(row)->offset_bound_ns * 10) / 10);
}

static struct cell get_steady(const void *row)
{
	return sampled(rec_of(row)) ? cell_bool(rec_of(row)->steady)
				    : cell_null();
}

static struct cell get_warmup(const void *row)
{
	return cell_real(round(rec_of(row)->warmup_s * 1000) / 1000);
}

static struct cell get_unmarked(const void *row)
{
	return number(rec_of(row), rec_of(row)->p50_ns_without_marked);
}

/* Of interval alone: messages answered in a second, all senders together. */
static struct cell get_rate(const void *row)
{
	const struct bench_record *rec = rec_of(row);
	double ns = record_p(rec, 0.5);

	if (rec->metric != METRIC_INTERVAL || !sampled(rec) || !(ns > 0))
		return cell_null();
	return cell_real(round(1e9 / ns));
}

static struct cell get_fairness(const void *row)
{
	const struct bench_record *rec = rec_of(row);

	if (!rec->senders_n)
		return cell_null();
	return cell_real(
		round(stats_fairness(rec->sender_n, rec->senders_n) * 10000) /
		10000);
}

/* Sends that needed no interrupt of their own: work was pending already. */
static struct cell get_coalesced(const void *row)
{
	const struct bench_attestation *a = &rec_of(row)->att;

	if (!a->has_lib || !a->lib.asked)
		return cell_null();
	return cell_real(round((double)a->lib.already_pending /
			       (double)a->lib.asked * 10000) /
			 10000);
}

/* A run that failed proves nothing, whatever its counts were. */
static struct cell get_verdict(const void *row)
{
	const struct bench_record *rec = rec_of(row);

	return rec->status == STATUS_OK
		       ? cell_text(verdict_name[rec->att.verdict])
		       : cell_null();
}

static struct cell get_why(const void *row)
{
	const char *why = rec_of(row)->att.why;

	return cell_text(why[0] ? why : NULL);
}

static struct cell get_probes(const void *row)
{
	const struct bench_record *rec = rec_of(row);

	return rec->traced && rec->status == STATUS_OK
		       ? cell_text(verdict_name[rec->trace.verdict])
		       : cell_null();
}

static struct cell get_probes_why(const void *row)
{
	const char *why = rec_of(row)->trace.why;

	return cell_text(why[0] ? why : NULL);
}

/* What all senders got done. */
static struct cell together(const void *row)
{
	const struct bench_record *rec = rec_of(row);
	struct cell rate = get_rate(row), fair = get_fairness(row);

	return cell_format("%.0f messages/s, fairness %.2f%s%s", rate.real,
			   fair.real, rec->crowded ? "; oversubscribed" : "",
			   rec->steady ? "" : "; never got steady");
}

/* What a reader of the table must not overlook. */
static struct cell get_remark(const void *row)
{
	const struct bench_record *rec = rec_of(row);
	const struct bench_opts *o = rec->item->opts;

	if (rec->status != STATUS_OK)
		return cell_text(rec->reason);
	if (!rec->samples_n)
		return cell_text("no samples");
	if (rec->att.verdict == VERDICT_CONTRADICTED ||
	    rec->att.verdict == VERDICT_UNATTESTED)
		return cell_text(rec->att.why);
	if (rec->trace.verdict == VERDICT_CONTRADICTED ||
	    rec->trace.verdict == VERDICT_UNATTESTED)
		return cell_text(rec->trace.why);
	if (rec->att.unsent > 0)
		return cell_format("no interrupt was sent%s",
				   rec->steady ? "" : "; never got steady");
	if (2 * rec->below_noise >= rec->samples_n)
		return cell_text("half of the windows lost nothing: below the "
				 "noise");
	if (o->inject)
		return cell_format("%.0f ns injected in %s%s%s", rec->inject_ns,
				   inject_name[o->inject],
				   o->inject_every > 1 ? ", seldom" : "",
				   rec->steady ? "" : "; never got steady");
	if (rec->batch == BENCH_BATCH_WINDOW)
		return together(row);
	if (rec->item->burst && rec->att.lib.asked)
		return cell_format("%.0f %% found work pending%s",
				   100 * get_coalesced(row).real,
				   rec->steady ? "" : "; never got steady");
	return cell_text(rec->steady ? "" : "never got steady");
}

enum { DATA = IN_CSV | IN_JSON };

const struct column record_columns[] = {
	{ "csv_version", .in = IN_CSV, .get = get_version },
	{ "machine", .in = IN_CSV, .get = get_machine },
	{ "boot_id", .in = IN_CSV, .get = get_boot },
	{ "started_utc", .in = IN_CSV, .get = get_started },
	{ "id", .in = DATA, .get = get_id },
	{ "run", .in = IN_ALL, .get = get_run },
	{ "status", .in = DATA, .get = get_status },
	{ "reason", .in = DATA, .get = get_reason },
	{ "driver", .in = DATA, .get = get_driver },
	{ "driver_kind", .in = DATA, .get = get_kind },
	{ "route", .in = IN_ALL, .get = get_route },
	{ "queue", .in = DATA, .get = get_queue },
	{ "ack", .in = DATA, .get = get_ack },
	{ "delivery", .in = DATA, .get = get_delivery },
	{ "waiter", .in = DATA, .get = get_waiter },
	{ "depth", .in = DATA, .get = get_depth },
	{ "idle_spin_ns", .in = DATA, .get = get_idle_spin },
	{ "metric", .in = IN_ALL, .get = get_metric },
	{ "better", .in = DATA, .get = get_better },
	{ "sample_kind", .in = DATA, .get = get_sample_kind },
	{ "gap", .in = DATA, .get = get_gap },
	{ "gap_ns_min", .in = DATA, .get = get_gap_min },
	{ "gap_ns_max", .in = DATA, .get = get_gap_max },
	{ "target_state", .in = DATA, .get = get_target_state },
	{ "syscall_in_path", .in = DATA, .get = get_syscall },
	{ "home", .in = DATA, .get = get_home },
	{ "home_verified", .in = DATA, .get = get_home_verified },
	{ "inject_where", .in = IN_CSV, .get = get_inject_where },
	{ "inject_ns", .in = IN_CSV, .get = get_inject_ns },
	{ "inject_every", .in = IN_CSV, .get = get_inject_every },
	{ "comparability", .in = DATA, .get = get_comparability },
	{ "relation", .in = IN_ALL, .get = get_relation },
	{ "pattern", .in = DATA, .get = get_pattern },
	{ "targets_n", .in = DATA, .get = get_targets },
	{ "senders_n", .in = DATA, .get = get_senders },
	{ "inflight", .in = DATA, .get = get_inflight },
	{ "burst", .in = DATA, .get = get_burst },
	{ "members", .in = DATA, .get = get_members },
	{ "order", .in = DATA, .get = get_order },
	{ "crowded", .in = DATA, .get = get_crowded },
	{ "cpus", .in = DATA, .get = get_cpus },
	{ "series", .in = DATA, .get = get_series },
	{ "sizes", "cpus", .in = IN_TABLE, .get = get_sizes },
	{ "way", .in = IN_ALL, .get = get_way },
	{ "samples_n", "n", .in = IN_ALL, .get = get_samples },
	{ "discarded_n", .in = DATA, .get = get_discarded },
	{ "latency_ns_min", "min", "ns", "low", IN_ALL, -1, get_min },
	{ "latency_ns_p50", "p50", "ns", "low", IN_ALL, -1, get_p50 },
	{ "latency_ns_p90", "p90", "ns", "low", DATA, -1, get_p90 },
	{ "latency_ns_p99", "p99", "ns", "low", IN_ALL, -1, get_p99 },
	{ "latency_ns_p999", "p99.9", "ns", "low", DATA, -1, get_p999 },
	{ "latency_ns_max", "max", "ns", "low", DATA, -1, get_max },
	{ "latency_ns_mean", "mean", "ns", "low", DATA, -1, get_mean },
	{ "error_ns", "+-", "ns", "low", IN_ALL, -1, get_error },
	{ "offset_bound_ns", NULL, "ns", "low", DATA, -1, get_offset },
	{ "rate_per_s", NULL, "1/s", "high", DATA, 0, get_rate },
	{ "fairness", NULL, NULL, "high", DATA, 4, get_fairness },
	{ "coalesced", .in = DATA, .decimals = 4, .get = get_coalesced },
	{ "steady", .in = DATA, .get = get_steady },
	{ "warmup_s", NULL, "s", NULL, DATA, 2, get_warmup },
	{ "p50_ns_without_marked", NULL, "ns", "low", DATA, -1, get_unmarked },
	{ "attestation_verdict", "interrupts", .in = IN_TABLE | IN_CSV,
	  .get = get_verdict },
	{ "attestation_why", .in = IN_CSV, .get = get_why },
	{ "emulator", .in = IN_CSV, .get = get_emulator },
	{ "trace_verdict", "probes", .in = IN_TABLE | IN_CSV,
	  .get = get_probes },
	{ "trace_why", .in = IN_CSV, .get = get_probes_why },
	{ "remark", .in = IN_TABLE, .get = get_remark },
};
const size_t record_columns_n =
	sizeof(record_columns) / sizeof(record_columns[0]);

const void **record_rows(const struct result *r, struct record_row **rows)
{
	size_t n = r->records->n, i;
	const void **list = calloc(n + 1, sizeof(*list));

	*rows = calloc(n + 1, sizeof(**rows));
	if (!list || !*rows) {
		free(list);
		free(*rows);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		(*rows)[i] = (struct record_row){ r, &r->records->rec[i], i };
		list[i] = &(*rows)[i];
	}
	return list;
}
