/* SPDX-License-Identifier: GPL-2.0-only */
/* A function's arguments as a test has them. */
#ifndef IPI_TRACE_TEST_BPF_TRACING_H
#define IPI_TRACE_TEST_BPF_TRACING_H

#define PT_REGS_PARM1(regs) ((regs)->rdi)

#endif
