/* SPDX-License-Identifier: GPL-2.0-only */
/* cmocka with what it wants included before it. */
#ifndef IPI_TOOL_TESTS_CHECK_H
#define IPI_TOOL_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The text holds the piece; else both are shown. */
#define assert_holds(text, piece)                                              \
	do {                                                                   \
		if (!strstr((text), (piece)))                                  \
			fail_msg("'%s' is not in '%s'", (piece), (text));      \
	} while (0)

#endif
