// SPDX-License-Identifier: GPL-2.0-only
/*
 * Yardstick: liburcu's wait-free concurrent queue, whose enqueue is one
 * exchange (Desnoyers and Jiangshan; urcu/wfcqueue.h).
 */
#include "drivers.h"

#if BENCH_WITH_URCU
#define _LGPL_SOURCE
#include <urcu/wfcqueue.h>

struct external_link {
	struct cds_wfcq_node node;
};

/* Senders write the tail, the target its head: a line each. */
struct external_queue {
	struct cds_wfcq_tail tail __attribute__((aligned(IPI_APART_BYTES)));
	struct __cds_wfcq_head head __attribute__((aligned(IPI_APART_BYTES)));
};

#include "external.h"

static void link_init(struct external_message *m)
{
}

static size_t queue_bytes(uint32_t room)
{
	return sizeof(struct external_queue);
}

static void queue_init(struct external_queue *q, uint32_t room)
{
	__cds_wfcq_init(&q->head, &q->tail);
}

static bool queue_put(struct external_queue *q, struct external_message *m)
{
	cds_wfcq_node_init(&m->link.node);
	cds_wfcq_enqueue(&q->head, &q->tail, &m->link.node);
	return true;
}

static struct external_message *queue_take(struct external_queue *q)
{
	struct cds_wfcq_node *node =
		__cds_wfcq_dequeue_nonblocking(&q->head, &q->tail);

	/* A sender in between is not waited for: others may be served. */
	if (!node || node == CDS_WFCQ_WOULDBLOCK)
		return NULL;
	return caa_container_of(node, struct external_message, link.node);
}
#else
DRIVERS_ABSENT("built without liburcu (Debian: liburcu-dev)")
#endif

const struct bench_driver ipi_bench_wfcqueue = {
	.name = "wfcqueue",
	.help = "messages through liburcu's wfcqueue, polled",
	DRIVERS_EXTERNAL,
	.queue = "wfcqueue",
};
