// SPDX-License-Identifier: GPL-2.0-only
/* A session of ipi.ko for each block. */
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "session.h"

/* ---- before and after all blocks ----------------------------------------- */

static void rank_targets(const struct bench_cell *c, uint32_t *at)
{
	uint32_t i, k;

	for (i = 0; i < c->targets_n; i++)
		for (k = 0; k < c->targets_n; k++)
			at[i] += c->target_cpus[k] < c->target_cpus[i];
}

static int make_results(const struct bench_cell *c, struct kernel_cell *k)
{
	uint32_t i;

	k->room = ipi_uapi_run_bytes(IPI_UAPI_LOG, 1, c->targets_n, k->stamped);
	k->at = calloc(c->targets_n, sizeof(*k->at));
	k->run = calloc(c->sources_n, sizeof(*k->run));
	if (!k->at || !k->run)
		return -ENOMEM;
	rank_targets(c, k->at);
	for (i = 0; i < c->sources_n; i++) {
		k->run[i] = calloc(1, sizeof(**k->run) + k->room);
		if (!k->run[i])
			return -ENOMEM;
	}
	return 0;
}

/* The row that counts a delivery's interrupts, for as long as we run. */
static const char *row_of(const char *delivery)
{
	static char row[8][IPI_UAPI_NAME_BYTES];
	struct ipi_uapi_query q;
	size_t i;

	if (kernel_query(IPI_UAPI_LIST_DELIVERIES, delivery, &q) || !q.row[0])
		return "";
	for (i = 0; i < 8 && row[i][0]; i++)
		if (!strcmp(row[i], q.row))
			return row[i];
	if (i == 8)
		return "";
	memcpy(row[i], q.row, sizeof(row[i]));
	return row[i];
}

static void describe(struct bench_cell *c, enum ipi_uapi_path path)
{
	const struct bench_opts *o = c->opts;
	bool null = o->queue && !strcmp(o->queue, "null");

	c->witnessing = WITNESS_HANDLER;
	/* Triggers go past the queue: null delivers them like any other. */
	c->answers = !null || path == IPI_UAPI_PATH_TRIGGER;
	c->route = o->delivery ? o->delivery : "csd";
	if (path == IPI_UAPI_PATH_LINUX_WAKE)
		c->route = "wake";
	if (!c->answers)
		c->route = "none";
	c->counter = !c->answers || !c->ops->expected ? "" : row_of(c->route);
}

int kernel_cell_open(struct bench_cell *c, enum ipi_uapi_path path)
{
	struct kernel_cell *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->path = path;
	k->idle = c->opts->target_state == TARGET_IDLES ||
		  c->opts->target_state == TARGET_IDLES_POLLING;
	k->busy = c->opts->target_state == TARGET_BUSY_KERNEL;
	k->stamped = c->series == SERIES_STAMPED;
	k->fd = -1;
	c->priv = k;
	describe(c, path);
	if (!make_results(c, k))
		return 0;
	kernel_cell_close(c);
	return -ENOMEM;
}

void kernel_cell_close(struct bench_cell *c)
{
	struct kernel_cell *k = kernel_of(c);
	uint32_t i;

	for (i = 0; k->run && i < c->sources_n; i++)
		free(k->run[i]);
	free(k->run);
	free(k->at);
	free(k);
	c->priv = NULL;
}

/* ---- a block's session --------------------------------------------------- */

static void name_design(char *to, const char *from)
{
	if (from)
		strncpy(to, from, IPI_UAPI_NAME_BYTES - 1);
}

static void fill_create(const struct bench_cell *c, const struct kernel_cell *k,
			struct ipi_uapi_create *q)
{
	const struct bench_opts *o = c->opts;
	uint32_t i;

	memset(q, 0, sizeof(*q));
	q->version = IPI_UAPI_VERSION;
	q->path = k->path;
	name_design(q->queue, o->queue);
	name_design(q->ack, o->ack);
	name_design(q->delivery, o->delivery);
	if (o->waiter == IPI_WAITER_SPIN)
		q->waiter = IPI_UAPI_WAITER_SPIN;
	q->spin_loads = bench_spin_loads(c);
	q->depth = o->queue ? o->depth : 0;
	q->state = k->busy ? IPI_UAPI_STATE_KERNEL : IPI_UAPI_STATE_ELSEWHERE;
	q->clock = bench_clock_is_shared() ? IPI_UAPI_CLOCK_TSC
					   : IPI_UAPI_CLOCK_RAW_NS;
	q->flags = k->stamped ? IPI_UAPI_STAMPED : 0;
	q->sources = c->sources_n;
	q->inflight = c->ops->one_window ? c->src->inflight : 1;
	q->deaf_ms = BENCH_DEAF_NS / 1000000u;
	for (i = 0; i < c->targets_n; i++)
		q->targets[c->target_cpus[i] / 64] |=
			UINT64_C(1) << (c->target_cpus[i] % 64);
}

