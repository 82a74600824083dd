/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drivers share. */
#ifndef BENCH_DRIVERS_H
#define BENCH_DRIVERS_H

#include "loop.h"

/* Drivers without a handler: nothing can be injected, nobody sleeps. */
const char *drivers_probe_plain(const struct bench_opts *o);

/* The target this thread is in the block that runs; set on entering. */
extern __thread struct bench_target *drivers_self;

/* Drivers over other people's queues: external.h. */
const char *drivers_probe_external(const struct bench_opts *o);
#define DRIVERS_EXTERNAL                                                       \
	.yardstick = true, .shape = SHAPE_INCAST, .patterns = true,            \
	.back_to_back = true,                                                  \
	.metrics =                                                             \
		1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_INTERVAL,  \
	.route = "poll", .probe = probe, .ops = &drivers_ops
/* In the place of one whose library was not there to build it with. */
#define DRIVERS_ABSENT(why)                                                    \
	static const struct bench_driver_ops drivers_ops;                      \
	static const char *probe(const struct bench_opts *o)                   \
	{                                                                      \
		return why;                                                    \
	}

/* All to all: a seeded order in which a source sends to all others. */
void drivers_order(struct bench_source *s);

/* Whom the i-th message goes to, and whom it went to. */
BENCH_INLINE uint32_t drivers_next(struct bench_source *s, uint32_t i)
{
	uint32_t target = s->order[s->turn++];

	if (s->turn + 1 == s->cell->targets_n)
		s->turn = 0;
	s->whom[i & s->mask] = target;
	return target;
}

BENCH_INLINE uint32_t drivers_whom(const struct bench_source *s, uint32_t i)
{
	return s->whom[i & s->mask];
}

/* What is measured of a message to one, and of one to several. */
#define METRICS_OF_ONE                                                        \
	(1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_STOLEN |         \
	 1u << METRIC_ONE_WAY)
#define METRICS_OF_SET                                                        \
	(1u << METRIC_RTT | 1u << METRIC_SEND | 1u << METRIC_STOLEN |         \
	 1u << METRIC_FIRST_ENTRY | 1u << METRIC_LAST_ENTRY |                 \
	 1u << METRIC_FIRST_ACK | 1u << METRIC_LAST_ACK |                     \
	 1u << METRIC_MAX_OF_UNICASTS)

#endif
