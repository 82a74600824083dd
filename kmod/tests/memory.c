// SPDX-License-Identifier: GPL-2.0-only
/* Sessions that fail in the middle of a run leave no memory behind. */
#include <unistd.h>

#include "dev.h"

/* Looked at after the first have filled the allocator's lists. */
#define SESSIONS 60
#define WARM 12

static long available_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kb = -1;

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "MemAvailable: %ld kB", &kb);
	if (f)
		fclose(f);
	return kb;
}

/* A session whose chunk fails in the middle: its target is deaf. */
static bool fail_one(enum ipi_uapi_path path)
{
	struct ipi_uapi_create c = good_create(path);
	static struct dev_run q;
	int fd = dev_open(), err;

	strcpy(c.delivery, "poll");
	c.deaf_ms = 1;
	err = dev_call(fd, IPI_UAPI_CREATE, &c);
	good_run(&q, 10);
	q.q.window = path == IPI_UAPI_PATH_INCAST;
	if (!err)
		err = dev_call(fd, IPI_UAPI_RUN, &q);
	close(fd);
	return err == -ETIMEDOUT;
}

void test_memory(const char *module)
{
	const long samples_kb =
		IPI_UAPI_LOG * sizeof(struct ipi_uapi_sample) >> 10;
	long before = 0, lost, least = samples_kb * SESSIONS;
	int i, failed = 0, err = module_load(module);

	pin(0);
	for (i = 0; i < WARM + SESSIONS && !err; i++) {
		if (i == WARM)
			before = available_kb();
		failed += fail_one(i % (IPI_UAPI_PATH_INCAST + 1));
	}
	lost = before - available_kb();
	say(failed == WARM + SESSIONS, "%d sessions failed in a run", failed);
	say(before > 0 && lost < least / 2,
	    "%d sessions had at least %ld KB: of them %ld are missing",
	    SESSIONS, least, lost);
	unpin();
	err = module_unload();
	say(!err, "the module goes: %s", strerror(-err));
}
