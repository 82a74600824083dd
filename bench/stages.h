/* SPDX-License-Identifier: GPL-2.0-only */
/* Stages of an interrupt's path, as `ipi trace latency` writes them. */
#ifndef BENCH_STAGES_H
#define BENCH_STAGES_H

#include <jansson.h>

/*
 * Adds the stages of one block to those of the blocks before it (NULL: there
 * was none), of the same tracer. 0; -EBADMSG: these are no stages, or others
 * than before; -ENOMEM.
 */
int stages_add(json_t **sum, const json_t *more);

#endif
