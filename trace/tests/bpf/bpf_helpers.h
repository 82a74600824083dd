/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's helpers as a test has them, so that probes run as plain code. */
#ifndef IPI_TRACE_TEST_BPF_HELPERS_H
#define IPI_TRACE_TEST_BPF_HELPERS_H

#include <linux/bpf.h>
#include <stddef.h>

#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, type) typeof(type) *name
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

void *bpf_map_lookup_elem(void *map, const void *key);
long bpf_map_delete_elem(void *map, const void *key);
long bpf_map_update_elem(void *map, const void *key, const void *value,
			 __u64 flags);
__u64 bpf_ktime_get_ns(void);
__u32 bpf_get_smp_processor_id(void);
__u64 bpf_get_current_pid_tgid(void);
long bpf_get_ns_current_pid_tgid(__u64 dev, __u64 ino,
				 struct bpf_pidns_info *info, __u32 size);
long bpf_get_current_comm(void *to, __u32 size);
long bpf_get_stackid(void *ctx, void *map, __u64 flags);
long bpf_get_stack(void *ctx, void *to, __u32 size, __u64 flags);
long bpf_probe_read_kernel(void *to, __u32 size, const void *from);
long bpf_loop(__u32 n, void *function, void *ctx, __u64 flags);

#endif
