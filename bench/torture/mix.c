// SPDX-License-Identifier: GPL-2.0-only
/* The table of operations, and their weights. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool/names.h"
#include "torture.h"

#define WEIGHT_MAX 10000ul

const struct op ops[] = {
#define OP(name, function, weight, help) { name, function, weight, help },
#include "ops.def"
#undef OP
};
const unsigned ops_n = sizeof(ops) / sizeof(ops[0]);
_Static_assert(sizeof(ops) / sizeof(ops[0]) <=
		       sizeof(((struct mix *)0)->weight) / sizeof(unsigned),
	       "the mix has a weight for each operation");

static void sum(struct mix *mix)
{
	mix->total = 0;
	for (unsigned i = 0; i < ops_n; i++)
		mix->total += mix->weight[i];
}

void mix_default(struct mix *mix)
{
	for (unsigned i = 0; i < ops_n; i++)
		mix->weight[i] = ops[i].weight;
	sum(mix);
}

static int find(const char *name, struct tool_error *err)
{
	const char *names[64] = { "all" };

	for (unsigned i = 0; i < ops_n; i++) {
		if (!strcmp(ops[i].name, name))
			return (int)i;
		names[i + 1] = ops[i].name;
	}
	return tool_fail(err, -EINVAL,
			 "--mix: unknown operation '%s'%s (see ipi torture "
			 "--list-ops)",
			 name, names_hint(name, names, ops_n + 1).text);
}

/* One "name=weight"; "all=0" leaves only what follows it. */
static int parse_one(struct mix *mix, char *item, struct tool_error *err)
{
	char *value = strchr(item, '='), *end = NULL;
	unsigned long weight;
	int at;

	if (!value)
		return tool_fail(err, -EINVAL, "--mix: '%s' is no op=weight",
				 item);
	*value++ = '\0';
	errno = 0;
	weight = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno ||
	    weight > WEIGHT_MAX)
		return tool_fail(err, -EINVAL,
				 "--mix: %s: '%s' is no weight from 0 to %lu",
				 item, value, WEIGHT_MAX);
	if (!strcmp(item, "all")) {
		for (unsigned i = 0; i < ops_n; i++)
			mix->weight[i] = (unsigned)weight;
		return 0;
	}
	at = find(item, err);
	if (at < 0)
		return at;
	mix->weight[at] = (unsigned)weight;
	return 0;
}

int mix_parse(struct mix *mix, const char *text, struct tool_error *err)
{
	char *copy = strdup(text), *rest = copy, *item;
	int ret = copy ? 0 : tool_fail(err, -ENOMEM, "out of memory");

	while (!ret && (item = strsep(&rest, ",")))
		ret = parse_one(mix, item, err);
	free(copy);
	sum(mix);
	if (!ret && !mix->total)
		ret = tool_fail(err, -EINVAL,
				"--mix: every weight is 0, nothing would be "
				"done");
	return ret;
}

const struct op *mix_pick(const struct mix *mix, struct dice *d)
{
	unsigned at = roll(d, mix->total), i = 0;

	while (at >= mix->weight[i])
		at -= mix->weight[i++];
	return &ops[i];
}
