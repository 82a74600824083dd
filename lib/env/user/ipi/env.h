/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The seam in user space: CPUs are pinned threads. */
#ifndef IPI_ENV_H
#define IPI_ENV_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include <ipi/atomics.h>
#include <ipi/calls.h>
#include <ipi/hooks.h>

/* Domains alive at one time. */
#define IPI_DOMAINS_MAX 64

/* The world's part of a CPU. */
struct ipi_env_cpu {
	pthread_mutex_t alive; /* robust, held by the thread while attached */
	pid_t tid;
	int processor;
	cpu_set_t affinity; /* before attach, restored by detach */
	bool restore_block; /* the signal was blocked before attach */
	int fd; /* delivery eventfd; -1: none */
	ipi_a64 writes; /* at least what can be read from it */
};

/* The world's part of a domain. */
struct ipi_env_domain {
	unsigned slot; /* in every thread's table */
	int signo;
	uint16_t *groups; /* of OS processors; NULL: one for all */
	uint32_t processors;
	void (*on_stall)(const struct ipi_stall *stall, void *arg);
	void *on_stall_arg;
	pthread_mutex_t lock; /* attach against attach */
};

/* One thread, seen by the library. Only the thread itself touches it. */
struct ipi_thread {
	int preempt;
	int spl;
	int handlers; /* handlers on the stack, of all domains */
	unsigned cpus; /* attached slots are below this */
	struct ipi_cpu *cpu[IPI_DOMAINS_MAX];
};
extern __thread struct ipi_thread ipi_thread
	__attribute__((tls_model("initial-exec")));

/* State of one wait. */
struct ipi_env_wait {
	uint32_t turns;
	uint32_t naps;
	bool timed;
	uint64_t deadline_ns;
	uint64_t began_ns;
	uint64_t report_ns; /* next stall report */
};

uint64_t ipi_env_now_ns(void);
/* core/check.h: something core believes does not hold. Does not return. */
void ipi_env_bug(const char *file, int line, const char *what);

/* The calling thread's CPU in dom, NULL: none. */
#define ipi_env_curcpu(dom) (ipi_thread.cpu[(dom)->env.slot])

static inline bool ipi_env_atomic_context(void)
{
	return ipi_thread.preempt | ipi_thread.spl | ipi_thread.handlers;
}

/* A section holds off what comes by its word alone. */
#define ipi_env_section_begin(self) ((void)(self))
#define ipi_env_section_end(self) ((void)(self))
#define ipi_env_notify_set(dom, self, set) (false)
#define ipi_env_event(event, dom, from, to, number) ((void)0)
/* In a handler or at splhigh. */
#define ipi_env_delivery_held() (ipi_thread.handlers || ipi_thread.spl)
#define ipi_env_pass_begin() ((void)ipi_thread.handlers++)
#define ipi_env_pass_end() ((void)ipi_thread.handlers--)
/* Only eventfd has something to drain. */
#define ipi_env_drain(cpu)                                                     \
	(ipi_load_relaxed(&(cpu)->env.writes) && ipi_eventfd_drain(cpu))
bool ipi_eventfd_drain(struct ipi_cpu *self);
/* splhigh: async delivery held off on this thread. */
#define ipi_env_spl_held() (ipi_thread.spl != 0)

#endif
