// SPDX-License-Identifier: GPL-2.0-only
/* Results for a mailing list: plain ASCII, at most 72 columns. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result_columns.h"
#include "tool/fold.h"
#include "tool/units.h"
#include "tool/version.h"

static const char *context_text(const struct result *r, const char *key)
{
	const char *text = json_string_value(json_object_get(r->context, key));

	return text ? text : "unknown";
}

/* Only those that are something: "Not affected" tells nobody much. */
static void mitigation_lines(const struct result *r, FILE *out)
{
	char *text = NULL;
	size_t size, n = 0;
	FILE *f = open_memstream(&text, &size);
	const char *key;
	json_t *value;

	if (!f)
		return;
	json_object_foreach(json_object_get(r->context, "mitigations"), key,
			    value)
	{
		const char *state = json_string_value(value);

		if (state && strcmp(state, "Not affected"))
			fprintf(f, "%s%s: %s", n++ ? "; " : "", key, state);
	}
	fclose(f);
	fold_words(out, "Mitigations", n ? text : "none needed");
	free(text);
}

static void number(char *buf, size_t size, double ns)
{
	if (isfinite(ns))
		snprintf(buf, size, "%.0f", ns);
	else
		snprintf(buf, size, "-");
}

/* Words are cut to their column; numbers never are. */
static void record_line(const struct bench_record *rec, FILE *out)
{
	static const char short_verdict[] = { '.', '+', '!', '?' };
	static const char *const way[IPI_WAYS] = {
		"-", "intr", "wait", "poll", "unho", "idle", "self",
	};
	char p50[24], p99[24], error[24];

	fprintf(out, "%-18.18s %-6.6s %-11.11s ", rec->item->opts->run,
		topo_relation_name[rec->item->relation],
		metric_name[rec->metric]);
	if (rec->status != STATUS_OK) {
		fprintf(out, "%s\n",
			rec->status == STATUS_FAILED ? "failed" : "skipped");
		fold_words(out, "", rec->reason);
		return;
	}
	number(p50, sizeof(p50), record_p(rec, 0.5));
	number(p99, sizeof(p99), record_p(rec, 0.99));
	number(error, sizeof(error), rec->error_ns);
	fprintf(out, "%-4s %8s %6s %8s %c\n", way[rec->way], p50, error, p99,
		short_verdict[rec->att.verdict]);
}

/* The ways of one series share their verdict: it is told once. */
static void contradictions(const struct result *r, FILE *out)
{
	const struct bench_record *rec;
	const char *told = "";
	size_t i;

	for (i = 0; i < r->records->n; i++) {
		rec = &r->records->rec[i];
		if (rec->status != STATUS_OK ||
		    rec->att.verdict != VERDICT_CONTRADICTED ||
		    !strcmp(told, rec->att.why))
			continue;
		told = rec->att.why;
		fold_words(out, "! refuted", told);
	}
}

static uint64_t samples(const struct result *r)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < r->records->n; i++)
		n += r->records->rec[i].samples_n;
	return n;
}

static void machine_lines(const struct result *r, FILE *out)
{
	char text[256];

	fold_words(out, "Result", r->headline);
	snprintf(text, sizeof(text), "%s, %s", context_text(r, "cpu_model"),
		 context_text(r, "arch"));
	fold_words(out, "Machine", text);
	snprintf(text, sizeof(text), "%s [%s]", context_text(r, "kernel"),
		 context_text(r, "kernel_cmdline"));
	fold_words(out, "Kernel", text);
	mitigation_lines(r, out);
	snprintf(text, sizeof(text), "driver %s, frequency governor %s",
		 context_text(r, "idle_driver"), context_text(r, "governor"));
	fold_words(out, "Idle", text);
	snprintf(text, sizeof(text),
		 "%zu records, %llu samples, 1 process, 1 boot: differences "
		 "between boots are not in these intervals",
		 r->records->n, (unsigned long long)samples(r));
	fold_words(out, "n", text);
}

static int source_lines(const struct result *r, const char *json_path,
			const char *hash, FILE *out)
{
	char *command = result_command(r);

	if (!command)
		return -ENOMEM;
	fold_words(out, "Command", command);
	free(command);
	if (hash) {
		fold_words(out, "File", json_path);
		/* Its own line, whole: it is there to be copied. */
		fprintf(out, "sha256: %s\n", hash);
	} else {
		fold_words(out, "File", "none kept (--json FILE keeps it)");
	}
	fold_words(out, "Tool", "ipi " IPI_VERSION);
	return ferror(out) ? -EIO : 0;
}

int result_write_lkml(const struct result *r, const char *json_path,
		      const char *hash, FILE *out)
{
	size_t i;

	machine_lines(r, out);
	fprintf(out, "\n%-18s %-6s %-11s %-4s %8s %6s %8s\n", "run", "where",
		"metric", "way", "p50 ns", "+- ns", "p99 ns");
	for (i = 0; i < r->records->n; i++)
		record_line(&r->records->rec[i], out);
	fputs("+ attested  ! contradicted  ? unattested  . no interrupt "
	      "meant\n",
	      out);
	contradictions(r, out);
	fputc('\n', out);
	return source_lines(r, json_path, hash, out);
}
