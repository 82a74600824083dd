/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a call finds its message path: through the domain's table in a build
 * with several designs, by name in a single-design build.
 */
#ifndef IPI_CORE_PATH_OF_H
#define IPI_CORE_PATH_OF_H

#include "core/internal.h"

#ifdef IPI_SINGLE
#define IPI_PATH_PASTE_(q, verb) ipi_path_##q##_##verb
#define IPI_PATH_PASTE(q, verb) IPI_PATH_PASTE_(q, verb)
#define IPI_PATH(dom, verb) IPI_PATH_PASTE(IPI_SINGLE, verb)
int IPI_PATH(, unicast)(struct ipi_domain *dom, struct ipi_cpu *self,
			ipi_msg_t *msg, struct ipi_cpu *target, unsigned flags);
int IPI_PATH(, multi)(struct ipi_domain *dom, struct ipi_cpu *self,
		      ipi_msg_t *msg, const struct ipi_cpuset *target,
		      unsigned flags);
unsigned IPI_PATH(, pass)(struct ipi_domain *dom, struct ipi_cpu *self,
			  enum ipi_way way);
void IPI_PATH(, reap)(struct ipi_domain *dom, struct ipi_cpu *dead);
void IPI_PATH(, release)(struct ipi_domain *dom, struct ipi_cpu *dead);
void IPI_PATH(, reset)(struct ipi_domain *dom, struct ipi_cpu *cpu);
size_t IPI_PATH(, bytes)(uint32_t cpus_max, uint32_t depth);
uint32_t IPI_PATH(, lines)(uint32_t depth);
#else
#define IPI_PATH(dom, verb) ((dom)->path->verb)
#endif

#endif
