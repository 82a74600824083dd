/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose sends are asked for, and whether anything is counted now. */
#ifndef IPI_TRACE_FILTER_BPF_H
#define IPI_TRACE_FILTER_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

volatile __u64 armed_at; /* 0: nothing is counted */
volatile __u32 own_tgid; /* the tracer's, as the first namespace has it */
volatile __u32 own_only; /* the self-test: ours count, others' don't */

/* One process or thread; its number belongs to a namespace. 0: all. */
const volatile __u32 only_pid;
const volatile __u64 only_pid_dev, only_pid_ino;

static __always_inline bool asked_for(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct bpf_pidns_info seen = {};

	if (own_only || !only_pid)
		return (tgid == own_tgid) == !!own_only;
	if (bpf_get_ns_current_pid_tgid(only_pid_dev, only_pid_ino, &seen,
					sizeof(seen)))
		return false;
	return seen.tgid == only_pid || seen.pid == only_pid;
}

/* Run once by the tracer itself, which learns its number by it. */
SEC("raw_tp")
int who_am_i(void *ctx)
{
	own_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

#endif
