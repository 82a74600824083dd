/* SPDX-License-Identifier: GPL-2.0-only */
/* A probe by what it hangs on and what it does. */
#ifndef IPI_TRACE_PROBE_BPF_H
#define IPI_TRACE_PROBE_BPF_H

#include <bpf/bpf_helpers.h>

#define PROBE(name, section, statement) \
	SEC(section) int name(__u64 *args) \
	{ \
		statement; \
		return 0; \
	}

#endif
