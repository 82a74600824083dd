/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seam's memory operations on the compiler's own atomics, for the worlds
 * that have no better ones (user, bare). The order is in the name; the operand
 * is one of the wrapper types, so that no plain access slips in.
 */
#ifndef IPI_ENV_ATOMICS_H
#define IPI_ENV_ATOMICS_H

#include <ipi/types.h>

typedef struct {
	uint32_t v;
} ipi_a32;
typedef struct {
	uint64_t v;
} ipi_a64;

#define ipi_load_relaxed(p) __atomic_load_n(&(p)->v, __ATOMIC_RELAXED)
#define ipi_load_acquire(p) __atomic_load_n(&(p)->v, __ATOMIC_ACQUIRE)
#define ipi_load_seq_cst(p) __atomic_load_n(&(p)->v, __ATOMIC_SEQ_CST)
#define ipi_store_relaxed(p, x) __atomic_store_n(&(p)->v, (x), __ATOMIC_RELAXED)
#define ipi_store_release(p, x) __atomic_store_n(&(p)->v, (x), __ATOMIC_RELEASE)
#define ipi_xchg_acq_rel(p, x)                                                 \
	__atomic_exchange_n(&(p)->v, (x), __ATOMIC_ACQ_REL)
#define ipi_xchg_seq_cst(p, x)                                                 \
	__atomic_exchange_n(&(p)->v, (x), __ATOMIC_SEQ_CST)
#define ipi_fetch_or_release(p, x)                                             \
	__atomic_fetch_or(&(p)->v, (x), __ATOMIC_RELEASE)
#define ipi_fetch_or_acq_rel(p, x)                                             \
	__atomic_fetch_or(&(p)->v, (x), __ATOMIC_ACQ_REL)
#define ipi_fetch_and_acq_rel(p, x)                                            \
	__atomic_fetch_and(&(p)->v, (x), __ATOMIC_ACQ_REL)
#define ipi_fetch_and_seq_cst(p, x)                                            \
	__atomic_fetch_and(&(p)->v, (x), __ATOMIC_SEQ_CST)
#define ipi_fetch_add_relaxed(p, x)                                            \
	__atomic_fetch_add(&(p)->v, (x), __ATOMIC_RELAXED)
#define ipi_fetch_sub_acq_rel(p, x)                                            \
	__atomic_fetch_sub(&(p)->v, (x), __ATOMIC_ACQ_REL)
/* True when *p was old and now is new; no value comes back. */
#define ipi_cas_acq_rel(p, old, new)                                           \
	__extension__({                                                        \
		__typeof__((p)->v) ipi_cas_old = (old);                        \
		__atomic_compare_exchange_n(&(p)->v, &ipi_cas_old, (new),      \
					    false, __ATOMIC_ACQ_REL,           \
					    __ATOMIC_RELAXED);                 \
	})
#define ipi_cas_seq_cst(p, old, new)                                           \
	__extension__({                                                        \
		__typeof__((p)->v) ipi_cas_old = (old);                        \
		__atomic_compare_exchange_n(&(p)->v, &ipi_cas_old, (new),      \
					    false, __ATOMIC_SEQ_CST,           \
					    __ATOMIC_RELAXED);                 \
	})

/* Asks for the line to write it: a hint. */
#define ipi_prefetch_write(p) __builtin_prefetch((p), 1, 3)

#endif
