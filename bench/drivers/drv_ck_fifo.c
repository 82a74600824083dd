// SPDX-License-Identifier: GPL-2.0-only
/*
 * Yardstick: Concurrency Kit's ck_fifo_mpmc, Michael and Scott's queue with a
 * double-width compare-and-swap. (It has none for a single consumer of several
 * senders: ck_fifo_spsc has one of each.)
 */
#include "drivers.h"

#if BENCH_WITH_CK
#include <ck_fifo.h>
#endif

#if BENCH_WITH_CK && defined(CK_F_FIFO_MPMC)
/*
 * The queue keeps the entry of the message that it gave out last, and gives
 * the one before in exchange: entries wander from message to message.
 */
struct external_link {
	ck_fifo_mpmc_entry_t *entry;
};

struct external_queue {
	ck_fifo_mpmc_t fifo __attribute__((aligned(IPI_APART_BYTES)));
	ck_fifo_mpmc_entry_t first __attribute__((aligned(IPI_APART_BYTES)));
};

#include "external.h"

/* A message's first entry is on the second line of its place. */
static void link_init(struct external_message *m)
{
	_Static_assert(IPI_CACHELINE_BYTES + sizeof(*m->link.entry) <=
			       BENCH_MESSAGE_BYTES,
		       "a message's place has a line for its entry");
	m->link.entry = (void *)((char *)m + IPI_CACHELINE_BYTES);
}

static size_t queue_bytes(uint32_t room)
{
	return sizeof(struct external_queue);
}

static void queue_init(struct external_queue *q, uint32_t room)
{
	ck_fifo_mpmc_init(&q->fifo, &q->first);
}

static bool queue_put(struct external_queue *q, struct external_message *m)
{
	ck_fifo_mpmc_enqueue(&q->fifo, m->link.entry, m);
	return true;
}

static struct external_message *queue_take(struct external_queue *q)
{
	struct external_message *m;
	ck_fifo_mpmc_entry_t *garbage;

	if (!ck_fifo_mpmc_dequeue(&q->fifo, &m, &garbage))
		return NULL;
	m->link.entry = garbage;
	return m;
}
#elif BENCH_WITH_CK
DRIVERS_ABSENT("this processor has no double-width compare-and-swap in ck")
#else
DRIVERS_ABSENT("built without Concurrency Kit (Debian: libck-dev)")
#endif

const struct bench_driver ipi_bench_ck_fifo = {
	.name = "ck-fifo",
	.help = "messages through ck_fifo_mpmc, polled",
	DRIVERS_EXTERNAL,
	.queue = "ck_fifo_mpmc",
};
