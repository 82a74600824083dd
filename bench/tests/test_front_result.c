// SPDX-License-Identifier: GPL-2.0-only
/*
 * A result of 256 CPUs with made-up samples (seeded) through the real writers:
 * its size, its schema, its tables.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/tests/check.h"
#include "tool/reader.h"
#include "front.h"

#define BIG "synthetic:pack:2 numa:2 l3:4 core:8 pu:2"
#define SAMPLES 20000
#define SEED 20140525u

static char *command[] = { "ipi", "bench", "run", "it's /home/x/f", NULL };
static struct config config;
static struct runs runs;
static struct topo *topo;
static struct plan *plan;
static struct bench_results records;
static struct result result;
static uint64_t random_state = SEED;

static uint64_t random_below(uint64_t n)
{
	random_state =
		random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % n;
}

/* A body of some width with a long tail, as interrupts have them. */
static uint64_t made_up_ticks(uint64_t base)
{
	uint64_t t = base;
	int i;

	for (i = 0; i < 6; i++)
		t += random_below(base / 12);
	if (!random_below(50))
		t += random_below(20 * base);
	return t;
}

static void fill_record(struct bench_record *rec, const struct bench_item *item,
			enum bench_metric metric)
{
	size_t i;

	rec->item = item;
	rec->status = STATUS_OK;
	rec->metric = metric;
	rec->way = IPI_WAY_INTERRUPT;
	rec->route = "signal";
	rec->target_state = "spinning";
	rec->batch = 1;
	rec->tick_ns = 0.385;
	rec->hist = calloc(1, sizeof(*rec->hist));
	rec->steady = true;
	rec->error_ns = 12.5;
	rec->home_verified = -1;
	rec->p50_ns_without_marked = NAN;
	rec->att.verdict = VERDICT_ATTESTED;
	snprintf(rec->att.why, sizeof(rec->att.why), "taken 20000 of 20000");
	for (i = 0; i < SAMPLES; i++)
		ipi_hist_add(rec->hist, made_up_ticks(22000));
	rec->samples_n = SAMPLES;
	rec->min_ns = rec->hist->min * rec->tick_ns;
	rec->max_ns = rec->hist->max * rec->tick_ns;
	rec->mean_ns = 9000;
	rec->pairs = calloc(item->pairs_n + 1, sizeof(*rec->pairs));
	for (i = 0; i < item->pairs_n; i++)
		rec->pairs[i] = (struct bench_pair_stat){
			item->pairs[i].source,
			item->pairs[i].target,
			2500,
			8000.1 + i,
			8411.2 + i,
			NAN,
		};
	rec->pairs_n = item->pairs_n;
	for (rec->bands_n = 0; rec->bands_n < BENCH_BANDS; rec->bands_n++)
		rec->band_last[rec->bands_n] = 4096 + 40 * rec->bands_n;
	rec->blocks = calloc(24, sizeof(*rec->blocks));
	for (rec->blocks_n = 0; rec->blocks_n < 24; rec->blocks_n++)
		rec->blocks[rec->blocks_n] = (struct bench_block){
			.t_s = 0.05 * rec->blocks_n,
			.n = 800,
			.p50_ns = 8411.5,
			.p99_ns = NAN,
			.freq_mhz = NAN,
			.mean_ns = 8512.3,
			.source = 17,
			.target = 113,
			.band = { 8,  32, 40, 80, 80, 80, 40, 40, 40, 40, 80,
				  80, 80, 40, 24, 8,  4,  2,  1,  0,  1,  0 },
			.marks = "steal 3%, involuntary switches 2",
		};
}

static int make_result(void **state)
{
	struct assignments cli = { 0 };
	struct tool_error err = { "" };
	size_t i;
	int m;

	/* Everything that quick asks for, with its rows, nothing cut. */
	assignments_add(&cli, key_find("budget"), "0");
	if (config_add(&config, "quick", &err) ||
	    runs_make(&config, &cli, &runs, &err) ||
	    topo_load(BIG, &topo, &err) || plan_make(topo, NULL, &runs, &plan, &err))
		fail_msg("%s", err.text);
	for (i = 0; i < plan->n; i++)
		for (m = 0; m < METRIC_N; m++)
			if (plan->item[i].opts->metrics & 1u << m)
				fill_record(bench_record_new(&records),
					    &plan->item[i], m);
	result = (struct result){ .machine = machine_get(),
				  .topo = topo,
				  .plan = plan,
				  .records = &records,
				  .config = &config,
				  .command = command,
				  .started_utc = "2026-01-02T03:04:05Z",
				  .elapsed_s = 1.5,
				  .complete = true };
	result.context = context_json(result.machine, false, false);
	result_headline(&result);
	return 0;
}

