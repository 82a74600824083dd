// SPDX-License-Identifier: GPL-2.0-only
/* Which records were asked for: a big file is judged on fewer rows. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "tool/names.h"

static bool is_like(const struct cmp_record *rec, const char *key,
		    const char *pattern)
{
	const char *text = cmp_text(rec->json, key);

	return !pattern || (text && !fnmatch(pattern, text, 0));
}

/* The baseline is not what is asked about, so its name need not match. */
static bool is_wanted(const struct compare *c, const struct cmp_record *rec)
{
	const char *run = cmp_text(rec->json, "run");

	return is_like(rec, "metric", c->metric) &&
	       (is_like(rec, "run", c->run) ||
		(c->baseline && run && !strcmp(run, c->baseline)));
}

static size_t names_of(const struct compare *c, const char *key,
		       const char **names)
{
	size_t i, k, n = 0;

	for (i = 0; i < c->n; i++)
		for (k = 0; k < c->file[i].n; k++) {
			const char *text =
				cmp_text(c->file[i].rec[k].json, key);

			if (text && names)
				names[n] = text;
			n += text != NULL;
		}
	return n;
}

static int check(const struct compare *c, const char *key, const char *pattern,
		 struct tool_error *err)
{
	size_t n = names_of(c, key, NULL), i;
	const char **names = calloc(n + 1, sizeof(*names));
	int ret = -EINVAL;

	if (!names)
		return tool_fail(err, -ENOMEM, "out of memory");
	names_of(c, key, names);
	for (i = 0; i < n && ret; i++)
		ret = fnmatch(pattern, names[i], 0) ? -EINVAL : 0;
	if (ret)
		tool_fail(err, ret, "--%s: no record has a %s like '%s'%s", key,
			  key, pattern, names_hint(pattern, names, n).text);
	free(names);
	return ret;
}

/* Rows chosen after a look at them are not corrected for the others. */
static int choose(struct compare *c, const char *key, const char *pattern,
		  struct tool_error *err)
{
	int ret = pattern ? check(c, key, pattern, err) : 0;

	if (pattern && !ret)
		cmp_note(c, "only records with a %s like '%s' were judged", key,
			 pattern);
	return ret;
}

int cmp_narrow(struct compare *c, struct tool_error *err)
{
	int ret = choose(c, "run", c->run, err);
	size_t i, k;

	if (!ret)
		ret = choose(c, "metric", c->metric, err);
	for (i = 0; i < c->n; i++)
		for (k = 0; k < c->file[i].n; k++)
			c->file[i].rec[k].wanted =
				is_wanted(c, &c->file[i].rec[k]);
	return ret;
}
