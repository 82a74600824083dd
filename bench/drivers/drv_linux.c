// SPDX-License-Identifier: GPL-2.0-only
/* Linux's own calls, in the same loops in the kernel. */
#include "session.h"

#define KERNEL_CHILD_OPS KERNEL_OPS, .expected = kernel_expected_all
#define LINUX_OWN .route = "csd", .probe = probe_own

/* Linux's wait has no choice of waiter. */
static const char *probe_own(const struct bench_opts *o)
{
	if (o->waiter != IPI_WAITER_RELAX)
		return "Linux waits for its own calls in its own way, which is "
		       "relax: linux-async waits in ours";
	return kernel_probe_linux(o);
}

KERNEL_DRIVER(linux_single, "linux-single", IPI_UAPI_PATH_LINUX_SINGLE,
	      .help = "Linux's own: smp_call_function_single()",
	      .metrics = METRICS_OF_ONE, LINUX_OWN);

KERNEL_DRIVER(linux_many, "linux-many", IPI_UAPI_PATH_LINUX_MANY,
	      .help = "Linux's own: smp_call_function_many()",
	      .shape = SHAPE_SPREAD, .metrics = METRICS_OF_SET, LINUX_OWN);

KERNEL_DRIVER(linux_each, "linux-each", IPI_UAPI_PATH_LINUX_EACH,
	      .help = "Linux's own: on_each_cpu()", .shape = SHAPE_SPREAD,
	      .metrics = METRICS_OF_SET, LINUX_OWN);

KERNEL_DRIVER(linux_async, "linux-async", IPI_UAPI_PATH_LINUX_ASYNC,
	      .help = "Linux's own asynchronous call, and our wait for a flag",
	      .metrics = METRICS_OF_ONE, .route = "csd",
	      .probe = kernel_probe_linux);

/* Whether a wake-up needs an interrupt is the scheduler's affair. */
#undef KERNEL_CHILD_OPS
#define KERNEL_CHILD_OPS KERNEL_OPS

KERNEL_DRIVER(linux_wake, "linux-wake", IPI_UAPI_PATH_LINUX_WAKE,
	      .help = "Linux's own: a real-time thread is woken",
	      .metrics = METRICS_OF_ONE, .route = "wake",
	      .probe = kernel_probe_linux);
