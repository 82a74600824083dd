/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of ipi.ko without measuring: is it there, what can it do. */
#ifndef BENCH_KERNEL_H
#define BENCH_KERNEL_H

#include <ipi/uapi.h>

/* The device's descriptor, or -errno. */
int kernel_open(void);
/* NULL: /dev/ipi can be used; else a sentence that says why not. */
const char *kernel_probe(void);
/* One entry of a list of the module's. 0 or -errno. */
int kernel_query(enum ipi_uapi_list list, const char *name,
		 struct ipi_uapi_query *out);

/* Deliveries that a module of this version has; NULL ends. */
const char *kernel_delivery_name(unsigned n);
const char *kernel_delivery_help(unsigned n);
/* NULL: works here; else why not. */
const char *kernel_delivery_probe(const char *name);

#endif