/* Static, because gcc 12 takes the text for a pointer into the pointer. */
static char *text_of(int (*write)(const struct result *, FILE *))
{
	static char *text;
	static size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(write(&result, f), 0);
	fclose(f);
	return text;
}

static void test_result_of_256_cpus_is_under_5_mb(void **state)
{
	char *text = text_of(result_write_json);
	size_t size = strlen(text);

	print_message("%zu records, %zu bytes, estimated %llu (seed %u)\n",
		      records.n, size, (unsigned long long)plan->file_bytes,
		      SEED);
	assert_true(records.n > 100);
	assert_true(size < 5000000);
	/* What --dry-run says is worth believing. */
	assert_true(plan->file_bytes > size / 2);
	assert_true(plan->file_bytes < size * 2);
	free(text);
}

static json_t *written(void)
{
	char path[] = "/tmp/ipi-result-XXXXXX", *text;
	struct tool_error err = { "" };
	FILE *f = fdopen(mkstemp(path), "w");
	json_t *root = NULL;
	int ret;

	text = text_of(result_write_json);
	fputs(text, f);
	fclose(f);
	free(text);
	ret = reader_load(path, &root, &err);
	unlink(path);
	if (ret)
		fail_msg("%s", err.text);
	return root;
}

static void test_result_reads_back(void **state)
{
	json_t *root = written(), *rec, *bucket;
	json_int_t sum = 0;
	double before = -1;
	size_t i;

	rec = json_array_get(json_object_get(root, "records"), 3);
	assert_int_equal(json_integer_value(json_object_get(rec, "id")), 3);
	json_array_foreach(
		json_object_get(json_object_get(rec, "histogram"), "bucket"), i,
		bucket)
	{
		double low = json_number_value(json_array_get(bucket, 0));
		double high = json_number_value(json_array_get(bucket, 1));

		assert_true(low > before && high >= low);
		before = high;
		sum += json_integer_value(json_array_get(bucket, 2));
	}
	assert_int_equal(sum, SAMPLES);
	assert_true(json_number_value(json_object_get(rec, "latency_ns_p50")) >
		    8000);
	/* 20 000 samples leave 20 beyond p99.9: no such figure. */
	assert_true(json_is_null(json_object_get(rec, "latency_ns_p999")));
	assert_int_equal(
		json_array_size(json_object_get(
			json_array_get(json_object_get(rec, "blocks"), 0),
			"marks")),
		2);
	json_decref(root);
}

