/* SPDX-License-Identifier: GPL-2.0-only */
/* What a scenario is, and the calls as scenarios make them. */
#ifndef MODEL_SCENARIO_H
#define MODEL_SCENARIO_H

#include "model/model.h"

/* What its calls send: which designs take part in it. */
enum sends { SENDS_NO_MESSAGE, SENDS_TO_ONE, SENDS_TO_MANY };

struct scenario {
	const char *name;
	const char *help; /* what could go wrong */
	unsigned threads; /* the first cpus of them begin attached */
	unsigned cpus;
	unsigned pool_nodes; /* 0: one per CPU and one more */
	enum ipi_waiter waiter;
	uint64_t idle_spin_ns; /* not 0: idle spins for two turns */
	uint8_t preempt, weak; /* bounds while nobody dies or leaves */
	uint8_t hostile_preempt; /* bound while one may */
	enum sends sends;
	bool polls; /* not under interrupts, which would be too much */
	/* Likewise when one may die, but for the first of the queues. */
	bool hostile_polls;
	void (*setup)(void); /* on CPU 0, before the threads begin */
	void (*body[MODEL_THREADS])(void);
	void (*end)(void); /* what must hold beside the rules for all */
};

extern const struct scenario *scenario;
extern const struct scenario *const scenarios[];

/* ---- the judge's calls (judge.c) ---------------------------------------- */

#define JUDGE_MSGS 8
#define JUDGE_IDS 3
#define JUDGE_ANY (-10000) /* any answer will do */

/* For every run anew. */
void judge_begin(void);
/* What must hold at the end of every run. */
void judge_end(void);
/* Somebody has died, or left: what was wanted may not come. */
bool judge_disturbed(void);
/* The name of a place in the judge's part of the arena, or NULL. */
const char *judge_place(const void *where, char *out, size_t size);
/* The domain and its parameters, as the command line says (main.c). */
void world_set(void);

/* Handlers of messages do this in addition; NULL: nothing. */
void judge_on_message(unsigned m, void (*more)(unsigned m));
/* Handlers of ids do this in addition. */
void judge_on_id(unsigned slot, void (*more)(unsigned slot));

/*
 * Sends; want is the answer that must come if nobody dies or leaves. The
 * payload of message m is new with each send; handlers answer it.
 */
int judge_unicast(unsigned m, unsigned cpu, unsigned flags, int want);
int judge_multicast(unsigned m, unsigned cpus, unsigned flags, int want);
int judge_broadcast(unsigned m, unsigned flags, int want);
/* Waits, and looks at what the handlers stored; then the memory is reused. */
void judge_wait(unsigned m);
int judge_wait_timeout(unsigned m);
int judge_detach(unsigned m);
bool judge_done(unsigned m);

/* Slot: an id of the scenario. */
void judge_register(unsigned slot);
int judge_unregister(unsigned slot, int want);
int judge_trigger(unsigned slot, unsigned cpu, int want);
int judge_trigger_multi(unsigned slot, unsigned cpus, int want);
unsigned judge_id(unsigned slot);

void judge_attach(int index);
void judge_leave(void);
/* The thread ends attached; its stack, and message m on it, are gone. */
void judge_end_thread(unsigned m);
void judge_destroy(void);
void judge_idle(uint64_t timeout_ns);

#endif
