/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the judge stands on in user space: a program whose CPUs are threads. In
 * a kernel kmod/tests/contract has its own.
 */
#ifndef CONTRACT_HOST_H
#define CONTRACT_HOST_H

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ipi/hooks.h>
#include <ipi/ipi.h>

extern __thread int contract_me; /* CPU index of this thread, or -1 */

/* A line of what was seen, for who reads the log. */
#define contract_note(...) printf("# " __VA_ARGS__)

#endif
