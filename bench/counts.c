// SPDX-License-Identifier: GPL-2.0-only
/* Lists of sizes: how many senders, targets, messages. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "front.h"

/* Keeps the list ascending and each size in it once. */
static int add(struct bench_counts *list, uint32_t n)
{
	uint32_t i = 0;

	while (i < list->n && list->at[i] < n)
		i++;
	if (i < list->n && list->at[i] == n)
		return 0;
	if (list->n == BENCH_COUNTS)
		return -ERANGE;
	memmove(&list->at[i + 1], &list->at[i],
		(list->n - i) * sizeof(list->at[0]));
	list->at[i] = n;
	list->n++;
	return 0;
}

/* "4" or "1..8"; moves on behind it. */
static int one_range(const char **text, uint32_t most, uint32_t *first,
		     uint32_t *last)
{
	int used = 0;

	if (sscanf(*text, "%9u%n", first, &used) != 1 || **text == '-')
		return -EINVAL;
	*text += used;
	*last = *first;
	if (!strncmp(*text, "..", 2)) {
		*text += 2;
		if (sscanf(*text, "%9u%n", last, &used) != 1 || **text == '-')
			return -EINVAL;
		*text += used;
	}
	if (!*first || *last < *first)
		return -EINVAL;
	return *last > most ? -ERANGE : 0;
}

int counts_parse(const char *text, uint32_t most, struct bench_counts *out,
		 struct tool_error *err)
{
	struct bench_counts list = { 0 };
	const char *at = text;
	uint32_t first, last;
	int ret;

	do {
		ret = one_range(&at, most, &first, &last);
		for (; !ret && first <= last; first++)
			ret = add(&list, first);
		if (!ret && *at && *at != ',')
			ret = -EINVAL;
	} while (!ret && *at++);
	if (ret)
		return tool_fail(err, ret,
				 "'%s' are no counts (wanted: 4, 1,2,4 or "
				 "1..8, each up to %u, at most %u of them)",
				 text, most, BENCH_COUNTS);
	*out = list;
	return 0;
}
