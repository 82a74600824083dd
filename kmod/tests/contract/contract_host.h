/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the judge stands on inside Linux: the CPUs are Linux's own, a peer is a
 * thread bound to one, and a thread that is no CPU is bound to one that the
 * world does not have. C11's and POSIX's few names that the tests use are here.
 */
#ifndef CONTRACT_HOST_H
#define CONTRACT_HOST_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <ipi/hooks.h>
#include <ipi/ipi.h>

/* ---- C11's atomics, by the compiler's own ---------------------------------- */

typedef _Atomic(bool) atomic_bool;
typedef _Atomic(int) atomic_int;
typedef _Atomic(unsigned int) atomic_uint;

#define memory_order_relaxed __ATOMIC_RELAXED
#define atomic_load_explicit(p, order) __atomic_load_n((p), (order))
#define atomic_store_explicit(p, x, order) __atomic_store_n((p), (x), (order))
#define atomic_load(p) atomic_load_explicit(p, __ATOMIC_SEQ_CST)
#define atomic_store(p, x) atomic_store_explicit(p, x, __ATOMIC_SEQ_CST)
/* Linux's functions of these names are about its own type. */
#define atomic_fetch_add(p, x) __atomic_fetch_add((p), (x), __ATOMIC_SEQ_CST)
#define atomic_fetch_sub(p, x) __atomic_fetch_sub((p), (x), __ATOMIC_SEQ_CST)
#define atomic_compare_exchange_strong(p, old, new)                            \
	__atomic_compare_exchange_n((p), (old), (new), false,                  \
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

/* ---- threads ---------------------------------------------------------------- */

typedef struct contract_thread *pthread_t;

/* The CPU that this runs on, as a world numbers it; -1: none of a world's. */
int contract_here(void);
#define contract_me contract_here()

pthread_t thread_on(unsigned int cpu, void *(*func)(void *), void *arg);
/* Bounded: a thread that does not end is left behind. */
void pthread_join(pthread_t thread, void **result);
/* A CPU of Linux's that no world has. */
unsigned int contract_elsewhere(void);
bool contract_thread_over(pthread_t thread);

/* Where it may not sleep it only says that it spins. */
void contract_nap(unsigned int us);
#define sched_yield() contract_nap(0)
#define usleep(us) contract_nap(us)
#define malloc(bytes) kmalloc((bytes), GFP_KERNEL)
#define free(p) kfree(p)

void contract_note(const char *format, ...) __printf(1, 2);

/* ---- calls that a thread of user space makes as the CPU that it is ----------- */

unsigned int contract_serve(struct ipi_domain *dom);
int contract_polling(struct ipi_domain *dom, bool on);
int contract_idle(struct ipi_domain *dom, uint64_t timeout_ns);
/*
 * These may wait, as a CPU or as a thread that can move: chance decides, where
 * interrupts bring the mail. The wait without end has an end here.
 */
void contract_wait(struct ipi_domain *dom, ipi_msg_t *msg);
int contract_unregister(struct ipi_domain *dom, unsigned int id);
int contract_detach(struct ipi_domain *dom, ipi_msg_t *msg);

#define ipi_domain_serve(dom) contract_serve(dom)
#define ipi_domain_polling(dom, on) contract_polling(dom, on)
#define ipi_domain_idle(dom, ns) contract_idle(dom, ns)
#define ipi_domain_wait(dom, msg) contract_wait(dom, msg)
#define ipi_domain_unregister(dom, id) contract_unregister(dom, id)
#define ipi_domain_msg_detach(dom, msg) contract_detach(dom, msg)

#endif
