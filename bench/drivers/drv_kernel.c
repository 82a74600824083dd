// SPDX-License-Identifier: GPL-2.0-only
/* The library inside Linux: a message or a trigger to one CPU, or to a set. */
#include "session.h"

#define KERNEL_CHILD_OPS                                                       \
	KERNEL_OPS, .counters = kernel_counters, .expected = kernel_expected
#define OVER_CORE .uses_lib = true, .probe = kernel_probe_core

KERNEL_DRIVER(kernel_unicast, "kernel-unicast", IPI_UAPI_PATH_UNICAST,
	      .help = "in the kernel: a message to one CPU and its answer",
	      .metrics = METRICS_OF_ONE, OVER_CORE);

KERNEL_DRIVER(kernel_as_linux, "kernel-as-linux", IPI_UAPI_PATH_UNICAST_COND,
	      .help = "in the kernel: the same, waited for as Linux waits",
	      .metrics = METRICS_OF_ONE, OVER_CORE);

KERNEL_DRIVER(
	kernel_broadcast, "kernel-broadcast", IPI_UAPI_PATH_BROADCAST,
	.help = "in the kernel: a message to many CPUs, to the last answer",
	.shape = SHAPE_SPREAD, .metrics = METRICS_OF_SET, OVER_CORE);

KERNEL_DRIVER(kernel_multicast, "kernel-multicast", IPI_UAPI_PATH_MULTICAST,
	      .help = "in the kernel: a message to so many CPUs",
	      .shape = SHAPE_SET, .metrics = METRICS_OF_SET, OVER_CORE);

KERNEL_DRIVER(kernel_trigger, "kernel-trigger", IPI_UAPI_PATH_TRIGGER,
	      .help = "in the kernel: a coalescing trigger, to a flag",
	      .metrics = METRICS_OF_ONE, OVER_CORE);
