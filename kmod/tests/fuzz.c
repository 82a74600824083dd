// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz [--seed N] [--count N]: as many ioctls of /dev/ipi from two threads, which
 * share four descriptors, with good arguments, arguments with some fields
 * changed, and no arguments at all. TAP. Each must be answered, by an error that
 * <ipi/uapi.h> knows; each command must have been done at least once, or the
 * test has tried nothing. The kernel's own complaints are for who reads its log.
 */
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define THREADS 2
#define FILES 4
#define ERRNOS 134
/* Without one answered call: it hangs. */
#define SILENCE_S 120

/*
 * All that <ipi/uapi.h> has, but -ENOTTY, which is wrong of a command that there
 * is; and -EBADF: the other thread has just closed it.
 */
static const int known[] = { 0,	     EPROTO, EINVAL,	 EFAULT, ENOLINK,
			     EBUSY,  ENXIO,  EOPNOTSUPP, ENOENT, ETIMEDOUT,
			     ENODEV, ETIME,  ECANCELED,	 EINTR,	 ESTALE,
			     ENOMEM, EBADF };

static struct fuzz_file files[FILES], *newest = files; /* got a session */
static unsigned answers[COMMANDS][ERRNOS], garbage, unknown;
static unsigned long left_to_do, done;
static time_t began;

/* ---- calls ---------------------------------------------------------------- */

static bool is_known(int err)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == err)
			return true;
	return false;
}

static void note(int n, int err)
{
	__atomic_add_fetch(&done, 1, __ATOMIC_RELAXED);
	if (n < 0) {
		__atomic_add_fetch(&garbage, 1, __ATOMIC_RELAXED);
		return;
	}
	__atomic_add_fetch(&answers[n][-err], 1, __ATOMIC_RELAXED);
	if (is_known(-err))
		return;
	__atomic_add_fetch(&unknown, 1, __ATOMIC_RELAXED);
	printf("# %s: %s\n", commands[n].name, strerror(-err));
}

static struct fuzz_file *any_file(struct fuzzer *f)
{
	return &files[below(f, FILES)];
}

static int fd_of(const struct fuzz_file *file)
{
	return __atomic_load_n(&file->fd, __ATOMIC_RELAXED);
}

/* The other thread may be in a call of it, which ends first. */
static void reopen(struct fuzzer *f)
{
	int fd = dev_open();

	if (fd < 0)
		return;
	fd = __atomic_exchange_n(&any_file(f)->fd, fd, __ATOMIC_ACQ_REL);
	close(fd);
}

static void move(struct fuzzer *f)
{
	if (one_in(f, 3))
		unpin();
	else
		pin((int)below(f, 2));
}

/* Anything at all, of any size, from anywhere. */
static void call_garbage(struct fuzzer *f)
{
	uint64_t cmd = odd_number(f), where = odd_number(f);

	if (one_in(f, 2))
		cmd = commands[below(f, COMMANDS)].cmd ^ 1u << below(f, 32);
	note(-1, dev_call(fd_of(any_file(f)), cmd, (void *)(uintptr_t)where));
}

static int any_command(struct fuzzer *f)
{
	unsigned n, sum = 0, at;

	for (n = 0; n < COMMANDS; n++)
		sum += commands[n].weight;
	at = (unsigned)below(f, sum);
	for (n = 0; at >= commands[n].weight; n++)
		at -= commands[n].weight;
	return (int)n;
}

/* Room for what follows a run, or none: the page's end is in the middle of it. */
static void *place(struct fuzzer *f, int n)
{
	size_t size = commands[n].size;

	if (commands[n].cmd != IPI_UAPI_RUN || one_in(f, 16))
		return f->page + f->page_size - size - below(f, 2) * 8;
	return f->page;
}

/* Hints for the next run, no more: the other thread may be here, too. */
static void remember(struct fuzz_file *file, const struct ipi_uapi_create *c)
{
	__atomic_store_n(&file->path, c->path, __ATOMIC_RELAXED);
	__atomic_store_n(&file->stamped, c->flags, __ATOMIC_RELAXED);
	__atomic_store_n(&file->target, c->targets[0] >> 1, __ATOMIC_RELAXED);
	__atomic_store_n(&newest, file, __ATOMIC_RELAXED);
}

/* Some of them, in places where nothing can be read, or not to the end. */
static void *misplace(struct fuzzer *f, int n, char *arg)
{
	switch (below(f, 80)) {
	case 0:
		return (void *)(uintptr_t)below(f, 4096);
	case 1:
		return (void *)(uintptr_t)(UINT64_MAX << 40);
	case 2:
		return arg + commands[n].size / 2;
	default:
		return arg;
	}
}

