/* SPDX-License-Identifier: GPL-2.0-only */
/* What `senders` and `wakes` have in common: two views of the same counts. */
#ifndef IPI_TRACE_CAUSES_WORK_H
#define IPI_TRACE_CAUSES_WORK_H

#include "causes.h"
#include "session.h"
#include "tool/column.h"

enum causes_stage { CAUSES_SEND, CAUSES_QUEUE, CAUSES_NO_IPI, CAUSES_STAGES };

extern const struct stage causes_stages[CAUSES_STAGES];

/* What makes two rows one; the members that a view leaves out are zero. */
struct cause_key {
	uint64_t func, site; /* addresses of functions; 0: not told */
	uint32_t kind, pid;
	uint32_t from, to;
	uint64_t in_interrupt; /* then the process has no part in it */
	char comm[CAUSE_COMM];
};

struct cause_row {
	struct cause_key key;
	struct trace_cause_n n;
	int32_t stack; /* of its most frequent cause */
	uint64_t most;
	const struct causes *of;
};

struct causes {
	struct session s;
	uint64_t max_rows, top; /* 0: the usual number */
	bool by_process, by_source; /* what the view tells apart */
	struct causes_bpf *skel;
	struct trace_lost lost;
	bool joined_known;
	struct cause_row *row; /* sorted by what the view counts */
	size_t n;
	/* What a view counts, and its columns. */
	uint64_t (*value)(const struct cause_row *row);
	const struct column *columns;
	size_t columns_n;
	const char *title;
};

/* What the session asks for. */
uint64_t causes_memory(const struct session *s);
int causes_open(struct session *s, struct tool_error *err);
void causes_close(struct session *s);
void causes_wipe(struct session *s, bool all);
uint64_t causes_count(struct session *s, size_t stage, int cpu);
int causes_show(struct session *s, bool final, FILE *out);
int causes_keep(struct session *s, json_t *root);

int causes_read(struct causes *c);
json_t *cause_stack_json(const struct cause_row *row);
uint64_t cause_sent(const struct cause_row *row);
/* Queued, but not sent: others were there already. */
uint64_t cause_joined(const struct cause_row *row);

/* Options of both, and what both's columns begin or end with. */
extern const struct argp_option causes_options[];
/* Its input is the causes. */
error_t causes_parse(int key, char *arg, struct argp_state *state);

struct cell cause_get_from(const void *row);
struct cell cause_get_to(const void *row);
struct cell cause_get_kind(const void *row);
struct cell cause_get_func(const void *row);
struct cell cause_get_site(const void *row);
struct cell cause_get_queued(const void *row);
struct cell cause_get_single(const void *row);
struct cell cause_get_many(const void *row);
struct cell cause_get_polled(const void *row);
/* What the view counts, its rate and its share. */
struct cell cause_get_value(const void *row);
struct cell cause_get_rate(const void *row);
struct cell cause_get_share(const void *row);

#endif
