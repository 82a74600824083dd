// SPDX-License-Identifier: GPL-2.0-only
/* The library inside Linux: several CPUs send to one. */
#include "session.h"

#define KERNEL_CHILD_OPS                                                       \
	.close = kernel_cell_close, .one_enter = kernel_one_enter,             \
	.one_leave = kernel_one_leave, .one_window = kernel_one_window,        \
	.target_run = kernel_target_run, .counters = kernel_counters,          \
	.expected = kernel_expected

KERNEL_DRIVER(kernel_incast, "kernel-incast", IPI_UAPI_PATH_INCAST,
	      .help = "in the kernel: messages of several senders to one CPU",
	      .shape = SHAPE_INCAST, .back_to_back = true,
	      .metrics = 1u << METRIC_RTT | 1u << METRIC_SEND |
			 1u << METRIC_INTERVAL,
	      .uses_lib = true, .probe = kernel_probe_core);