/* Every key of a record has its place in ipi-result(5). */
static void test_result_keys_are_documented(void **state)
{
	static char page[200000];
	const char *path = getenv("IPI_RESULT_MAN");
	FILE *f = path ? fopen(path, "r") : NULL;
	json_t *root = written(), *value;
	const char *key;
	char name[64];

	assert_non_null(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	fclose(f);
	json_object_foreach(root, key, value)
	{
		snprintf(name, sizeof(name), ".It %s", key);
		assert_holds(page, name);
	}
	json_object_foreach(json_array_get(json_object_get(root, "records"), 0),
			    key, value)
	{
		snprintf(name, sizeof(name), ".It %s", key);
		assert_holds(page, name);
	}
	json_object_foreach(json_object_get(root, "context"), key, value)
	{
		snprintf(name, sizeof(name), ".It %s", key);
		assert_holds(page, name);
	}
	json_decref(root);
}

static int write_lkml(const struct result *r, FILE *out)
{
	static const char hash[] = "0123456789abcdef0123456789abcdef"
				   "0123456789abcdef0123456789abcdef";

	return result_write_lkml(r, "out.json", hash, out);
}

static void test_result_lkml_is_plain_and_narrow(void **state)
{
	char *text = text_of(write_lkml), *line, *save = NULL;
	const char *at;

	assert_holds(text, "\nsha256: 0123456789abcdef");
	assert_holds(text, "Mitigations");
	for (at = text; *at; at++)
		if (*at != '\n' && (*at < ' ' || *at > '~'))
			fail_msg("byte %d at %zu", *at, (size_t)(at - text));
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (strlen(line) > 72 || line[strlen(line) - 1] == ' ')
			fail_msg("%zu columns: '%s'", strlen(line), line);
	free(text);
}

static void test_result_command_is_for_a_shell(void **state)
{
	char *text = result_command(&result);

	assert_string_equal(text, "ipi bench run 'it'\\''s /home/x/f'");
	free(text);
}

static void test_result_anonymous_names_nobody(void **state)
{
	json_t *kept = result.context;
	char *text;

	result.anonymous = true;
	result.context = context_json(result.machine, false, true);
	text = text_of(result_write_json);
	assert_null(strstr(text, "/home/"));
	assert_null(strstr(text, machine_get()->cpu_model));
	assert_holds(text, "\"boot_id\":null");
	free(text);
	json_decref(result.context);
	result.context = kept;
	result.anonymous = false;
}

static void test_result_incomplete_says_so_first(void **state)
{
	char *text;

	result.complete = false;
	result_headline(&result);
	text = text_of(result_write_table);
	assert_int_equal(strncmp(text, "INCOMPLETE: ", 12), 0);
	free(text);
	text = text_of(result_write_json);
	assert_holds(text, "\"complete\":false");
	free(text);
	result.complete = true;
	result_headline(&result);
}

static int write_plan(const struct result *r, FILE *out)
{
	return plan_print(r->plan, r->topo, r->machine, out);
}

static void assert_opens(int (*write)(const struct result *, FILE *),
			 const char *with)
{
	char *text = text_of(write);

	if (strncmp(text, with, strlen(with)))
		fail_msg("'%.80s' does not open with '%s'", text, with);
	free(text);
}

static void test_result_emulated_says_so_first(void **state)
{
	static const struct machine tcg = { .kind = MACHINE_EMULATED,
					    .hypervisor = "QEMU TCG",
					    .cpu_model = "made up",
					    .emulator = "tcg",
					    .told_by = "cmdline",
					    .host_cpus = 2 };
	const struct machine *here = result.machine;
	json_t *kept = result.context;
	char *text;

	result.machine = &tcg;
	result.context = context_json(&tcg, false, true);
	result_headline(&result);
	assert_opens(result_write_table,
		     "EMULATED (QEMU TCG, 256 vCPUs on 2 host CPUs): order of "
		     "events and counts hold, times are no processor's; "
		     "ordinary scheduling: ");
	assert_null(strstr(result.headline, "p50"));
	assert_opens(write_plan, "EMULATED (QEMU TCG, 256 vCPUs on 2 host");
	assert_opens(write_lkml, "Result      EMULATED (QEMU TCG");
	test_result_lkml_is_plain_and_narrow(state);
	text = text_of(write_lkml);
	*strchr(text, '\n') = '\0';
	assert_holds(text, "EMULATED (QEMU TCG, 256 vCPUs on 2 host CPUs)");
	free(text);
	text = text_of(result_write_json);
	assert_holds(text, "\"machine\":\"emulated\"");
	assert_holds(text,
		     "\"emulated\":{\"by\":\"tcg\",\"told_by\":\"cmdline\"}"
		     ",\"host_cpus\":2,");
	free(text);
	text = text_of(result_write_csv);
	assert_holds(text, ",emulator,trace_verdict,trace_why\n");
	assert_holds(text, ",tcg,,\n");
	free(text);
	json_decref(result.context);
	result.machine = here;
	result.context = kept;
	result_headline(&result);
}

static void test_result_busy_says_so_first(void **state)
{
	char *text;

	result.busy = true;
	result_headline(&result);
	text = text_of(result_write_table);
	assert_int_equal(strncmp(text, "busy ", 5), 0);
	free(text);
	result.busy = false;
	result_headline(&result);
}

/* So that nobody takes it for one of the untraced. */
static void test_result_traced_says_so(void **state)
{
	struct bench_record *rec = &records.rec[0];
	char *text, key[200];

	text = text_of(result_write_table);
	assert_null(strstr(text, " probes "));
	free(text);
	result.probes = json_array();
	rec->traced = true;
	rec->trace.verdict = VERDICT_CONTRADICTED;
	snprintf(rec->trace.why, sizeof(rec->trace.why), "two were never sent");
	result_comparability(rec, key, sizeof(key));
	assert_holds(key, "/traced");
	result_headline(&result);
	assert_holds(result.headline, " scheduling, traced: ");
	text = text_of(result_write_table);
	assert_holds(text, " probes ");
	assert_holds(text, "two were never sent");
	free(text);
	text = text_of(result_write_json);
	assert_holds(text, "\"traced\":true,\"probes\":[],");
	assert_holds(text, "\"trace\":{\"verdict\":\"contradicted\"");
	free(text);
	json_decref(result.probes);
	result.probes = NULL;
	rec->traced = false;
	rec->trace = (struct bench_trace){ .why = "" };
	result_headline(&result);
}

static void test_result_table_says_why_not_attested(void **state)
{
	static const enum bench_verdict verdicts[] = { VERDICT_CONTRADICTED,
						       VERDICT_UNATTESTED };
	struct bench_attestation *att = &records.rec[0].att, kept = *att;
	char *text;
	size_t i;

	snprintf(att->why, sizeof(att->why), "the counter was masked");
	for (i = 0; i < 2; i++) {
		att->verdict = verdicts[i];
		text = text_of(result_write_table);
		assert_holds(text, "the counter was masked");
		free(text);
	}
	*att = kept;
}

static void test_result_table_says_below_the_noise(void **state)
{
	struct bench_record *rec = &records.rec[0];
	char *text;

	rec->below_noise = (rec->samples_n + 1) / 2;
	text = text_of(result_write_table);
	assert_holds(text, "below the noise");
	free(text);
	rec->below_noise = 0;
}

static void test_result_csv_is_stable(void **state)
{
	char *text = text_of(result_write_csv), *row = strchr(text, '\n');

	assert_non_null(row);
	*row++ = '\0';
	assert_holds(text, "csv_version,machine,boot_id,started_utc,id,run,"
			   "status,");
	assert_int_equal(strtol(row, NULL, 10), 1);
	free(text);
}

/* The mean of a batch has a median of its own, but no tail. */
static void test_result_of_batches_has_no_tail(void **state)
{
	struct bench_record *rec = &records.rec[0];
	json_t *root, *first;

	rec->batch = 64;
	root = written();
	first = json_array_get(json_object_get(root, "records"), 0);
	assert_string_equal(
		json_string_value(json_object_get(first, "sample_kind")),
		"batch64_mean");
	assert_true(json_is_real(json_object_get(first, "latency_ns_p50")));
	assert_true(json_is_null(json_object_get(first, "latency_ns_p90")));
	assert_true(json_is_null(json_object_get(first, "latency_ns_p99")));
	json_decref(root);
	rec->batch = 1;
}

static void test_result_failure_is_not_attested(void **state)
{
	struct bench_record *rec = &records.rec[0];
	char *text, *row;

	rec->status = STATUS_FAILED;
	snprintf(rec->reason, sizeof(rec->reason), "CPU 1 fell silent");
	result_headline(&result);
	assert_holds(result.headline, ", 1 failed");
	text = text_of(result_write_csv);
	row = strchr(text, '\n') + 1;
	*strchr(row, '\n') = '\0';
	assert_holds(row, "CPU 1 fell silent");
	assert_null(strstr(row, "attested"));
	free(text);
	rec->status = STATUS_OK;
	rec->reason[0] = '\0';
	result_headline(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_result_of_256_cpus_is_under_5_mb),
		cmocka_unit_test(test_result_reads_back),
		cmocka_unit_test(test_result_keys_are_documented),
		cmocka_unit_test(test_result_lkml_is_plain_and_narrow),
		cmocka_unit_test(test_result_command_is_for_a_shell),
		cmocka_unit_test(test_result_anonymous_names_nobody),
		cmocka_unit_test(test_result_incomplete_says_so_first),
		cmocka_unit_test(test_result_emulated_says_so_first),
		cmocka_unit_test(test_result_busy_says_so_first),
		cmocka_unit_test(test_result_traced_says_so),
		cmocka_unit_test(test_result_table_says_why_not_attested),
		cmocka_unit_test(test_result_table_says_below_the_noise),
		cmocka_unit_test(test_result_csv_is_stable),
		cmocka_unit_test(test_result_of_batches_has_no_tail),
		cmocka_unit_test(test_result_failure_is_not_attested),
	};

	return cmocka_run_group_tests(tests, make_result, NULL);
}
