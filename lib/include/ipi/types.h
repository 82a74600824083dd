/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Basic types in user space. The kernel module and the bare build supply a
 * header of the same name; nothing else differs between the worlds' view of
 * the public headers.
 */
#ifndef IPI_TYPES_H
#define IPI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#endif
