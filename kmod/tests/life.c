// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the middle of a run: its program is killed, the module is to be unloaded,
 * a CPU is unplugged. Nothing hangs, the error names the CPU, the next session
 * is there, and after each the module can be unloaded.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dev.h"

#define LIMIT_S 30

/* A program that runs one chunk after the other, and what it tells of itself. */
struct runner {
	enum ipi_uapi_path path;
	const char *delivery;
	int cpu, target; /* CPU 0 can't be unplugged */
	bool busy; /* the target is busy in the kernel */
	pid_t pid;
	struct told {
		int stop;
		unsigned chunks;
		int err; /* of the first chunk that failed, and who was named */
		uint32_t cpu;
		int target_err;
	} * told;
};

static const char *module;

static int plug(int cpu, bool in)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online",
		 cpu);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, in ? "1" : "0", 1) != 1)
		err = -errno;
	close(fd);
	return err;
}

/* ---- what a session must not leave behind --------------------------------- */

/* Lines of a file with a word in them; -1: it can't be read. */
static int lines_with(const char *path, const char *word)
{
	FILE *f = fopen(path, "re");
	char line[4096];
	int n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		n += strstr(line, word) != NULL;
	fclose(f);
	return n;
}

static int threads_named(const char *name)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	char path[300];
	int n = 0;

	while (proc && (d = readdir(proc))) {
		if (d->d_name[0] < '1' || d->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", d->d_name);
		n += lines_with(path, name) > 0;
	}
	if (proc)
		closedir(proc);
	return n;
}

struct left {
	int irqs, threads;
};

static struct left look(void)
{
	return (struct left){
		.irqs = lines_with("/proc/interrupts", "ipi-cpu"),
		.threads = threads_named("ipi-run/"),
	};
}

static bool same(const struct left *a, const struct left *b)
{
	return a->irqs == b->irqs && a->threads == b->threads;
}

/* ---- the runner ----------------------------------------------------------- */

static void *target_main(void *arg)
{
	struct ipi_uapi_target t = { .version = IPI_UAPI_VERSION };
	struct runner *r = ((void **)arg)[0];

	pin(r->target);
	r->told->target_err =
		dev_call(*(int *)((void **)arg)[1], IPI_UAPI_TARGET, &t);
	return NULL;
}

/*
 * Chunks of some milliseconds. A sender that is to lose its CPU has one of some
 * seconds behind the first two: it must be moved within a chunk, for between
 * two it would only find itself not pinned.
 */
static void run_chunks(struct runner *r, int fd)
{
	static struct dev_run q;
	int err = 0;

	while (!err && !__atomic_load_n(&r->told->stop, __ATOMIC_ACQUIRE)) {
		bool longer = r->cpu && r->told->chunks >= 2;

		good_run(&q, longer ? IPI_UAPI_LOG : 200);
		q.q.gap_min = longer ? 1000000 : 20000;
		q.q.gap_max = q.q.gap_min * 2;
		q.q.window = r->path == IPI_UAPI_PATH_INCAST
				     ? r->told->chunks + 1
				     : 0;
		err = dev_call(fd, IPI_UAPI_RUN, &q);
		__atomic_add_fetch(&r->told->chunks, !err, __ATOMIC_RELEASE);
	}
	r->told->cpu = q.q.cpu;
	__atomic_store_n(&r->told->err, err, __ATOMIC_RELEASE);
}

static void runner_main(struct runner *r)
{
	struct ipi_uapi_create c = good_create(r->path);
	struct ipi_uapi_cancel cancel = { .version = IPI_UAPI_VERSION };
	int fd = dev_open();
	void *args[] = { r, &fd };
	pthread_t t;

	c.targets[0] = 1u << r->target;
	c.state = r->busy ? IPI_UAPI_STATE_KERNEL : IPI_UAPI_STATE_ELSEWHERE;
	strcpy(c.delivery, r->delivery);
	pin(r->cpu);
	if (dev_call(fd, IPI_UAPI_CREATE, &c) ||
	    (r->busy && pthread_create(&t, NULL, target_main, args)))
		_exit(2);
	run_chunks(r, fd);
	/* What failed before is not taken for what was asked to end. */
	if (r->busy && !r->told->err)
		dev_call(fd, IPI_UAPI_CANCEL, &cancel);
	if (r->busy)
		pthread_join(t, NULL);
	_exit(0);
}

/* Until so many chunks are done, or it failed; false: it took too long. */
static bool await_chunks(struct runner *r, unsigned n)
{
	time_t end = time(NULL) + LIMIT_S;

	while (__atomic_load_n(&r->told->chunks, __ATOMIC_ACQUIRE) < n &&
	       !__atomic_load_n(&r->told->err, __ATOMIC_ACQUIRE)) {
		if (time(NULL) > end)
			return false;
		usleep(1000);
	}
	return true;
}

