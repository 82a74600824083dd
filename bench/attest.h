/* SPDX-License-Identifier: GPL-2.0-only */
/* Was it an interrupt? The machine's counters against what was asked. */
#ifndef BENCH_ATTEST_H
#define BENCH_ATTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "bench.h"

#define ATTEST_FOLDER "/sys/module/ipi/parameters"

/*
 * The sum over some processors of a counter as ipi.ko names one: a row of
 * INTERRUPTS_PATH, and behind a + the name of a file in folder that holds one
 * number, of all processors: what the module shows where the row does not.
 * -errno as from interrupts_read().
 */
int attest_read_counter(const char *path, const char *folder,
			const char *counter, const int *processors, size_t n,
			double *sum);

/* One series of an item, summed over its blocks. */
struct attest_sum {
	bool has_lib;
	struct ipi_counters lib;
	double asked; /* interrupts that must have been taken */
	double taken; /* the machine's count over the blocks */
	double blocks_s; /* length of the blocks */
	/* Windows just before each block in which nothing was sent. */
	double quiet, quiet_s;
	double quiet_n, rates, rates_squared; /* of the windows, per second */
	int error; /* of reading the machine's counters */
	bool peers; /* its targets send, too */
	bool sleeps; /* its targets are to sleep until a message comes */
	double messages, slept;
	double samples; /* those measured */
	double blocks, disturbed; /* blocks, and those of them marked */
	double absent; /* those whose target did not run */
	double unsent; /* messages whose target idled polling */
	double shared; /* of those asked, so many may have come with others */
};

void attest_add_lib(struct attest_sum *s, const struct ipi_counters *from,
		    const struct ipi_counters *to);
/* A window of length_s in which nothing was sent took so many. */
void attest_add_quiet(struct attest_sum *s, double taken, double length_s);
/* Interrupts of the background within the blocks, and its uncertainty. */
double attest_background(const struct attest_sum *s, double *spread);
/*
 * meant: interrupts are what the driver is about. way: how the samples of the
 * record that is judged came.
 */
void attest_judge(const struct attest_sum *s, const char *row, bool meant,
		  enum ipi_way way, struct bench_attestation *out);

#endif
