/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the front of `ipi` know of each other. */
#ifndef IPI_BENCH_FRONT_H
#define IPI_BENCH_FRONT_H

#include <jansson.h>
#include <stdio.h>

#include "bench.h"
#include "tool/cli.h"
#include "tool/cpulist.h"
#include "tool/error.h"
#include "tool/machine.h"
#include "tool/names.h"
#include "tool/topology.h"

/* ---- settings: the same keys in configs and as long options -------------- */

/* What to plan, over all runs. */
struct plan_ask {
	const char *pairs; /* NULL: 8; "all", a count, or 0:1,2:3 */
	const char *cpus; /* NULL: all */
	uint64_t budget_ns; /* 0: none */
	uint64_t seed;
	int row; /* one whole source row; < 0: unless pairs are asked for */
};

struct settings {
	struct bench_opts opts;
	const char *group; /* runs of one group alternate; NULL: alone */
	struct plan_ask ask;
};

enum key_scope {
	KEY_RUN = 1, /* differs from run to run */
	KEY_PLAN = 2, /* one for all: [defaults] or the command line */
};

struct key {
	const char *name;
	const char *arg; /* what --help shows for the value */
	const char *help;
	enum key_scope scope;
	bool flag; /* as an option it needs no value: "yes" */
	/* Values live as long as what they are set in. */
	int (*set)(struct settings *s, const char *value,
		   struct tool_error *err);
};

/* "1,2,4" and "1..8", joined by commas, each from 1 to most; ascending. */
int counts_parse(const char *text, uint32_t most, struct bench_counts *out,
		 struct tool_error *err);

extern const struct key key_list[]; /* ends with a NULL name */
const struct key *key_find(const char *name);
/* "; did you mean ..." over the keys. */
struct names_hint key_hint(const char *name);
void settings_init(struct settings *s);

extern const char *const metric_name[METRIC_N];
extern const char *const way_name[IPI_WAYS];
extern const char *const home_name[3];

/* A key with the value that somebody gave it. */
struct assignment {
	const struct key *key;
	char *value;
};

struct assignments {
	struct assignment *at;
	size_t n;
};

int assignments_add(struct assignments *list, const struct key *key,
		    const char *value);
int assignments_apply(const struct assignments *list, struct settings *s,
		      struct tool_error *err);
void assignments_free(struct assignments *list);

/* ---- configs ------------------------------------------------------------ */

struct config_section {
	char *name;
	struct assignments keys;
	char *file;
	int line; /* of its head */
};

/* One or more files, and drivers asked for by name. */
struct config {
	struct assignments defaults;
	struct config_section *section;
	size_t n;
	char **file; /* as found; one entry per file */
	size_t files_n;
};

/* Adds a file's sections; errors name file and line. */
int config_load(struct config *c, const char *path, struct tool_error *err);
/* Adds a run of a driver with nothing but the defaults. */
int config_add_driver(struct config *c, const char *driver,
		      struct tool_error *err);
/* A path, a config's name, or a driver's name; else did-you-mean. */
int config_add(struct config *c, const char *what, struct tool_error *err);
void config_free(struct config *c);

/* One run ready to be planned. */
struct run {
	struct bench_opts opts;
	const char *group;
	const struct bench_driver *driver;
};

struct runs {
	struct run *at;
	size_t n;
	struct plan_ask ask;
};

/*
 * Built-in defaults, [defaults], the section, then the command line. The
 * strings belong to c and cli.
 */
int runs_make(const struct config *c, const struct assignments *cli,
	      struct runs *out, struct tool_error *err);
void runs_free(struct runs *runs);

/* ---- places ------------------------------------------------------------- */

/* Source tree when started from the build directory, else installed. */
char *place_configs(void);
char *place_plots(void);
char *place_vm(void);
char *place_trace(void); /* the program itself */
/* The file of a config named by path or by name; NULL: none. */
char *place_config(const char *what);
/* Names of all configs there, NULL at the end; free with place_names_free. */
char **place_config_names(void);
void place_names_free(char **names);

/* ---- plan --------------------------------------------------------------- */

