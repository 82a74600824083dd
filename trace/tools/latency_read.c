// SPDX-License-Identifier: GPL-2.0-only
/* `latency`: what the maps hold, added up. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "latency.skel.h"
#include "latency_work.h"

const char *const trace_class_name[TRACE_CLASSES] = { "single", "many",
						      "reschedule" };

int64_t seen_error(const struct seen_class *c)
{
	return (int64_t)(c->sum.sends - (c->sum.entries - c->sum.unpaired) -
			 seen_merged(c) - c->in_flight - c->sum.contended);
}

/* An entry that came late shows that one send had not merged after all. */
uint64_t seen_merged(const struct seen_class *c)
{
	return c->sum.merged - c->sum.late;
}

static uint64_t entries(const struct seen_class *c)
{
	return c->sum.entries + c->sum.other_entries;
}

uint64_t seen_calls(const struct seen *seen)
{
	return entries(&seen->class[TRACE_SINGLE]) +
	       entries(&seen->class[TRACE_MANY]);
}

uint64_t seen_reschedules(const struct seen *seen)
{
	return entries(&seen->class[TRACE_RESCHEDULE]);
}

static uint64_t in_flight(uint64_t word)
{
	if (word & TRACE_WORD_AMBIGUOUS)
		return word >> TRACE_WORD_SHIFT;
	return word && !(word & TRACE_WORD_OTHER);
}

void seen_add_slot(struct seen_class *c, const struct trace_slot *s)
{
	c->in_flight += in_flight(s->word);
	c->sum.sends += s->sends;
	c->sum.other_sends += s->other_sends;
	c->sum.contended += s->contended;
	c->sum.entries += s->entries;
	c->sum.paired += s->paired;
	c->sum.ambiguous += s->ambiguous;
	c->sum.unpaired += s->unpaired;
	c->sum.late += s->late;
	c->sum.negative += s->negative;
	c->sum.merged += s->merged;
	c->sum.other_entries += s->other_entries;
	c->sum.map_full += s->map_full;
}

static void read_slots(const struct latency *l, struct seen *out)
{
	struct trace_slot slot;
	struct trace_cpu cpu;
	__u32 i, key, class;

	for (i = 0; i < (__u32)l->cpus.possible; i++) {
		for (class = 0; class < TRACE_CLASSES; class ++) {
			key = i * TRACE_CLASSES + class;
			if (!bpf_map__lookup_elem(l->skel->maps.slots, &key,
						  sizeof(key), &slot,
						  sizeof(slot), 0))
				seen_add_slot(&out->class[class], &slot);
		}
		if (bpf_map__lookup_elem(l->skel->maps.cpus, &i, sizeof(i),
					 &cpu, sizeof(cpu), 0))
			continue;
		out->self += cpu.self;
		out->no_ipi += cpu.no_ipi;
	}
}

static const char *relation(const struct latency *l, int from, int to)
{
	const struct topo_cpu *a = topo_find(l->topo, from);
	const struct topo_cpu *b = topo_find(l->topo, to);

	return a && b ? topo_relation_name[topo_relate(a, b)] : NULL;
}

static int path_order(const void *a, const void *b)
{
	const struct seen_path *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (int)x->class - (int)y->class;
}

static int add_path(struct seen_path **list, size_t *n,
		    const struct seen_path *path)
{
	struct seen_path *more = realloc(*list, (*n + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	more[(*n)++] = *path;
	*list = more;
	return 0;
}

static int read_pairs(const struct latency *l, struct seen *out)
{
	int fd = bpf_map__fd(l->skel->maps.pairs), ret = 0;
	__u64 key, *last = NULL;
	struct seen_path p;

	while (!ret && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (bpf_map_lookup_elem(fd, &key, &p.times))
			continue;
		p.from = key & 0xffff;
		p.to = key >> 16 & 0xffff;
		p.class = key >> 32;
		p.relation = relation(l, p.from, p.to);
		ret = add_path(&out->pair, &out->pairs_n, &p);
	}
	if (out->pairs_n)
		qsort(out->pair, out->pairs_n, sizeof(p), path_order);
	return ret;
}

static void add_pairs(const struct latency *l, const struct seen *seen,
		      struct seen_path *p)
{
	const struct seen_path *pair;

	for (pair = seen->pair; pair < seen->pair + seen->pairs_n; pair++) {
		if (pair->class != p->class ||
		    l->cpus.node[pair->from] != p->from ||
		    l->cpus.node[pair->to] != p->to)
			continue;
		trace_hist_merge(&p->times.wire, &pair->times.wire);
		trace_hist_merge(&p->times.handler, &pair->times.handler);
	}
}

/*
 * One class from one node: the pairs, and what found no room among them; each
 * target's part of that goes to its own node.
 */
static int read_node(const struct latency *l, struct seen *out,
		     struct trace_times *each, struct seen_path *p)
{
	__u32 key = p->class * l->cpus.nodes + p->from;
	int cpu, ret = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.nodes), &key, each))
		return 0;
	for (p->to = 0; !ret && p->to < l->cpus.nodes; p->to++) {
		memset(&p->times, 0, sizeof(p->times));
		for (cpu = 0; cpu < l->cpus.possible; cpu++) {
			if (l->cpus.node[cpu] != p->to)
				continue;
			trace_hist_merge(&p->times.wire, &each[cpu].wire);
			trace_hist_merge(&p->times.handler, &each[cpu].handler);
		}
		add_pairs(l, out, p);
		if (p->times.wire.n)
			ret = add_path(&out->node, &out->nodes_n, p);
	}
	return ret;
}

static int read_nodes(const struct latency *l, struct seen *out)
{
	struct seen_path p = { .relation = NULL };
	struct trace_times *each =
		calloc(libbpf_num_possible_cpus(), sizeof(*each));
	int ret = each ? 0 : -ENOMEM, class;

	for (class = 0; class < TRACE_TIMED; class ++)
		for (p.from = 0; !ret && p.from < l->cpus.nodes; p.from++) {
			p.class = class;
			ret = read_node(l, out, each, &p);
		}
	free(each);
	if (out->nodes_n)
		qsort(out->node, out->nodes_n, sizeof(p), path_order);
	return ret;
}

int latency_read(const struct latency *l, struct seen *out)
{
	int ret;

	memset(out, 0, sizeof(*out));
	read_slots(l, out);
	out->missed = ladder_missed(l->skel->obj) - l->missed_before;
	ret = read_pairs(l, out);
	if (!ret)
		ret = read_nodes(l, out);
	if (!ret)
		ret = calls_read(l, out);
	if (ret)
		seen_free(out);
	else
		stages_read(l, out);
	return ret;
}

void seen_free(struct seen *seen)
{
	free(seen->pair);
	free(seen->node);
	seen->pair = seen->node = NULL;
	seen->pairs_n = seen->nodes_n = 0;
}
