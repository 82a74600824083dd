// SPDX-License-Identifier: GPL-2.0-only
/* What the programs that test /dev/ipi share: TAP, the device, good requests. */
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dev.h"

static unsigned said, failed;

void say(bool ok, const char *fmt, ...)
{
	va_list ap;

	failed += !ok;
	printf("%sok %u - ", ok ? "" : "not ", ++said);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

int say_done(void)
{
	printf("1..%u\n", said);
	return failed || !said;
}

int dev_open(void)
{
	int fd = open(IPI_UAPI_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int dev_call(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

int module_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "ipi", O_NONBLOCK) ? -errno : 0;
}

void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		say(false, "pinned to CPU %d: %s", cpu, strerror(errno));
}

void unpin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CPU_SET(1, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

struct ipi_uapi_create good_create(enum ipi_uapi_path path)
{
	struct ipi_uapi_create c = {
		.version = IPI_UAPI_VERSION,
		.path = path,
		.sources = 1,
		.inflight = 1,
		/* A host may stand still for seconds: no CPU is deaf for that. */
		.deaf_ms = IPI_UAPI_DEAF_MS_MAX,
		.targets = { 1u << 1 },
	};

	return c;
}

void good_run(struct dev_run *r, uint32_t samples)
{
	memset(&r->q, 0, sizeof(r->q));
	r->q.version = IPI_UAPI_VERSION;
	r->q.samples_max = samples;
	r->q.batch = 1;
	r->q.bytes = ipi_uapi_run_bytes(samples, 1, 1, 0);
}

int create(int fd, enum ipi_uapi_path path)
{
	struct ipi_uapi_create c = good_create(path);

	return dev_call(fd, IPI_UAPI_CREATE, &c);
}
