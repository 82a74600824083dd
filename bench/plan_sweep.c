// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs that are measured for several sizes of a set of CPUs: around one CPU,
 * chosen by the seed, the nearest (or the farthest) others are taken first.
 */
#include <errno.h>
#include <stdlib.h>

#include "planning.h"

/* All CPUs but the one in the middle, class by class. */
struct around {
	const struct topo_cpu *middle;
	const struct topo_cpu **other;
	size_t n;
};

static int around_make(const struct planning *p, enum bench_nearness first,
		       struct around *a)
{
	const struct topo *topo = p->topo;
	size_t i;
	int k, rel;

	*a = (struct around){ p->source, calloc(topo->n, sizeof(*a->other)),
			      0 };
	if (!a->other)
		return -ENOMEM;
	for (k = REL_SMT; k < REL_N; k++) {
		rel = first == NEAR_FIRST ? k : REL_N - k;
		for (i = 0; i < topo->n; i++)
			if ((int)topo_relate(a->middle, &topo->cpu[i]) == rel)
				a->other[a->n++] = &topo->cpu[i];
	}
	return 0;
}

/* Where nothing was said: powers of two, and all there are. */
static struct bench_counts usual(uint32_t least, size_t all)
{
	struct bench_counts list = { 0 };
	uint32_t n;

	if (all > BENCH_CPUS_MAX)
		all = BENCH_CPUS_MAX;
	for (n = least; n < all; n *= 2)
		list.at[list.n++] = n;
	if (all >= least)
		list.at[list.n++] = (uint32_t)all;
	return list;
}

/* The first n of the others; past all of them they come again. */
static int *first_of(const struct around *a, size_t n, enum bench_relation *far)
{
	int *cpu = calloc(n, sizeof(*cpu));
	size_t i;

	*far = REL_SELF;
	for (i = 0; cpu && i < n; i++) {
		const struct topo_cpu *other = a->other[i % a->n];
		int rel = (int)topo_relate(a->middle, other);

		cpu[i] = other->cpu;
		if (rel > (int)*far)
			*far = (enum bench_relation)rel;
	}
	return cpu;
}

static int *just(int cpu)
{
	int *one = malloc(sizeof(*one));

	if (one)
		*one = cpu;
	return one;
}

static int *copy(const int *of, size_t n)
{
	int *to = calloc(n, sizeof(*to));
	size_t i;

	for (i = 0; to && i < n; i++)
		to[i] = of[i];
	return to;
}

/* The library posts in the order of its indices, which are those of targets. */
static void turn_round(int *cpu, size_t n)
{
	size_t i;

	for (i = 0; i < n / 2; i++) {
		int other = cpu[i];

		cpu[i] = cpu[n - 1 - i];
		cpu[n - 1 - i] = other;
	}
}

/* Who sends to whom: one to the set, the set to one, or each to each. */
static int fill_cpus(const struct run *r, const struct around *a, int *set,
		     size_t size, struct bench_item *item)
{
	enum bench_shape shape = bench_driver_shape(&r->opts);

	if (shape == SHAPE_SET) {
		if (r->opts.order != r->opts.members)
			turn_round(set, size);
		item->source = a->middle->cpu;
		item->targets = set;
		item->targets_n = size;
		return 0;
	}
	item->source = set[0];
	item->sources = set;
	item->sources_n = size;
	item->targets_n = shape == SHAPE_ALLTOALL ? size : 1;
	item->targets = shape == SHAPE_ALLTOALL ? copy(set, size)
						: just(a->middle->cpu);
	return item->targets ? 0 : -ENOMEM;
}

static int add_sized(const struct planning *p, size_t run,
		     const struct around *a, uint32_t size)
{
	const struct run *r = &p->runs->at[run];
	enum bench_relation far;
	int *set = first_of(a, size, &far);
	struct bench_item *item = NULL;

	if (set)
		item = plan_item_add(p->plan, &r->opts, far,
				     plan_group(p, run, size, 0));
	if (!item) {
		free(set);
		return -ENOMEM;
	}
	return fill_cpus(r, a, set, size, item);
}

/* Among peers the one in the middle comes first. */
static void join_middle(struct around *a)
{
	size_t i;

	for (i = a->n++; i > 0; i--)
		a->other[i] = a->other[i - 1];
	a->other[0] = a->middle;
}

int plan_sweep(const struct planning *p, size_t run)
{
	const struct run *r = &p->runs->at[run];
	bool peers = bench_driver_shape(&r->opts) == SHAPE_ALLTOALL;
	struct bench_counts sizes = bench_driver_shape(&r->opts) == SHAPE_SET
					    ? r->opts.targets
					    : r->opts.senders;
	struct around a;
	uint32_t i;
	int ret = around_make(p, r->opts.members, &a);

	if (!ret && peers)
		join_middle(&a);
	if (!sizes.n)
		sizes = usual(peers ? 2 : 1, a.n);
	for (i = 0; !ret && a.n && i < sizes.n; i++) {
		if (peers && sizes.at[i] < 2)
			plan_note(p->plan, "%s: one CPU has nobody to tell",
				  r->opts.run);
		else
			ret = add_sized(p, run, &a, sizes.at[i]);
	}
	free(a.other);
	return ret;
}
