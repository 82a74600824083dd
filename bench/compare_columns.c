// SPDX-License-Identifier: GPL-2.0-only
/* The column table of comparisons: table, markdown and JSON come from it. */
#include "compare_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "front.h"
#include "result_columns.h"
#include "tool/units.h"

const char *const cmp_pairing_name[3] = { "none", "alternating", "by CPUs" };

static const struct cmp_row *row_of(const void *row)
{
	return row;
}

static struct cell side_text(const void *row, const char *key)
{
	return cell_text(cmp_text(row_of(row)->side[0]->json, key));
}

static struct cell get_run(const void *row)
{
	return side_text(row, "run");
}

static struct cell get_against(const void *row)
{
	return cell_text(cmp_text(row_of(row)->base[0]->json, "run"));
}

static struct cell get_metric(const void *row)
{
	return side_text(row, "metric");
}

static struct cell get_relation(const void *row)
{
	return side_text(row, "relation");
}

/* How many tell how many; null: no sizes were asked for. */
static struct cell get_sizes(const void *row)
{
	const json_t *rec = row_of(row)->side[0]->json;
	double senders = cmp_number(rec, "senders_n");
	double targets = cmp_number(rec, "targets_n");
	double burst = cmp_number(rec, "burst");

	if (isfinite(burst))
		return cell_format("1:1 x%.0f", burst);
	if (!isfinite(senders) ||
	    (senders * targets <= 1 && !cmp_text(rec, "members")))
		return cell_null();
	return cell_format("%.0f:%.0f", senders, targets);
}

const char *cmp_sizes(const struct cmp_row *row, struct cell *cell)
{
	*cell = get_sizes(row);
	return cell->kind == CELL_NULL ? "" : cell->text;
}

static struct cell get_way(const void *row)
{
	return side_text(row, "way");
}

static struct cell get_comparability(const void *row)
{
	return side_text(row, "comparability");
}

static struct cell get_better(const void *row)
{
	return cell_text(row_of(row)->low_is_better ? "low" : "high");
}

static struct cell get_level(const void *row)
{
	static const char *const name[] = { "block", "process", "boot" };

	return cell_text(name[row_of(row)->level]);
}

static struct cell get_pairing(const void *row)
{
	return cell_text(cmp_pairing_name[row_of(row)->pairing]);
}

static struct cell get_units(const void *row)
{
	const struct cmp_row *r = row_of(row);

	if (r->why[0])
		return cell_null();
	return r->pairs ? cell_format("%zu pairs", r->pairs)
			: cell_format("%zu, %zu", r->units_base, r->units_side);
}

static struct cell get_units_base(const void *row)
{
	return cell_count(row_of(row)->units_base);
}

static struct cell get_units_side(const void *row)
{
	return cell_count(row_of(row)->units_side);
}

static struct cell get_pairs(const void *row)
{
	return cell_count(row_of(row)->pairs);
}

static struct cell tenth(double value)
{
	return cell_real(round(value * 10) / 10);
}

static bool judged(const void *row)
{
	return isfinite(row_of(row)->p_raw);
}

static struct cell get_base_p50(const void *row)
{
	return judged(row) ? tenth(row_of(row)->base_p50.at) : cell_null();
}

static struct cell get_p50(const void *row)
{
	return judged(row) ? tenth(row_of(row)->side_p50.at) : cell_null();
}

static struct cell get_shift(const void *row)
{
	return tenth(row_of(row)->shift.at);
}

static struct cell get_shift_low(const void *row)
{
	return tenth(row_of(row)->shift.low);
}

static struct cell get_shift_high(const void *row)
{
	return tenth(row_of(row)->shift.high);
}

static double share(const struct cmp_row *r, double ns)
{
	return r->center_ns > 0 ? ns / r->center_ns : NAN;
}

static struct cell get_change(const void *row)
{
	double pct = 100 * share(row_of(row), row_of(row)->shift.at);

	return cell_real(round(pct * 100) / 100);
}

static struct cell get_change_text(const void *row)
{
	double pct = 100 * share(row_of(row), row_of(row)->shift.at);

	if (!isfinite(pct) || row_of(row)->verdict == CMP_TOO_FEW)
		return cell_null();
	return cell_format("%+.*f %%", fabs(pct) < 10 ? 1 : 0, pct);
}

static struct cell get_p(const void *row)
{
	return cell_real(row_of(row)->p_raw);
}

static struct cell get_p_holm(const void *row)
{
	return cell_real(row_of(row)->p_holm);
}

/* Nobody needs more of a p than this. */
static struct cell get_p_text(const void *row)
{
	double p = row_of(row)->p_holm;

	if (!isfinite(p) || row_of(row)->verdict == CMP_TOO_FEW)
		return cell_null();
	if (p < 0.0001)
		return cell_text("<0.0001");
	return cell_format("%.*f", p < 0.01 ? 4 : 2, p);
}

static struct cell get_cliff(const void *row)
{
	return judged(row) ? cell_real(round(row_of(row)->cliff * 100) / 100)
			   : cell_null();
}

