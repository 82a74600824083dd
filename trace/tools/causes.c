// SPDX-License-Identifier: GPL-2.0-only
/* `senders` and `wakes`: the probes' opening, and what their maps hold. */
#include "causes_work.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "causes.skel.h"

#define ROWS_USUAL 8192

const struct stage causes_stages[CAUSES_STAGES] = {
	{ "send",
	  { { "tp_btf",
	      "ipi_send_cpu, ipi_send_cpumask",
	      { "sent_cpu_tp_btf", "sent_set_tp_btf" } },
	    { "raw_tp",
	      "ipi_send_cpu, ipi_send_cpumask",
	      { "sent_cpu_raw_tp", "sent_set_raw_tp" } },
	    { "fentry",
	      "native_send_call_func_*, native_smp_send_reschedule",
	      { "sent_single_fentry", "sent_many_fentry",
		"sent_resched_fentry" } },
	    { "kprobe",
	      "native_send_call_func_*, native_smp_send_reschedule",
	      { "sent_single_kprobe", "sent_many_kprobe",
		"sent_resched_kprobe" } } } },
	{ "queue",
	  { { "tp_btf", "csd_queue_cpu", { "queued_tp_btf" } },
	    { "raw_tp", "csd_queue_cpu", { "queued_raw_tp" } } } },
	{ "no-ipi",
	  { { "tp_btf", "sched_wake_idle_without_ipi", { "polled_tp_btf" } },
	    { "raw_tp",
	      "sched_wake_idle_without_ipi",
	      { "polled_raw_tp" } } } },
};

static struct causes *causes_of(const struct session *s)
{
	return (struct causes *)s;
}

/* ---- opening ------------------------------------------------------------- */

static uint32_t rows_most(const struct causes *c)
{
	return c->max_rows ? c->max_rows : ROWS_USUAL;
}

/* A hash's element has some 48 bytes of the kernel's own. */
uint64_t causes_memory(const struct session *s)
{
	uint64_t cpus = s->cpus.possible, rows = rows_most(causes_of(s));

	return rows * (sizeof(struct trace_cause) +
		       sizeof(struct trace_cause_n) + 48) +
	       2 * rows * (CAUSE_FRAMES * sizeof(uint64_t) + 32) +
	       cpus * cpus * sizeof(struct trace_pending) + cpus * 8;
}

static int set_sizes(struct causes *c)
{
	__u32 cpus = c->s.cpus.possible, rows = rows_most(c);
	int ret = bpf_map__set_max_entries(c->skel->maps.causes, rows);

	if (!ret)
		ret = bpf_map__set_max_entries(c->skel->maps.stacks,
					       2 * rows);
	if (!ret)
		ret = bpf_map__set_max_entries(c->skel->maps.targets, cpus);
	if (!ret)
		ret = bpf_map__set_max_entries(c->skel->maps.pending, cpus);
	c->skel->rodata->set_words = (cpus + 63) / 64;
	return ret;
}

/* Its name before Linux 6.4, and from there on. */
static bool find_prep(const struct symbols *s, uint64_t *low, uint64_t *high)
{
	return symbols_range(s, "call_function_single_prep_ipi", low, high) ||
	       symbols_range(s, "send_call_function_single_ipi", low, high);
}

int causes_open(struct session *s, struct tool_error *err)
{
	struct causes *c = causes_of(s);
	uint64_t low = 0, high = 0;
	int ret;

	c->skel = causes_bpf__open();
	if (!c->skel)
		return tool_fail(err, -errno, "the probes can't be opened: %s",
				 strerror(errno));
	SESSION_TAKE(s, c->skel);
	c->joined_known = find_prep(&s->symbols, &low, &high) &&
			  s->plan[CAUSES_QUEUE].rung;
	c->skel->rodata->prep_low = low;
	c->skel->rodata->prep_high = high;
	c->skel->rodata->with_queue = s->plan[CAUSES_QUEUE].rung;
	ret = set_sizes(c);
	if (ret)
		return tool_fail(err, ret, "%u rows: no such size of a map",
				 rows_most(c));
	return SESSION_PID(s, c->skel, err);
}

void causes_close(struct session *s)
{
	struct causes *c = causes_of(s);

	causes_bpf__destroy(c->skel);
	c->skel = NULL;
	free(c->row);
	c->row = NULL;
	c->n = 0;
}

void causes_wipe(struct session *s, bool all)
{
	struct causes *c = causes_of(s);
	int fd = bpf_map__fd(c->skel->maps.causes);
	struct trace_cause key;
	__u32 i, traced;

	while (!bpf_map_get_next_key(fd, NULL, &key) &&
	       !bpf_map_delete_elem(fd, &key))
		;
	for (i = 0; i < (__u32)s->cpus.possible; i++) {
		traced = all || session_targets(s, i);
		bpf_map__update_elem(c->skel->maps.targets, &i, sizeof(i),
				     &traced, sizeof(traced), BPF_ANY);
	}
	memset((void *)&c->skel->bss->lost, 0, sizeof(c->skel->bss->lost));
}

