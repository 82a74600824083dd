// SPDX-License-Identifier: GPL-2.0-only
/* Every field, one by one, with what it must be answered by. */
#include <unistd.h>

#include "dev.h"

static void answered(int got, int want, const char *what)
{
	say(got == want, "%s: %s%s%s", what, strerror(-got),
	    got == want ? "" : ", not ", got == want ? "" : strerror(-want));
}

/* Sets one member of a good request to a bad value, and asks. */
#define BAD(cmd, good, member, value, want)                                    \
	do {                                                                   \
		__typeof__(good) bad = (good);                                 \
		memcpy(&bad.member, &(__typeof__(bad.member)){ value },        \
		       sizeof(bad.member));                                    \
		answered(dev_call(fd, cmd, &bad), want,                        \
			 #cmd " " #member " = " #value);                       \
	} while (0)

static void test_version(int fd)
{
	struct ipi_uapi_version v;

	answered(dev_call(fd, IPI_UAPI_VERSION_OF, &v), 0, "version");
	say(v.version == IPI_UAPI_VERSION && !v.reserved && v.module[0],
	    "the module is %s", v.module);
	answered(dev_call(fd, IPI_UAPI_VERSION_OF, NULL), -EFAULT,
		 "version to nowhere");
	answered(dev_call(fd, _IO(0xb9, 99), NULL), -ENOTTY, "no such command");
	answered(dev_call(fd, IPI_UAPI_CREATE + (4 << _IOC_SIZESHIFT), NULL),
		 -ENOTTY, "a command of another size");
}

static void test_query(int fd)
{
	struct ipi_uapi_query good = { .version = IPI_UAPI_VERSION };
	struct ipi_uapi_cpus cpus = { .version = IPI_UAPI_VERSION };
	uint32_t list, n;

	BAD(IPI_UAPI_QUERY, good, version, 0, -EPROTO);
	BAD(IPI_UAPI_QUERY, good, version, IPI_UAPI_VERSION + 1, -EPROTO);
	BAD(IPI_UAPI_QUERY, good, list, IPI_UAPI_LISTS, -EINVAL);
	BAD(IPI_UAPI_QUERY, good, index, UINT32_MAX, -ENOENT);
	BAD(IPI_UAPI_QUERY, good, reserved, 1, -EINVAL);
	BAD(IPI_UAPI_QUERY, good, name[0], 'x', -EINVAL);
	BAD(IPI_UAPI_QUERY, good, not_here[IPI_UAPI_TEXT_BYTES - 1], 'x',
	    -EINVAL);
	BAD(IPI_UAPI_CPUS, cpus, version, 7, -EPROTO);
	BAD(IPI_UAPI_CPUS, cpus, reserved, 1, -EINVAL);
	BAD(IPI_UAPI_CPUS, cpus, online[15], 1, -EINVAL);
	for (list = 0; list < IPI_UAPI_LISTS; list++) {
		for (n = 0;; n++) {
			struct ipi_uapi_query q = good;

			q.list = list;
			q.index = n;
			if (dev_call(fd, IPI_UAPI_QUERY, &q))
				break;
			printf("# %u %s: %s %s%s\n", list, q.name, q.help,
			       q.row, q.not_here);
		}
		say(n > 0, "list %u has %u entries", list, n);
	}
}

static void test_cpus(int fd)
{
	struct ipi_uapi_cpus c = { .version = IPI_UAPI_VERSION };

	answered(dev_call(fd, IPI_UAPI_CPUS, &c), 0, "CPUs");
	say(c.online_n >= 2 && c.possible >= c.online_n &&
		    (c.online[0] & 3) == 3,
	    "%u CPUs are online", c.online_n);
}

static void test_create(int fd)
{
	struct ipi_uapi_create good = good_create(IPI_UAPI_PATH_UNICAST);
	struct ipi_uapi_create c = good;

#define BAD_CREATE(member, value, want)                                        \
	BAD(IPI_UAPI_CREATE, good, member, value, want)
	BAD_CREATE(version, 2, -EPROTO);
	BAD_CREATE(path, IPI_UAPI_PATHS, -EINVAL);
	BAD_CREATE(queue[0], 'x', -EINVAL);
	BAD_CREATE(ack[0], 'x', -EINVAL);
	BAD_CREATE(delivery[0], 'x', -EINVAL);
	BAD_CREATE(waiter, 2, -EINVAL);
	BAD_CREATE(spin_loads, 1, -EINVAL);
	BAD_CREATE(depth, 4097, -EINVAL);
	BAD_CREATE(state, 2, -EINVAL);
	BAD_CREATE(clock, 2, -EINVAL);
	BAD_CREATE(flags, 2, -EINVAL);
	BAD_CREATE(sources, 0, -EINVAL);
	BAD_CREATE(sources, 2, -EINVAL);
	BAD_CREATE(inflight, 0, -EINVAL);
	BAD_CREATE(inflight, 2, -EINVAL);
	BAD_CREATE(cap_ms, IPI_UAPI_CAP_MS_MAX + 1, -EINVAL);
	BAD_CREATE(deaf_ms, IPI_UAPI_DEAF_MS_MAX + 1, -EINVAL);
	BAD_CREATE(targets[0], 0, -EINVAL);
	BAD_CREATE(targets[0], 3, -EINVAL);
	BAD_CREATE(targets[15], UINT64_C(1) << 63, -EINVAL);
	BAD_CREATE(reserved[0], 1, -EINVAL);
	BAD_CREATE(reserved[3], 1, -EINVAL);
	memset(c.queue, 'x', sizeof(c.queue));
	answered(dev_call(fd, IPI_UAPI_CREATE, &c), -EINVAL, "an endless name");
	c = good_create(IPI_UAPI_PATH_LINUX_SINGLE);
	strcpy(c.queue, "slots");
	answered(dev_call(fd, IPI_UAPI_CREATE, &c), -EINVAL,
		 "a queue of Linux's own");
	c = good_create(IPI_UAPI_PATH_INCAST);
	c.sources = 5000;
	answered(dev_call(fd, IPI_UAPI_CREATE, &c), -EINVAL, "5000 sources");
	c.sources = 1;
	c.inflight = IPI_UAPI_INFLIGHT_MAX + 1;
	answered(dev_call(fd, IPI_UAPI_CREATE, &c), -EINVAL,
		 "too many on the way");
	c.inflight = 1;
	c.flags = IPI_UAPI_STAMPED;
	answered(dev_call(fd, IPI_UAPI_CREATE, &c), -EINVAL, "incast, stamped");
	answered(dev_call(fd, IPI_UAPI_CREATE, NULL), -EFAULT, "from nowhere");
}

static void test_no_session(int fd)
{
	struct ipi_uapi_counters n = { .version = IPI_UAPI_VERSION };
	struct ipi_uapi_target t = { .version = IPI_UAPI_VERSION };
	struct ipi_uapi_cancel c = { .version = IPI_UAPI_VERSION };
	static struct dev_run r;

	good_run(&r, 1);
	answered(dev_call(fd, IPI_UAPI_RUN, &r), -ENOLINK, "run, no session");
	answered(dev_call(fd, IPI_UAPI_TARGET, &t), -ENOLINK, "target");
	answered(dev_call(fd, IPI_UAPI_COUNTERS, &n), -ENOLINK, "counters");
	answered(dev_call(fd, IPI_UAPI_CANCEL, &c), -ENOLINK, "cancel");
}

static void test_run(int fd)
{
	static struct dev_run good, r;

	good_run(&good, 16);
#define BAD_RUN(member, value) BAD(IPI_UAPI_RUN, good, q.member, value, -EINVAL)
	BAD(IPI_UAPI_RUN, good, q.version, 0, -EPROTO);
	BAD_RUN(kind, IPI_UAPI_KIND_STREAM);
	BAD_RUN(kind, 3);
	BAD_RUN(source, 1);
	BAD_RUN(window, 1);
	BAD_RUN(samples_max, 0);
	BAD_RUN(samples_max, 17);
	BAD_RUN(samples_max, IPI_UAPI_LOG + 1);
	BAD_RUN(samples_max, UINT32_MAX);
	BAD_RUN(batch, 0);
	BAD_RUN(batch, 2);
	BAD_RUN(batch, UINT32_MAX);
	BAD_RUN(bytes, 0);
	BAD_RUN(bytes, UINT64_MAX);
	BAD_RUN(gap_min, 1);
	BAD_RUN(gap_max, UINT64_MAX);
	BAD_RUN(gap_max, UINT32_MAX);
	BAD_RUN(from, UINT64_MAX);
	BAD_RUN(reserved[0], 1);
	BAD_RUN(reserved[1], 1);
	BAD_RUN(samples, 1);
	BAD_RUN(cpu, 1);
	BAD_RUN(sent, 1);
	BAD_RUN(answered, 1);
	BAD_RUN(end, 1);
	answered(dev_call(fd, IPI_UAPI_RUN, NULL), -EFAULT, "run from nowhere");
	unpin();
	r = good;
	answered(dev_call(fd, IPI_UAPI_RUN, &r), -EINVAL, "run, not pinned");
	pin(1);
	answered(dev_call(fd, IPI_UAPI_RUN, &r), -EINVAL, "run on the target");
	pin(0);
	r = good;
	answered(dev_call(fd, IPI_UAPI_RUN, &r), 0, "a good one");
	say(r.q.samples == 16 && r.q.sent == 16 && r.q.cpu == IPI_UAPI_NO_CPU,
	    "it has 16 samples");
}

static void test_rest(int fd)
{
	struct ipi_uapi_counters n = { .version = IPI_UAPI_VERSION };
	struct ipi_uapi_target t = { .version = IPI_UAPI_VERSION };
	struct ipi_uapi_cancel c = { .version = IPI_UAPI_VERSION };

	BAD(IPI_UAPI_COUNTERS, n, version, 9, -EPROTO);
	BAD(IPI_UAPI_COUNTERS, n, reserved, 1, -EINVAL);
	BAD(IPI_UAPI_COUNTERS, n, came[7], 1, -EINVAL);
	BAD(IPI_UAPI_TARGET, t, version, 9, -EPROTO);
	BAD(IPI_UAPI_TARGET, t, reserved, 1, -EINVAL);
	BAD(IPI_UAPI_TARGET, t, reserved2, 1, -EINVAL);
	answered(dev_call(fd, IPI_UAPI_TARGET, &t), -EINVAL,
		 "busy in the kernel, not asked for");
	BAD(IPI_UAPI_CANCEL, c, version, 9, -EPROTO);
	BAD(IPI_UAPI_CANCEL, c, reserved, 1, -EINVAL);
}

void test_fields(void)
{
	int fd = dev_open();

	say(fd >= 0, "opened: %s", strerror(fd < 0 ? -fd : 0));
	if (fd < 0)
		return;
	pin(0);
	test_version(fd);
	test_query(fd);
	test_cpus(fd);
	test_create(fd);
	test_no_session(fd);
	answered(create(fd, IPI_UAPI_PATH_UNICAST), 0, "a session");
	test_run(fd);
	test_rest(fd);
	close(fd);
}
