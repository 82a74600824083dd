// SPDX-License-Identifier: GPL-2.0-only
/* In what records must agree, and in what files must. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "tool/names.h"

enum axis_of {
	OF_KEY, /* n-th part of the comparability key */
	OF_RECORD, /* a member of the record */
	OF_KIND, /* the same, but who has a queue is a design of one */
	OF_DESIGN, /* a member that may differ between runs of one file */
	OF_FILES, /* asked of files, below */
};

struct axis {
	const char *name;
	enum axis_of of;
	const char *member; /* OF_KEY: none */
	unsigned part;
};

/* A key that has more parts than are named here is compared to its end. */
static const struct axis axes[] = {
	{ "route", OF_KEY, NULL, 0 },
	{ "target", OF_KEY, NULL, 1 },
	{ "waiter", OF_KEY, NULL, 2 },
	{ "syscall", OF_KEY, NULL, 3 },
	{ "sample", OF_KEY, NULL, 4 },
	{ "gap", OF_KEY, NULL, 5 },
	{ "key", OF_KEY, NULL, 6 },
	{ "metric", OF_RECORD, "metric", 0 },
	{ "relation", OF_RECORD, "relation", 0 },
	{ "way", OF_RECORD, "way", 0 },
	{ "cpus", OF_RECORD, "cpus", 0 },
	{ "home", OF_RECORD, "home", 0 },
	{ "kind", OF_KIND, "driver_kind", 0 },
	{ "series", OF_RECORD, "series", 0 },
	{ "pattern", OF_RECORD, "pattern", 0 },
	{ "targets", OF_RECORD, "targets_n", 0 },
	{ "senders", OF_RECORD, "senders_n", 0 },
	{ "inflight", OF_RECORD, "inflight", 0 },
	{ "burst", OF_RECORD, "burst", 0 },
	{ "members", OF_RECORD, "members", 0 },
	{ "order", OF_RECORD, "order", 0 },
	{ "driver", OF_DESIGN, "driver", 0 },
	{ "queue", OF_DESIGN, "queue", 0 },
	{ "ack", OF_DESIGN, "ack", 0 },
	{ "delivery", OF_DESIGN, "delivery", 0 },
	{ "depth", OF_DESIGN, "depth", 0 },
	{ "idle-spin", OF_DESIGN, "idle_spin_ns", 0 },
	{ "inject", OF_DESIGN, "inject", 0 },
	{ "machine", OF_FILES, NULL, 0 },
	{ "clock", OF_FILES, NULL, 0 },
	{ "governor", OF_FILES, NULL, 0 },
	{ "scheduling", OF_FILES, NULL, 0 },
	{ "idle", OF_FILES, NULL, 0 },
};

#define AXES_N (sizeof(axes) / sizeof(axes[0]))
#define KEY_REST 6u

int cmp_axes_parse(const char *list, uint64_t *across, struct tool_error *err)
{
	const char *names[AXES_N];
	const char *at = list;
	char word[32];
	size_t i;

	for (i = 0; i < AXES_N; i++)
		names[i] = axes[i].name;
	for (;; at++) {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, ","), at);
		for (i = 0; i < AXES_N && strcmp(word, names[i]); i++)
			;
		if (i == AXES_N)
			return tool_fail(err, -1, "nothing is named '%s'%s",
					 word,
					 names_hint(word, names, AXES_N).text);
		*across |= UINT64_C(1) << i;
		at += strcspn(at, ",");
		if (!*at)
			return 0;
	}
}

static bool asked_across(const struct compare *c, const char *name)
{
	size_t i;

	for (i = 0; i < AXES_N; i++)
		if (!strcmp(axes[i].name, name))
			return c->across & UINT64_C(1) << i;
	return false;
}

/* ---- records ------------------------------------------------------------ */

static void part_text(const char *key, unsigned part, char *buf, size_t size)
{
	unsigned i;

	for (i = 0; key && i < part; i++) {
		key = strchr(key, '/');
		key += key != NULL;
	}
	if (!key)
		key = "";
	snprintf(buf, size, "%.*s",
		 part == KEY_REST ? (int)strlen(key) : (int)strcspn(key, "/"),
		 key);
}

