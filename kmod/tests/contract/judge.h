/* SPDX-License-Identifier: GPL-2.0-only */
/* What the judge's files share inside Linux. */
#ifndef JUDGE_H
#define JUDGE_H

#include "contract.h"

int log_open(void); /* 0 or -ENOMEM */
void log_close(void);
void log_clear(void);
void log_say(const char *format, ...) __printf(1, 2);
ssize_t log_read(char __user *to, size_t bytes, loff_t *at);
/* Was there more to say than there is room for? */
bool log_is_full(void);

/* What CHECK has found since the last call, into the log; how many. */
unsigned int log_failures(void);

#endif
