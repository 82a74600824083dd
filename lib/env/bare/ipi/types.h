/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Basic types where there is no world at all: the compiler's own headers. */
#ifndef IPI_TYPES_H
#define IPI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#endif