static void call(struct fuzzer *f)
{
	struct fuzz_file *file =
		one_in(f, 3) ? any_file(f)
			     : __atomic_load_n(&newest, __ATOMIC_RELAXED);
	int n = any_command(f), err;
	bool creates = commands[n].cmd == IPI_UAPI_CREATE;
	char *arg = place(f, n), *at;

	fill(f, n, file, arg);
	/* A session takes the longest, so most of those asked for are none. */
	if (creates ? !one_in(f, 20) : one_in(f, 3))
		mutate(f, n, arg);
	at = misplace(f, n, arg);
	if (commands[n].cmd == IPI_UAPI_RUN && one_in(f, 2))
		pin(!file->target);
	err = dev_call(fd_of(file), commands[n].cmd, at);
	if (creates && !err)
		remember(file, (struct ipi_uapi_create *)arg);
	note(n, err);
}

static void *fuzz(void *arg)
{
	struct fuzzer *f = arg;

	while ((long)__atomic_sub_fetch(&left_to_do, 1, __ATOMIC_RELAXED) >=
	       0) {
		if (one_in(f, 60))
			reopen(f);
		if (one_in(f, 20))
			move(f);
		if (one_in(f, 10))
			call_garbage(f);
		else
			call(f);
	}
	return NULL;
}

/* ---- the whole ------------------------------------------------------------ */

static void start(struct fuzzer *f, uint64_t seed, int i)
{
	size_t size = 1 << 18;

	f->rng = seed * 1000003 + (uint64_t)i;
	f->page = mmap(NULL, size * 2, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	f->page_size = size;
	if (f->page == MAP_FAILED ||
	    mprotect(f->page + size, size, PROT_NONE) ||
	    pthread_create(&f->thread, NULL, fuzz, f)) {
		say(false, "memory and a thread: %s", strerror(errno));
		exit(say_done());
	}
}

/* A thread that is in a call for ever can't be joined. */
static void watch(unsigned long count)
{
	unsigned long seen = 0, now;
	time_t last = time(NULL);

	while ((now = __atomic_load_n(&done, __ATOMIC_RELAXED)) < count) {
		if (now != seen)
			last = time(NULL);
		seen = now;
		if (time(NULL) - last > SILENCE_S) {
			say(false, "after %lu calls nothing more is answered",
			    now);
			say_done();
			_exit(1);
		}
		usleep(10000);
	}
}

static void report(void)
{
	int n, e;

	for (n = 0; n < COMMANDS; n++) {
		printf("# %-8s", commands[n].name);
		for (e = 0; e < ERRNOS; e++)
			if (answers[n][e])
				printf(" %s %u;",
				       e ? strerrorname_np(e) : "done",
				       answers[n][e]);
		printf("\n");
		say(answers[n][0], "%s: done %u times", commands[n].name,
		    answers[n][0]);
	}
	printf("# anything %u; %ld s\n", garbage, (long)(time(NULL) - began));
	say(!unknown, "%u answers that are in no list", unknown);
}

static void options(int argc, char **argv, uint64_t *seed)
{
	static const struct option list[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'n' },
		{ 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", list, NULL)) != -1) {
		if (o == 's')
			*seed = strtoull(optarg, NULL, 0);
		else if (o == 'n')
			left_to_do = strtoul(optarg, NULL, 0);
		else
			exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct fuzzer f[THREADS];
	uint64_t seed = (uint64_t)time(NULL);
	unsigned long count;
	int i, err;

	began = time(NULL);
	left_to_do = 100000;
	options(argc, argv, &seed);
	count = left_to_do;
	printf("# seed %llu, %lu calls\n", (unsigned long long)seed, count);
	for (i = 0; i < FILES; i++) {
		files[i].fd = dev_open();
		say(files[i].fd >= 0, "opened: %s",
		    strerror(files[i].fd < 0 ? -files[i].fd : 0));
		if (files[i].fd < 0)
			return say_done();
	}
	for (i = 0; i < THREADS; i++)
		start(&f[i], seed, i);
	watch(count);
	for (i = 0; i < THREADS; i++)
		pthread_join(f[i].thread, NULL);
	for (i = 0; i < FILES; i++)
		close(files[i].fd);
	report();
	i = dev_open();
	err = create(i, IPI_UAPI_PATH_UNICAST);
	say(!err, "the next session is there: %s", strerror(-err));
	close(i);
	return say_done();
}
