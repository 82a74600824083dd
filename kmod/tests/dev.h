/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of /dev/ipi share. They print TAP, and need two CPUs. */
#ifndef IPI_KMOD_TESTS_DEV_H
#define IPI_KMOD_TESTS_DEV_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <ipi/ipi.h>
#include <ipi/uapi.h>

/* One line of TAP; what it was told, and what it wanted to be told. */
void say(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int say_done(void); /* the exit status */

/* 0 or -errno. */
int dev_open(void);
int dev_call(int fd, unsigned long cmd, void *arg);
int module_load(const char *path);
int module_unload(void);
void pin(int cpu);
void unpin(void);

/* Good requests, for one bad field after the other. */
struct ipi_uapi_create good_create(enum ipi_uapi_path path);
struct dev_run {
	struct ipi_uapi_run q;
	char results[1 << 18];
};
void good_run(struct dev_run *r, uint32_t samples);
int create(int fd, enum ipi_uapi_path path);

void test_fields(void);
void test_paths(void);
void test_ends(void);
void test_unload(void);
/* Loads the module again and again; there is none before and after it. */
void test_life(const char *module);
void test_memory(const char *module);

#endif
