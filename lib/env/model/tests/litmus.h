/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Litmus tests: programs of a few operations, and what each memory level must
 * let them end with, no more and no less.
 *
 * A thread is a text of operations, which litmus_program.c makes through the
 * macros of the seam. Locations x y z are 32 bits wide, w is 64; registers r0
 * to r7.
 *
 *   x=1  r0=x             a store, a load
 *   r0=x<1  r0=x+1        exchange, add; likewise - | &
 *   r0=x?1:2              compare-and-swap from 1 to 2; r0: whether it did
 *   ... @rel @acq @ar @sc its order, acq_rel and seq_cst; none: relaxed
 *   x=1@pl  r0=x@pl       a plain access, as the compiler makes it
 *   r0!                   ends here if r0 is 0
 *   ~x                    waits until x is not 0, by turns of a wait
 *   %x  ^x                sleeps, unless x is not 0; wakes who sleeps on x
 *
 * An outcome is the registers' values, one digit each, r0 first.
 */
#ifndef MODEL_LITMUS_H
#define MODEL_LITMUS_H

#include "model/scenario.h"

#define LITMUS_REGISTERS 8

struct litmus {
	const char *name;
	const char *thread[MODEL_THREADS];
	const char *end; /* what is read when all is over */
	const char *values; /* those that each register may have at all */
	/*
	 * Patterns of outcomes, by level; a dot stands for any digit. What
	 * must not be reached; and what C++20 allows and the model never
	 * shows, a limit of its own. All else must be reached.
	 */
	const char *never[MEMORIES], *unshown[MEMORIES];
	const char *note; /* of a limit */
	const char *wrong; /* instead: the violation that must be found */
	bool at_once; /* within the first run, and no bound at all */
};

/* All tests; a name of NULL ends a list. */
extern const struct litmus litmus_order[], litmus_threads[];

#define ALL(x)                                                                 \
	{                                                                      \
		x, x, x                                                        \
	}
#define SC_TSO_C11(sc, tso, c11)                                               \
	{                                                                      \
		sc, tso, c11                                                   \
	}
#define STRONG(x) SC_TSO_C11(x, x, NULL)
#define THREADS(...)                                                           \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

/* ---- litmus_program.c --------------------------------------------------- */

#define LITMUS_END MODEL_THREADS /* the program of test->end */

extern unsigned litmus_reg[LITMUS_REGISTERS];

void litmus_ill_formed(const char *text) __attribute__((noreturn));
void litmus_parse(unsigned thread, const char *text);
/* All memory and all registers are 0. */
void litmus_begin(void);
const char *litmus_place(const void *where);
void litmus_execute(unsigned thread);

#endif
