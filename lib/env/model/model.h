/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model checker: core under every interleaving up to a bound.
 *
 * Threads of a scenario are fibers on one OS thread. Every memory operation of
 * core is a call (the seam), every plain access of it a hook (the compiler's
 * thread sanitizer), so that this program decides which thread goes on, what a
 * load reads, when an interrupt comes, who dies. README.md beside this file
 * says what that proves and what it can't see.
 *
 *   explore.c  which choices a run makes, and which run is next
 *   sched.c    whose turn it is: preemption, interrupts, waiting, death
 *   memory.c   what a load may read: sc, tso, c11
 *   race.c     plain accesses: who is ordered before whom
 *   world.c    the seam's calls; CPUs that attach, detach and die
 *   judge.c    the calls as scenarios make them, and what must hold
 *   trace.c    a violation, told
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <setjmp.h>
#include <ucontext.h>

#include "core/internal.h"

#define MODEL_THREADS 4
#define MODEL_VIEWS 128 /* locations that several CPUs use */
#define MODEL_BUFFER 4 /* stores that a CPU may hold back */

/* ---- fibers ------------------------------------------------------------- */

struct fiber {
	jmp_buf base; /* where a new run begins */
	jmp_buf here; /* where it was left */
	ucontext_t first;
	void *stack;
};

void fiber_make(struct fiber *f, void (*body)(void));
/* Begins f anew, or goes on where it was left; from is left here. */
void fiber_begin(jmp_buf from, struct fiber *f);
void fiber_resume(jmp_buf from, struct fiber *f);

/* ---- explore.c ---------------------------------------------------------- */

enum memory { MEMORY_SC, MEMORY_TSO, MEMORY_C11, MEMORIES };

/* What an alternative costs; each kind has a bound of its own. */
enum cost {
	COST_PREEMPT, /* a switch, or an interrupt, where nothing asks for it */
	COST_WEAK, /* an old value read; a store held back */
	COST_EVENT, /* a CPU dies or leaves; a delivery has no room */
	COSTS,
	COST_FREE = COSTS,
	COST_NEVER, /* not here: nobody could tell the difference */
};

struct bounds {
	uint8_t left[COSTS];
};

#define ALTERNATIVES 16

/* The alternatives of one choice; the first is what happens by default. */
struct options {
	unsigned n;
	uint8_t cost[ALTERNATIVES];
	uint8_t what[ALTERNATIVES]; /* the chooser's own */
	uint8_t which[ALTERNATIVES];
};

static inline void option(struct options *o, enum cost cost, unsigned what,
			  unsigned which)
{
	if (o->n == ALTERNATIVES)
		__builtin_trap();
	o->cost[o->n] = (uint8_t)cost;
	o->what[o->n] = (uint8_t)what;
	o->which[o->n++] = (uint8_t)which;
}

/* Which alternative this run takes. */
unsigned choose(const struct options *o);
/*
 * Here the default is all there is: no difference could be told. False while a
 * seed is repeated, which does not know what the exploration had learned.
 */
bool choose_nothing(void);
/*
 * A state is reached, state being a hash of all that led here. True: of the one
 * that was asked for before, all that can follow has been seen, so that the run
 * may end; of this one the answer comes with the next, or at the run's end.
 */
bool explored(uint64_t state);

/* One run's end, and why. */
enum end { END_DONE, END_PRUNED, END_VIOLATION };

struct exploration {
	uint64_t runs, pruned, states, steps;
	unsigned rounds; /* how often new shared locations made it begin anew */
	bool cut; /* the bound cut something off */
	bool out_of_time;
	bool violated;
	char seed[512]; /* of the violation */
};

/* Explores until nothing is left, a violation, or the deadline (seconds). */
void explore(enum end (*run)(void), bool (*learned)(void),
	     const struct bounds *bounds, double seconds,
	     struct exploration *out);
/* Repeats the run that a seed names; -1: no such seed. */
int explore_seed(enum end (*run)(void), const char *seed, enum end *end);

/* ---- sched.c ------------------------------------------------------------ */

