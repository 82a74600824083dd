/* SPDX-License-Identifier: GPL-2.0-only */
/* Arguments for /dev/ipi that are good, and such that are nearly so. */
#ifndef IPI_KMOD_TESTS_FUZZ_H
#define IPI_KMOD_TESTS_FUZZ_H

#include <pthread.h>

#include "dev.h"

#define COMMANDS 8

struct fuzz_command {
	const char *name;
	unsigned long cmd;
	size_t size;
	unsigned weight; /* how often it is called */
};

extern const struct fuzz_command commands[COMMANDS];

struct fuzzer {
	uint64_t rng;
	pthread_t thread;
	char *page; /* what follows it can't be touched */
	size_t page_size;
};

/* What a descriptor's session was last made for, so that some runs fit. */
struct fuzz_file {
	int fd;
	uint32_t path, target, stamped;
};

uint64_t below(struct fuzzer *f, uint64_t n);
bool one_in(struct fuzzer *f, uint64_t n);
/* Where bounds are: near 0, near the top, one bit, anything. */
uint64_t odd_number(struct fuzzer *f);

/* A good argument of a command; some of its fields changed. No session lasts. */
void fill(struct fuzzer *f, int n, const struct fuzz_file *file, void *to);
void mutate(struct fuzzer *f, int n, void *arg);

#endif
