/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libipi: NetBSD's ipi(9) as a portable library.
 *
 * THE CONTRACT
 *
 * CPUs. In user space a CPU is a thread that attached itself and is pinned to
 * one processor. A thread may be a CPU of several domains at once. A thread
 * that ends attached is detached by the library; after fork() the child has no
 * CPUs. struct ipi_cpu is never freed while its domain lives: slots are reused,
 * the index is stable while attached.
 *
 * Domains. All state lives in a struct ipi_domain. The ipi(9) names without a
 * domain argument work on the default one, made by ipi_init(); each has a twin
 * ipi_domain_*() that names its domain. A message must be waited for, polled
 * and detached in the domain it was sent in.
 *
 * Errors. Every call returns 0 or -errno (counts: >= 0 or -errno), in every
 * build; a caller written for NetBSD ignores them. errno itself is not touched.
 *   -EPERM    the calling thread is no CPU of the domain, or kpreempt is enabled
 *             (senders need ipi_kpreempt_disable(), a handler, or splhigh)
 *   -EINVAL   NULL func, NULL set, bad id, NULL or foreign CPU, the local CPU
 *             for a unicast or a trigger
 *   -EBUSY    the message is still live
 *   -ENXIO    unicast or trigger to a CPU that is not running; nothing was sent
 *   -EAGAIN   IPI_NOWAIT and no room
 *   -EDEADLK  the call may wait and is made in a handler at nesting depth
 *             IPI_NEST_MAX; or ipi_unregister() with delivery held off
 *
 * Handlers run with delivery held off on their CPU, are light and do not
 * sleep. In user space they are async-signal-safe and neither longjmp nor are
 * cancelled out of. Handlers of one id may run on many CPUs at once and are
 * never nested on one CPU. What the sender stored before a send is visible in
 * the handler; what the handler stored is visible after the wait. No order is
 * promised between messages.
 *
 * Coalescing. For every trigger that returned 0 a run of the handler on that
 * CPU begins after the call and sees everything stored before it. Runs <=
 * triggers. Only unregister may drop one: a run not begun when it is called
 * may never happen, and none happens after it returned.
 *
 * Every call that may wait (for room in a mailbox, for an acknowledgement, for
 * a grace period) is a delivery point: the CPU serves its own mailbox
 * meanwhile. Hold no lock there that a handler takes. splhigh holds off
 * asynchronous delivery only.
 *
 * Absent CPUs. Sends go to target AND running. Multi-target sends return 0 even
 * when targets were absent; ipi_msg_count() says how many were sent. An empty
 * set completes at once. A target that leaves while the sender waits for room
 * is dropped and not counted.
 *
 * IPI_NOWAIT on a multi-target send skips targets without room (not counted);
 * -EAGAIN only when there was a running target and none had room.
 *
 * Messages need no initialisation but func and arg. A message may not be reused
 * or destroyed before it is complete. After a failed send it is not live
 * (except -EBUSY); waiting on a message that is not live returns at once.
 *
 * Nesting. A handler may send and wait; the depth of handlers nested on one
 * CPU is bounded by refusing, at depth IPI_NEST_MAX, the sends that may wait.
 * A wait at that depth, on a message sent with IPI_NOWAIT or by an outer frame,
 * would not be allowed to serve, so ipi_wait() there gives the message up as
 * ipi_detach() does, and ipi_wait_timeout() returns -EDEADLK.
 *
 * Unregister may be called by any thread. When it returned 0, no handler of
 * the id runs or will run. -ENOENT: not registered, or another caller is at it.
 *
 * Source: NetBSD ipi(9), page of May 25, 2014 (NetBSD 7.1.2). The calls that
 * page does not have are marked "past NetBSD".
 */
#ifndef IPI_IPI_H
#define IPI_IPI_H

#include <ipi/types.h>

