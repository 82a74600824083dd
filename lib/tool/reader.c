// SPDX-License-Identifier: GPL-2.0-only
/* Reads result files. */
#include "reader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct member {
	const char *name;
	json_type type;
};

/* What every reader may rely on; the rest may be null. */
static const struct member result_members[] = {
	{ "headline", JSON_STRING }, { "tool", JSON_OBJECT },
	{ "command", JSON_ARRAY },   { "context", JSON_OBJECT },
	{ "topology", JSON_OBJECT }, { "plan", JSON_OBJECT },
	{ "records", JSON_ARRAY },   { NULL, JSON_NULL },
};

static const struct member record_members[] = {
	{ "run", JSON_STRING },		{ "status", JSON_STRING },
	{ "driver", JSON_STRING },	{ "metric", JSON_STRING },
	{ "relation", JSON_STRING },	{ "comparability", JSON_STRING },
	{ "attestation", JSON_OBJECT }, { NULL, JSON_NULL },
};

static const char *missing(const json_t *object, const struct member *m)
{
	for (; m->name; m++) {
		const json_t *value = json_object_get(object, m->name);

		if (!value || json_typeof(value) != m->type)
			return m->name;
	}
	return NULL;
}

static int check_records(const char *path, const json_t *root,
			 struct tool_error *err)
{
	const json_t *records = json_object_get(root, "records");
	const char *name;
	size_t i;

	for (i = 0; i < json_array_size(records); i++) {
		name = missing(json_array_get(records, i), record_members);
		if (name)
			return tool_fail(err, -EPROTONOSUPPORT,
					 "%s: record %zu has no usable '%s'",
					 path, i, name);
	}
	return 0;
}

static int check(const char *path, const json_t *root, struct tool_error *err)
{
	const char *kind = json_string_value(json_object_get(root, "kind"));
	json_int_t schema = json_integer_value(json_object_get(root, "schema"));
	const char *name;

	if (!kind || strcmp(kind, RESULT_KIND))
		return tool_fail(err, -EPROTONOSUPPORT,
				 "%s: JSON, but no result of ipi (no \"kind\": "
				 "\"" RESULT_KIND "\")",
				 path);
	if (schema != RESULT_SCHEMA)
		return tool_fail(err, -EPROTONOSUPPORT,
				 "%s: schema %lld; this ipi reads schema %d",
				 path, (long long)schema, RESULT_SCHEMA);
	name = missing(root, result_members);
	if (name)
		return tool_fail(err, -EPROTONOSUPPORT,
				 "%s: result without a usable '%s'", path,
				 name);
	return check_records(path, root, err);
}

/* A number that is cut is no token: only the place tells that it was cut. */
static int not_json(const char *path, const json_error_t *at, long size,
		    struct tool_error *err)
{
	char text[sizeof(at->text)], *c;

	if (json_error_code(at) == json_error_premature_end_of_input ||
	    at->position >= size)
		return tool_fail(err, -EBADMSG,
				 "%s: cut short after line %d, byte %d (an "
				 "interrupted copy?); copy it again, or "
				 "measure again",
				 path, at->line, at->position);
	memcpy(text, at->text, sizeof(text));
	for (c = text; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
	return tool_fail(err, -EBADMSG,
			 "%s:%d: no JSON: %s; give the file that `ipi bench "
			 "run --json` wrote",
			 path, at->line, text);
}

int reader_load(const char *path, json_t **out, struct tool_error *err)
{
	FILE *f = fopen(path, "r");
	json_error_t at;
	json_t *root;
	long size;
	int ret;

	if (!f)
		return tool_fail(err, -errno, "%s: %s", path, strerror(errno));
	root = json_loadf(f, JSON_REJECT_DUPLICATES, &at);
	if (fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0)
		size = LONG_MAX; /* a pipe: then its end isn't known */
	fclose(f);
	if (!root)
		return not_json(path, &at, size, err);
	ret = check(path, root, err);
	if (ret) {
		json_decref(root);
		return ret;
	}
	*out = root;
	return 0;
}
