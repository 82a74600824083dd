/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The test seam of user space and of Linux. In a build with IPI_HOOKS=1 each
 * point calls ipi_test_hook on the CPU that reaches it; a production build has
 * none.
 */
#ifndef IPI_ENV_HOOKS_H
#define IPI_ENV_HOOKS_H

#include <ipi/seam.h>

#ifndef IPI_HOOKS
#define IPI_HOOKS 0
#endif

#if IPI_HOOKS
extern void (*ipi_test_hook)(int point, struct ipi_cpu *cpu);
#define ipi_env_point(point, cpu)                                              \
	do {                                                                   \
		void (*ipi_hook)(int, struct ipi_cpu *) =                      \
			__atomic_load_n(&ipi_test_hook, __ATOMIC_RELAXED);     \
		if (ipi_hook)                                                  \
			ipi_hook((point), (cpu));                              \
	} while (0)
#else
#define ipi_env_point(point, cpu) ((void)(cpu))
#endif

#endif
