// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: function calls, from the maps of --csd and --call. */
#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "latency.skel.h"
#include "latency_work.h"
#include "tool/column.h"

/* ---- reading ------------------------------------------------------------- */

/* Counts stand together, all of one type. */
static void add_here(struct trace_here *sum, const struct trace_here *one)
{
	const __u64 *from = &one->queued;
	__u64 *to = &sum->queued;

	while (from < &one->sends)
		*to++ += *from++;
}

static int read_here(const struct latency *l, struct seen *out)
{
	int n = libbpf_num_possible_cpus(), cpu, ret;
	struct trace_here *each = calloc(n, sizeof(*each));
	__u32 zero = 0;

	if (!each)
		return -ENOMEM;
	ret = bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.heres), &zero,
				  each);
	for (cpu = 0; !ret && cpu < n; cpu++)
		add_here(&out->calls.sum, &each[cpu]);
	free(each);
	return ret;
}

static int read_hists(const struct latency *l, struct seen *out)
{
	int fd = bpf_map__fd(l->skel->maps.stages), ret = 0, cpu;
	int n = libbpf_num_possible_cpus();
	struct trace_hist *each = calloc(n, sizeof(*each));
	__u32 i, stages = bpf_map__max_entries(l->skel->maps.stages);

	if (!each)
		return -ENOMEM;
	for (i = 0; !ret && i < stages; i++) {
		ret = bpf_map_lookup_elem(fd, &i, each);
		for (cpu = 0; !ret && cpu < n; cpu++)
			trace_hist_merge(&out->stage[i].hist, &each[cpu]);
	}
	free(each);
	return ret;
}

/* All values of an array; NULL: no memory, or it can't be read. */
static void *read_all(const struct bpf_map *map, __u32 *n)
{
	__u32 all = bpf_map__max_entries(map), at;
	void *list = calloc(all, bpf_map__value_size(map));
	__u32 *keys = calloc(all, sizeof(*keys));
	int ret = -ENOMEM;

	*n = all;
	if (list && keys)
		ret = bpf_map_lookup_batch(bpf_map__fd(map), NULL, &at, keys,
					   list, n, NULL);
	free(keys);
	/* Its end is the end of the map. */
	if (!ret || (ret == -ENOENT && *n == all))
		return list;
	free(list);
	return NULL;
}

static int read_in_flight(const struct latency *l, struct seen *out)
{
	__u32 csds_n, kos_n, i;
	struct trace_csd *csd = read_all(l->skel->maps.csds, &csds_n);
	struct trace_ko *ko = read_all(l->skel->maps.kos, &kos_n);
	int ret = csd && ko ? 0 : -EIO;

	for (i = 0; !ret && i < csds_n; i++)
		out->calls.in_flight += csd[i].csd &&
					csd[i].flags & TRACE_CSD_ASKED;
	for (i = 0; !ret && i < kos_n; i++)
		out->calls.ko_in_flight += ko[i].number != 0;
	free(ko);
	free(csd);
	return ret;
}

int calls_read(const struct latency *l, struct seen *out)
{
	int ret = read_here(l, out);

	if (!ret)
		ret = read_hists(l, out);
	if (!ret)
		ret = read_in_flight(l, out);
	return ret;
}

int64_t calls_error(const struct seen_calls *c)
{
	const struct trace_here *sum = &c->sum;

	return (int64_t)(sum->queued - sum->entered - sum->batched - sum->lost -
			 c->in_flight - sum->no_room);
}

int64_t ko_error(const struct seen_calls *c)
{
	const struct trace_here *sum = &c->sum;

	return (int64_t)(sum->ko_posted - sum->ko_done - sum->ko_lost -
			 c->ko_in_flight - sum->ko_no_room);
}

/* ---- showing ------------------------------------------------------------- */

#define CALLS(row) ((const struct seen_calls *)(row))
#define COUNTER(name) \
	static struct cell get_##name(const void *row) \
	{ \
		return cell_count(CALLS(row)->sum.name); \
	}

COUNTER(queued)
COUNTER(entered)
COUNTER(batched)
COUNTER(no_room)
COUNTER(unpaired)
COUNTER(lost)
COUNTER(local)
COUNTER(no_interrupt)
COUNTER(two_owners)
COUNTER(irq_works)
COUNTER(other_queued)
COUNTER(other_entered)
COUNTER(calls)
COUNTER(calls_no_ipi)
COUNTER(calls_moved)
COUNTER(calls_no_room)

