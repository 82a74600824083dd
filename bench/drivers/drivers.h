/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drivers share. */
#ifndef BENCH_DRIVERS_H
#define BENCH_DRIVERS_H

#include "loop.h"

/* Drivers without a handler: nothing can be injected, nobody sleeps. */
const char *drivers_probe_plain(const struct bench_opts *o);

/* The target this thread is in the block that runs; set on entering. */
extern __thread struct bench_target *drivers_self;

#endif
