/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The list of domains alive. */
#ifndef IPI_USER_DOMAINS_H
#define IPI_USER_DOMAINS_H

struct ipi_domain;

/* In a child after fork: calls fix for each domain; the list's lock is new. */
void ipi_domains_after_fork(void (*fix)(struct ipi_domain *dom));

#endif
