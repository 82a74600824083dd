/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/ipi's part of the module's life. */
#ifndef IPI_KMOD_DEV_H
#define IPI_KMOD_DEV_H

int ipi_dev_init(void); /* 0 or -errno */
void ipi_dev_exit(void); /* nobody has it open */

#endif