static bool start(struct runner *r)
{
	r->told = mmap(NULL, sizeof(*r->told), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	r->pid = fork();
	if (!r->pid)
		runner_main(r);
	return await_chunks(r, 2) && !r->told->err;
}

/* Its wait status, or -1: it had to be killed. */
static int ended(struct runner *r)
{
	time_t end = time(NULL) + LIMIT_S;
	int status;

	while (waitpid(r->pid, &status, WNOHANG) != r->pid) {
		if (time(NULL) > end) {
			kill(r->pid, SIGKILL);
			waitpid(r->pid, &status, 0);
			return -1;
		}
		usleep(1000);
	}
	return status;
}

static const char *name_of(const struct runner *r)
{
	static char text[64];

	snprintf(text, sizeof(text), "path %d%s%s%s, CPU %d to %d", r->path,
		 *r->delivery ? ", " : "", r->delivery, r->busy ? ", busy" : "",
		 r->cpu, r->target);
	return text;
}

/* A new session can be had, and the module can go. */
static void test_after(struct runner *r, const struct left *before)
{
	int fd = dev_open(), err = create(fd, r->path);
	struct left after;

	say(!err, "%s: the next session is there: %s", name_of(r),
	    strerror(-err));
	close(fd);
	after = look();
	say(same(before, &after),
	    "%s: left: %d interrupts of %d, %d threads of %d", name_of(r),
	    after.irqs, before->irqs, after.threads, before->threads);
	err = module_unload();
	say(!err, "%s: the module goes: %s", name_of(r), strerror(-err));
	munmap(r->told, sizeof(*r->told));
}

/* ---- the tests ------------------------------------------------------------ */

static bool begin(struct runner *r, struct left *before)
{
	int err = module_load(module);

	say(!err, "%s: the module is loaded: %s", name_of(r), strerror(-err));
	*before = look();
	say(before->irqs >= 0 && start(r), "%s: it runs", name_of(r));
	return !err;
}

static void test_unload_in_a_run(struct runner r)
{
	struct left before;
	unsigned chunks;
	int err;

	if (!begin(&r, &before))
		return;
	err = module_unload();
	chunks = r.told->chunks;
	say(err == -EWOULDBLOCK, "unloading it in a run: %s", strerror(-err));
	say(await_chunks(&r, chunks + 2) && !r.told->err, "the run goes on: %s",
	    strerror(-r.told->err));
	__atomic_store_n(&r.told->stop, 1, __ATOMIC_RELEASE);
	err = ended(&r);
	say(!err && !r.told->err, "and ends well");
	test_after(&r, &before);
}

static void test_kill_in_a_run(struct runner r)
{
	struct left before;
	int status;

	if (!begin(&r, &before))
		return;
	kill(r.pid, SIGKILL);
	status = ended(&r);
	say(status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "%s: killed in a run", name_of(&r));
	test_after(&r, &before);
}

static void test_unplug_in_a_run(struct runner r)
{
	struct left before;
	int err, want = r.target ? -ENXIO : -ENODEV;
	bool over;

	if (!begin(&r, &before))
		return;
	err = plug(1, false);
	say(!err, "%s: CPU 1 is unplugged: %s", name_of(&r), strerror(-err));
	over = await_chunks(&r, UINT32_MAX);
	if (!over)
		kill(r.pid, SIGKILL);
	say(!ended(&r) && over, "%s: the run has ended after %u chunks",
	    name_of(&r), r.told->chunks);
	say(r.told->err == want && r.told->cpu == 1, "%s: CPU %d: %s",
	    name_of(&r), (int)r.told->cpu, strerror(-r.told->err));
	if (r.busy)
		say(r.told->target_err == -ENODEV,
		    "%s: it is busy there no more: %s", name_of(&r),
		    strerror(-r.told->target_err));
	err = plug(1, true);
	say(!err, "%s: CPU 1 is back: %s", name_of(&r), strerror(-err));
	test_after(&r, &before);
}

static void each_path(void (*test)(struct runner r), int cpu, int target)
{
	struct runner r = { .cpu = cpu, .target = target, .delivery = "" };
	int path;

	for (path = 0; path < IPI_UAPI_PATHS; path++) {
		r.path = path;
		test(r);
	}
	r.path = IPI_UAPI_PATH_UNICAST;
	r.delivery = "vector";
	test(r);
	r.delivery = "nmi";
	test(r);
	r.delivery = "";
	r.busy = cpu == 0;
	if (r.busy)
		test(r);
}

void test_life(const char *path)
{
	struct runner r = { .path = IPI_UAPI_PATH_UNICAST,
			    .delivery = "",
			    .target = 1 };

	module = path;
	unpin();
	test_unload_in_a_run(r);
	r.delivery = "vector";
	test_unload_in_a_run(r);
	each_path(test_kill_in_a_run, 0, 1);
	each_path(test_unplug_in_a_run, 0, 1);
	each_path(test_unplug_in_a_run, 1, 0);
	test_memory(module);
}