/* As the key of configurations has it: ns that were a share are no setting. */
static void inject_text(const json_t *inject, char *buf, size_t size)
{
	double share = cmp_number(inject, "share");
	double every = cmp_number(inject, "every");
	char seldom[24] = "";

	if (every > 1)
		snprintf(seldom, sizeof(seldom), "/%g", every);
	if (isfinite(share))
		snprintf(buf, size, "%s:%g%%%s", cmp_text(inject, "where"),
			 100 * share, seldom);
	else
		snprintf(buf, size, "%s:%gns%s", cmp_text(inject, "where"),
			 cmp_number(inject, "ns"), seldom);
}

static void member_text(const json_t *value, char *buf, size_t size)
{
	char *dump;

	if (!value || json_is_null(value)) {
		snprintf(buf, size, "none");
		return;
	}
	if (json_is_string(value)) {
		snprintf(buf, size, "%s", json_string_value(value));
		return;
	}
	if (cmp_text(value, "where")) {
		inject_text(value, buf, size);
		return;
	}
	dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
					 JSON_SORT_KEYS |
					 JSON_REAL_PRECISION(6));
	snprintf(buf, size, "%s", dump ? dump : "?");
	free(dump);
}

static void axis_text(const struct axis *a, const json_t *rec, char *buf,
		      size_t size)
{
	if (a->of == OF_KEY)
		part_text(cmp_text(rec, "comparability"), a->part, buf, size);
	else if (a->of == OF_KIND && cmp_text(rec, "queue"))
		snprintf(buf, size, "queue");
	else
		member_text(json_object_get(rec, a->member), buf, size);
}

static bool axis_differs(const struct axis *a, const struct cmp_record *x,
			 const struct cmp_record *y, char *buf, size_t size)
{
	char left[120], right[120];

	/* Files from before a member existed say nothing about it. */
	if (a->of != OF_KEY && (!json_object_get(x->json, a->member) ||
				!json_object_get(y->json, a->member)))
		return false;
	axis_text(a, x->json, left, sizeof(left));
	axis_text(a, y->json, right, sizeof(right));
	if (!strcmp(left, right))
		return false;
	snprintf(buf, size, "%s differs (%s, %s)", a->name,
		 left[0] ? left : "none", right[0] ? right : "none");
	return true;
}

void cmp_axes_differ(const struct compare *c, const struct cmp_record *a,
		     const struct cmp_record *b, bool designs, char *buf,
		     size_t size)
{
	char one[280];
	size_t i, at = 0;

	buf[0] = '\0';
	for (i = 0; i < AXES_N && at < size; i++) {
		if (axes[i].of == OF_FILES || c->across & UINT64_C(1) << i ||
		    (axes[i].of == OF_DESIGN && !designs))
			continue;
		if (axis_differs(&axes[i], a, b, one, sizeof(one)))
			at += (size_t)snprintf(buf + at, size - at, "%s%s",
					       at ? ", " : "", one);
	}
}

const char *cmp_record_fault(const struct cmp_record *rec)
{
	const json_t *att = json_object_get(rec->json, "attestation");
	const char *status = cmp_text(rec->json, "status");
	const char *verdict = cmp_text(att, "verdict");

	if (strcmp(status, "ok"))
		return status;
	if (verdict && !strcmp(verdict, "contradicted"))
		return "attestation contradicted";
	return rec->samples_n > 0 ? NULL : "no samples";
}

/* ---- files -------------------------------------------------------------- */

enum rule { RULE_ALWAYS, RULE_AXIS, RULE_NOTE };

struct file_rule {
	const char *path; /* members from the root, joined by dots */
	enum rule rule;
	const char *axis; /* RULE_AXIS: with this one asked across it may */
};

