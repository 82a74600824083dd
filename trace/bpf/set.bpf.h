/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of targets, as the kernel has it, one after the other. Before this,
 * whoever includes it defines what it has to know there, struct set_args, and
 * what is done there, set_member().
 */
#ifndef IPI_TRACE_SET_BPF_H
#define IPI_TRACE_SET_BPF_H

#include <bpf/bpf_helpers.h>

#include "../hist.h"

const volatile __u32 set_words = 1;

struct send_set {
	__u64 bits; /* address of the kernel's set */
	__u64 word;
	__u32 base;
	struct set_args args;
};

static long each_bit(__u32 i, struct send_set *set)
{
	__u64 low = set->word & -set->word;

	if (!low)
		return 1;
	set_member(set->base + trace_log2(low), &set->args);
	set->word ^= low;
	return 0;
}

static long each_word(__u32 i, struct send_set *set)
{
	if (bpf_probe_read_kernel(&set->word, sizeof(set->word),
				  (const void *)(set->bits + i * 8ull)))
		return 1;
	set->base = i * 64;
	if (set->word)
		bpf_loop(64, each_bit, set, 0);
	return 0;
}

static __always_inline void set_walk(struct send_set *set)
{
	bpf_loop(set_words, each_word, set, 0);
}

#endif
