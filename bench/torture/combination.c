// SPDX-License-Identifier: GPL-2.0-only
/* Which combinations of designs are tried: the library's lists decide. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool/log.h"
#include "tool/names.h"
#include "torture.h"

#define NAMES_MAX 32

/* One list of names, and those that are wanted. */
struct names {
	const char *what;
	const char *name[NAMES_MAX];
	bool wanted[NAMES_MAX];
	size_t n;
};

static const char *waiter_name(unsigned n)
{
	static const char *const names[] = { "relax", "spin", "sleep" };

	return n <= IPI_WAITER_SLEEP ? names[n] : NULL;
}

/* `null` runs nothing: it is the cost of the harness, outside conformance. */
static bool conforms(const char *name)
{
	return strcmp(name, "null") != 0;
}

static void list(struct names *l, const char *what,
		 const char *(*name)(unsigned n))
{
	*l = (struct names){ .what = what };
	for (unsigned i = 0; name(i) && l->n < NAMES_MAX; i++)
		if (conforms(name(i)))
			l->name[l->n++] = name(i);
}

static int want(struct names *l, const char *word, struct tool_error *err)
{
	bool all = !strcmp(word, "all");
	size_t found = 0;

	for (size_t i = 0; i < l->n; i++)
		if (all || !strcmp(word, l->name[i])) {
			l->wanted[i] = true;
			found++;
		}
	if (found)
		return 0;
	if (!conforms(word))
		return tool_fail(err, -EINVAL,
				 "%s '%s' runs nothing and promises nothing: "
				 "there is nothing to torture",
				 l->what, word);
	return tool_fail(err, -EINVAL, "unknown %s '%s'%s", l->what, word,
			 names_hint(word, l->name, l->n).text);
}

static int choose(struct names *l, const char *text, struct tool_error *err)
{
	char *copy = strdup(text ?: "all"), *rest = copy, *word;
	int ret = copy ? 0 : tool_fail(err, -ENOMEM, "out of memory");

	while (!ret && (word = strsep(&rest, ",")))
		ret = want(l, word, err);
	free(copy);
	return ret;
}

/* A delivery that cannot work here is left out, and told. */
static void probe(struct names *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const char *why =
			l->wanted[i] ? ipi_delivery_probe(l->name[i]) : NULL;

		if (!why)
			continue;
		log_warn("delivery '%s' is left out: %s", l->name[i], why);
		l->wanted[i] = false;
	}
}

static void add_one(const struct names *l, const size_t *at,
		    struct combination **out, size_t *n)
{
	for (unsigned i = 0; i < 4; i++)
		if (!l[i].wanted[at[i]])
			return;
	(*out)[(*n)++] =
		(struct combination){ l[0].name[at[0]], l[1].name[at[1]],
				      l[2].name[at[2]], l[3].name[at[3]],
				      (enum ipi_waiter)at[3] };
}

int combinations(const struct selection *sel, struct combination **out,
		 size_t *n, struct tool_error *err)
{
	struct names l[4];
	size_t at[4];
	int ret;

	list(&l[0], "queue", ipi_queue_name);
	list(&l[1], "ack", ipi_ack_name);
	list(&l[2], "delivery", ipi_delivery_name);
	list(&l[3], "waiter", waiter_name);
	ret = choose(&l[0], sel->queue, err);
	ret = ret ?: choose(&l[1], sel->ack, err);
	ret = ret ?: choose(&l[2], sel->delivery, err);
	ret = ret ?: choose(&l[3], sel->waiter, err);
	if (ret)
		return ret;
	probe(&l[2]);
	*n = 0;
	*out = calloc(l[0].n * l[1].n * l[2].n * l[3].n, sizeof(**out));
	if (!*out)
		return tool_fail(err, -ENOMEM, "out of memory");
	for (at[0] = 0; at[0] < l[0].n; at[0]++)
		for (at[1] = 0; at[1] < l[1].n; at[1]++)
			for (at[2] = 0; at[2] < l[2].n; at[2]++)
				for (at[3] = 0; at[3] < l[3].n; at[3]++)
					add_one(l, at, out, n);
	return 0;
}
