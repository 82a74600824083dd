// SPDX-License-Identifier: GPL-2.0-only
/* Folds words at 72 columns. */
#include "fold.h"

#include <string.h>

void fold_words(FILE *out, const char *label, const char *text)
{
	int at = fprintf(out, "%-12s", label), n;
	const char *end;

	for (; *text; text = end) {
		text += strspn(text, " ");
		end = text + strcspn(text, " ");
		n = end - text;
		if (at > 12 && at + 1 + n > FOLD_COLUMNS)
			at = fprintf(out, "\n%-12s", "") - 1;
		else if (at > 12)
			at += fprintf(out, " ");
		for (; text < end; text++, at++) {
			/* One word longer than a line is cut into lines. */
			if (at >= FOLD_COLUMNS)
				at = fprintf(out, "\n%-12s", "") - 1;
			fputc(*text >= ' ' && *text <= '~' ? *text : '?', out);
		}
	}
	fputc('\n', out);
}
