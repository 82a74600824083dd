// SPDX-License-Identifier: GPL-2.0-only
/* Asks ipi.ko, through its device. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel.h"

static const struct {
	const char *name, *help;
} deliveries[] = {
#define IPI_DELIVERY(name, help) { #name, help },
#include "../kmod/deliveries.def"
#undef IPI_DELIVERY
};
#define DELIVERIES (sizeof(deliveries) / sizeof(deliveries[0]))

int kernel_open(void)
{
	int fd = open(IPI_UAPI_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static const char *say_version(int fd)
{
	static char text[96];
	struct ipi_uapi_version v;

	if (ioctl(fd, IPI_UAPI_VERSION_OF, &v))
		return IPI_UAPI_DEVICE " is not ipi.ko's";
	if (v.version == IPI_UAPI_VERSION)
		return NULL;
	snprintf(text, sizeof(text),
		 "ipi.ko %.*s has version %u of its interface, this program %u",
		 IPI_UAPI_NAME_BYTES, v.module, v.version, IPI_UAPI_VERSION);
	return text;
}

const char *kernel_probe(void)
{
	const char *why;
	int fd = kernel_open();

	if (fd == -ENOENT || fd == -ENXIO || fd == -ENODEV)
		return "no " IPI_UAPI_DEVICE ": load ipi.ko (modprobe ipi)";
	if (fd == -EACCES || fd == -EPERM)
		return "no permission for " IPI_UAPI_DEVICE ": it is root's";
	if (fd < 0)
		return strerror(-fd);
	why = say_version(fd);
	close(fd);
	return why;
}

int kernel_query(enum ipi_uapi_list list, const char *name,
		 struct ipi_uapi_query *out)
{
	int fd = kernel_open(), err = fd < 0 ? fd : 0;
	uint32_t n;

	for (n = 0; !err; n++) {
		memset(out, 0, sizeof(*out));
		out->version = IPI_UAPI_VERSION;
		out->list = list;
		out->index = n;
		if (ioctl(fd, IPI_UAPI_QUERY, out))
			err = -errno;
		else if (!strcmp(out->name, name))
			break;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

const char *kernel_delivery_name(unsigned n)
{
	return n < DELIVERIES ? deliveries[n].name : NULL;
}

const char *kernel_delivery_help(unsigned n)
{
	return n < DELIVERIES ? deliveries[n].help : NULL;
}

const char *kernel_delivery_probe(const char *name)
{
	static char text[DELIVERIES][IPI_UAPI_TEXT_BYTES];
	const char *why = kernel_probe();
	struct ipi_uapi_query q;
	unsigned n = 0;

	while (n < DELIVERIES && strcmp(deliveries[n].name, name))
		n++;
	if (n == DELIVERIES)
		return "no such delivery";
	if (why)
		return why;
	if (kernel_query(IPI_UAPI_LIST_DELIVERIES, name, &q))
		return "this ipi.ko has no such delivery";
	memcpy(text[n], q.not_here, sizeof(text[n]));
	return text[n][0] ? text[n] : NULL;
}
