/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ipi bench compare`: what its parts know of each other. Files are loaded,
 * records are matched into rows, rows are judged, rows are written. Metrics,
 * drivers and designs are read from the files; none of them is named here.
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compare_stats.h"
#include "tool/column.h"
#include "tool/error.h"

/* Of all medians together, and of all tails together (Holm). */
#define CMP_ALPHA 0.01
/* Under this many units a side no test is even tried. */
#define CMP_UNITS_MIN 5u
#define CMP_TAILS 4u

extern const double cmp_tail_p[CMP_TAILS];

/* ---- files and records -------------------------------------------------- */

/* A histogram in ns, cut into bands. */
struct cmp_dist {
	size_t rows_n, bands_n;
	double *low, *high;
	double *upto; /* samples in the rows up to and with this one */
	size_t *band_from; /* first row of each band; one more at the end */
};

struct cmp_block {
	double t_s, p50_ns;
	int source, target;
	const double *band; /* samples in each band */
};

struct cmp_file;

struct cmp_record {
	const json_t *json;
	const struct cmp_file *file;
	struct cmp_dist dist;
	struct cmp_block *block; /* by CPUs, then by time */
	size_t blocks_n;
	double *bands; /* what the blocks point to */
	double samples_n;
	double step_ns; /* no shift below this is told */
	bool wanted; /* cmp_narrow() */
};

struct cmp_file {
	const char *path;
	json_t *root;
	const char *boot; /* NULL: not known */
	struct cmp_record *rec;
	size_t n;
};

int cmp_file_load(struct cmp_file *f, const char *path, struct tool_error *err);
void cmp_file_free(struct cmp_file *f);
/* Which emulator its times are of, as a result has it; NULL: none. */
const char *cmp_emulator(const struct cmp_file *f);

/* A string member; NULL when it is none. */
const char *cmp_text(const json_t *object, const char *key);
/* A number member; NAN when it is none. */
double cmp_number(const json_t *object, const char *key);

/* Have both the same string there, or none? */
bool cmp_same_text(const struct cmp_record *a, const struct cmp_record *b,
		   const char *key);

/* Were both measured with as many CPUs and messages? */
bool cmp_same_load(const struct cmp_record *a, const struct cmp_record *b);

/* ---- distributions ------------------------------------------------------ */

int cmp_dist_make(struct cmp_dist *d, const json_t *record);
void cmp_dist_free(struct cmp_dist *d);
/* Share of the samples above x, bands weighted by w (samples in each). */
double cmp_dist_above(const struct cmp_dist *d, const double *w, double x);
double cmp_dist_quantile(const struct cmp_dist *d, const double *w, double p);
/* How many samples the bands of w hold. */
double cmp_dist_sum(const struct cmp_dist *d, const double *w);

/* ---- sides -------------------------------------------------------------- */

enum cmp_level { LEVEL_BLOCK, LEVEL_PROCESS, LEVEL_BOOT };

/* One unit of replication. */
struct cmp_unit {
	double center, t_s;
	int source, target;
	size_t group; /* which process or boot it is of */
	double *w; /* samples in each band of each record of the side */
};

struct cmp_side {
	const struct cmp_record **rec;
	size_t rec_n;
	size_t *band_at; /* where each record's bands begin in w */
	size_t bands_n; /* all of them; 0: no tails */
	struct cmp_unit *unit;
	size_t n, processes, boots;
	double *w, *center; /* of the units; center is scratch for sorting */
};

/* Takes records of one side (of different files) apart into units. */
int cmp_side_make(struct cmp_side *s, const struct cmp_record *const *rec,
		  size_t n, enum cmp_level level);
void cmp_side_free(struct cmp_side *s);
/* With weights of all bands: the quantile, the share above x. */
double cmp_side_quantile(const struct cmp_side *s, const double *w, double p);
double cmp_side_above(const struct cmp_side *s, const double *w, double x);
double cmp_side_center(const struct cmp_side *s);

/* ---- rows --------------------------------------------------------------- */

enum cmp_verdict {
	CMP_SAME, /* indistinguishable */
	CMP_BETTER,
	CMP_WORSE,
	CMP_TAIL_BETTER,
	CMP_TAIL_WORSE,
	CMP_TOO_FEW,
	CMP_NOT_SEPARABLE,
	CMP_NOT_COMPARABLE,
	CMP_VERDICTS
};
extern const char *const cmp_verdict_name[CMP_VERDICTS];

enum cmp_pairing {
	PAIRING_NONE, /* one side after the other */
	PAIRING_ALTERNATE, /* blocks that were measured one beside the other */
	PAIRING_CPUS, /* the n-th blocks over the same pair of CPUs */
};
extern const char *const cmp_pairing_name[3];

/* An estimate with its 99 % interval; NAN: not known. */
struct cmp_estimate {
	double at, low, high;
};

/* One quantile on both sides. */
struct cmp_tail {
	double p; /* 0.99 */
	struct cmp_estimate base, side, change;
	double x_base, x_low, x_high; /* where it begins, on either side */
	double ratio; /* as many beyond as in the base, after the shift */
	double floor; /* a side differs from itself by this ratio, >= 1 */
	double p_raw, p_holm;
	double excess_ns; /* it moved by so much more than the middle */
};

struct cmp_row {
	const struct cmp_record **base, **side;
	size_t base_n, side_n;
	bool low_is_better;
	char why[320]; /* not comparable, and why; empty: it is */

	enum cmp_level level;
	enum cmp_pairing pairing;
	size_t units_base, units_side, pairs;
	size_t boots_base, boots_side, processes_base, processes_side;
	bool one_boot_a_side; /* and not the same one */
	bool separable; /* from what differs between boots */
	double step_ns;
	struct cmp_estimate base_p50, side_p50;
	double center_ns; /* of the base's units: what percents are of */
	struct cmp_shift shift;
	double p_raw, p_holm, least_p;
	double floor_ns;
	double seen_ns; /* a shift of this size would have been told */
	double cliff; /* P(side above base) - P(side below base) */
	struct cmp_tail tail[CMP_TAILS];
	size_t tails_n;
	double beyond_null_ns, beyond_null_share; /* NAN: no null beside it */

	int middle; /* 1 higher than the base, -1 lower, 0 neither */
	enum cmp_verdict verdict;
	const struct cmp_tail *told; /* the tail that the verdict names */
	char words[320];
};

struct cmp_rows {
	struct cmp_row *at;
	size_t n, cap;
};

/* ---- the comparison ----------------------------------------------------- */

struct compare {
	struct cmp_file *file; /* the base's first */
	size_t n, base_n; /* one file: base_n is 1 and n is 1 */
	const char *baseline; /* NULL: the first of each kind */
	const char *run, *metric; /* shell patterns; NULL: all */
	uint64_t across; /* axes that may differ */
	uint64_t seed;
	struct cmp_rows rows;
	size_t family; /* rows that are tested */
	char **note; /* what was left out, what differs and may */
	size_t notes_n;
	char refusal[400]; /* the files can't be compared at all */
	char headline[480];
	size_t count[CMP_VERDICTS];
	int status; /* enum cli_exit */
};

struct cmp_row *cmp_row_add(struct compare *c);
void cmp_note(struct compare *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Names of axes joined by commas. */
int cmp_axes_parse(const char *list, uint64_t *across, struct tool_error *err);
/* What two records must agree in and don't; "" : nothing. */
void cmp_axes_differ(const struct compare *c, const struct cmp_record *a,
		     const struct cmp_record *b, bool designs, char *buf,
		     size_t size);
/* Why no record of it can be compared; NULL: it can. */
const char *cmp_record_fault(const struct cmp_record *rec);
/* Files of different machines fill refusal; what may differ is noted. */
void cmp_files_check(struct compare *c);

/* Leaves out what was not asked for; -EINVAL: nothing was. */
int cmp_narrow(struct compare *c, struct tool_error *err);

/* Matches records into rows: designs in one file, or files by side. */
int cmp_match_designs(struct compare *c, struct tool_error *err);
int cmp_match_files(struct compare *c, struct tool_error *err);

/* All figures of a row, seeded; the verdict needs all rows. */
int cmp_judge(const struct compare *c, struct cmp_row *row, uint64_t seed);
/* Corrects for the number of rows, says the verdicts, counts them. */
void cmp_verdicts(struct compare *c);
/* Puts a row's verdict into words. */
void cmp_words(const struct compare *c, struct cmp_row *row);

/* ---- writing ------------------------------------------------------------ */

void cmp_headline(struct compare *c);
int cmp_write_table(const struct compare *c, FILE *out);
int cmp_write_markdown(const struct compare *c, FILE *out);
int cmp_write_lkml(const struct compare *c, FILE *out);
int cmp_write_json(const struct compare *c, FILE *out);

#endif