uint64_t causes_count(struct session *s, size_t stage, int cpu)
{
	int fd = bpf_map__fd(causes_of(s)->skel->maps.causes);
	struct trace_cause key, *last = NULL;
	struct trace_cause_n n;
	uint64_t count = 0;

	while (!bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (key.to != cpu || key.kind == CAUSE_RESCHEDULE ||
		    bpf_map_lookup_elem(fd, &key, &n))
			continue;
		count += stage == CAUSES_SEND ? n.single : n.queued;
	}
	return count;
}

/* ---- reading ------------------------------------------------------------- */

uint64_t cause_sent(const struct cause_row *row)
{
	return row->n.single + row->n.many;
}

uint64_t cause_joined(const struct cause_row *row)
{
	uint64_t taken = cause_sent(row) + row->n.polled;

	return row->n.queued > taken ? row->n.queued - taken : 0;
}

static void frames_of(const struct causes *c, int32_t stack,
		      uint64_t frames[CAUSE_FRAMES])
{
	memset(frames, 0, CAUSE_FRAMES * sizeof(*frames));
	if (stack >= 0)
		bpf_map__lookup_elem(c->skel->maps.stacks, &stack,
				     sizeof(stack), frames,
				     CAUSE_FRAMES * sizeof(*frames), 0);
}

static uint64_t site_of(const struct symbols *names, const uint64_t *frames,
			uint64_t callsite)
{
	size_t i = symbols_asker(names, frames, CAUSE_FRAMES);
	uint64_t at = i < CAUSE_FRAMES ? frames[i] : callsite;
	const struct symbol *symbol = at ? symbols_at(names, at - 1) : NULL;

	return symbol ? symbol->at : at;
}

static void fill_row(struct causes *c, const struct trace_cause *t,
		     struct cause_row *row)
{
	const struct symbols *names = &c->s.symbols;
	uint64_t frames[CAUSE_FRAMES];

	memset(row, 0, sizeof(*row));
	frames_of(c, t->stack, frames);
	row->key.func = t->func;
	row->key.site = site_of(names, frames, t->callsite);
	row->key.kind = t->kind;
	row->key.to = t->to;
	row->stack = t->stack;
	row->of = c;
	if (c->by_source)
		row->key.from = t->from;
	if (!c->by_process)
		return;
	row->key.in_interrupt =
		symbols_in_interrupt(names, frames, CAUSE_FRAMES);
	if (row->key.in_interrupt)
		return;
	row->key.pid = t->pid;
	memcpy(row->key.comm, t->comm, sizeof(row->key.comm));
}

static int read_rows(struct causes *c, size_t *n)
{
	int fd = bpf_map__fd(c->skel->maps.causes);
	struct trace_cause key, *last = NULL;
	struct cause_row *row;

	free(c->row);
	c->row = calloc(rows_most(c), sizeof(*c->row));
	*n = 0;
	if (!c->row)
		return -ENOMEM;
	while (*n < rows_most(c) && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		row = &c->row[*n];
		fill_row(c, &key, row);
		if (bpf_map_lookup_elem(fd, &key, &row->n))
			continue;
		row->most = c->value(row);
		(*n)++;
	}
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct cause_row *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

static int by_value(const void *a, const void *b)
{
	const struct cause_row *x = a, *y = b;
	uint64_t m = x->of->value(x), n = y->of->value(y);

	return m != n ? (m < n ? 1 : -1) : by_key(a, b);
}

static void add(struct cause_row *to, const struct cause_row *from)
{
	to->n.queued += from->n.queued;
	to->n.single += from->n.single;
	to->n.many += from->n.many;
	to->n.polled += from->n.polled;
	if (from->most <= to->most)
		return;
	to->most = from->most;
	to->stack = from->stack;
}

/* What differs in deeper frames only, or in what the view leaves out, is one. */
static void fold(struct causes *c, size_t n)
{
	size_t i;

	c->n = 0;
	if (n)
		qsort(c->row, n, sizeof(*c->row), by_key);
	for (i = 0; i < n; i++) {
		if (c->n && !by_key(&c->row[c->n - 1], &c->row[i]))
			add(&c->row[c->n - 1], &c->row[i]);
		else
			c->row[c->n++] = c->row[i];
	}
	for (i = n = 0; i < c->n; i++)
		if (c->value(&c->row[i]))
			c->row[n++] = c->row[i];
	c->n = n;
	if (n)
		qsort(c->row, n, sizeof(*c->row), by_value);
}

int causes_read(struct causes *c)
{
	size_t n;
	int ret = read_rows(c, &n);

	if (!ret)
		fold(c, n);
	memcpy(&c->lost, (void *)&c->skel->bss->lost, sizeof(c->lost));
	return ret;
}

json_t *cause_stack_json(const struct cause_row *row)
{
	const struct symbols *names = &row->of->s.symbols;
	uint64_t frames[CAUSE_FRAMES];

	if (row->stack < 0)
		return json_null();
	frames_of(row->of, row->stack, frames);
	return symbols_stack(names, frames,
			     symbols_asker(names, frames, CAUSE_FRAMES),
			     CAUSE_FRAMES);
}
