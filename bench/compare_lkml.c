// SPDX-License-Identifier: GPL-2.0-only
/* Comparisons for a mailing list: plain ASCII, at most 72 columns. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "compare_columns.h"
#include "front.h"
#include "tool/fold.h"
#include "tool/version.h"

static void context_line(const struct compare *c, const char *label,
			 const char *key, FILE *out)
{
	const struct cmp_file *a = &c->file[0], *b = &c->file[c->base_n];
	const char *x = cmp_text(json_object_get(a->root, "context"), key);
	const char *y =
		c->n > 1 ? cmp_text(json_object_get(b->root, "context"), key)
			 : NULL;
	char text[600];

	if (y && (!x || strcmp(x, y)))
		snprintf(text, sizeof(text), "%.250s against %.250s", y,
			 x ? x : "unknown");
	else
		snprintf(text, sizeof(text), "%.500s", x ? x : "unknown");
	fold_words(out, label, text);
}

static void files_line(const struct compare *c, FILE *out)
{
	char text[900];
	size_t i, at = 0;

	/* The new side first, as in a sentence. */
	for (i = 0; i < c->n && at < sizeof(text); i++) {
		size_t file = (c->base_n + i) % c->n;

		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
				       !i	   ? ""
				       : file == 0 ? " against "
						   : ", ",
				       c->file[file].path);
	}
	fold_words(out, "Files", text);
}

static void number(char *buf, size_t size, double value)
{
	if (isfinite(value))
		snprintf(buf, size, "%.0f", value);
	else
		snprintf(buf, size, "-");
}

/* The figures in one line; the verdict below them, for it is in words. */
static void row_lines(const struct compare *c, const struct cmp_row *row,
		      FILE *out)
{
	bool judged = isfinite(row->p_raw);
	char a[24], b[24], floor[24], words[700];
	const char *against = cmp_text(row->base[0]->json, "run");
	struct cell cell;
	const char *sizes = cmp_sizes(row, &cell);

	number(a, sizeof(a), judged ? row->base_p50.at : NAN);
	number(b, sizeof(b), judged ? row->side_p50.at : NAN);
	number(floor, sizeof(floor), judged ? row->floor_ns : NAN);
	fprintf(out, "%-20.20s %-11.11s %-6.6s %9s %9s %9s\n",
		cmp_text(row->side[0]->json, "run"),
		cmp_text(row->side[0]->json, "metric"),
		cmp_text(row->side[0]->json, "relation"), a, b, floor);
	snprintf(words, sizeof(words), "%s%s%s%s%s", sizes,
		 sizes[0] ? ", " : "", c->n > 1 ? "" : against,
		 c->n > 1 ? "" : ": ", row->words);
	fold_words(out, "", words);
}

static void ways(const struct compare *c, FILE *out)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "99 %% intervals; p by ranks of blocks, Holm over %zu "
		 "comparisons; a shift under the floor (what a side differs "
		 "from itself by) or a clock tick is none; seed %llu",
		 c->family, (unsigned long long)c->seed);
	fold_words(out, "Method", text);
}

int cmp_write_lkml(const struct compare *c, FILE *out)
{
	size_t i;

	fold_words(out, "Compared", c->headline);
	files_line(c, out);
	context_line(c, "Machine", "cpu_model", out);
	context_line(c, "Kernel", "kernel", out);
	context_line(c, "Cmdline", "kernel_cmdline", out);
	if (c->refusal[0])
		fold_words(out, "Refused", c->refusal);
	for (i = 0; i < c->notes_n; i++)
		fold_words(out, "Note", c->note[i]);
	if (c->rows.n) {
		fprintf(out, "\n%-20s %-11s %-6s %9s %9s %9s\n", "run",
			"metric", "where", "base ns", "p50 ns", "floor ns");
		for (i = 0; i < c->rows.n; i++)
			row_lines(c, &c->rows.at[i], out);
		fputc('\n', out);
		ways(c, out);
	}
	fold_words(out, "Tool", "ipi " IPI_VERSION);
	return ferror(out) ? -EIO : 0;
}
