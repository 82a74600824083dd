/* SPDX-License-Identifier: GPL-2.0-only */
/* Where and how a result came to be, which every tool says first. */
#ifndef IPI_TRACE_HEADLINE_H
#define IPI_TRACE_HEADLINE_H

#include <jansson.h>

#include "cpus.h"

struct headline {
	char text[256];
};

/* Machine and kernel. */
struct headline headline(const struct cpus *cpus);
/* The command line, as it is kept. */
json_t *headline_words(char *const *words);

#endif
