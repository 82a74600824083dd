/* SPDX-License-Identifier: GPL-2.0-only */
/* Text for a mailing list: plain ASCII, at most 72 columns. */
#ifndef IPI_TOOL_FOLD_H
#define IPI_TOOL_FOLD_H

#include <stdio.h>

#define FOLD_COLUMNS 72

/*
 * Words folded behind a label; what is no plain ASCII becomes '?'. A word
 * longer than a line is cut into lines.
 */
void fold_words(FILE *out, const char *label, const char *text);

#endif
