/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading of the kernel's structures as a test has it: they lie as declared. */
#ifndef IPI_TRACE_TEST_BPF_CORE_READ_H
#define IPI_TRACE_TEST_BPF_CORE_READ_H

#include <bpf/bpf_helpers.h>

#define preserve_access_index aligned(8)
#define bpf_core_read(to, size, from) bpf_probe_read_kernel(to, size, from)

#endif
