// SPDX-License-Identifier: GPL-2.0-only
/* Tables, CSV and JSON members from one column table. */
#include "column.h"

#include <errno.h>
#include <libsmartcols.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "units.h"

struct cell cell_null(void)
{
	return (struct cell){.kind = CELL_NULL};
}

struct cell cell_text(const char *text)
{
	return text ? cell_format("%s", text) : cell_null();
}

struct cell cell_format(const char *fmt, ...)
{
	struct cell cell = {.kind = CELL_TEXT};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cell.text, sizeof(cell.text), fmt, ap);
	va_end(ap);
	return cell;
}

struct cell cell_real(double value)
{
	if (!isfinite(value))
		return cell_null();
	return (struct cell){.kind = CELL_REAL, .real = value};
}

struct cell cell_count(uint64_t value)
{
	return (struct cell){.kind = CELL_COUNT, .count = value};
}

struct cell cell_bool(bool value)
{
	return (struct cell){.kind = CELL_BOOL, .truth = value};
}

/* ---- for people --------------------------------------------------------- */

static void cell_show(const struct column *col, struct cell *cell)
{
	size_t size = sizeof(cell->text);

	switch (cell->kind) {
	case CELL_NULL:
		snprintf(cell->text, size, "-");
		break;
	case CELL_TEXT:
		break;
	case CELL_REAL:
		if (col->decimals < 0)
			snprintf(cell->text, size, "%s",
				 units_ns(cell->real).text);
		else
			snprintf(cell->text, size, "%.*f", col->decimals,
				 cell->real);
		break;
	case CELL_COUNT:
		snprintf(cell->text, size, "%llu",
			 (unsigned long long)cell->count);
		break;
	case CELL_BOOL:
		snprintf(cell->text, size, "%s", cell->truth ? "yes" : "no");
		break;
	}
}

static bool column_is_number(const struct column *col, const void *const *rows,
			     size_t rows_n)
{
	size_t i;

	for (i = 0; i < rows_n; i++) {
		enum cell_kind kind = col->get(rows[i]).kind;

		if (kind == CELL_REAL || kind == CELL_COUNT)
			return true;
	}
	return false;
}

static int table_heads(struct libscols_table *tb, const struct column *cols,
		       size_t n, const void *const *rows, size_t rows_n)
{
	char head[80];
	size_t i;

	for (i = 0; i < n; i++) {
		const char *name =
			cols[i].heading ? cols[i].heading : cols[i].name;

		if (!(cols[i].in & IN_TABLE))
			continue;
		if (cols[i].unit && cols[i].decimals >= 0)
			snprintf(head, sizeof(head), "%s %s", name,
				 cols[i].unit);
		else
			snprintf(head, sizeof(head), "%s", name);
		if (!scols_table_new_column(
			    tb, head, 0,
			    column_is_number(&cols[i], rows, rows_n)
				    ? SCOLS_FL_RIGHT
				    : 0))
			return -ENOMEM;
	}
	return 0;
}

static int table_row(struct libscols_table *tb, const struct column *cols,
		     size_t n, const void *row)
{
	struct libscols_line *line = scols_table_new_line(tb, NULL);
	struct cell cell;
	size_t i, at = 0;

	if (!line)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!(cols[i].in & IN_TABLE))
			continue;
		cell = cols[i].get(row);
		cell_show(&cols[i], &cell);
		if (scols_line_set_data(line, at++, cell.text))
			return -ENOMEM;
	}
	return 0;
}

int columns_table(const struct column *cols, size_t n, const void *const *rows,
		  size_t rows_n, FILE *out)
{
	struct libscols_table *tb = scols_new_table();
	size_t i;
	int ret;

	if (!tb)
		return -ENOMEM;
	scols_table_set_stream(tb, out);
	/* Never cut to a terminal's width: a figure lost is a figure lost. */
	scols_table_set_termforce(tb, SCOLS_TERMFORCE_NEVER);
	ret = table_heads(tb, cols, n, rows, rows_n);
	for (i = 0; !ret && i < rows_n; i++)
		ret = table_row(tb, cols, n, rows[i]);
	if (!ret && rows_n)
		ret = scols_print_table(tb);
	scols_unref_table(tb);
	return ret < 0 ? ret : 0;
}

