/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The domains' part of the module's life. */
#ifndef IPI_KMOD_DOMAIN_H
#define IPI_KMOD_DOMAIN_H

int ipi_domains_init(void); /* 0 or -errno */
void ipi_domains_exit(void); /* no domain is left */

#endif
