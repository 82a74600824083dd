/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seam of the model checker: every memory operation and every wait is a
 * call, so that whoever supplies these functions chooses what happens next.
 */
#ifndef IPI_ENV_H
#define IPI_ENV_H

#include <ipi/types.h>

typedef struct {
	uint32_t v;
} ipi_a32;
typedef struct {
	uint64_t v;
} ipi_a64;

enum ipi_model_op {
	IPI_MODEL_LOAD,
	IPI_MODEL_STORE,
	IPI_MODEL_XCHG,
	IPI_MODEL_OR,
	IPI_MODEL_AND,
	IPI_MODEL_ADD,
	IPI_MODEL_SUB,
	IPI_MODEL_CAS,
};

/* One operation on size bytes; the old value. CAS: stores b if it was a. */
uint64_t ipi_model_op(enum ipi_model_op op, int order, void *where, size_t size,
		      uint64_t a, uint64_t b, const char *file, int line);

/* Pointers and integers alike travel as 64 bits. */
#define IPI_MODEL(op, order, p, a, b)                                          \
	((__typeof__((p)->v))ipi_model_op(                                     \
		IPI_MODEL_##op, __ATOMIC_##order, &(p)->v, sizeof((p)->v),     \
		(uint64_t)(a), (uint64_t)(b), __FILE__, __LINE__))

#define ipi_load_relaxed(p) IPI_MODEL(LOAD, RELAXED, p, 0, 0)
#define ipi_load_acquire(p) IPI_MODEL(LOAD, ACQUIRE, p, 0, 0)
#define ipi_load_seq_cst(p) IPI_MODEL(LOAD, SEQ_CST, p, 0, 0)
#define ipi_store_relaxed(p, x) ((void)IPI_MODEL(STORE, RELAXED, p, x, 0))
#define ipi_store_release(p, x) ((void)IPI_MODEL(STORE, RELEASE, p, x, 0))
#define ipi_xchg_acq_rel(p, x) IPI_MODEL(XCHG, ACQ_REL, p, x, 0)
#define ipi_xchg_seq_cst(p, x) IPI_MODEL(XCHG, SEQ_CST, p, x, 0)
#define ipi_fetch_or_release(p, x) IPI_MODEL(OR, RELEASE, p, x, 0)
#define ipi_fetch_or_acq_rel(p, x) IPI_MODEL(OR, ACQ_REL, p, x, 0)
#define ipi_fetch_and_acq_rel(p, x) IPI_MODEL(AND, ACQ_REL, p, x, 0)
#define ipi_fetch_and_seq_cst(p, x) IPI_MODEL(AND, SEQ_CST, p, x, 0)
#define ipi_fetch_add_relaxed(p, x) IPI_MODEL(ADD, RELAXED, p, x, 0)
#define ipi_fetch_sub_acq_rel(p, x) IPI_MODEL(SUB, ACQ_REL, p, x, 0)
#define ipi_cas_acq_rel(p, old, new)                                           \
	(IPI_MODEL(CAS, ACQ_REL, p, old, new) == (old))
#define ipi_cas_seq_cst(p, old, new)                                           \
	(IPI_MODEL(CAS, SEQ_CST, p, old, new) == (old))
#define ipi_prefetch_write(p) ((void)(p))

#include <ipi/extern.h>

#endif
