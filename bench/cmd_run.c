// SPDX-License-Identifier: GPL-2.0-only
/* What `ipi bench run` does: plan, refuse or measure, write. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "front.h"
#include "tool/aside.h"
#include "tool/digest.h"
#include "tool/log.h"
#include "tool/units.h"
#include "tracer.h"

/* All that one run holds, from the plan to the last byte written. */
struct job {
	const struct run_request *req;
	struct config config;
	struct runs runs;
	struct topo *topo;
	struct plan *plan;
	struct bench_results records;
	struct result result;
	double deadline_s;
	bool rt, busy, over_budget;
};

/* ---- being interrupted -------------------------------------------------- */

static void on_signal(int signo)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	/* The second one means it. */
	if (bench_stop) {
		sigaction(signo, &plain, NULL);
		raise(signo);
	}
	bench_stop = 1;
}

static void catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_signal };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
}

/* ---- before ------------------------------------------------------------- */

static int read_runs(struct job *j, struct tool_error *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < j->req->what_n; i++)
		ret = config_add(&j->config, j->req->what[i], err);
	if (!ret)
		ret = runs_make(&j->config, &j->req->cli, &j->runs, err);
	for (i = 0; !ret && i < j->runs.n; i++)
		j->rt |= j->runs.at[i].opts.rt;
	return ret;
}

static int choose_cpus(struct job *j, struct plan *notes,
		       struct tool_error *err)
{
	bool named = j->runs.ask.cpus;
	struct cpulist only;
	int ret = topo_load(j->req->topology, &j->topo, err);

	if (!ret && named) {
		ret = cpulist_parse(j->runs.ask.cpus, &only, err);
		if (!ret) {
			ret = topo_restrict(j->topo, &only, err);
			cpulist_free(&only);
		}
	}
	if (!ret)
		ret = refuse_cpus(j->topo, named, j->req->force, notes, err);
	if (!ret && j->rt && !j->req->force)
		ret = refuse_core_per_node(j->topo, err);
	return ret;
}

static int make_plan(struct job *j, struct tool_error *err)
{
	struct plan notes = { 0 };
	size_t i;
	int ret = read_runs(j, err);

	if (!ret && j->req->topology && !j->req->dry_run)
		ret = tool_fail(err, -EINVAL,
				"--topology is for planning: it needs "
				"--dry-run");
	if (!ret)
		ret = choose_cpus(j, &notes, err);
	if (!ret)
		ret = plan_make(j->topo,
				j->req->topology ? NULL : machine_get(),
				&j->runs, &j->plan, err);
	for (i = 0; i < notes.notes_n; i++) {
		if (!ret)
			plan_note(j->plan, "%s", notes.note[i]);
		free(notes.note[i]);
	}
	free(notes.note);
	return ret;
}

/* Two outputs on one stream would be neither. */
static int check_outputs(const struct run_request *req, struct tool_error *err)
{
	int ret = 0;

	if (req->json && req->csv && !strcmp(req->json, req->csv))
		return tool_fail(err, -EINVAL,
				 "--json and --csv name the same file");
	if (req->json)
		ret = aside_check(req->json, err);
	if (!ret && req->csv)
		ret = aside_check(req->csv, err);
	return ret;
}

static int may_measure(struct job *j, struct tool_error *err)
{
	int ret = refuse_machine(j->topo, j->rt, err);
	struct tool_error refusal = *err;

	j->busy = ret == -EBUSY;
	if (!j->busy)
		return ret;
	if (!j->req->force && !j->req->busy)
		return tool_fail(err, ret, "%s (--busy measures anyway)",
				 refusal.text);
	if (!j->req->quiet)
		log_warn("%s", refusal.text);
	return 0;
}

/* ---- measuring ---------------------------------------------------------- */

