// SPDX-License-Identifier: GPL-2.0-only
/* "Did you mean": the nearest of a list of names, by edit distance. */
#include "names.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_CHARS 48

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned names_distance(const char *a, const char *b)
{
	/* Rows i - 2, i - 1 and i of the usual table, rotated. */
	unsigned rows[3][NAME_MAX_CHARS + 1];
	unsigned *before = rows[0], *prev = rows[1], *cur = rows[2], *spare;
	size_t n = strlen(a), m = strlen(b), i, j;

	if (n > NAME_MAX_CHARS || m > NAME_MAX_CHARS)
		return n > m ? n : m;
	for (j = 0; j <= m; j++)
		prev[j] = j;
	for (i = 1; i <= n; i++) {
		cur[0] = i;
		for (j = 1; j <= m; j++) {
			cur[j] = least(prev[j] + 1, cur[j - 1] + 1);
			cur[j] = least(cur[j],
				       prev[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				cur[j] = least(cur[j], before[j - 2] + 1);
		}
		spare = before;
		before = prev;
		prev = cur;
		cur = spare;
	}
	return prev[m];
}

const char *names_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	unsigned bound = 1 + strlen(word) / 3, d;
	size_t i;

	for (i = 0; i < n; i++) {
		d = names_distance(word, names[i]);
		/* A beginning of three letters says what was meant. */
		if (strlen(word) >= 3 && !strncmp(word, names[i], strlen(word)))
			d = 1;
		if (d > bound || (best && d == bound))
			continue;
		bound = d;
		best = names[i];
	}
	return best;
}

struct names_hint names_hint(const char *word, const char *const *names,
			     size_t n)
{
	const char *near = names_nearest(word, names, n);
	struct names_hint hint = {""};

	if (near)
		snprintf(hint.text, sizeof(hint.text), "; did you mean '%s'?",
			 near);
	return hint;
}
