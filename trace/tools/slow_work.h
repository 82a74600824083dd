/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of `slow` know of each other. */
#ifndef IPI_TRACE_SLOW_WORK_H
#define IPI_TRACE_SLOW_WORK_H

#include <bpf/libbpf.h>

#include "latency_work.h"
#include "session.h"
#include "slow.h"

enum slow_stage { SLOW_SEND, SLOW_ENTRY, SLOW_STAGES };

extern const struct stage slow_stages[SLOW_STAGES];

struct slow_options {
	uint64_t threshold_ns, ring_kb, max_stacks; /* 0: the usual */
	bool stop, no_sender_stack, target_stack;
};

struct slow {
	struct session s;
	struct slow_options opts;
	struct slow_bpf *skel;
	struct ring_buffer *ring;
	bool counting; /* events are shown, not thrown away */
	uint64_t shown;
	json_t *events; /* NULL: no file is asked for */
	/* When it has ended. */
	struct slow_counts counts;
	struct seen_class sum;
};

/* What the session asks for. */
uint64_t slow_memory(const struct session *s);
int slow_open(struct session *s, struct tool_error *err);
void slow_close(struct session *s);
void slow_wipe(struct session *s, bool all);
uint64_t slow_count(struct session *s, size_t stage, int cpu);

uint64_t slow_threshold(const struct slow *t);
/* What the maps hold. */
void slow_read(struct slow *t);
/* The frames of a stack; zeros where it is not known. */
void slow_frames(const struct slow *t, int32_t stack,
		 uint64_t frames[SLOW_FRAMES]);
/* One event, as it comes out of the ring. */
int slow_event(void *of, void *data, size_t size);

#endif
