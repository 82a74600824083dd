// SPDX-License-Identifier: GPL-2.0-only
/* Each path runs, says how its samples came, and its counts add up. */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "dev.h"

#define SAMPLES 200u

static const char *const path_name[IPI_UAPI_PATHS] = {
	"unicast",    "unicast-cond", "multicast",    "broadcast",
	"trigger",    "incast",	      "linux-single", "linux-async",
	"linux-many", "linux-each",   "linux-wake",
};

struct counts {
	struct ipi_counters lib;
	uint64_t came[IPI_UAPI_WAYS], all;
};

static bool count(int fd, struct counts *out)
{
	struct ipi_uapi_counters c = { .version = IPI_UAPI_VERSION };
	int i;

	if (dev_call(fd, IPI_UAPI_COUNTERS, &c))
		return false;
	memset(out, 0, sizeof(*out));
	memcpy(&out->lib, c.counter, sizeof(out->lib));
	memcpy(out->came, c.came, sizeof(out->came));
	for (i = 0; i < IPI_UAPI_WAYS; i++)
		out->all += c.came[i];
	return c.n == 0 || c.n == sizeof(out->lib) / sizeof(uint64_t);
}

static bool adds_up(const struct counts *n, uint64_t sent)
{
	const struct ipi_counters *l = &n->lib;

	if (n->all != sent)
		return false;
	return l->asked == l->notified + l->already_pending + l->polled +
				   l->local + l->refused &&
	       l->entries + l->merged == l->notified;
}

static unsigned of_way(const struct dev_run *r, unsigned n, int way)
{
	const uint8_t *came = (const uint8_t *)r->results +
			      r->q.samples_max * sizeof(struct ipi_uapi_sample);
	unsigned i, found = 0;

	for (i = 0; i < n; i++)
		found += came[i] == way;
	return found;
}

static void *spin(void *arg)
{
	pin(1);
	while (!__atomic_load_n((int *)arg, __ATOMIC_ACQUIRE))
		;
	return NULL;
}

static void run_path(enum ipi_uapi_path path, uint32_t kind, uint32_t batch)
{
	static struct dev_run r;
	unsigned messages = SAMPLES * batch;
	int fd = dev_open(), err = create(fd, path);
	struct counts n = { 0 };
	bool counted;

	good_run(&r, SAMPLES);
	r.q.kind = kind;
	r.q.batch = batch;
	r.q.bytes = ipi_uapi_run_bytes(SAMPLES, batch, 1, 0);
	r.q.window = path == IPI_UAPI_PATH_INCAST;
	r.q.gap_min = 2000;
	r.q.gap_max = 20000;
	if (!err)
		err = dev_call(fd, IPI_UAPI_RUN, &r);
	say(!err && r.q.samples == SAMPLES && r.q.sent == messages,
	    "%s, kind %u, batch %u: %u samples (%s)", path_name[path], kind,
	    batch, r.q.samples, strerror(-err));
	counted = count(fd, &n);
	say(counted && adds_up(&n, messages),
	    "%s: %llu of %u messages came, %llu notified, %llu taken",
	    path_name[path], (unsigned long long)n.all, messages,
	    (unsigned long long)n.lib.notified,
	    (unsigned long long)(n.lib.entries + n.lib.merged));
	if (path != IPI_UAPI_PATH_LINUX_WAKE)
		say(of_way(&r, messages, IPI_WAY_INTERRUPT) > messages / 2,
		    "%s: they came by interrupt", path_name[path]);
	close(fd);
}

static void test_each(void)
{
	int stop = 0, path;
	pthread_t t;

	pthread_create(&t, NULL, spin, &stop);
	for (path = 0; path < IPI_UAPI_PATHS; path++) {
		run_path(path, IPI_UAPI_KIND_RTT, 1);
		run_path(path, IPI_UAPI_KIND_SEND, 1);
		if (path != IPI_UAPI_PATH_INCAST)
			run_path(path, IPI_UAPI_KIND_RTT, 8);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	pthread_join(t, NULL);
}

static void *busy(void *arg)
{
	struct ipi_uapi_target t = { .version = IPI_UAPI_VERSION };

	pin(1);
	return (void *)(intptr_t)dev_call(*(int *)arg, IPI_UAPI_TARGET, &t);
}

#if defined(__x86_64__)
#define CLOCK IPI_UAPI_CLOCK_TSC
static uint64_t now(void)
{
	return __builtin_ia32_rdtsc();
}
#else
#define CLOCK IPI_UAPI_CLOCK_RAW_NS
static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}
#endif

/* By the clock that was asked for, which is the same here. */
static bool in_order(const struct dev_run *r, uint64_t from, uint64_t to)
{
	const struct ipi_uapi_sample *s = (const void *)r->results;
	const struct ipi_uapi_stamp *stamp =
		(const void *)(r->results + SAMPLES * sizeof(*s) +
			       ipi_uapi_way_bytes(SAMPLES, 1));
	unsigned i;

	for (i = 0; i < SAMPLES; i++) {
		uint64_t end = s[i].start + s[i].ticks;

		if (s[i].start < from || stamp[i].entry < s[i].start ||
		    stamp[i].done < stamp[i].entry || end < stamp[i].done ||
		    to < end)
			return false;
		from = end;
	}
	return true;
}

/* A target that is busy in the kernel: by interrupt, and by poll. */
static void run_busy(const char *delivery, int way)
{
	struct ipi_uapi_create c = good_create(IPI_UAPI_PATH_UNICAST);
	struct ipi_uapi_cancel cancel = { .version = IPI_UAPI_VERSION };
	static struct dev_run r;
	int fd = dev_open(), err;
	uint64_t from;
	pthread_t t;
	void *status;

	strcpy(c.delivery, delivery);
	c.state = IPI_UAPI_STATE_KERNEL;
	c.flags = IPI_UAPI_STAMPED;
	c.clock = CLOCK;
	err = dev_call(fd, IPI_UAPI_CREATE, &c);
	pthread_create(&t, NULL, busy, &fd);
	good_run(&r, SAMPLES);
	r.q.bytes = ipi_uapi_run_bytes(SAMPLES, 1, 1, 1);
	r.q.gap_min = 2000;
	r.q.gap_max = 20000;
	from = now();
	if (!err)
		err = dev_call(fd, IPI_UAPI_RUN, &r);
	say(in_order(&r, from, now()), "%s: begun, entered, done, known",
	    delivery);
	say(!err && of_way(&r, SAMPLES, way) > SAMPLES * 9 / 10,
	    "%s to a target that is busy in the kernel: %s", delivery,
	    strerror(-err));
	err = dev_call(fd, IPI_UAPI_CANCEL, &cancel);
	pthread_join(t, &status);
	say(!err && !status, "cancelled: the target is let go");
	good_run(&r, SAMPLES);
	r.q.bytes = ipi_uapi_run_bytes(SAMPLES, 1, 1, 1);
	err = dev_call(fd, IPI_UAPI_RUN, &r);
	say(err == -ECANCELED, "nothing runs after that: %s", strerror(-err));
	close(fd);
}

void test_paths(void)
{
	pin(0);
	test_each();
	run_busy("csd", IPI_WAY_INTERRUPT);
	run_busy("poll", IPI_WAY_POLL);
}