static const struct file_rule file_rules[] = {
	{ "machine", RULE_ALWAYS, NULL },
	{ "context.emulated.by", RULE_ALWAYS, NULL },
	{ "context.cpu_model", RULE_AXIS, "machine" },
	{ "context.arch", RULE_AXIS, "machine" },
	{ "context.cpus_online", RULE_AXIS, "machine" },
	{ "topology.cpus", RULE_AXIS, "machine" },
	{ "context.hypervisor", RULE_AXIS, "machine" },
	{ "context.host_cpus", RULE_AXIS, "machine" },
	{ "context.clock.source", RULE_AXIS, "clock" },
	{ "context.governor", RULE_AXIS, "governor" },
	{ "context.scheduling", RULE_AXIS, "scheduling" },
	{ "context.idle_driver", RULE_AXIS, "idle" },
	{ "context.kernel", RULE_NOTE, NULL },
	{ "context.kernel_cmdline", RULE_NOTE, NULL },
	{ "context.mitigations", RULE_NOTE, NULL },
	{ "context.apic_driver", RULE_NOTE, NULL },
	{ "context.clock.kernel_clocksource", RULE_NOTE, NULL },
	{ "context.build", RULE_NOTE, NULL },
	{ "tool.version", RULE_NOTE, NULL },
	{ "complete", RULE_NOTE, NULL },
	{ "busy", RULE_NOTE, NULL },
};

static const json_t *at_path(const json_t *at, const char *path)
{
	char member[40];

	for (; at; path += *path == '.') {
		snprintf(member, sizeof(member), "%.*s",
			 (int)strcspn(path, "."), path);
		at = json_object_get(at, member);
		path += strcspn(path, ".");
		if (!*path)
			break;
	}
	return at;
}

/* Two that are long and unlike are told apart by where they begin to be. */
static void unlike(const json_t *a, const json_t *b, char *buf, size_t size)
{
	char left[2048], right[2048];
	size_t same = 0;

	member_text(a, left, sizeof(left));
	member_text(b, right, sizeof(right));
	while (left[same] && left[same] == right[same])
		same++;
	same = same > 16 ? same - 16 : 0;
	snprintf(buf, size, "%s%.60s | %s%.60s", same ? "..." : "", left + same,
		 same ? "..." : "", right + same);
}

/* True when it noted that a and b differ. */
static bool check_rule(struct compare *c, const struct file_rule *r,
		       const struct cmp_file *a, const struct cmp_file *b,
		       bool noted)
{
	const json_t *x = at_path(a->root, r->path);
	const json_t *y = at_path(b->root, r->path);
	bool unknown = !x || !y || json_is_null(x) || json_is_null(y);
	char text[200];

	if ((!x && !y) || (x && y && json_equal(x, y)))
		return noted;
	unlike(x, y, text, sizeof(text));
	if (r->rule == RULE_NOTE || (r->rule == RULE_AXIS && unknown) ||
	    (r->axis && asked_across(c, r->axis))) {
		if (!noted)
			cmp_note(c, "%s differs: %s", r->path, text);
		return true;
	}
	if (!c->refusal[0])
		snprintf(c->refusal, sizeof(c->refusal),
			 "%s and %s are not comparable: %s differs: %s%s%s%s%s",
			 a->path, b->path, r->path, text,
			 !r->axis && (cmp_emulator(a) || cmp_emulator(b))
				 ? ": an emulator's times are its own"
				 : "",
			 r->axis ? " (--across " : "", r->axis ? r->axis : "",
			 r->axis ? " compares them all the same)" : "");
	return noted;
}

/* Files from before there was a tracer have no word of it. */
static void check_traced(struct compare *c, const struct cmp_file *a,
			 const struct cmp_file *b)
{
	bool x = json_is_true(json_object_get(a->root, "traced"));
	bool y = json_is_true(json_object_get(b->root, "traced"));

	if (x == y || c->refusal[0])
		return;
	snprintf(c->refusal, sizeof(c->refusal),
		 "%s and %s are not comparable: %s alone was traced, and "
		 "probes cost each interrupt time; measure both with --trace, "
		 "or both without",
		 a->path, b->path, x ? a->path : b->path);
}

void cmp_files_check(struct compare *c)
{
	size_t i, k;

	for (i = 1; i < c->n; i++)
		check_traced(c, &c->file[0], &c->file[i]);

	for (k = 0; k < sizeof(file_rules) / sizeof(file_rules[0]); k++) {
		bool noted = false;

		for (i = 1; i < c->n; i++)
			noted = check_rule(c, &file_rules[k], &c->file[0],
					   &c->file[i], noted);
	}
}
