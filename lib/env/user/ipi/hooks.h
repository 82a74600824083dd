/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The test seam of user space. In a build with IPI_HOOKS=1 each point calls
 * ipi_test_hook on the thread that reaches it; a production build has none.
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
		if (ipi_test_hook)                                             \
			ipi_test_hook((point), (cpu));                         \
	} while (0)
#else
#define ipi_env_point(point, cpu) ((void)(cpu))
#endif

#endif
