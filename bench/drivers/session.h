/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the drivers over ipi.ko share: a session for each block. One call runs a
 * chunk in the thread that makes it, pinned as it is; what comes back is filed
 * as if the targets had logged it here.
 */
#ifndef BENCH_DRIVERS_KERNEL_H
#define BENCH_DRIVERS_KERNEL_H

#include "drivers.h"
#include "kernel.h"

struct kernel_cell {
	enum ipi_uapi_path path;
	bool idle, busy; /* what the targets do: neither: spin in user space */
	bool stamped;
	int fd; /* of the block's session; -1: none yet */
	uint32_t *
		at; /* where each target's results stand: by its CPU's number */
	struct ipi_uapi_run **run; /* of each source, with its results */
	uint64_t room; /* bytes behind it */
};

static inline struct kernel_cell *kernel_of(const struct bench_cell *c)
{
	return c->priv;
}

/* What the session counted so far; false: there is none. */
bool kernel_count(const struct kernel_cell *k, struct ipi_uapi_counters *n);

/* Makes the cell one of this path; routes and counters as the module says. */
int kernel_cell_open(struct bench_cell *c, enum ipi_uapi_path path);
void kernel_cell_close(struct bench_cell *c);
int kernel_source_enter(struct bench_cell *c);
void kernel_source_leave(struct bench_cell *c);
int kernel_source_run(struct bench_cell *c);
void kernel_target_run(struct bench_target *t);
void kernel_counters(struct bench_cell *c, struct ipi_counters *out);
/* Over our own paths, and over Linux's, where each message is one interrupt. */
double kernel_expected(const struct bench_cell *c,
		       const struct ipi_counters *lib, uint64_t sent);
double kernel_expected_all(const struct bench_cell *c,
			   const struct ipi_counters *lib, uint64_t sent);

int kernel_one_enter(struct bench_source *s);
void kernel_one_leave(struct bench_source *s);
int kernel_one_window(struct bench_source *s);

const char *kernel_probe_core(const struct bench_opts *o);
const char *kernel_probe_linux(const struct bench_opts *o);

#define KERNEL_OPS                                                             \
	.close = kernel_cell_close, .source_enter = kernel_source_enter,       \
	.source_leave = kernel_source_leave, .source_run = kernel_source_run,  \
	.target_run = kernel_target_run

/* A driver over one path: its C name, its path, and what its table has more. */
#define KERNEL_DRIVER(id, text, which, ...)                                    \
	static int open_##id(struct bench_cell *c)                             \
	{                                                                      \
		return kernel_cell_open(c, which);                             \
	}                                                                      \
	static const struct bench_driver_ops ops_##id = {                      \
		.open = open_##id,                                             \
		KERNEL_CHILD_OPS,                                              \
	};                                                                     \
	const struct bench_driver ipi_bench_##id = {                           \
		.name = text, .kernel = true, .ops = &ops_##id, __VA_ARGS__    \
	}

#endif
