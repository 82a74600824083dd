/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What core believes of itself, checked where it is built so (Meson option
 * debug_checks): 1 what costs a comparison where it stands, 2 what touches a
 * line more for each message, 3 what looks through a pool after each pass.
 * Whatever does not hold is a bug of the library: the world ends it there.
 */
#ifndef IPI_CORE_CHECK_H
#define IPI_CORE_CHECK_H

#ifndef IPI_DEBUG_CHECKS
#define IPI_DEBUG_CHECKS 0
#endif

#define ipi_check(level, cond)                                                 \
	do {                                                                   \
		if (IPI_DEBUG_CHECKS >= (level) && !(cond))                    \
			ipi_env_bug(__FILE__, __LINE__, #cond);                \
	} while (0)

#endif
