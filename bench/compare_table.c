// SPDX-License-Identifier: GPL-2.0-only
/* Comparisons for people: a table in a terminal, or in markdown. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare_columns.h"
#include "front.h"

#define COLUMNS_MAX 48

static bool all_null(const struct column *col, const void *const *rows,
		     size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (col->get(rows[i]).kind != CELL_NULL)
			return false;
	return true;
}

/* Of files by side each run stands against itself. */
static bool is_idle(const struct compare *c, const struct column *col)
{
	return c->n > 1 && !strcmp(col->name, "against");
}

static size_t shown(const struct compare *c, const void *const *rows,
		    struct column *out)
{
	size_t i, n = 0;

	for (i = 0; i < cmp_columns_n && n < COLUMNS_MAX; i++)
		if (!all_null(&cmp_columns[i], rows, c->rows.n) &&
		    !is_idle(c, &cmp_columns[i]))
			out[n++] = cmp_columns[i];
	return n;
}

static int write_rows(const struct compare *c, FILE *out,
		      int (*how)(const struct column *, size_t,
				 const void *const *, size_t, FILE *))
{
	struct column cols[COLUMNS_MAX];
	const void **rows = calloc(c->rows.n + 1, sizeof(*rows));
	size_t i;
	int ret;

	if (!rows)
		return -ENOMEM;
	for (i = 0; i < c->rows.n; i++)
		rows[i] = &c->rows.at[i];
	ret = c->rows.n ? how(cols, shown(c, rows, cols), rows, c->rows.n, out)
			: 0;
	free(rows);
	return ret;
}

static void write_end(const struct compare *c, FILE *out, const char *mark)
{
	size_t i;

	if (c->refusal[0])
		fprintf(out, "%s%s\n", mark, c->refusal);
	for (i = 0; i < c->notes_n; i++)
		fprintf(out, "%snote: %s\n", mark, c->note[i]);
	if (!c->rows.n)
		return;
	fprintf(out,
		"%sintervals of 99 %%; p by ranks of blocks, corrected for %zu "
		"comparisons; floor: what a side differs from itself by; "
		"seed %llu\n",
		mark, c->family, (unsigned long long)c->seed);
}

int cmp_write_table(const struct compare *c, FILE *out)
{
	int ret;

	fprintf(out, "%s\n\n", c->headline);
	ret = write_rows(c, out, columns_table);
	fputs(c->rows.n ? "\n" : "", out);
	write_end(c, out, "");
	return ret ? ret : ferror(out) ? -EIO : 0;
}

int cmp_write_markdown(const struct compare *c, FILE *out)
{
	int ret;

	fprintf(out, "**%s**\n\n", c->headline);
	ret = write_rows(c, out, columns_markdown);
	fputs(c->rows.n ? "\n" : "", out);
	write_end(c, out, "* ");
	return ret ? ret : ferror(out) ? -EIO : 0;
}