enum status { ST_READY, ST_WAITING, ST_IDLE, ST_DEAD };

struct waiting {
	ipi_a32 *word, *own;
	uint32_t seen;
	bool timed, sleeper, woken;
	bool idle; /* for something that need not come */
};

struct store_buffered {
	struct loc *loc;
	uint64_t value, hash;
	int order;
	const char *file;
	int line;
	uint32_t clock[MODEL_THREADS];
};

struct thread {
	struct fiber fiber;
	unsigned index;
	struct ipi_cpu *cpu; /* NULL: no CPU */
	int preempt, spl, handlers;
	int irq_depth; /* interrupts come one at a time */
	unsigned irqs; /* sent and not yet taken */
	enum status status;
	struct waiting wait;
	bool fresh; /* it has not moved since it got its turn */
	bool locked; /* in attach or detach: signals are blocked */
	bool again; /* a turn of a wait is over whatever the word says */
	bool owes; /* a delivery had no room for what it sent */
	bool leaves; /* the environment may make it leave and come back */
	uint64_t hash; /* all that it has done and read */
	uint64_t drained; /* what its buffer has let go */
	uint32_t clock[MODEL_THREADS];
	uint16_t view[MODEL_VIEWS];
	unsigned buffered;
	struct store_buffered buffer[MODEL_BUFFER];
};

extern struct thread threads[MODEL_THREADS];
extern struct thread *current; /* whose turn it is */
extern unsigned threads_n;
extern bool quiet; /* set-up and end: no choices */
extern uint64_t model_steps;

struct loc;
/*
 * Before an access to l: anybody's turn; before a plain one only an
 * interrupt's, for races are judged by order, not by what happens.
 */
void sched_access(struct loc *l, bool plain);
/*
 * The current thread holds nothing back any more. cost: of a switch to another
 * before that; free where the thread gives its turn away anyhow.
 */
void sched_flush(enum cost cost);
/* Before a sleep on word, or a wake-up: anybody's turn. */
void sched_word(ipi_a32 *word, bool wakes);
/* Between two calls of a scenario. */
void sched_between(void);
/* Waits as a turn of the seam says; a mask of enum ipi_turn. */
unsigned sched_wait(const struct waiting *w);
void sched_mix(struct thread *t, uint64_t event);
/* One run of the scenario that is set. */
enum end sched_run(void);
/* Ends the run at once. */
void sched_end(enum end end) __attribute__((noreturn));
/* The threads' state, for a deadlock. */
bool sched_irq_ready(const struct thread *t);

static inline uint64_t mix(uint64_t a, uint64_t b)
{
	a ^= b + UINT64_C(0x9e3779b97f4a7c15) + (a << 6) + (a >> 2);
	a *= UINT64_C(0xff51afd7ed558ccd);
	return a ^ (a >> 32);
}

/* ---- memory.c ----------------------------------------------------------- */

/* Memory that threads share; anything else is a thread's own. */
extern char arena[];
extern size_t arena_size;

static inline bool in_arena(const void *p)
{
	return (size_t)((const char *)p - arena) < arena_size;
}

/* A location: what is known of it over all runs, and in this one. */
struct loc {
	char *where;
	unsigned size; /* of an atomic access */
	uint16_t readers, writers; /* contexts: thread * 2 + in an interrupt */
	bool cross; /* several CPUs use it, and one of them writes */
	bool irq; /* a CPU uses it in and outside of its interrupts */
	int view_id; /* -1: none */
	uint64_t run; /* of what follows */
	uint32_t last; /* its newest store */
	uint64_t base, base_run; /* hash of the plain store it began with */
	uint16_t first; /* and that store's position */
	uint16_t sc; /* position of its last seq_cst store */
};

