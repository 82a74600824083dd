/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * eventfd: how the thread of an event loop takes part. Each CPU has an
 * eventfd(2) from before it can be sent to until no sender can notify it.
 *
 * NOTHING IS MISSED. A sender sets the notify word's work bit and then, if
 * there was no work before, writes; the target reads the descriptor empty and
 * then takes the work bits. A sender whose bit the take did not see finds no
 * work in the word, and writes after the read: the descriptor is readable, and
 * an edge has come for edge-triggered epoll, which gets one with each write.
 * What was written about work already taken leaves the descriptor readable for
 * nothing; the next serve empties it.
 *
 * Until its descriptor is asked for a CPU is AWAKE, as under futex: only one
 * asleep in idle is written to. From then on nobody knows where it sleeps, and
 * every sender that finds no work pending writes.
 *
 * WRITES counts what is or may be in the descriptor, so that a CPU which serves
 * by itself need not ask the kernel each time: it is added to before a write
 * and falls by what was read.
 *
 * System calls are made bare: the C library's are cancellation points.
 */
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/internal.h"
#include "user/delivery.h"

static const char *eventfd_probe(void)
{
	int saved = errno, fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	bool lacks = fd < 0 && errno != EMFILE && errno != ENFILE;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return lacks ? "this system has no eventfd(2)" : NULL;
}

static int eventfd_acquire(struct ipi_cpu *cpu)
{
	int saved = errno, fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), err = 0;

	if (fd < 0)
		err = -errno;
	errno = saved;
	if (err)
		return err;
	cpu->env.fd = fd;
	ipi_store_relaxed(&cpu->env.writes, 0);
	return 0;
}

static void eventfd_release(struct ipi_cpu *cpu)
{
	int fd = cpu->env.fd;

	/* First: a signal's handler that serves, or a fork, may come here. */
	cpu->env.fd = -1;
	if (fd >= 0)
		syscall(SYS_close, fd);
}

static int eventfd_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	const uint64_t one = 1;
	int saved = errno;

	(void)ipi_fetch_add_relaxed(&target->env.writes, one);
	syscall(SYS_write, target->env.fd, &one, sizeof(one));
	errno = saved;
	return 0;
}

bool ipi_eventfd_drain(struct ipi_cpu *self)
{
	int saved = errno;
	uint64_t n;
	bool some = syscall(SYS_read, self->env.fd, &n, sizeof(n)) ==
		    (long)sizeof(n);

	if (some)
		(void)ipi_fetch_add_relaxed(&self->env.writes, -n);
	errno = saved;
	return some;
}

static void eventfd_sleep(struct ipi_cpu *self, uint32_t seen,
			  uint64_t timeout_ns)
{
	struct pollfd pollfd = { .fd = self->env.fd, .events = POLLIN };
	uint64_t began = ipi_env_now_ns(), passed = 0;
	int saved = errno;

	while (ipi_load_acquire(&self->notify) == seen && passed < timeout_ns) {
		struct timespec ts = ipi_timespec(timeout_ns - passed);

		if (syscall(SYS_ppoll, &pollfd, 1, &ts, NULL, 0) > 0)
			(void)ipi_eventfd_drain(self);
		passed = ipi_env_now_ns() - began;
	}
	errno = saved;
}

static int eventfd_fd(struct ipi_cpu *self)
{
	/* Of what is pending already perhaps nobody has told it. */
	if (!ipi_cpu_arm(self))
		(void)eventfd_notify(self->dom, self);
	return self->env.fd;
}

const struct ipi_delivery ipi_delivery_eventfd = {
	.name = "eventfd",
	.word_base = IPI_W_AWAKE,
	.probe = eventfd_probe,
	.acquire = eventfd_acquire,
	.release = eventfd_release,
	.notify = eventfd_notify,
	.sleep = eventfd_sleep,
	.fd = eventfd_fd,
};
