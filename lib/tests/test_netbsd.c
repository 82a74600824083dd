// SPDX-License-Identifier: GPL-2.0-only
/*
 * A NetBSD-style caller on the default domain, which netbsd.h's names bind.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <ipi/netbsd.h>

#include "netbsd_caller.h"

#define TARGETS 3

static atomic_uint attached;
static atomic_bool stop;

static void *target(void *arg)
{
	if (ipi_cpu_attach(NULL, NULL))
		return NULL;
	atomic_fetch_add(&attached, 1);
	while (!atomic_load(&stop))
		ipi_cpu_idle(1000000);
	ipi_cpu_detach();
	return NULL;
}

static int refused(const char *what)
{
	printf("not ok - %s\n", what);
	return 1;
}

static int default_domain_rules(void)
{
	const struct ipi_params params = { .cpus_max = CALLER_CPUS };

	if (curcpu() || ipi_domain_default())
		return refused("no default domain before ipi_init()");
	if (ipi_init(&params))
		return refused("ipi_init");
	if (ipi_init(&params) != -EALREADY)
		return refused("the second ipi_init is refused");
	if (ipi_cpu_attach(NULL, NULL))
		return refused("attach");
	if (ipi_fini() != -EBUSY)
		return refused("ipi_fini with CPUs attached is refused");
	return 0;
}

int main(void)
{
	pthread_t thread[TARGETS];
	unsigned expected, hits;

	alarm(20);
	if (default_domain_rules())
		return 1;
	for (unsigned i = 0; i < TARGETS; i++)
		if (pthread_create(&thread[i], NULL, target, NULL))
			return refused("pthread_create");
	while (atomic_load(&attached) != TARGETS)
		usleep(100);
	if (ncpu != TARGETS + 1 || cpu_lookup(0) != curcpu())
		return refused("the CPUs are known by NetBSD's names");
	expected = caller_run(&hits);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < TARGETS; i++)
		pthread_join(thread[i], NULL);
	if (ipi_cpu_detach() || ipi_fini() || ipi_domain_default())
		return refused("leaving");
	if (expected != 6 * (TARGETS + 1) - 1 || hits != expected)
		return refused("every send ran its handlers");
	printf("ok - %u handlers for a NetBSD caller\n", hits);
	return 0;
}
