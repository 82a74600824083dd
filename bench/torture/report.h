/* SPDX-License-Identifier: GPL-2.0-only */
/* What a torture has come to, for people and for programs. */
#ifndef IPI_TORTURE_REPORT_H
#define IPI_TORTURE_REPORT_H

#include <stdio.h>

#include "torture.h"

/* What the whole is worth. */
enum verdict { VERDICT_PASSED, VERDICT_FAILED, VERDICT_INTERRUPTED };

enum verdict report_verdict(const struct torture *t);
/* One row per combination, then the verdict. 0 or -errno. */
int report_table(const struct torture *t, FILE *out);
int report_json(const struct torture *t, char *const *command, FILE *out);
int report_ops(FILE *out);

#endif
