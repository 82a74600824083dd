/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The judge of the contract: runs each test over every combination of queue,
 * acknowledgement, delivery and waiter that the library lists. The tests and
 * contract_parts.c are the same in user space and in a kernel; what each has of
 * its own is contract_host.h, contract.c and contract_world.c.
 *
 * A world is a private domain with n CPUs: CPU 0 is the calling thread, the
 * others are peers, threads that stay reachable and do the jobs they are given.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include "contract_host.h"

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
	int outer; /* who the calling thread was before */
	bool polls; /* the delivery interrupts nobody that runs */
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
extern atomic_bool contract_gave_up; /* no wait lasts any more */
extern unsigned contract_scale; /* percent */

bool contract_delivers(const char *delivery);
void contract_alive(void); /* a long test is making progress */
void contract_skip(const char *why); /* this test, this combination */
void contract_seed(uint64_t seed);
unsigned contract_random(void); /* seeded; any thread */
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

/* Lets others run. A loop that only yields starves itself on a busy machine. */
void contract_pause(uint64_t begin_ns);
/*
 * How long a wait has waited. Of a time between two looks it takes a second at
 * most: a machine that stood still, with all that it emulates, is not lost.
 */
struct contract_patience {
	uint64_t begin_ns, looked_ns, waited_ns;
};

void contract_patience_begin(struct contract_patience *p);
bool contract_patience_left(struct contract_patience *p, unsigned ms);

/*
 * Waits without serving. After 15 s it names the place and gives up: a program
 * ends then, a kernel lets all waits end and leaves the rest of the tests out.
 */
#define UNTIL(cond)                                                            \
	do {                                                                   \
		struct contract_patience p_;                                   \
		contract_patience_begin(&p_);                                  \
		while (!(cond)) {                                              \
			contract_pause(p_.begin_ns);                           \
			if (contract_patience_left(&p_, 15000))                \
				continue;                                      \
			contract_lost(__FILE__, __LINE__, #cond);              \
			break;                                                 \
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
			contract_pause(begin_);                                \
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
/*
 * A send of this CPU was refused for want of room: was it the mailbox, or have
 * its own nodes run out? Then there is none for an idle CPU either.
 */
bool world_mailbox_fills(struct world *w, unsigned idle);
/*
 * Does the library know that delivery is held off, or only the machine, so that
 * an interrupt waits there and comes as one?
 */
bool world_knows_holds(const struct world *w);
/* Can a CPU sleep in ipi_domain_idle()? */
bool world_can_idle(const struct world *w);
/* Does ipi_splhigh() hold this delivery off at all? */
bool world_can_hold(const struct world *w);
/* Interrupts a CPU for nothing; false: this delivery can't. */
bool world_spurious(struct world *w, unsigned index);
/* In a job: this CPU leaves; and comes again. */
void world_leave(struct peer *self);
void world_return(struct peer *self);
int contract_processor(unsigned index);

/* A message on a page of its own, which is taken away after the last use. */
struct own_page {
	ipi_msg_t *msg;
	size_t bytes;
};
void page_open(struct own_page *p, ipi_func_t func, void *arg);
/* Whoever touches the message from now on dies of it. */
void page_forbid(struct own_page *p);
void page_close(struct own_page *p);

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
/* Job: say that it polls, and stand at the gate: it serves nobody. */
void job_polls(struct peer *self, void *gate);
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
/* What ipi_test_hook is to be. */
void trap_hook(int point, struct ipi_cpu *cpu);
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
