/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The judge of the contract: runs each test over every combination of queue,
 * acknowledgement, delivery and waiter that the library lists.
 *
 * A world is a private domain with n CPUs: CPU 0 is the calling thread, the
 * others are peers, threads that stay reachable and do the jobs they are given.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ipi/hooks.h>
#include <ipi/ipi.h>

#define WORLD_CPUS 8

struct peer;
struct world;
typedef void (*job_t)(struct peer *self, void *arg);

struct peer {
	struct world *world;
	struct ipi_cpu *cpu;
	pthread_t thread;
	unsigned index;
	pid_t tid;
	void *job_arg;
	_Atomic(job_t) job; /* NULL: resting */
	atomic_bool ready;
	atomic_bool quit;
	bool stopped; /* it has left; its cpu is still known */
};

struct world {
	struct ipi_domain *dom;
	unsigned n;
	bool polls;		      /* the delivery interrupts nobody */
	struct peer peer[WORLD_CPUS]; /* [0] is the calling thread */
};

struct contract_test {
	const char *name;
	void (*run)(void);
	bool hooks; /* needs the library that calls hooks */
};

/* Each program's own list; a NULL name ends it. */
extern const struct contract_test contract_tests[];

/* ---- the combination under test ---- */

extern struct ipi_params contract_params; /* the combination, as parameters */
extern __thread int contract_me;	  /* CPU index of this thread, or -1 */

bool contract_delivers(const char *delivery);
void contract_alive(void);		   /* a long test is making progress */
void contract_skip(const char *why);	   /* this test, this combination */
unsigned contract_random(void);		   /* seeded; any thread */
unsigned contract_rounds(unsigned normal); /* scaled by IPI_TEST_SCALE */
uint64_t contract_now_ns(void);
bool contract_time_left(uint64_t begin_ns, unsigned ms);

void contract_fail(const char *file, int line, const char *what, long long got,
		   long long want);
void contract_lost(const char *file, int line, const char *what);

#define CHECK(cond)                                                            \
	do {                                                                   \
		if (!(cond))                                                   \
			contract_fail(__FILE__, __LINE__, #cond, 0, 1);        \
	} while (0)
#define CHECK_EQ(expr, want)                                                   \
	do {                                                                   \
		long long got_ = (long long)(expr);                            \
		long long want_ = (long long)(want);                           \
		if (got_ != want_)                                             \
			contract_fail(__FILE__, __LINE__, #expr, got_, want_); \
	} while (0)

/* Waits without serving; names the place and ends the program after 15 s. */
#define UNTIL(cond)                                                            \
	do {                                                                   \
		uint64_t begin_ = contract_now_ns();                           \
		while (!(cond)) {                                              \
			sched_yield();                                         \
			if (!contract_time_left(begin_, 15000))                \
				contract_lost(__FILE__, __LINE__, #cond);      \
		}                                                              \
	} while (0)
/* The same on a CPU of the world that serves meanwhile. */
#define UNTIL_SERVING(w, cond) UNTIL((ipi_domain_serve((w)->dom), (cond)))

/* For ms milliseconds, or until cond: true when cond never came. */
#define STAYS_FALSE(cond, ms)                                                  \
	({                                                                     \
		uint64_t begin_ = contract_now_ns();                           \
		bool came_ = false;                                            \
		while (!came_ && contract_time_left(begin_, ms)) {             \
			came_ = (cond);                                        \
			sched_yield();                                         \
		}                                                              \
		!came_;                                                        \
	})

/* ---- worlds ---- */

void world_open(struct world *w, unsigned n);
void world_open_with(struct world *w, unsigned n, const struct ipi_params *p);
void world_close(struct world *w);

/* A thread of its own that attaches, as world_open()'s peers do. */
void peer_start(struct world *w, unsigned index);
void peer_stop(struct peer *p);
/* Gives a resting peer something to do; peer_join() waits until it rests. */
void peer_do(struct peer *p, job_t job, void *arg);
bool peer_resting(struct peer *p);
void peer_join(struct peer *p);
/* One turn of what a resting peer does: stay reachable. */
void world_rest(struct world *w, unsigned turn);
/* Until every peer rests and has served what it was sent. */
void world_quiesce(struct world *w);
int contract_processor(unsigned index);

void contract_settle_thread(void);
/* A plain thread, no CPU of anything. */
pthread_t thread_start(void *(*func)(void *), void *arg);

/* ---- gates, deafness, traps ---- */

struct gate {
	atomic_bool in; /* somebody waits at the gate */
	atomic_bool open;
};
void gate_pass(struct gate *g);
void gate_open(struct gate *g);
/* Job: hold delivery off and stand at the gate. */
void job_deaf(struct peer *self, void *gate);
/* Job: neither hold delivery off nor serve. */
void job_inert(struct peer *self, void *gate);
/* Sends it there and returns when it is there. */
void peer_deafen(struct peer *p, struct gate *g);
void peer_hear(struct peer *p, struct gate *g); /* and joins */

/*
 * The next time CPU me reaches the point it calls func there, once. Hostile
 * moments are made with these.
 */
void trap_set(unsigned slot, int me, int point, void (*func)(void *),
	      void *arg);
bool trap_sprung(unsigned slot);
void trap_over(unsigned slot); /* by a func that does not return */
void traps_clear(void);
void trap_gate(void *gate); /* a func: stand at the gate */

/* ---- sends, with what a NetBSD caller does around them ---- */

int send_unicast(struct world *w, ipi_msg_t *msg, unsigned to, unsigned flags);
int send_multicast(struct world *w, ipi_msg_t *msg, unsigned bits);
int send_broadcast(struct world *w, ipi_msg_t *msg, unsigned flags);
int send_trigger(struct world *w, unsigned id, unsigned to);
int send_trigger_multi(struct world *w, unsigned id, unsigned bits);

/* Handlers that count, on any CPU. */
void handler_count(void *atomic_uint_count);

/* A handler that begins, stands at the gate, and ends. */
struct slow {
	struct gate gate;
	atomic_uint begun;
	atomic_uint ended;
};
void handler_slow(void *slow);

#endif
