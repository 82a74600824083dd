// SPDX-License-Identifier: GPL-2.0-only
/*
 * Yardstick: Concurrency Kit's ck_ring with several producers and one
 * consumer. `depth` is its room, rounded up; the default has room for all.
 */
#include "drivers.h"

#if BENCH_WITH_CK
#include <ck_ring.h>

struct external_link {
	char nothing[0];
};

struct external_queue {
	ck_ring_t ring __attribute__((aligned(IPI_APART_BYTES)));
	ck_ring_buffer_t buffer[] __attribute__((aligned(IPI_APART_BYTES)));
};

#include "external.h"

static void link_init(struct external_message *m)
{
}

/* A power of two, and one of its places always stays empty. */
static uint32_t places(uint32_t room)
{
	uint32_t n = 4;

	while (n < room + 1)
		n *= 2;
	return n;
}

static size_t queue_bytes(uint32_t room)
{
	return sizeof(struct external_queue) +
	       places(room) * sizeof(ck_ring_buffer_t);
}

static void queue_init(struct external_queue *q, uint32_t room)
{
	ck_ring_init(&q->ring, places(room));
}

static bool queue_put(struct external_queue *q, struct external_message *m)
{
	return ck_ring_enqueue_mpsc(&q->ring, q->buffer, m);
}

static struct external_message *queue_take(struct external_queue *q)
{
	struct external_message *m;

	return ck_ring_dequeue_mpsc(&q->ring, q->buffer, &m) ? m : NULL;
}
#else
DRIVERS_ABSENT("built without Concurrency Kit (Debian: libck-dev)")
#endif

const struct bench_driver ipi_bench_ck_ring = {
	.name = "ck-ring",
	.help = "messages through ck_ring (several producers), polled",
	DRIVERS_EXTERNAL,
	.queue = "ck_ring_mpsc",
};