struct plan {
	struct bench_item *item;
	size_t n;
	struct bench_opts **opts; /* those of source rows */
	size_t opts_n;
	uint64_t seed, budget_ns, planned_ns;
	uint64_t file_bytes; /* estimate of the JSON */
	size_t left_out[REL_N]; /* crowded pairs of each class */
	char **note; /* what was cut or left out */
	size_t notes_n;
	struct cpulist cpus; /* that will be used */
};

/*
 * machine: whose topology it is; NULL: some other's. -EINVAL: bad list; -ENODEV:
 * nothing can be measured on these CPUs.
 */
int plan_make(const struct topo *topo, const struct machine *machine,
	      const struct runs *runs, struct plan **out,
	      struct tool_error *err);
void plan_free(struct plan *plan);
void plan_note(struct plan *plan, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints what would be done. */
int plan_print(const struct plan *plan, const struct topo *topo,
	       const struct machine *machine, FILE *out);

/* Time of one item; the metrics share the series they are taken from. */
uint64_t plan_item_ns(const struct bench_item *item);
unsigned plan_series(uint32_t metrics);
/* Shortens the plan to its budget and notes what it dropped. */
void plan_fit(struct plan *plan);
/*
 * Pairs of one class: k seeded ones (0: all) of the topology's. Those that are
 * crowded on the machine are left out, where there are others; how many.
 */
int plan_pairs(const struct topo *topo, const struct machine *machine,
	       enum bench_relation rel, size_t k, uint64_t seed,
	       struct bench_pair **out, size_t *n, size_t *left_out);
/* Pairs as listed, "0:1,2:3", those of one class. */
int plan_pairs_listed(const struct topo *topo, enum bench_relation rel,
		      const char *list, struct bench_pair **out, size_t *n,
		      struct tool_error *err);

/* Leaves out CPUs that are others' (isolated, reserved) unless forced. */
int refuse_cpus(struct topo *topo, bool named, bool force, struct plan *plan,
		struct tool_error *err);
/* Under --rt one core of each node stays free. */
int refuse_core_per_node(struct topo *topo, struct tool_error *err);
/* -EBUSY: the machine is busy; -EPERM: no real-time scheduling. */
int refuse_machine(const struct topo *topo, bool rt, struct tool_error *err);

/* ---- doctor ------------------------------------------------------------- */

enum check_verdict { CHECK_YES, CHECK_NO, CHECK_WARN, CHECK_N };
extern const char *const check_verdict_name[CHECK_N];

struct check {
	const char *name;
	enum check_verdict verdict;
	char why[240];
};

/* All of doctor's checks; *out is freed with free(). */
int doctor_run(struct check **out, size_t *n);

/* ---- results ------------------------------------------------------------ */

struct result {
	const struct machine *machine;
	const struct topo *topo;
	const struct plan *plan;
	const struct bench_results *records;
	const struct config *config;
	char *const *command; /* argv, NULL at the end */
	char started_utc[24];
	double elapsed_s;
	bool complete, rt, anonymous;
	bool busy; /* others were at work when it began */
	json_t *probes; /* of whoever traced it; NULL: nobody */
	char headline[320];
	json_t *context;
};

json_t *context_json(const struct machine *machine, bool rt, bool anonymous);
json_t *result_topology_json(const struct topo *topo, bool anonymous);
/* Fills headline from the machine and the records. */
void result_headline(struct result *r);
json_t *result_json(const struct result *r); /* NULL: no memory */
int result_write_json(const struct result *r, FILE *out);
int result_write_csv(const struct result *r, FILE *out);
int result_write_table(const struct result *r, FILE *out);
/* hash: SHA-256 of the JSON file; NULL: none was kept. */
int result_write_lkml(const struct result *r, const char *json_path,
		      const char *hash, FILE *out);
char *result_command(const struct result *r);
void result_comparability(const struct bench_record *rec, char *buf,
			  size_t size);

/* ---- commands ----------------------------------------------------------- */

int cmd_bench(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_topology(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_torture(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_vm(int argc, char **argv);

/* What `ipi bench run` measures and where it goes. */
struct run_request {
	struct assignments cli;
	char **what; /* configs and drivers */
	size_t what_n;
	const char *json, *csv, *format, *topology;
	bool dry_run, force, quiet, anonymous;
	bool busy; /* measure a busy machine too */
	bool trace; /* every interrupt is traced as well */
	char **command;
};
int run_request(const struct run_request *req);

#endif
