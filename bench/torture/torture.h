/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ipi torture`: what its parts know of each other.
 *
 * A combination is a queue, an acknowledgement, a delivery and a waiter. It is
 * tried in rounds, each with a domain of its own. A round has seats, one per
 * CPU index; a thread sits on each, and when it ends another takes the seat.
 * All memory is the seat's, so that a message outlives the thread that sent it.
 *
 * A round alternates between running and calms. In a calm the seats first
 * stop sending (HALT), then look, without a call that would serve, until
 * what they sent has ended and what they were sent has come (SETTLE). Then
 * nothing is in flight, and the main thread checks what must add up.
 *
 * Flags and counts that threads share are relaxed atomics: they must not
 * order anything, or they would hide what the library fails to order. What
 * is plain here (payloads) is plain on purpose: ThreadSanitizer judges it.
 */
#ifndef IPI_TORTURE_H
#define IPI_TORTURE_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipi/ipi.h>

#include "random.h"
#include "tool/error.h"

#define SEATS_MAX 256u
#define SHARED_IDS 4u
#define PRIVATE_IDS_MAX 24u
#define CHURN_IDS 4u
#define OWN_SLOTS 12u /* messages that a CPU has outstanding */
#define NESTED_SLOTS 12u /* and its handlers */
#define SLOTS (OWN_SLOTS + NESTED_SLOTS)
#define WORDS 6u
#define FAILURES_KEPT 16u
/* A wait's own end, should the watchdog's diagnosis not have come before. */
#define WAIT_LONGEST_NS(t) (2 * (t)->deadline_ns)
#define TAG_MASK 255u /* a generation in the low bits of a pointer */

/* Sanitizers know nothing of bare exits: neither robust futexes nor stacks. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define TORTURE_BARE_WEIGHT 0
#else
#define TORTURE_BARE_WEIGHT 1
#endif

#define get(p) atomic_load_explicit((p), memory_order_relaxed)
#define set(p, v) atomic_store_explicit((p), (v), memory_order_relaxed)
#define get_acquire(p) atomic_load_explicit((p), memory_order_acquire)
#define set_release(p, v) atomic_store_explicit((p), (v), memory_order_release)
#define add(p, n) atomic_fetch_add_explicit((p), (n), memory_order_relaxed)

struct round;
struct seat;

enum tally {
#define TALLY(name, heading, help) TALLY_##name,
#include "tallies.def"
#undef TALLY
	TALLIES
};

enum torture_check {
#define CHECK(name, help) CHECK_##name,
#include "checks.def"
#undef CHECK
	CHECKS
};
extern const char *const check_name[CHECKS];
extern const char *const check_help[CHECKS];

/* ---- the mix ------------------------------------------------------------ */

struct op {
	const char *name;
	void (*run)(struct seat *s, struct dice *d);
	unsigned weight; /* the usual one */
	const char *help;
};
extern const struct op ops[];
extern const unsigned ops_n;

struct mix {
	unsigned weight[64];
	unsigned total;
};
void mix_default(struct mix *mix);
/* "unicast=10,exit=0": overrules single weights. -EINVAL with the place. */
int mix_parse(struct mix *mix, const char *text, struct tool_error *err);
const struct op *mix_pick(const struct mix *mix, struct dice *d);

/* ---- combinations ------------------------------------------------------- */

struct combination {
	const char *queue, *ack, *delivery, *waiter;
	enum ipi_waiter wait;
};

struct selection {
	const char *queue, *ack, *delivery, *waiter; /* lists; NULL: all */
};

/* All of them, in the order of the library's lists; free *out. */
int combinations(const struct selection *sel, struct combination **out,
		 size_t *n, struct tool_error *err);

/* ---- seats -------------------------------------------------------------- */

/* A seat's life: four states in turn, never the same number twice. */
enum life { LIFE_OUT, LIFE_ENTERING, LIFE_IN, LIFE_LEAVING };
#define LIFE_STATE 3u

enum phase { PHASE_RUN, PHASE_HALT, PHASE_SETTLE, PHASE_END };
enum ending { ENDING_NOT, ENDING_ORDERLY, ENDING_EXIT, ENDING_BARE };

/* A target's answer: plain, written by its handler, read after the wait. */
struct answer {
	uint64_t begun, ended; /* the send's stamp */
	uint64_t word[2];
};

/* A message with its payload. The low bits of its address are a generation. */
struct slot {
	ipi_msg_t msg;
	_Atomic uint32_t gen; /* of the send under way; counted on at its end */
	struct seat *owner;
	bool open; /* sent, and its end not yet seen; the owner's */
	bool busy; /* a handler is at it */
	unsigned count, given;
	uint64_t stamp, word[WORDS]; /* the payload: plain */
	unsigned will, ttl; /* what the handler shall do */
	ipi_cpuset_t *set;
	uint8_t *to; /* [seats]: it may run there */
	uint32_t *life; /* [seats]: when it was sent */
	struct answer *answer; /* [seats] */
} __attribute__((aligned(256)));

struct seat {
	struct round *round;
	unsigned index;
	uint64_t base; /* of its generators */
	struct ipi_cpu *cpu;
	pthread_t thread;
	bool started; /* and not yet joined */
	enum ending ended_how;
	bool died_bare; /* the thread before this one */
	uint64_t restart_ns; /* when the next thread shall come */
	atomic_int ended; /* the thread is about to end */
	atomic_int at; /* the phase it has reached */
	_Atomic uint32_t life;
	_Atomic uint32_t died; /* the life that a bare exit ended */
	_Atomic uint32_t op; /* the index of what it is doing */
	uint64_t step; /* operations so far */
	bool polling;
	/* The thread's own, also of handlers that interrupt it. */
	volatile bool still; /* no more sends */
	volatile bool spl; /* at splhigh */
	volatile bool window; /* in a handler's call that may serve */
	volatile unsigned depth;
	uint64_t handlers;
	struct slot *slot; /* [SLOTS] */
	uint8_t active[SHARED_IDS + PRIVATE_IDS_MAX];
	ipi_cpuset_t *set;
	_Atomic uint64_t tally[TALLIES] __attribute__((aligned(128)));
	_Atomic uint32_t deepest;
} __attribute__((aligned(256)));

#define bump(s, name) ((void)add(&(s)->tally[TALLY_##name], UINT64_C(1)))
#define bump_by(s, name, n)                                                    \
	((void)add(&(s)->tally[TALLY_##name], (uint64_t)(n)))

extern __thread struct seat *torture_me;

/* ---- ids ---------------------------------------------------------------- */

/* Triggers of one id from one source to one target. */
struct owed_cell {
	_Atomic uint64_t sent; /* of the source */
	_Atomic uint64_t owed; /* a life of the target and what it must see */
	_Atomic uint64_t seen; /* of the target */
	/* Of private ids. The source writes when nothing is under way. */
	uint64_t word[2];
	bool lost; /* it is not known whether it came: not before a calm */
};

/* An id of everybody, or of one source. */
struct ident {
	struct round *round;
	unsigned id, nth;
	int source; /* -1: everybody's */
	struct owed_cell
		*cell; /* shared: [target][source]; private: [target] */
};

struct churn {
	struct round *round;
	atomic_bool busy;
	_Atomic uint32_t id; /* 0: none now */
	_Atomic uint32_t gen;
	uint64_t word[2];
} __attribute__((aligned(256)));

/* ---- rounds ------------------------------------------------------------- */

/* What one combination has come to, over its rounds. */
struct outcome {
	const struct combination *comb;
	uint64_t tally[TALLIES];
	uint64_t calms, elapsed_ns;
	unsigned deepest;
	unsigned rounds;
	_Atomic unsigned failures;
	char failure[FAILURES_KEPT][320];
	unsigned failures_told;
};

struct round {
	const struct torture *t;
	const struct combination *comb;
	struct outcome *out;
	struct ipi_domain *dom;
	struct ipi_domain *foreign_dom;
	struct ipi_cpu *foreign; /* of another domain */
	unsigned n, privates, unused_id;
	bool interrupts; /* the delivery reaches a CPU that does not look */
	uint64_t base;
	atomic_int phase;
	struct seat *seat; /* [n] */
	struct ident shared[SHARED_IDS];
	struct ident private[PRIVATE_IDS_MAX];
	struct churn *churn; /* [CHURN_IDS] */
	struct seat churner; /* a thread that is no CPU */
	char stall[SEATS_MAX + 1][128]; /* the last report of each waiter */
};

/* The whole run, as asked for. */
struct torture {
	uint64_t seed, ns, messages; /* 0: not bounded by it */
	uint64_t deadline_ns; /* a wait that lasts so long is a hang */
	unsigned cpus;
	int *processor; /* allowed ones */
	unsigned processors;
	struct mix mix;
	const char *mix_text;
	struct combination *comb;
	size_t comb_n;
	struct outcome *out; /* [comb_n] */
	uint64_t elapsed_ns;
	bool complete;
};

extern volatile sig_atomic_t torture_stop;

uint64_t now_ns(void);
/* Runs it all; 0, or -errno if it could not even be begun. */
int torture_run(struct torture *t, struct tool_error *err);

/* round.c: one domain's life; *ns and *messages bound it. */
int round_run(const struct torture *t, struct outcome *out, unsigned nth,
	      uint64_t ns, uint64_t messages, double done, double share,
	      struct tool_error *err);
struct round *round_open(const struct torture *t, struct outcome *out,
			 unsigned nth, struct tool_error *err);
void round_close(struct round *r);
uint64_t round_tally(const struct round *r, enum tally which);
/* With nothing in flight. */
void round_check(struct round *r);

/* leak.c */
struct leftovers {
	unsigned long threads, descriptors, pages;
};
void leftovers_read(struct leftovers *l);
bool leftovers_grew(const struct leftovers *before,
		    const struct leftovers *after);

/* check.c: a failure, from any context. s NULL: no CPU. */
void fail(struct round *r, enum torture_check check, const struct seat *s,
	  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Says the failures that have not been said. */
void failures_tell(const struct torture *t, struct outcome *out);
/* The command that repeats a combination. */
void repeat_command(const struct torture *t, const struct combination *c,
		    char *buf, size_t size);

/* watch.c: ends the process when the main thread makes no progress. */
int watch_begin(const struct torture *t);
void watch_round(struct round *r, const char *doing); /* progress */
void watch_end(void);
void watch_stall(const struct ipi_stall *stall, void *round);

/* ---- seats' parts ------------------------------------------------------- */

int seat_start(struct seat *s);
/* The main thread has joined it: what its end promised. */
void seat_buried(struct seat *s);
void seat_rest(struct seat *s, unsigned turn);
void *churner_main(void *seat);
/* Were they there, or absent, from one look to the next? */
static inline bool life_in(uint32_t before, uint32_t after)
{
	return before == after && (before & LIFE_STATE) == LIFE_IN;
}

static inline bool life_out(uint32_t before, uint32_t after)
{
	return before == after && (before & LIFE_STATE) == LIFE_OUT;
}

static inline uint32_t life_of(const struct round *r, unsigned index)
{
	return get_acquire(&r->seat[index].life);
}
void life_next(struct seat *s);

/* ---- messages ----------------------------------------------------------- */

enum shape { SHAPE_UNICAST, SHAPE_MULTICAST, SHAPE_BROADCAST };

/* What a handler is asked to do; bits of slot->will. */
#define WILL_LINGER 1u
#define WILL_NEST 2u
#define WILL_WAIT 4u
#define WILL_TRIGGER 8u
#define WILL_MULTI 16u
#define WILL_NOWAIT 32u
#define WILL_YIELD 64u
#define WILL_DETACH 128u

struct send {
	enum shape shape;
	unsigned flags, to;
	unsigned will, ttl;
};

/* Sends a slot that is not open; checks the answer. True: it is open now. */
bool slot_send(struct seat *s, struct slot *slot, const struct send *how,
	       struct dice *d);
/* Its end was seen: everything about it is checked. given: by detach. */
void slot_close(struct seat *s, struct slot *slot, unsigned given);
/* Waits, with a deadline, and closes it. */
void slot_wait(struct seat *s, struct slot *slot);
bool slot_done(struct seat *s, struct slot *slot);
/* Gives it up and closes it. */
void slot_detach(struct seat *s, struct slot *slot);
/* Its sender has died, and it has ended: what became of it. */
void slot_orphan(struct seat *s, struct slot *slot, bool bare);
void slot_handler(void *tagged);

/* A frame of a handler: what holds in every one. */
struct frame {
	bool window;
};
struct seat *frame_begin(struct round *r, struct frame *f);
void frame_end(struct seat *s, const struct frame *f);
void linger(struct dice *d, unsigned most_us);
/* A send from a handler. */
void nest(struct seat *s, unsigned will, unsigned ttl, struct dice *d);

/* ---- triggers ----------------------------------------------------------- */

void ident_handler(void *ident);
void churn_handler(void *tagged);
void trigger_one(struct seat *s, struct ident *id, unsigned to);
/* to[seats] is cut to those that may be triggered now. */
void trigger_set(struct seat *s, struct ident *id, uint8_t *to, bool all);
/* Has the last trigger of it been seen, or need not be? */
bool trigger_seen(struct seat *s, const struct ident *id, unsigned to);
/* Triggers seen in the life that the seat has, or has just ended? */
bool idents_seen(struct seat *s, uint32_t life, bool tell);
void idents_calm(struct round *r);
void churn_turn(struct round *r, struct seat *s, struct dice *d);
void churn_trigger(struct round *r, struct seat *s, struct dice *d);
int idents_open(struct round *r, struct tool_error *err);
void idents_close(struct round *r);

/* ---- the ops ------------------------------------------------------------ */

#define OP(name, function, weight, help)                                       \
	void function(struct seat *s, struct dice *d);
#include "ops.def"
#undef OP

unsigned another(struct seat *s, struct dice *d);

#endif
