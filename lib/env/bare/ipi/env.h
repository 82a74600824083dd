/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The seam of no world: core compiles and links against just these names. */
#ifndef IPI_ENV_H
#define IPI_ENV_H

#include <ipi/atomics.h>
#include <ipi/extern.h>

#endif
