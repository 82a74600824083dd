// SPDX-License-Identifier: GPL-2.0-only
/* Results for people and for spreadsheets: table, CSV, headline. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result_columns.h"
#include "tool/units.h"

/* ---- the first line ----------------------------------------------------- */

/* The round trip that a reader asks for first. */
static const struct bench_record *first_answer(const struct result *r)
{
	const struct bench_record *best = NULL;
	size_t i;

	for (i = 0; i < r->records->n; i++) {
		const struct bench_record *rec = &r->records->rec[i];

		if (rec->status != STATUS_OK || !rec->samples_n ||
		    rec->yardstick || rec->metric != METRIC_RTT ||
		    rec->item->opts->inject || rec->way != IPI_WAY_INTERRUPT)
			continue;
		if (!best || !strcmp(rec->item->opts->driver, "unicast"))
			best = rec;
		if (!strcmp(rec->item->opts->driver, "unicast"))
			break;
	}
	return best;
}

static void verdicts(const struct result *r, char *buf, size_t size)
{
	unsigned n[4] = { 0 }, failed = 0;
	int at;
	size_t i;

	for (i = 0; i < r->records->n; i++) {
		const struct bench_record *rec = &r->records->rec[i];

		if (rec->status == STATUS_OK)
			n[rec->att.verdict]++;
		failed += rec->status == STATUS_FAILED;
	}
	at = snprintf(buf, size,
		      "%u records attested, %u contradicted, %u unattested",
		      n[VERDICT_ATTESTED], n[VERDICT_CONTRADICTED],
		      n[VERDICT_UNATTESTED]);
	if (failed)
		snprintf(buf + at, size - at, ", %u failed", failed);
}

/* No time stands in it. */
static void emulated_headline(struct result *r)
{
	const struct machine *m = r->machine;
	char words[160], attested[80];

	machine_emulated_words(m->emulator, m->host_cpus, r->topo->n, words,
			       sizeof(words));
	verdicts(r, attested, sizeof(attested));
	snprintf(r->headline, sizeof(r->headline),
		 "%s%s; %s%s%s scheduling%s: %s",
		 r->complete ? "" : "INCOMPLETE: ", words,
		 r->busy ? "busy, " : "", r->topo->n < 4 ? "few CPUs, " : "",
		 r->rt ? "real-time" : "ordinary", r->probes ? ", traced" : "",
		 attested);
}

void result_headline(struct result *r)
{
	const struct machine *m = r->machine;
	const struct bench_record *rec = first_answer(r);
	char kind[64], answer[96] = "", attested[80];

	if (m->emulator[0]) {
		emulated_headline(r);
		return;
	}
	snprintf(kind, sizeof(kind), "%s",
		 m->kind == MACHINE_HARDWARE ? "hardware"
					     : machine_kind_name[m->kind]);
	if (m->kind != MACHINE_HARDWARE)
		snprintf(kind, sizeof(kind), "%s machine (%s)",
			 machine_kind_name[m->kind], m->hypervisor);
	if (rec)
		snprintf(answer, sizeof(answer), "%s by %s p50 %s; ",
			 rec->item->opts->driver, rec->route,
			 units_ns(record_p(rec, 0.5)).text);
	verdicts(r, attested, sizeof(attested));
	snprintf(r->headline, sizeof(r->headline),
		 "%s%s%s, %zu CPU%s%s, %s scheduling%s: %s%s",
		 r->complete ? "" : "INCOMPLETE: ", r->busy ? "busy " : "",
		 kind, r->topo->n, r->topo->n == 1 ? "" : "s",
		 r->topo->n < 4 ? " (few)" : "",
		 r->rt ? "real-time" : "ordinary", r->probes ? ", traced" : "",
		 answer, attested);
}

/* ---- table and CSV ------------------------------------------------------ */

/* Nobody's probes need no column for people. */
static size_t columns_of(const struct result *r, struct column *out)
{
	size_t n = 0, i;

	for (i = 0; i < record_columns_n; i++) {
		out[n] = record_columns[i];
		if (!r->probes && !strcmp(out[n].name, "trace_verdict"))
			out[n].in &= ~IN_TABLE;
		n++;
	}
	return n;
}

static int render(const struct result *r, FILE *out,
		  int (*how)(const struct column *, size_t, const void *const *,
			     size_t, FILE *))
{
	struct column *columns = calloc(record_columns_n, sizeof(*columns));
	struct record_row *rows = NULL;
	const void **list = columns ? record_rows(r, &rows) : NULL;
	int ret = -ENOMEM;

	if (list)
		ret = how(columns, columns_of(r, columns), list, r->records->n,
			  out);
	free(columns);
	free(rows);
	free(list);
	return ret;
}

int result_write_csv(const struct result *r, FILE *out)
{
	return render(r, out, columns_csv);
}

int result_write_table(const struct result *r, FILE *out)
{
	const struct bench_clock *clock = bench_clock_get();
	size_t i;
	int ret;

	fprintf(out, "%s\n\n", r->headline);
	ret = render(r, out, columns_table);
	fprintf(out,
		"\nclock %s: tick %.1f ns; each sample holds one reading, "
		"%.1f ns. seed %llu, %.1f s.\n",
		clock->source, clock->tick_ns, clock->read_ns,
		(unsigned long long)r->plan->seed, r->elapsed_s);
	for (i = 0; i < r->plan->notes_n; i++)
		fprintf(out, "cut: %s\n", r->plan->note[i]);
	return ret;
}

/* The command as a shell would take it. */
char *result_command(const struct result *r)
{
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);
	const char *at;

	for (i = 0; f && r->command[i]; i++) {
		bool plain = r->command[i][0] &&
			     !r->command[i][strspn(r->command[i],
						   "abcdefghijklmnopqrstuvwxyz"
						   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						   "0123456789_-+=:,./@%")];

		fprintf(f, "%s%s", i ? " " : "", plain ? "" : "'");
		for (at = r->command[i]; *at; at++)
			fprintf(f, *at == '\'' ? "'\\''" : "%c", *at);
		fputs(plain ? "" : "'", f);
	}
	if (f)
		fclose(f);
	return text;
}
