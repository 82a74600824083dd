// SPDX-License-Identifier: GPL-2.0-only
/* What the fuzzer asks of /dev/ipi, drawn from a seed. */
#include "fuzz.h"

/* Of a session, and so of any of its calls. */
#define CAP_MS 200

const struct fuzz_command commands[COMMANDS] = {
	{ "version", IPI_UAPI_VERSION_OF, sizeof(struct ipi_uapi_version), 1 },
	{ "query", IPI_UAPI_QUERY, sizeof(struct ipi_uapi_query), 4 },
	{ "cpus", IPI_UAPI_CPUS, sizeof(struct ipi_uapi_cpus), 2 },
	{ "create", IPI_UAPI_CREATE, sizeof(struct ipi_uapi_create), 6 },
	{ "run", IPI_UAPI_RUN, sizeof(struct ipi_uapi_run), 8 },
	{ "target", IPI_UAPI_TARGET, sizeof(struct ipi_uapi_target), 1 },
	{ "counters", IPI_UAPI_COUNTERS, sizeof(struct ipi_uapi_counters), 3 },
	{ "cancel", IPI_UAPI_CANCEL, sizeof(struct ipi_uapi_cancel), 1 },
};

/* ---- chance --------------------------------------------------------------- */

static uint64_t draw(struct fuzzer *f)
{
	uint64_t z = f->rng += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t below(struct fuzzer *f, uint64_t n)
{
	return draw(f) % n;
}

bool one_in(struct fuzzer *f, uint64_t n)
{
	return !below(f, n);
}

uint64_t odd_number(struct fuzzer *f)
{
	switch (below(f, 5)) {
	case 0:
		return below(f, 5);
	case 1:
		return -below(f, 5);
	case 2:
		return UINT64_C(1) << below(f, 64);
	case 3:
		return (UINT64_C(1) << below(f, 64)) - 1;
	default:
		return draw(f);
	}
}

/* ---- arguments ------------------------------------------------------------ */

static void fill_create(struct fuzzer *f, struct ipi_uapi_create *c)
{
	static const char *const deliveries[] = { "", "csd", "vector", "nmi",
						  "poll" };
	static const char *const queues[] = {
		"", "slots", "llist", "mpsc", "ring", "pair", "lock", "null"
	};
	static const char *const acks[] = { "", "counter", "word", "tree" };
	uint32_t path = (uint32_t)below(f, IPI_UAPI_PATHS);

	*c = good_create((enum ipi_uapi_path)path);
	c->targets[0] = 1u << below(f, 2);
	c->clock = (uint32_t)below(f, 2);
	c->state = one_in(f, 4);
	c->cap_ms = 1 + (uint32_t)below(f, CAP_MS);
	c->deaf_ms = 1 + (uint32_t)below(f, CAP_MS / 10);
	if (path == IPI_UAPI_PATH_INCAST) {
		c->sources = 1 + (uint32_t)below(f, 2);
		c->inflight = 1 + (uint32_t)below(f, 20);
	} else {
		c->flags = one_in(f, 2) ? IPI_UAPI_STAMPED : 0;
	}
	if (path <= IPI_UAPI_PATH_INCAST) {
		strcpy(c->delivery, deliveries[below(f, 5)]);
		strcpy(c->queue, queues[below(f, 8)]);
		strcpy(c->ack, acks[below(f, 4)]);
		c->depth = one_in(f, 8) ? (uint32_t)below(f, 40) : 0;
	}
}

static void fill_run(struct fuzzer *f, const struct fuzz_file *file,
		     struct ipi_uapi_run *q)
{
	bool many = file->path == IPI_UAPI_PATH_INCAST;

	q->version = IPI_UAPI_VERSION;
	q->kind = (uint32_t)below(f, many ? 3 : 2);
	q->source = many ? (uint32_t)below(f, 2) : 0;
	q->window = many ? 1 + (uint32_t)below(f, 1000) : 0;
	q->batch = 1;
	q->seed = draw(f);
	if (one_in(f, 2)) {
		q->gap_min = below(f, 1000);
		q->gap_max = q->gap_min + below(f, 20000);
	}
	if (q->kind == IPI_UAPI_KIND_STREAM) {
		q->until = odd_number(f) | 1;
		return;
	}
	q->samples_max = 1 + (uint32_t)below(f, one_in(f, 50) ? 1000 : 16);
	if (!many && q->kind == IPI_UAPI_KIND_RTT && one_in(f, 4))
		q->batch = 1 + (uint32_t)below(f, 4);
	q->bytes = ipi_uapi_run_bytes(q->samples_max, q->batch, 1,
				      (int)file->stamped);
}

void fill(struct fuzzer *f, int n, const struct fuzz_file *file, void *to)
{
	struct ipi_uapi_query *q = to;

	memset(to, 0, commands[n].size);
	*(uint32_t *)to = IPI_UAPI_VERSION;
	if (commands[n].cmd == IPI_UAPI_CREATE) {
		fill_create(f, to);
	} else if (commands[n].cmd == IPI_UAPI_RUN) {
		fill_run(f, file, to);
	} else if (commands[n].cmd == IPI_UAPI_QUERY) {
		q->list = (uint32_t)below(f, IPI_UAPI_LISTS);
		q->index = (uint32_t)below(f, 12);
	}
}

/* A session that would last is made to end; whatever else was changed stays. */
static void cap(int n, void *arg)
{
	struct ipi_uapi_create *c = arg;

	if (commands[n].cmd == IPI_UAPI_CREATE &&
	    (!c->cap_ms ||
	     (c->cap_ms > CAP_MS && c->cap_ms <= IPI_UAPI_CAP_MS_MAX)))
		c->cap_ms = CAP_MS;
}

void mutate(struct fuzzer *f, int n, void *arg)
{
	size_t fields = 1 + below(f, 3), width, at;
	uint64_t value;

	while (fields--) {
		width = (size_t)1 << below(f, 4);
		at = below(f, commands[n].size / width) * width;
		value = odd_number(f);
		memcpy((char *)arg + at, &value, width);
	}
	cap(n, arg);
}