static int refused(struct bench_cell *c, int err)
{
	switch (-err) {
	case EBUSY:
		return bench_cell_fail(c, err,
				       "another program measures with ipi.ko");
	case EINVAL:
		return bench_cell_fail(
			c, err, "ipi.ko has no domain of %s, %s and %s",
			c->opts->queue ? c->opts->queue : "no queue",
			c->opts->ack ? c->opts->ack : "no ack",
			c->opts->delivery ? c->opts->delivery : "no delivery");
	case EOPNOTSUPP:
		return bench_cell_fail(
			c, err,
			"ipi.ko can't deliver so, or has not this clock");
	default:
		return bench_cell_fail(c, err, "no session of ipi.ko: %s",
				       strerror(-err));
	}
}

int kernel_source_enter(struct bench_cell *c)
{
	struct kernel_cell *k = kernel_of(c);
	struct ipi_uapi_create q;
	int fd = kernel_open();

	if (fd < 0)
		return refused(c, fd);
	fill_create(c, k, &q);
	if (ioctl(fd, IPI_UAPI_CREATE, &q)) {
		int err = -errno;

		close(fd);
		return refused(c, err);
	}
	/* Targets that are to be busy in the kernel wait for it. */
	__atomic_store_n(&k->fd, fd, __ATOMIC_RELEASE);
	return 0;
}

bool kernel_count(const struct kernel_cell *k, struct ipi_uapi_counters *n)
{
	memset(n, 0, sizeof(*n));
	n->version = IPI_UAPI_VERSION;
	return k->fd >= 0 && !ioctl(k->fd, IPI_UAPI_COUNTERS, n);
}

static void let_go(struct bench_cell *c)
{
	uint32_t i;

	for (i = 0; i < c->targets_n; i++)
		syscall(SYS_futex, &c->target[i].stop, FUTEX_WAKE, 1, NULL,
			NULL, 0);
}

/* The session ends with the last of its threads, in this block. */
void kernel_source_leave(struct bench_cell *c)
{
	struct ipi_uapi_cancel q = { .version = IPI_UAPI_VERSION };
	struct kernel_cell *k = kernel_of(c);
	struct ipi_uapi_counters n;

	let_go(c);
	if (c->series == SERIES_INTERVAL && kernel_count(k, &n))
		memcpy(c->target->came, n.came,
		       sizeof(c->target->came[0]) * IPI_WAYS);
	if (k->fd < 0)
		return;
	ioctl(k->fd, IPI_UAPI_CANCEL, &q);
	close(k->fd);
	k->fd = -1;
}

/* ---- the target's side --------------------------------------------------- */

static void idle(struct bench_target *t)
{
	const struct timespec tick = { .tv_nsec = 100000000 };

	while (!bench_target_stopped(t))
		syscall(SYS_futex, &t->stop, FUTEX_WAIT, 0, &tick, NULL, 0);
}

/* Its heart beats, which is the work that the stolen series counts. */
static void busy_user(struct bench_target *t)
{
	while (!bench_target_stopped(t))
		__atomic_store_n(&t->work, t->work + 1, __ATOMIC_RELAXED);
}

static void busy_kernel(struct bench_target *t)
{
	struct ipi_uapi_target q = { .version = IPI_UAPI_VERSION };
	const struct kernel_cell *k = kernel_of(t->cell);
	int fd;

	while (!bench_target_stopped(t)) {
		fd = __atomic_load_n(&k->fd, __ATOMIC_ACQUIRE);
		if (fd >= 0 && ioctl(fd, IPI_UAPI_TARGET, &q))
			break;
		bench_relax();
	}
}

void kernel_target_run(struct bench_target *t)
{
	const struct kernel_cell *k = kernel_of(t->cell);

	if (k->idle)
		idle(t);
	else if (k->busy)
		busy_kernel(t);
	else
		busy_user(t);
}
