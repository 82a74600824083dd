// SPDX-License-Identifier: GPL-2.0-only
/* The one column table of records: table, CSV and JSON come from it. */
#include "result_columns.h"

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
const char *const inject_name[3] = { "none", "handler", "ack" };

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
	if (rec->batch > 1)
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

	waiter_text(o, waiter, sizeof(waiter));
	record_sample_kind(rec, kind, sizeof(kind));
	if (o->gap_ns_max)
		snprintf(gap, sizeof(gap), "gap %llu..%llu",
			 (unsigned long long)o->gap_ns_min,
			 (unsigned long long)o->gap_ns_max);
	else
		snprintf(gap, sizeof(gap), "back-to-back");
	snprintf(buf, size, "%s/%s/%s/%s/%s/%s", rec->route ? rec->route : "?",
		 rec->target_state ? rec->target_state : "none", waiter,
		 rec->syscall_in_path ? "syscall" : "no syscall", kind, gap);
}

/* ---- what was run ------------------------------------------------------- */

static struct cell get_version(const void *row)
{
	return cell_count(CSV_VERSION);
}

static struct cell get_machine(const void *row)
{
	return cell_text(machine_kind_name[machine_get()->kind]);
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

static struct cell get_inject_where(const void *row)
{
	const struct bench_opts *o = opts_of(row);

	return o->inject ? cell_text(inject_name[o->inject]) : cell_null();
}

static struct cell get_inject_ns(const void *row)
{
	const struct bench_opts *o = opts_of(row);

	return o->inject ? cell_count(o->inject_ns) : cell_null();
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

static struct cell get_targets(const void *row)
{
	const struct bench_item *item = rec_of(row)->item;

	return cell_count(item->targets_n ? item->targets_n : 1);
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

static bool sampled(const struct bench_record *rec)
{
	return rec->status == STATUS_OK && rec->samples_n;
}

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
	if (2 * rec->below_noise >= rec->samples_n)
		return cell_text("half of the windows lost nothing: below the "
				 "noise");
	if (o->inject)
		return cell_format("%llu ns injected in %s%s",
				   (unsigned long long)o->inject_ns,
				   inject_name[o->inject],
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
	{ "comparability", .in = DATA, .get = get_comparability },
	{ "relation", .in = IN_ALL, .get = get_relation },
	{ "targets_n", .in = DATA, .get = get_targets },
	{ "series", .in = DATA, .get = get_series },
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
	{ "steady", .in = DATA, .get = get_steady },
	{ "warmup_s", NULL, "s", NULL, DATA, 2, get_warmup },
	{ "p50_ns_without_marked", NULL, "ns", "low", DATA, -1, get_unmarked },
	{ "attestation_verdict", "interrupts", .in = IN_TABLE | IN_CSV,
	  .get = get_verdict },
	{ "attestation_why", .in = IN_CSV, .get = get_why },
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
