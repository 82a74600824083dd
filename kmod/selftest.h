/* SPDX-License-Identifier: GPL-2.0-only */
/* What a debug build does before it lets itself be used. */
#ifndef IPI_KMOD_SELFTEST_H
#define IPI_KMOD_SELFTEST_H

#if IPI_DEBUG_CHECKS
int ipi_selftest(void); /* 0, or -errno and a line in the log */
#else
static inline int ipi_selftest(void)
{
	return 0;
}
#endif

#endif
