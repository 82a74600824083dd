/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* poll: a target always says that it polls; only one asleep in idle is woken. */
#include "user/delivery.h"

static const char *poll_probe(void)
{
	return NULL;
}

static int poll_open(struct ipi_domain *dom, const struct ipi_params *params)
{
	return 0;
}

static void poll_close(struct ipi_domain *dom)
{
}

static void poll_attach(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
}

static int poll_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	ipi_env_wake(&target->notify);
	return 0;
}

const struct ipi_delivery ipi_delivery_poll = {
	.name = "poll",
	.word_base = IPI_W_POLLING,
	.probe = poll_probe,
	.open = poll_open,
	.close = poll_close,
	.attach = poll_attach,
	.detach = poll_attach,
	.notify = poll_notify,
};
