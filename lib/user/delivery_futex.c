/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * futex: a target sleeps in idle on its own notify word, and only a sender that
 * finds it asleep makes a system call. One that runs is not interrupted and
 * does not say that it polls either: it gets its work when it next serves,
 * waits or idles, and a stall report tells the two apart.
 */
#include "user/delivery.h"

static const char *futex_probe(void)
{
	return NULL; /* waiting itself is built on futex(2) */
}

const struct ipi_delivery ipi_delivery_futex = {
	.name = "futex",
	.word_base = IPI_W_AWAKE,
	.probe = futex_probe,
	.notify = ipi_delivery_wake,
};