#ifdef __cplusplus
extern "C" {
#endif
/* What this header declares is all that the shared library exports. */
#pragma GCC visibility push(default)

/* Bytes that keep two lines apart, adjacent-line prefetch included. */
#define IPI_CACHELINE_BYTES 64
#define IPI_APART_BYTES 128

/* Greatest number of CPUs of one domain. */
#define IPI_CPUS_MAX 1024

/* Greatest number of groups of CPUs; see group_of_processor below. */
#define IPI_GROUPS_MAX 64

/* Depth of nested handlers at which sends that may wait are refused. */
#define IPI_NEST_MAX 4

/* Send flags. */
#define IPI_NOWAIT 0x1u /* do not wait for room in a mailbox: -EAGAIN */
#define IPI_SKIP_SELF 0x2u /* broadcasts: leave out the local CPU */

struct ipi_domain;
struct ipi_cpu;
struct ipi_cpuset;
typedef struct ipi_cpuset ipi_cpuset_t;

typedef void (*ipi_func_t)(void *arg);

/* A cross-call message: fill in func and arg. The rest is private. */
typedef struct ipi_msg {
	ipi_func_t func;
	void *arg;
	uint64_t ipi_private[6];
} ipi_msg_t;

/* ---- domains ------------------------------------------------------------ */

/* How a wait spins. */
enum ipi_waiter {
	IPI_WAITER_RELAX, /* PAUSE each turn */
	IPI_WAITER_SPIN, /* spin_loads plain loads first, then PAUSE */
	IPI_WAITER_SLEEP, /* sleep at once; the acknowledgement wakes */
};

/* A waiter that has waited for too long: who waits for whom, and why. */
struct ipi_stall {
	uint32_t waiter; /* index of the waiting CPU; UINT32_MAX: no CPU */
	uint32_t target; /* index of a CPU that has not answered */
	ipi_func_t func; /* the function it was asked to run; NULL: none */
	uint64_t waited_ns; /* how long the wait has lasted */
	bool polling; /* the target says that it polls */
	const char *what; /* "acknowledgement", "room", "grace period" */
};

/*
 * What ipi_init() and ipi_domain_create() take. All zero is a good default.
 * Names are those of `ipi bench list`; NULL means the compiled default.
 */
struct ipi_params {
	const char *queue; /* "slots", "llist", "ring", ... */
	const char *ack; /* "counter", "word", "tree" */
	const char *delivery; /* "signal", "poll", "futex", "eventfd" */
	enum ipi_waiter waiter;
	uint32_t spin_loads; /* IPI_WAITER_SPIN: plain loads before PAUSE */
	uint32_t cpus_max; /* 0: processors of the machine; <= IPI_CPUS_MAX */
	uint32_t depth; /* queue nodes per sender; 0: the queue's own */
	/*
	 * For the acknowledgement `tree`: which group of near CPUs, as a NUMA
	 * node, each OS processor is in; copied. NULL: all are in one. At most
	 * IPI_GROUPS_MAX groups.
	 */
	const uint16_t *group_of_processor;
	uint32_t processors; /* entries of group_of_processor */
	int signo; /* delivery signal; 0: SIGRTMIN + 2 */
	/*
	 * ipi_cpu_idle() spins for so long before it sleeps, and says that it
	 * polls meanwhile: senders make no system call. 0: it sleeps at once.
	 */
	uint64_t idle_spin_ns;
	uint64_t stall_ns; /* first stall report; 0: one second */
	/* Called in the waiter's context; may be NULL. Then every 10 s. */
	void (*on_stall)(const struct ipi_stall *stall, void *arg);
	void *on_stall_arg;
};

/* The default domain. -EALREADY; -EINVAL: unknown name or bad number. */
int ipi_init(const struct ipi_params *params);
/* -EBUSY while CPUs are attached. */
int ipi_fini(void);
struct ipi_domain *ipi_domain_default(void); /* NULL before ipi_init() */

/* Past NetBSD: a private domain. *out is untouched on failure. */
int ipi_domain_create(const struct ipi_params *params, struct ipi_domain **out);
int ipi_domain_destroy(struct ipi_domain *dom); /* -EBUSY as ipi_fini() */

/* ---- CPUs --------------------------------------------------------------- */

struct ipi_cpu_params {
	int processor; /* OS processor to pin to; -1: where the thread runs */
	int index; /* wanted index; -1: the lowest free one */
};

/*
 * Makes the calling thread a CPU. NULL params: pin where it runs, lowest
 * index. -EALREADY: is one; -ENOSPC: no index free; -EBUSY: index taken;
 * -EINVAL: no such processor; -EMFILE, -ENFILE, -ENOMEM: no descriptor left
 * (eventfd has one for each CPU).
 */
int ipi_cpu_attach(const struct ipi_cpu_params *params, struct ipi_cpu **out);
/* Leaves: -EPERM unless a CPU; -EDEADLK in a handler or with delivery held. */
int ipi_cpu_detach(void);
int ipi_domain_attach(struct ipi_domain *dom,
		      const struct ipi_cpu_params *params,
		      struct ipi_cpu **out);
int ipi_domain_detach(struct ipi_domain *dom);

struct ipi_cpu *ipi_curcpu(void); /* NULL: the thread is no CPU */
struct ipi_cpu *ipi_domain_curcpu(struct ipi_domain *dom);
struct ipi_cpu *ipi_cpu_lookup(uint32_t index); /* NULL: never attached */
struct ipi_cpu *ipi_domain_cpu(struct ipi_domain *dom, uint32_t index);
uint32_t ipi_cpu_index(const struct ipi_cpu *cpu);
int ipi_cpu_processor(const struct ipi_cpu *cpu); /* OS processor number */
uint32_t ipi_ncpu(void); /* CPUs running now */
uint32_t ipi_domain_ncpu(struct ipi_domain *dom);
/* Live sets, owned by the domain: CPUs attached; CPUs that take sends. */
const ipi_cpuset_t *ipi_cpus_attached(void);
const ipi_cpuset_t *ipi_cpus_running(void);
const ipi_cpuset_t *ipi_domain_running(struct ipi_domain *dom);

/* Delivers here, now; returns the handlers run. 0 also when not a CPU. */
unsigned ipi_cpu_serve(void);
unsigned ipi_domain_serve(struct ipi_domain *dom);
/* Says that this CPU will serve by itself: senders do not interrupt it. */
int ipi_cpu_polling(bool on);
int ipi_domain_polling(struct ipi_domain *dom, bool on);
/*
 * Sleeps until something comes. Handlers run here since it last returned (if
 * there are some already it does not sleep), 0 on time-out, or -errno.
 */
int ipi_cpu_idle(uint64_t timeout_ns);
int ipi_domain_idle(struct ipi_domain *dom, uint64_t timeout_ns);
/*
 * The calling CPU's descriptor, for an event loop: non-blocking, readable when
 * something is pending (and now and then when nothing is). The loop waits for
 * it to be readable, level- or edge-triggered, and then calls ipi_cpu_serve(),
 * which empties it; it is neither read, written nor closed. It ends with the
 * CPU: take it out of every set before. -EOPNOTSUPP where the delivery has
 * none; only eventfd has.
 */
int ipi_cpu_fd(void);
int ipi_domain_fd(struct ipi_domain *dom);

/* In user space these count and document; they hold nothing off. */
void ipi_kpreempt_disable(void);
void ipi_kpreempt_enable(void);
bool ipi_kpreempt_disabled(void); /* also true in a handler and at splhigh */
/* Holds asynchronous delivery off on this CPU (all its domains); nests. */
int ipi_splhigh(void);
void ipi_splx(int level);

/* How the running handler came to run. */
enum ipi_way {
	IPI_WAY_NONE, /* not in a handler */
	IPI_WAY_INTERRUPT, /* the delivery interrupted the CPU */
	IPI_WAY_WAITER, /* the CPU was waiting and served itself */
	IPI_WAY_POLL, /* ipi_cpu_serve() */
	IPI_WAY_UNHOLD, /* delivery had been held off */
	IPI_WAY_IDLE, /* ipi_cpu_idle() */
	IPI_WAY_LOCAL, /* the sender's own CPU */
	IPI_WAYS
};
enum ipi_way ipi_domain_way(struct ipi_domain *dom);

/* ---- asynchronous, coalescing: ids -------------------------------------- */

/* Non-zero id, or 0: table full or bad argument. Any thread. */
unsigned ipi_register(ipi_func_t func, void *arg);
int ipi_unregister(unsigned id); /* may sleep */
int ipi_trigger(unsigned id, struct ipi_cpu *cpu);
int ipi_trigger_multi(unsigned id, const ipi_cpuset_t *target);
int ipi_trigger_broadcast(unsigned id, bool skip_self);

unsigned ipi_domain_register(struct ipi_domain *dom, ipi_func_t func,
			     void *arg);
int ipi_domain_unregister(struct ipi_domain *dom, unsigned id);
int ipi_domain_trigger(struct ipi_domain *dom, unsigned id,
		       struct ipi_cpu *cpu);
int ipi_domain_trigger_multi(struct ipi_domain *dom, unsigned id,
			     const ipi_cpuset_t *target);
int ipi_domain_trigger_broadcast(struct ipi_domain *dom, unsigned id,
				 bool skip_self);

/* ---- synchronous: messages ---------------------------------------------- */

int ipi_unicast(ipi_msg_t *msg, struct ipi_cpu *cpu);
int ipi_multicast(ipi_msg_t *msg, const ipi_cpuset_t *target);
/* ipi_broadcast(msg) as in NetBSD 7, ipi_broadcast(msg, skip_self) as in 9. */
int ipi_broadcast_flags(ipi_msg_t *msg, unsigned flags);
#define IPI_BROADCAST_1(msg) ipi_broadcast_flags((msg), 0)
#define IPI_BROADCAST_2(msg, skip_self)                                        \
	ipi_broadcast_flags((msg), (skip_self) ? IPI_SKIP_SELF : 0)
#define IPI_BROADCAST_PICK(a, b, name, ...) name
#define ipi_broadcast(...)                                                     \
	IPI_BROADCAST_PICK(__VA_ARGS__, IPI_BROADCAST_2, IPI_BROADCAST_1, 0)   \
	(__VA_ARGS__)
void ipi_wait(ipi_msg_t *msg); /* any thread */

/* Past NetBSD. */
bool ipi_done(const ipi_msg_t *msg); /* complete, or never sent */
/* 0, or -ETIMEDOUT: the message is still live. timeout 0 only looks. */
int ipi_wait_timeout(ipi_msg_t *msg, uint64_t timeout_ns);
/*
 * Gives up: on return the library never touches *msg again. Targets that had
 * not begun will not run it; targets that had are waited for. Returns how
 * many will never run it (0: also when the message was not live).
 */
int ipi_detach(ipi_msg_t *msg);
/* Targets that the last send really went to. */
unsigned ipi_msg_count(const ipi_msg_t *msg);

int ipi_domain_unicast(struct ipi_domain *dom, ipi_msg_t *msg,
		       struct ipi_cpu *cpu, unsigned flags);
int ipi_domain_multicast(struct ipi_domain *dom, ipi_msg_t *msg,
			 const ipi_cpuset_t *target, unsigned flags);
int ipi_domain_broadcast(struct ipi_domain *dom, ipi_msg_t *msg,
			 unsigned flags);
void ipi_domain_wait(struct ipi_domain *dom, ipi_msg_t *msg);
int ipi_domain_wait_timeout(struct ipi_domain *dom, ipi_msg_t *msg,
			    uint64_t timeout_ns);
bool ipi_domain_done(struct ipi_domain *dom, const ipi_msg_t *msg);
int ipi_domain_msg_detach(struct ipi_domain *dom, ipi_msg_t *msg);

/* ---- CPU sets ----------------------------------------------------------- */

/* Any thread; concurrent use of one set is the caller's, but for atomic_*. */
int ipi_cpuset_create(ipi_cpuset_t **out, bool zero); /* -ENOMEM */
void ipi_cpuset_destroy(ipi_cpuset_t *set);
int ipi_cpuset_clone(ipi_cpuset_t **out, const ipi_cpuset_t *src);
void ipi_cpuset_copy(ipi_cpuset_t *dst, const ipi_cpuset_t *src);
void ipi_cpuset_zero(ipi_cpuset_t *set);
void ipi_cpuset_fill(ipi_cpuset_t *set);
void ipi_cpuset_set(ipi_cpuset_t *set, uint32_t index);
void ipi_cpuset_clear(ipi_cpuset_t *set, uint32_t index);
bool ipi_cpuset_isset(const ipi_cpuset_t *set, uint32_t index);
bool ipi_cpuset_isotherset(const ipi_cpuset_t *set, uint32_t index);
bool ipi_cpuset_iszero(const ipi_cpuset_t *set);
bool ipi_cpuset_match(const ipi_cpuset_t *a, const ipi_cpuset_t *b);
bool ipi_cpuset_intersecting_p(const ipi_cpuset_t *a, const ipi_cpuset_t *b);
void ipi_cpuset_intersect(ipi_cpuset_t *dst, const ipi_cpuset_t *src);
void ipi_cpuset_merge(ipi_cpuset_t *dst, const ipi_cpuset_t *src);
void ipi_cpuset_remove(ipi_cpuset_t *dst, const ipi_cpuset_t *src);
unsigned ipi_cpuset_countset(const ipi_cpuset_t *set);
/* index + 1 of the lowest member; 0: empty */
unsigned ipi_cpuset_ffs(const ipi_cpuset_t *set);
unsigned ipi_cpuset_ffs_intersecting(const ipi_cpuset_t *a,
				     const ipi_cpuset_t *b);
void ipi_cpuset_atomic_set(ipi_cpuset_t *set, uint32_t index);
void ipi_cpuset_atomic_clear(ipi_cpuset_t *set, uint32_t index);
/* index of the first member >= from, or IPI_CPUS_MAX (past NetBSD) */
uint32_t ipi_cpuset_next(const ipi_cpuset_t *set, uint32_t from);
#define IPI_CPUSET_FOREACH(index, set)                                         \
	for ((index) = ipi_cpuset_next((set), 0); (index) < IPI_CPUS_MAX;      \
	     (index) = ipi_cpuset_next((set), (index) + 1))

/* ---- what happened ------------------------------------------------------ */

/*
 * Sums over all CPUs a domain has had; exact when nothing is in flight.
 *   asked = notified + already_pending + polled + local + refused
 *   entries + merged = notified
 */
struct ipi_counters {
#define IPI_COUNTER(name, unit, help) uint64_t name;
#include <ipi/counters.def>
#undef IPI_COUNTER
};
void ipi_domain_counters(struct ipi_domain *dom, struct ipi_counters *out);
/* One CPU's own share; sender's counters on the sender, target's on the target. */
void ipi_cpu_counters(const struct ipi_cpu *cpu, struct ipi_counters *out);

/* The designs of this build, in the order of their .def file; NULL ends. */
const char *ipi_queue_name(unsigned n);
const char *ipi_ack_name(unsigned n);
const char *ipi_delivery_name(unsigned n);
const char *ipi_queue_help(unsigned n);

struct ipi_queue_info {
	const char *name, *help;
	uint32_t depth; /* queue nodes per sender where params ask for none */
	bool conforms; /* it keeps the contract */
	bool fifo; /* one sender's messages to one target run in order */
};
/* 0; -EINVAL: there is no such queue. */
int ipi_queue_info(unsigned n, struct ipi_queue_info *out);
/*
 * Bytes of memory of each CPU of a domain with such a queue: mailbox, nodes and
 * what the queue needs more. depth 0: the queue's own. 0: there is no such
 * queue, or no such domain.
 */
uint64_t ipi_queue_bytes(unsigned n, uint32_t cpus_max, uint32_t depth);
const char *ipi_ack_help(unsigned n);
const char *ipi_delivery_help(unsigned n);
/* NULL: works here; else a sentence that says why not. */
const char *ipi_delivery_probe(const char *name);
/* What a domain really uses. */
const char *ipi_domain_queue(const struct ipi_domain *dom);
const char *ipi_domain_ack(const struct ipi_domain *dom);
const char *ipi_domain_delivery(const struct ipi_domain *dom);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
