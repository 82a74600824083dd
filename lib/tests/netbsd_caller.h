/* SPDX-License-Identifier: GPL-2.0-only */
/* The NetBSD-style caller that test_netbsd.c runs. */
#ifndef NETBSD_CALLER_H
#define NETBSD_CALLER_H

#define CALLER_CPUS 16

/* Returns how many handler runs it asked for; *hits: how many there were. */
unsigned caller_run(unsigned *hits);

#endif
