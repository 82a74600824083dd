/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* poll: a target always says that it polls; only one asleep in idle is woken. */
#include "user/delivery.h"

static const char *poll_probe(void)
{
	return NULL;
}

const struct ipi_delivery ipi_delivery_poll = {
	.name = "poll",
	.word_base = IPI_W_POLLING,
	.probe = poll_probe,
	.notify = ipi_delivery_wake,
};