void memory_set(enum memory memory);
void memory_begin(void); /* of a run */
bool memory_learned(void); /* since the last time, a location got shared */
void memory_forget(void); /* of another scenario */
struct loc *memory_loc(const void *where);
/* Notes who uses it: for the next run's points. */
void memory_note(struct loc *l, bool write);
uint64_t memory_latest(const void *where, unsigned size);
/* t has waited until it saw the newest value. */
void memory_saw(struct thread *t, const void *where);
void memory_drain(struct thread *t, unsigned n);
/* Does t hold back a store to some of these bytes? */
bool memory_holds(const struct thread *t, const void *where, unsigned size);
/* t stores plainly where atomics are, too: their history begins anew. */
void memory_overwritten(const struct thread *t, const void *where);
/* All that a has done is ordered before what b does next. */
void memory_join(struct thread *b, const struct thread *a);
/* An operation with another order than the source says: for tests. */
int memory_weaken(const char *spec);
uint64_t memory_weakened(void);
/* The places in the source that ordered operations were made from. */
extern bool noting;
void memory_sites(void (*tell)(const char *file,
			       int line)); /* how often that order was met */

/* ---- race.c ------------------------------------------------------------- */

void race_begin(void);
void race_atomic(struct thread *t, const void *where, bool write,
		 const void *pc);
/* A plain access of the checker's own for the thread: as if core made it. */
void race_plain(const void *where, unsigned size, bool write, const void *pc);

/* ---- world.c ------------------------------------------------------------ */

/* Nodes in a CPU's memory, at most: IPI_NEST_MAX for each sender. */
#define MODEL_NODES (4 * MODEL_THREADS)

/* CPUs 1 and 2 are near one another. */
#define MODEL_GROUPS 2

struct world {
	struct ipi_domain dom;
	ipi_acpu cpu_of[MODEL_THREADS];
	struct ipi_node *pool_of[MODEL_THREADS];
	ipi_a32 lock; /* attach against attach */
	ipi_a32 alive[MODEL_THREADS]; /* enum alive, by CPU index */
	ipi_a32 sent[MODEL_THREADS]; /* interrupts, by CPU index */
	struct ipi_cpu cpu[MODEL_THREADS];
	struct ipi_node pool[MODEL_THREADS][MODEL_NODES];
	ipi_a32 queue[MODEL_THREADS][64];
	struct ipi_ack_block block[MODEL_THREADS][IPI_ACK_BLOCKS];
	struct ipi_ack_cell tree[MODEL_GROUPS][MODEL_THREADS * IPI_ACK_BLOCKS];
};

enum alive { ALIVE_FREE, ALIVE_HELD, ALIVE_DEAD, ALIVE_BURYING };

struct world_params {
	const struct ipi_path *path;
	unsigned queue, ack;
	bool interrupts; /* else the targets poll */
	enum ipi_waiter waiter;
	uint64_t idle_spin_ns;
	unsigned cpus_max, pool_nodes;
	unsigned lines; /* for each target, in queues that have such */
};

extern struct world *world;

void world_begin(const struct world_params *p);
int world_attach(int index);
/* dying: the thread ends, and its stack with it. */
int world_detach(bool dying);
int world_splhigh(void);
void world_splx(int level);
/* The current thread's CPU is gone from here on. */
void world_die(struct thread *t);
/* A CPU that died and is not buried. */
bool world_has_dead(void);
/* A counter of some CPU: read at the end only. */
bool world_is_counter(const void *where);
void world_interrupt(void);
bool world_has_work(const struct ipi_cpu *cpu);

/* ---- trace.c ------------------------------------------------------------ */

extern bool tracing;
extern bool trace_all; /* also what one thread alone uses */

void trace_begin(void);
void trace_op(const struct thread *t, const char *file, int line,
	      const char *what, int order, const void *where, uint64_t read,
	      uint64_t wrote, bool old);
void trace_plain(const struct thread *t, const void *pc, const void *where,
		 bool write);
void trace_event(const struct thread *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Says what is wrong and ends the run. */
void violation(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));
/* The run's events, and what was wrong at its end. */
void trace_print(void);
const char *violation_text(void);
/* The name of a place in memory, in a buffer of its own for a few calls. */
const char *place_name(const void *where);
const char *source_of(const void *pc);

#endif
