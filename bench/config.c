// SPDX-License-Identifier: GPL-2.0-only
/* Configs: sections are runs, keys are the long options of `ipi bench run`. */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "front.h"

static const char defaults_name[] = "defaults";

/*
 * libinih tells neither lines nor sections without keys, so the lines pass
 * through a reader of ours, which notes both.
 */
struct loading {
	struct config *config;
	FILE *file;
	const char *path;
	int line;
	struct assignments *keys; /* of the section being read */
	struct settings scratch; /* where values are tried */
	bool in_defaults;
	struct tool_error *err;
	int ret;
};

static int fault(struct loading *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The first fault is the one that is told. Always 0: libinih's "error". */
static int fault(struct loading *l, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	if (l->ret)
		return 0;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->ret =
		tool_fail(l->err, -EINVAL, "%s:%d: %s", l->path, l->line, text);
	return 0;
}

static struct config_section *section_add(struct config *c, const char *name,
					  const char *file, int line)
{
	struct config_section *sec =
		realloc(c->section, (c->n + 1) * sizeof(*sec));

	if (!sec)
		return NULL;
	c->section = sec;
	sec += c->n;
	*sec = (struct config_section){ .name = strdup(name),
					.file = file ? strdup(file) : NULL,
					.line = line };
	if (!sec->name || (file && !sec->file)) {
		free(sec->name);
		free(sec->file);
		return NULL;
	}
	c->n++;
	return sec;
}

static bool name_is_good(const char *name)
{
	const char *at;

	for (at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
			return false;
	return at != name && at - name < 48;
}

static void section_begins(struct loading *l, const char *name)
{
	struct config *c = l->config;
	size_t i;

	settings_init(&l->scratch);
	l->in_defaults = !strcmp(name, defaults_name);
	l->keys = &c->defaults;
	if (l->in_defaults)
		return;
	if (!name_is_good(name)) {
		fault(l, "[%s]: names are made of letters, digits, - _ .",
		      name);
		return;
	}
	for (i = 0; i < c->n; i++)
		if (!strcmp(c->section[i].name, name)) {
			fault(l, "[%s] stands at %s:%d already", name,
			      c->section[i].file ? c->section[i].file
						 : "command line",
			      c->section[i].line);
			return;
		}
	if (!section_add(c, name, l->path, l->line))
		l->ret = tool_fail(l->err, -ENOMEM, "out of memory");
	else
		l->keys = &c->section[c->n - 1].keys;
}

static char *next_line(char *str, int num, void *stream)
{
	struct loading *l = stream;
	char name[64], *at;

	if (l->ret || !fgets(str, num, l->file))
		return NULL;
	l->line++;
	if (!strchr(str, '\n') && !feof(l->file)) {
		fault(l, "a line longer than %d characters", num - 2);
		return NULL;
	}
	at = str + strspn(str, " \t");
	if (*at == '[' && sscanf(at, "[%63[^]\n]]", name) == 1)
		section_begins(l, name);
	return str;
}

static bool given(const struct assignments *keys, const char *name)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		if (!strcmp(keys->at[i].key->name, name))
			return true;
	return false;
}

static int key_read(void *user, const char *section, const char *name,
		    const char *value)
{
	struct loading *l = user;
	const struct key *key = key_find(name);
	struct tool_error why;

	if (l->ret)
		return 0;
	if (!l->keys)
		return fault(l, "'%s' stands before the first [section]", name);
	if (!key)
		return fault(l, "unknown key '%s'%s", name,
			     key_hint(name).text);
	if (key->scope == KEY_PLAN && !l->in_defaults)
		return fault(l,
			     "'%s' is one for all runs: it belongs in "
			     "[defaults]",
			     name);
	if (given(l->keys, name))
		return fault(l, "'%s' is given twice", name);
	if (key->set(&l->scratch, value, &why))
		return fault(l, "%s: %s", name, why.text);
	if (assignments_add(l->keys, key, value))
		l->ret = tool_fail(l->err, -ENOMEM, "out of memory");
	/* The values tried in scratch are gone when this returns. */
	settings_init(&l->scratch);
	return !l->ret;
}

static int file_add(struct config *c, const char *path)
{
	char **file = realloc(c->file, (c->files_n + 1) * sizeof(*file));

	if (!file)
		return -ENOMEM;
	c->file = file;
	file[c->files_n] = strdup(path);
	return file[c->files_n] ? (c->files_n++, 0) : -ENOMEM;
}

static int load_open(struct loading *l)
{
	size_t before = l->config->n;
	int bad = ini_parse_stream(next_line, l, key_read, l);

	if (!l->ret && bad > 0) {
		l->line = bad;
		fault(l, "neither [section] nor key = value");
	}
	if (!l->ret && ferror(l->file))
		l->ret = tool_fail(l->err, -EIO, "%s: cannot be read", l->path);
	if (!l->ret && l->config->n == before)
		l->ret = tool_fail(l->err, -EINVAL, "%s: holds no [section]",
				   l->path);
	return l->ret;
}

int config_load(struct config *c, const char *path, struct tool_error *err)
{
	struct loading l = { .config = c, .path = path, .err = err };
	int ret;

	/* [defaults] hold for the whole command: two would fight. */
	if (c->defaults.n)
		return tool_fail(err, -EINVAL,
				 "%s: a config with [defaults] was named "
				 "before; run them one by one",
				 path);
	l.file = fopen(path, "r");
	if (!l.file)
		return tool_fail(err, -errno, "%s: %s", path, strerror(errno));
	ret = load_open(&l);
	fclose(l.file);
	if (!ret && file_add(c, path))
		ret = tool_fail(err, -ENOMEM, "out of memory");
	return ret;
}

int config_add_driver(struct config *c, const char *driver,
		      struct tool_error *err)
{
	struct config_section *sec = section_add(c, driver, NULL, 0);

	if (!sec || assignments_add(&sec->keys, key_find("driver"), driver))
		return tool_fail(err, -ENOMEM, "out of memory");
	return 0;
}

static struct names_hint config_hint(const char *what)
{
	const char *names[128];
	char **configs = place_config_names();
	struct names_hint hint;
	size_t n, i;

	for (n = 0; n < 64 && bench_drivers[n]; n++)
		names[n] = bench_drivers[n]->name;
	for (i = 0; configs && configs[i] && n < 128; i++)
		names[n++] = configs[i];
	hint = names_hint(what, names, n);
	place_names_free(configs);
	return hint;
}

int config_add(struct config *c, const char *what, struct tool_error *err)
{
	char *path;
	int ret;

	if (bench_driver_find(what))
		return config_add_driver(c, what, err);
	path = place_config(what);
	if (!path)
		return tool_fail(err, -ENOENT,
				 "'%s' is neither a driver nor a config%s",
				 what, config_hint(what).text);
	ret = config_load(c, path, err);
	free(path);
	return ret;
}

void config_free(struct config *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		assignments_free(&c->section[i].keys);
		free(c->section[i].name);
		free(c->section[i].file);
	}
	for (i = 0; i < c->files_n; i++)
		free(c->file[i]);
	assignments_free(&c->defaults);
	free(c->section);
	free(c->file);
	*c = (struct config){ 0 };
}