COUNTER(ko_posted)
COUNTER(ko_done)
COUNTER(ko_lost)
COUNTER(ko_no_room)
COUNTER(ko_unpaired)
COUNTER(ko_overtaken)
COUNTER(ko_triggers)

static struct cell get_ko_in_flight(const void *row)
{
	return cell_count(CALLS(row)->ko_in_flight);
}

static struct cell get_in_flight(const void *row)
{
	return cell_count(CALLS(row)->in_flight);
}

#define COLUMN(name, heading) \
	{ #name, heading, .in = IN_ALL, .get = get_##name }

static const struct column csd_columns[] = {
	COLUMN(queued, "calls queued"),
	COLUMN(entered, NULL),
	COLUMN(batched, NULL),
	COLUMN(in_flight, "in flight"),
	COLUMN(lost, NULL),
	COLUMN(no_room, "no room"),
	COLUMN(unpaired, NULL),
	COLUMN(local, NULL),
	COLUMN(no_interrupt, "without interrupt"),
	COLUMN(two_owners, "two owners"),
	COLUMN(irq_works, "irq work"),
	COLUMN(other_queued, "not asked for"),
	{ "other_entered", .in = IN_JSON, .get = get_other_entered },
};

static const struct column call_columns[] = {
	COLUMN(calls, "calls waited for"),
	COLUMN(calls_no_ipi, "without interrupt"),
	COLUMN(calls_moved, "moved"),
	COLUMN(calls_no_room, "no room"),
};

static const struct column ko_columns[] = {
	COLUMN(ko_posted, "messages posted"),
	COLUMN(ko_done, "done"),
	COLUMN(ko_in_flight, "in flight"),
	COLUMN(ko_lost, "lost"),
	COLUMN(ko_no_room, "no room"),
	COLUMN(ko_unpaired, "unpaired"),
	COLUMN(ko_overtaken, "overtaken"),
	COLUMN(ko_triggers, "triggers"),
};

#define COUNT(columns) (sizeof(columns) / sizeof(columns[0]))

static void print_identity(const char *words, int64_t off, FILE *out)
{
	fprintf(out, "\n%s: %s", words, off ? "DOES NOT HOLD" : "holds");
	if (off)
		fprintf(out, ", %" PRId64 " off", off);
	fputc('\n', out);
}

/* The counts of one probe, if there is one. */
static int print_counts(const struct choice *choice,
			const struct column *columns, size_t n,
			const struct seen *seen, FILE *out)
{
	const void *row = &seen->calls;

	if (!choice->rung)
		return 0;
	fputc('\n', out);
	return columns_table(columns, n, &row, 1, out);
}

int calls_print(const struct latency *l, const struct seen *seen, FILE *out)
{
	int ret = print_counts(&l->plan[STAGE_CSD], csd_columns,
			       COUNT(csd_columns), seen, out);

	if (!ret && seen->final && l->plan[STAGE_CSD].rung)
		print_identity("queued = entered + batched + in flight + lost "
			       "+ no room",
			       calls_error(&seen->calls), out);
	if (!ret)
		ret = print_counts(&l->plan[STAGE_CALL], call_columns,
				   COUNT(call_columns), seen, out);
	if (!ret)
		ret = print_counts(&l->plan[STAGE_KO], ko_columns,
				   COUNT(ko_columns), seen, out);
	if (!ret && seen->final && l->plan[STAGE_KO].rung)
		print_identity("posted = done + in flight + lost + no room",
			       ko_error(&seen->calls), out);
	return ret;
}

json_t *calls_json(const struct latency *l, const struct seen *seen)
{
	json_t *one = json_object();

	if (l->plan[STAGE_CSD].rung) {
		columns_json(csd_columns, COUNT(csd_columns), &seen->calls,
			     one);
		json_object_set_new(one, "identity_off",
				    json_integer(calls_error(&seen->calls)));
	}
	if (l->plan[STAGE_CALL].rung)
		columns_json(call_columns, COUNT(call_columns), &seen->calls,
			     one);
	if (l->plan[STAGE_KO].rung) {
		columns_json(ko_columns, COUNT(ko_columns), &seen->calls, one);
		json_object_set_new(one, "ko_identity_off",
				    json_integer(ko_error(&seen->calls)));
	}
	return one;
}
