/* SPDX-License-Identifier: GPL-2.0-only */
/* "Did you mean": the nearest of a list of names, by edit distance. */
#ifndef IPI_TOOL_NAMES_H
#define IPI_TOOL_NAMES_H

#include <stddef.h>

/* Edits (insert, delete, replace, swap of neighbours) from a to b. */
unsigned names_distance(const char *a, const char *b);
/* NULL when none of the n names is near enough to be meant. */
const char *names_nearest(const char *word, const char *const *names, size_t n);

struct names_hint {
	char text[96];
};
/* "; did you mean 'x'?", or "" when nothing is near. */
struct names_hint names_hint(const char *word, const char *const *names,
			     size_t n);

#endif