static int begin_trace(struct job *j, struct tool_error *err)
{
	char *path, *cpus;
	int ret = -ENOMEM;

	if (!j->req->trace)
		return 0;
	log_note("attaching probes interrupts every CPU, and trying them "
		 "takes about a second");
	path = place_trace();
	cpus = cpulist_format(j->plan->cpus.cpu, j->plan->cpus.n);
	if (path && cpus)
		ret = tracer_start(path, cpus, &bench_tracer, err);
	free(path);
	free(cpus);
	return ret;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/*
 * Plans are estimates, and on a busy machine everything takes longer: a quarter
 * above its budget a run ends as if it had been interrupted.
 */
static void on_progress(double done, const char *label, void *arg)
{
	struct job *j = arg;

	log_progress(done, label);
	if (now_s() >= j->deadline_s && !bench_stop) {
		j->over_budget = true;
		bench_stop = 1;
	}
}

static double deadline(const struct plan *plan, double start)
{
	uint64_t ns = plan->budget_ns;

	/* What could not be cut to its budget gets the time that was planned. */
	if (ns < plan->planned_ns)
		ns = plan->planned_ns;
	return plan->budget_ns ? start + 1.25 * ns / 1e9 : INFINITY;
}

static int measure(struct job *j, struct tool_error *err)
{
	struct result *r = &j->result;
	time_t now = time(NULL);
	double start = now_s();
	struct tm utc;
	int ret;

	*r = (struct result){ .machine = machine_get(),
			      .topo = j->topo,
			      .plan = j->plan,
			      .records = &j->records,
			      .config = &j->config,
			      .command = j->req->command,
			      .rt = j->rt,
			      .busy = j->busy,
			      .probes = bench_tracer
						? tracer_plan(bench_tracer)
						: NULL,
			      .anonymous = j->req->anonymous };
	strftime(r->started_utc, sizeof(r->started_utc), "%FT%TZ",
		 gmtime_r(&now, &utc));
	r->context = context_json(r->machine, j->rt, j->req->anonymous);
	if (!r->context)
		return tool_fail(err, -ENOMEM, "out of memory");
	catch_signals();
	j->deadline_s = deadline(j->plan, start);
	ret = bench_measure(j->plan->item, j->plan->n, &j->records, on_progress,
			    j);
	log_progress_end();
	r->elapsed_s = now_s() - start;
	r->complete = !ret && !bench_stop;
	result_headline(r);
	if (ret && ret != -EINTR)
		tool_fail(err, ret, "measuring failed: %s", strerror(-ret));
	return ret;
}

/* ---- after -------------------------------------------------------------- */

static int write_file(const struct result *r, const char *path,
		      int (*write)(const struct result *, FILE *),
		      struct tool_error *err)
{
	struct aside a;
	int ret = aside_open(&a, path, err);

	if (ret)
		return ret;
	ret = write(r, a.file);
	if (ret == -ENOMEM) {
		aside_abort(&a);
		return tool_fail(err, ret, "%s: out of memory", path);
	}
	return aside_commit(&a, err);
}

static int write_lkml(const struct job *j)
{
	const char *path = j->req->json;
	char hash[DIGEST_HEX_CHARS + 1] = "unknown";

	if (!path || !strcmp(path, "-"))
		return result_write_lkml(&j->result, NULL, NULL, stdout);
	if (digest_file(path, hash))
		log_warn("%s: its SHA-256 could not be taken", path);
	return result_write_lkml(&j->result, path, hash, stdout);
}

static int write_stdout(const struct job *j)
{
	const char *format = j->req->format;

	/* "-" took standard output for itself. */
	if ((j->req->json && !strcmp(j->req->json, "-")) ||
	    (j->req->csv && !strcmp(j->req->csv, "-")))
		return 0;
	if (!strcmp(format, "csv"))
		return result_write_csv(&j->result, stdout);
	if (!strcmp(format, "json"))
		return result_write_json(&j->result, stdout);
	if (!strcmp(format, "lkml"))
		return write_lkml(j);
	return result_write_table(&j->result, stdout);
}

static int write_all(struct job *j, struct tool_error *err)
{
	int ret = 0;

	if (j->req->json)
		ret = write_file(&j->result, j->req->json, result_write_json,
				 err);
	if (!ret && j->req->csv)
		ret = write_file(&j->result, j->req->csv, result_write_csv,
				 err);
	if (!ret && write_stdout(j))
		ret = tool_fail(err, -EIO, "the result could not be written");
	return ret;
}

/* An empty or failed run must not look like a good one. */
static int judge(const struct job *j)
{
	size_t ok = 0, failed = 0, i;

	for (i = 0; i < j->records.n; i++) {
		ok += j->records.rec[i].status == STATUS_OK;
		failed += j->records.rec[i].status == STATUS_FAILED;
	}
	if (!j->result.complete) {
		log_error("%s: the %zu records measured so far are kept and "
			  "marked incomplete",
			  j->over_budget ? "stopped a quarter above the budget "
					   "(is the machine busy?)"
					 : "interrupted",
			  ok);
		return EXIT_FAILED;
	}
	if (bench_tracer && tracer_ended(bench_tracer)) {
		log_error("not all was traced (see the records): %s",
			  tracer_ended(bench_tracer));
		return EXIT_FAILED;
	}
	if (failed) {
		log_error("%zu of %zu records failed (see their reason)",
			  failed, j->records.n);
		return EXIT_FAILED;
	}
	if (!ok) {
		log_error("nothing could be measured: %s",
			  j->records.n ? j->records.rec[0].reason
				       : "no records");
		return EXIT_CANNOT;
	}
	return EXIT_DONE;
}

static int exit_of(int ret)
{
	switch (ret) {
	case -EINVAL:
	case -ERANGE:
	case -ENOENT:
		return EXIT_USAGE;
	case -EBUSY:
	case -EPERM:
	case -ENODEV:
		return EXIT_CANNOT;
	default:
		return EXIT_FAILED;
	}
}

static int run_job(struct job *j)
{
	struct tool_error err = { "" };
	int ret = make_plan(j, &err);

	if (ret) {
		log_error("%s", err.text);
		return exit_of(ret);
	}
	if (j->req->dry_run)
		return plan_print(j->plan, j->topo, machine_get(), stdout)
			       ? EXIT_FAILED
			       : EXIT_DONE;
	if (check_outputs(j->req, &err)) {
		log_error("%s", err.text);
		return EXIT_FAILED;
	}
	ret = may_measure(j, &err);
	if (ret) {
		log_error("%s", err.text);
		return exit_of(ret);
	}
	log_note("%zu runs on %zu CPUs, about %s", j->runs.n, j->plan->cpus.n,
		 units_ns(j->plan->planned_ns).text);
	ret = begin_trace(j, &err);
	if (ret) {
		log_error("%s", err.text);
		return exit_of(ret);
	}
	ret = measure(j, &err);
	if ((ret && ret != -EINTR) || write_all(j, &err)) {
		log_error("%s", err.text);
		return EXIT_FAILED;
	}
	return judge(j);
}

int run_request(const struct run_request *req)
{
	struct job j = { .req = req };
	int ret;

	log_quiet(req->quiet);
	ret = run_job(&j);
	json_decref(j.result.context);
	bench_results_free(&j.records);
	tracer_stop(bench_tracer);
	plan_free(j.plan);
	topo_free(j.topo);
	runs_free(&j.runs);
	config_free(&j.config);
	return ret;
}
