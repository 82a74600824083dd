/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Basic types inside Linux, and the names of <stdint.h> that it lacks. */
#ifndef IPI_TYPES_H
#define IPI_TYPES_H

#include <linux/limits.h>
#include <linux/types.h>

#ifndef UINT32_C
#define UINT32_C(n) n##U
#endif
#ifndef UINT64_C
#define UINT64_C(n) n##ULL
#endif
#ifndef UINT32_MAX
#define UINT32_MAX 0xffffffffu
#endif
#ifndef UINT64_MAX
#define UINT64_MAX 0xffffffffffffffffULL
#endif

#endif
