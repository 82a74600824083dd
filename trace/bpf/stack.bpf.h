/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's stack, kept once for all events that have the same. */
#ifndef IPI_TRACE_STACK_BPF_H
#define IPI_TRACE_STACK_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/*
 * Each stack has one place, by its hash, and keeps it. If another one has it:
 * without its first frame, which is the probe's, it has another place. -1:
 * taken as well.
 */
static __always_inline __s32 stack_of(void *ctx, void *stacks)
{
	__s32 id = bpf_get_stackid(ctx, stacks, BPF_F_FAST_STACK_CMP);

	if (id < 0)
		id = bpf_get_stackid(ctx, stacks, BPF_F_FAST_STACK_CMP | 1);
	return id < 0 ? -1 : id;
}

#endif
