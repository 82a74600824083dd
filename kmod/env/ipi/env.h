/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The seam inside Linux: CPUs are Linux's own, while they are online.
 *
 * The calling CPU is known only to a caller that can't move: with preemption
 * enabled there is none, and who waits so needs none, since the interrupts that
 * bring its mail are enabled too. Sections and handlers run with interrupts
 * off, so that nothing on a CPU sends inside of a section or a handler but the
 * handler itself; an NMI that meets them is noted by core. A handler that an NMI
 * runs is a CPU of its own domain only: the NMI may have met a section of
 * another one, and sections do not nest.
 */
#ifndef IPI_ENV_H
#define IPI_ENV_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/prefetch.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <ipi/types.h>

/* ---- memory operations: Linux's own, by size ----------------------------- */

typedef struct {
	uint32_t v;
} ipi_a32;
typedef struct {
	uint64_t v;
} ipi_a64;

#define IPI_ATOMIC(op, p, x)                                                   \
	((__typeof__((p)->v))(sizeof((p)->v) == 8 ?                            \
		(uint64_t)atomic64_##op((s64)(x), (atomic64_t *)&(p)->v) :     \
		(uint32_t)atomic_##op((int)(x), (atomic_t *)&(p)->v)))

#define ipi_load_relaxed(p) READ_ONCE((p)->v)
#define ipi_load_acquire(p) smp_load_acquire(&(p)->v)
/* Its caller has made an exchange, a full barrier here, since it stored. */
#define ipi_load_seq_cst(p) smp_load_acquire(&(p)->v)
#define ipi_store_relaxed(p, x) WRITE_ONCE((p)->v, (x))
#define ipi_store_release(p, x) smp_store_release(&(p)->v, (x))
#define ipi_xchg_acq_rel(p, x) xchg(&(p)->v, (x))
#define ipi_xchg_seq_cst(p, x) xchg(&(p)->v, (x))
#define ipi_fetch_or_release(p, x) IPI_ATOMIC(fetch_or_release, p, x)
#define ipi_fetch_or_acq_rel(p, x) IPI_ATOMIC(fetch_or, p, x)
#define ipi_fetch_and_acq_rel(p, x) IPI_ATOMIC(fetch_and, p, x)
#define ipi_fetch_and_seq_cst(p, x) IPI_ATOMIC(fetch_and, p, x)
#define ipi_fetch_add_relaxed(p, x) IPI_ATOMIC(fetch_add_relaxed, p, x)
#define ipi_fetch_sub_acq_rel(p, x) IPI_ATOMIC(fetch_sub, p, x)
/* True when *p was old and now is new; no value comes back. */
#define ipi_cas_acq_rel(p, old, new)                                           \
	({                                                                     \
		__typeof__((p)->v) ipi_cas_old = (old);                        \
		cmpxchg(&(p)->v, ipi_cas_old, (new)) == ipi_cas_old;           \
	})
#define ipi_cas_seq_cst(p, old, new) ipi_cas_acq_rel(p, old, new)
#define ipi_prefetch_write(p) prefetchw(p)

/* ---- the world's parts -------------------------------------------------- */

struct ipi_domain;
struct ipi_stall;

struct ipi_env_cpu {
	/* csd: what this CPU rings each other with, by index. */
	call_single_data_t *csd;
	struct cpumask *mask; /* a set, on its way to the interrupt controller */
	uint64_t by_mask, by_shorthand; /* sets sent so */
	uint64_t posted; /* traced: the number of the last post */
	uint32_t heard; /* rings answered, on a line that domains share */
	bool in_nmi; /* its interrupt is the NMI that runs */
	/* Written by who notifies. */
	ipi_a32 rung __attribute__((aligned(128))); /* on such a line */
	uint32_t told_by; /* traced: the last who was to notify, */
	uint64_t told; /* and the number of its post */
};

struct ipi_env_domain {
	struct hlist_node node; /* in the hotplug state's list */
	struct hlist_node on_line; /* of the domains that share one */
	unsigned int *irqs; /* vector: each CPU's own, by index */
	uint8_t *vectors; /* and where it is in the CPU's table; 0: nowhere */
	bool has_line; /* vector: one that is the same on all CPUs */
	uint16_t *groups; /* of CPUs, by their number; NULL: one for all */
	uint32_t processors;
	bool polls; /* no interrupt comes */
	void (*on_stall)(const struct ipi_stall *stall, void *arg);
	void *on_stall_arg;
};

/* State of one wait. */
struct ipi_env_wait {
	uint32_t turns;
	bool timed;
	uint64_t deadline_ns;
	uint64_t began_ns;
	uint64_t report_ns; /* next stall report */
};

#include <ipi/calls.h>
#include <ipi/hooks.h>

uint64_t ipi_env_now_ns(void);

/* ---- where we are ------------------------------------------------------- */

/* A macro: struct ipi_domain is not known yet. */
#define ipi_env_curcpu(dom)                                                    \
	({                                                                     \
		struct ipi_cpu *ipi_cur = NULL;                                \
		if (!preemptible() && smp_processor_id() < (dom)->cpus_max) {  \
			ipi_cur = ipi_load_relaxed(                            \
				&(dom)->cpus[smp_processor_id()]);             \
			/* An NMI may have met a section of it half way. */    \
			if (ipi_cur && (!ipi_load_relaxed(&ipi_cur->state) ||  \
					(in_nmi() && !ipi_cur->env.in_nmi)))   \
				ipi_cur = NULL;                                \
		}                                                              \
		ipi_cur;                                                       \
	})
#define ipi_env_atomic_context() (!preemptible())
#define ipi_env_delivery_held() irqs_disabled()
/* Whoever comes as an interrupt was not held off. */
#define ipi_env_spl_held() (false)
#define ipi_env_drain(cpu) ((void)(cpu), false)

/*
 * No function of the module's: objtool knows only some of Linux's own to be
 * such that nothing returns from them.
 */
#define ipi_env_bug(file, line, what)                                          \
	panic("ipi: bug at %s:%d: %s does not hold\n", (file), (line), (what))

/* ---- sections and frames ------------------------------------------------ */

/*
 * What holds interrupts off on a CPU, in all domains. A frame may begin in a
 * section and outlast it, so that neither knows how interrupts were before: the
 * first of them does, for the last. An NMI in between leaves it as it was.
 */
struct ipi_holds {
	unsigned depth;
	unsigned long flags; /* interrupts, before the first */
};
DECLARE_PER_CPU(struct ipi_holds, ipi_holds);

static inline void ipi_env_hold(void)
{
	struct ipi_holds *h;
	unsigned long flags;

	local_irq_save(flags);
	h = this_cpu_ptr(&ipi_holds);
	if (!h->depth++)
		h->flags = flags;
}

static inline void ipi_env_unhold(void)
{
	struct ipi_holds *h = this_cpu_ptr(&ipi_holds);
	unsigned long flags = h->flags; /* before an NMI may hold anew */

	barrier();
	if (!--h->depth)
		local_irq_restore(flags);
}

#define ipi_env_section_begin(self) ((void)(self), ipi_env_hold())
#define ipi_env_section_end(self) ((void)(self), ipi_env_unhold())
#define ipi_env_pass_begin() ipi_env_hold()
#define ipi_env_pass_end() ipi_env_unhold()

/* ---- tracing: a jump label when off --------------------------------------- */

DECLARE_STATIC_KEY_FALSE(ipi_traced);
#define ipi_env_event(event, dom, from, to, number)                            \
	do {                                                                   \
		if (static_branch_unlikely(&ipi_traced))                       \
			ipi_trace_##event((dom), (from), (to), (number));      \
	} while (0)
void ipi_trace_post(struct ipi_domain *dom, uint32_t from, uint32_t to,
		    uint64_t number);
void ipi_trace_told(struct ipi_domain *dom, uint32_t from, uint32_t to,
		    uint64_t number);
void ipi_trace_notify(struct ipi_domain *dom, uint32_t from, uint32_t to,
		      uint64_t number);
void ipi_trace_entry(struct ipi_domain *dom, uint32_t from, uint32_t to,
		     uint64_t number);
void ipi_trace_dequeue(struct ipi_domain *dom, uint32_t from, uint32_t to,
		       uint64_t number);
void ipi_trace_done(struct ipi_domain *dom, uint32_t from, uint32_t to,
		    uint64_t number);

/* The delivery's own way to a set of targets. */
bool ipi_env_notify_set(struct ipi_domain *dom, struct ipi_cpu *self,
			const ipi_cpuset_t *set);

#endif