static struct cell get_floor(const void *row)
{
	return judged(row) ? tenth(row_of(row)->floor_ns) : cell_null();
}

static struct cell get_step(const void *row)
{
	return tenth(row_of(row)->step_ns);
}

static struct cell get_seen(const void *row)
{
	return judged(row) ? tenth(row_of(row)->seen_ns) : cell_null();
}

static struct cell get_null_ns(const void *row)
{
	return tenth(row_of(row)->beyond_null_ns);
}

static struct cell get_null_share(const void *row)
{
	double part = row_of(row)->beyond_null_share;

	return cell_real(round(part * 1000) / 1000);
}

static struct cell get_null_text(const void *row)
{
	const struct cmp_row *r = row_of(row);

	if (!isfinite(r->beyond_null_ns))
		return cell_null();
	return cell_format("%s (%.0f %%)", units_ns(r->beyond_null_ns).text,
			   100 * r->beyond_null_share);
}

static struct cell get_verdict(const void *row)
{
	return cell_text(cmp_verdict_name[row_of(row)->verdict]);
}

/* Columns of single figures that are no times: fairness is one. */
static bool is_single(const struct column *col)
{
	return col->better && (!col->unit || strcmp(col->unit, "ns"));
}

void cmp_singles(const struct cmp_row *row,
		 void (*each)(const struct column *col, double base,
			      double side, void *arg),
		 void *arg)
{
	size_t i;

	for (i = 0; i < record_columns_n; i++) {
		const struct column *col = &record_columns[i];
		double a, b;

		if (!is_single(col))
			continue;
		a = cmp_number(row->base[0]->json, col->name);
		b = cmp_number(row->side[0]->json, col->name);
		if (isfinite(a) && isfinite(b))
			each(col, a, b, arg);
	}
}

static void add_single(const struct column *col, double base, double side,
		       void *arg)
{
	struct cell *cell = arg;
	size_t at = strlen(cell->text);

	snprintf(cell->text + at, sizeof(cell->text) - at, "; %s %.2g -> %.2g",
		 col->heading ? col->heading : col->name, base, side);
}

static struct cell get_words(const void *row)
{
	struct cell cell = cell_text(row_of(row)->words);

	cmp_singles(row_of(row), add_single, &cell);
	return cell;
}

const struct column cmp_columns[] = {
	{ "run", .in = IN_TABLE | IN_JSON, .get = get_run },
	{ "against", .in = IN_TABLE | IN_JSON, .get = get_against },
	{ "metric", .in = IN_TABLE | IN_JSON, .get = get_metric },
	{ "better", .in = IN_JSON, .get = get_better },
	{ "relation", .in = IN_TABLE | IN_JSON, .get = get_relation },
	{ "sizes", "cpus", .in = IN_TABLE, .get = get_sizes },
	{ "way", .in = IN_JSON, .get = get_way },
	{ "comparability", .in = IN_JSON, .get = get_comparability },
	{ "units", "blocks", .in = IN_TABLE, .get = get_units },
	{ "unit", .in = IN_JSON, .get = get_level },
	{ "pairing", .in = IN_JSON, .get = get_pairing },
	{ "base_units_n", .in = IN_JSON, .get = get_units_base },
	{ "units_n", .in = IN_JSON, .get = get_units_side },
	{ "pairs_n", .in = IN_JSON, .get = get_pairs },
	{ "base_p50", "base", "ns", NULL, IN_TABLE, -1, get_base_p50 },
	{ "p50", "p50", "ns", NULL, IN_TABLE, -1, get_p50 },
	{ "change", .in = IN_TABLE, .get = get_change_text },
	{ "shift_ns", .in = IN_JSON, .get = get_shift },
	{ "shift_ns_low", .in = IN_JSON, .get = get_shift_low },
	{ "shift_ns_high", .in = IN_JSON, .get = get_shift_high },
	{ "shift_pct", .in = IN_JSON, .get = get_change },
	{ "p_raw", .in = IN_JSON, .get = get_p },
	{ "p_holm", .in = IN_JSON, .get = get_p_holm },
	{ "p", .in = IN_TABLE, .get = get_p_text },
	{ "cliff_delta", "effect", NULL, NULL, IN_TABLE | IN_JSON, 2,
	  get_cliff },
	{ "floor_ns", "floor", "ns", NULL, IN_TABLE | IN_JSON, -1, get_floor },
	{ "step_ns", .in = IN_JSON, .get = get_step },
	{ "seen_ns", .in = IN_JSON, .get = get_seen },
	{ "beyond_null_ns", .in = IN_JSON, .get = get_null_ns },
	{ "beyond_null_share", .in = IN_JSON, .get = get_null_share },
	{ "null", "beyond null", .in = IN_TABLE, .get = get_null_text },
	{ "verdict_kind", .in = IN_JSON, .get = get_verdict },
	{ "verdict", .in = IN_TABLE | IN_JSON, .get = get_words },
};
const size_t cmp_columns_n = sizeof(cmp_columns) / sizeof(cmp_columns[0]);