/* ---- markdown ----------------------------------------------------------- */

static void markdown_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			fputc('\\', out);
		fputc(*text, out);
	}
}

int columns_markdown(const struct column *cols, size_t n,
		     const void *const *rows, size_t rows_n, FILE *out)
{
	struct cell cell;
	size_t i, r;

	for (i = 0; i < n; i++) {
		if (!(cols[i].in & IN_TABLE))
			continue;
		fputs("| ", out);
		markdown_text(out, cols[i].heading ? cols[i].heading
						   : cols[i].name);
		fputc(' ', out);
	}
	fputs("|\n", out);
	for (i = 0; i < n; i++)
		if (cols[i].in & IN_TABLE)
			fputs(column_is_number(&cols[i], rows, rows_n)
				      ? "|---:"
				      : "|---",
			      out);
	fputs("|\n", out);
	for (r = 0; r < rows_n; r++) {
		for (i = 0; i < n; i++) {
			if (!(cols[i].in & IN_TABLE))
				continue;
			cell = cols[i].get(rows[r]);
			cell_show(&cols[i], &cell);
			fputs("| ", out);
			markdown_text(out, cell.text);
			fputc(' ', out);
		}
		fputs("|\n", out);
	}
	return ferror(out) ? -EIO : 0;
}

/* ---- CSV ---------------------------------------------------------------- */

static void csv_text(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void csv_cell(FILE *out, const struct cell *cell)
{
	switch (cell->kind) {
	case CELL_NULL:
		break;
	case CELL_TEXT:
		csv_text(out, cell->text);
		break;
	case CELL_REAL:
		fprintf(out, "%.10g", cell->real);
		break;
	case CELL_COUNT:
		fprintf(out, "%llu", (unsigned long long)cell->count);
		break;
	case CELL_BOOL:
		fputs(cell->truth ? "true" : "false", out);
		break;
	}
}

int columns_table_of(const struct column *cols, size_t n, const void *rows,
		     size_t row_size, size_t rows_n, FILE *out)
{
	const void **each = calloc(rows_n ? rows_n : 1, sizeof(*each));
	size_t i;
	int ret;

	if (!each)
		return -ENOMEM;
	for (i = 0; i < rows_n; i++)
		each[i] = (const char *)rows + i * row_size;
	ret = columns_table(cols, n, each, rows_n, out);
	free(each);
	return ret;
}

int columns_csv(const struct column *cols, size_t n, const void *const *rows,
		size_t rows_n, FILE *out)
{
	const char *comma = "";
	struct cell cell;
	size_t i, r;

	for (i = 0; i < n; i++) {
		if (!(cols[i].in & IN_CSV))
			continue;
		fprintf(out, "%s%s", comma, cols[i].name);
		comma = ",";
	}
	fputc('\n', out);
	for (r = 0; r < rows_n; r++) {
		comma = "";
		for (i = 0; i < n; i++) {
			if (!(cols[i].in & IN_CSV))
				continue;
			fputs(comma, out);
			comma = ",";
			cell = cols[i].get(rows[r]);
			csv_cell(out, &cell);
		}
		fputc('\n', out);
	}
	return ferror(out) ? -EIO : 0;
}

/* ---- JSON --------------------------------------------------------------- */

json_t *columns_json_real(double value)
{
	return isfinite(value) ? json_real(round(value * 10) / 10)
			       : json_null();
}

static json_t *cell_json(const struct cell *cell)
{
	switch (cell->kind) {
	case CELL_TEXT:
		return json_string(cell->text);
	case CELL_REAL:
		return json_real(cell->real);
	case CELL_COUNT:
		return json_integer(cell->count);
	case CELL_BOOL:
		return json_boolean(cell->truth);
	case CELL_NULL:
		break;
	}
	return json_null();
}

int columns_json(const struct column *cols, size_t n, const void *row,
		 json_t *object)
{
	struct cell cell;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!(cols[i].in & IN_JSON))
			continue;
		cell = cols[i].get(row);
		if (json_object_set_new(object, cols[i].name, cell_json(&cell)))
			return -ENOMEM;
	}
	return 0;
}
