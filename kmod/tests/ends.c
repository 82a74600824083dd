// SPDX-License-Identifier: GPL-2.0-only
/* How a session ends: by its own, by a deaf CPU, by SIGKILL, by its cap. */
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dev.h"

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void test_one_at_a_time(void)
{
	int a = dev_open(), b = dev_open();

	say(!create(a, IPI_UAPI_PATH_UNICAST), "a session");
	say(create(a, IPI_UAPI_PATH_UNICAST) == -EBUSY,
	    "no second one in the same descriptor");
	say(create(b, IPI_UAPI_PATH_UNICAST) == -EBUSY, "nor in another one");
	close(a);
	say(!create(b, IPI_UAPI_PATH_UNICAST), "but once the first is closed");
	close(b);
}

/* Nobody serves a CPU that is to poll and does not. */
static void test_deaf(enum ipi_uapi_path path)
{
	struct ipi_uapi_create c = good_create(path);
	static struct dev_run r;
	double began = now_s(), took;
	int fd = dev_open(), err;

	strcpy(c.delivery, "poll");
	c.deaf_ms = 200;
	err = dev_call(fd, IPI_UAPI_CREATE, &c);
	good_run(&r, 10);
	r.q.window = path == IPI_UAPI_PATH_INCAST;
	if (!err)
		err = dev_call(fd, IPI_UAPI_RUN, &r);
	took = now_s() - began;
	say(err == -ETIMEDOUT && r.q.cpu == 1 && !r.q.samples,
	    "path %d: CPU %d is deaf (%s)", path, (int)r.q.cpu, strerror(-err));
	say(took < IPI_UAPI_DEAF_MS / 1e3, "path %d: that took %.2f s", path,
	    took);
	close(fd);
}

static void test_target_missing(void)
{
	struct ipi_uapi_create c = good_create(IPI_UAPI_PATH_UNICAST);
	static struct dev_run r;
	int fd = dev_open(), err;

	c.state = IPI_UAPI_STATE_KERNEL;
	c.deaf_ms = 200;
	err = dev_call(fd, IPI_UAPI_CREATE, &c);
	good_run(&r, 10);
	if (!err)
		err = dev_call(fd, IPI_UAPI_RUN, &r);
	say(err == -ETIMEDOUT && r.q.cpu == 1,
	    "CPU %d never came to the kernel (%s)", (int)r.q.cpu,
	    strerror(-err));
	close(fd);
}

static void test_cap(void)
{
	struct ipi_uapi_create c = good_create(IPI_UAPI_PATH_UNICAST);
	static struct dev_run r;
	int fd = dev_open(), err;

	c.cap_ms = 100;
	err = dev_call(fd, IPI_UAPI_CREATE, &c);
	good_run(&r, IPI_UAPI_LOG);
	r.q.gap_min = r.q.gap_max = 1000000;
	if (!err)
		err = dev_call(fd, IPI_UAPI_RUN, &r);
	say(err == -ETIME && r.q.samples < IPI_UAPI_LOG,
	    "its time is over after %u samples (%s)", r.q.samples,
	    strerror(-err));
	close(fd);
}

/* A child that would run for a minute. */
static void child(enum ipi_uapi_path path, const char *delivery)
{
	struct ipi_uapi_create c = good_create(path);
	static struct dev_run r;
	int fd = dev_open();

	strcpy(c.delivery, delivery);
	c.deaf_ms = IPI_UAPI_DEAF_MS_MAX;
	if (dev_call(fd, IPI_UAPI_CREATE, &c))
		_exit(1);
	for (;;) {
		good_run(&r, IPI_UAPI_LOG);
		r.q.gap_min = r.q.gap_max = 10000000;
		if (dev_call(fd, IPI_UAPI_RUN, &r))
			_exit(2);
	}
}

static void test_kill(enum ipi_uapi_path path, const char *delivery)
{
	int status = 0, fd = dev_open(), err;
	pid_t pid = fork();
	double began;

	if (!pid)
		child(path, delivery);
	usleep(300000);
	began = now_s();
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	say(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "path %d, %s: killed in the middle of it", path, delivery);
	say(now_s() - began < IPI_UAPI_DEAF_MS_MAX / 2e3,
	    "path %d: it took %.2f s", path, now_s() - began);
	err = create(fd, IPI_UAPI_PATH_UNICAST);
	say(!err, "path %d: the next session is there: %s", path,
	    strerror(-err));
	close(fd);
}

/* Root without the capability, and someone else. */
static int open_without(bool someone_else)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int status, fd;
	pid_t pid = fork();

	if (pid) {
		waitpid(pid, &status, 0);
		return -WEXITSTATUS(status);
	}
	if (someone_else && (setgid(65534) || setuid(65534)))
		_exit(1);
	syscall(SYS_capget, &head, data);
	data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	data[0].permitted &= ~(1u << CAP_SYS_ADMIN);
	if (!someone_else && syscall(SYS_capset, &head, data))
		_exit(1);
	fd = dev_open();
	_exit(fd < 0 ? -fd : 0);
}

void test_ends(void)
{
	pin(0);
	test_one_at_a_time();
	test_deaf(IPI_UAPI_PATH_UNICAST);
	test_deaf(IPI_UAPI_PATH_UNICAST_COND);
	test_deaf(IPI_UAPI_PATH_MULTICAST);
	test_deaf(IPI_UAPI_PATH_BROADCAST);
	test_deaf(IPI_UAPI_PATH_TRIGGER);
	test_deaf(IPI_UAPI_PATH_INCAST);
	test_target_missing();
	test_cap();
	test_kill(IPI_UAPI_PATH_UNICAST, "");
	test_kill(IPI_UAPI_PATH_UNICAST, "poll");
	test_kill(IPI_UAPI_PATH_LINUX_ASYNC, "");
	test_kill(IPI_UAPI_PATH_LINUX_WAKE, "");
	say(open_without(false) == -EPERM, "root without CAP_SYS_ADMIN: EPERM");
	say(open_without(true) == -EACCES, "someone else: EACCES");
}

/* The last one: after it there is no module. */
void test_unload(void)
{
	int fd = dev_open(), err;

	create(fd, IPI_UAPI_PATH_UNICAST);
	err = module_unload();
	say(err == -EWOULDBLOCK, "the module can't go while it is open: %s",
	    strerror(-err));
	close(fd);
	err = module_unload();
	say(!err, "it goes once it is closed: %s", strerror(-err));
	say(dev_open() == -ENOENT, "and the device with it");
}
