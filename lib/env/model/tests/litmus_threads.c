/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Litmus tests of more than two threads, of read-modify-writes, of waiting and
 * sleeping, and of data races. litmus.h says how to read them.
 */
#include "model/tests/litmus.h"

const struct litmus litmus_threads[] = {
	/* ---- more than two threads -------------------------------------- */
	{
		.name = "IRIW, relaxed",
		.thread = THREADS("x=1", "y=1", "r0=x r1=y", "r2=y r3=x"),
		.values = "01 01 01 01",
		.never = STRONG("1010"),
	},
	{
		.name = "IRIW, acquire",
		.thread = THREADS("x=1@rel", "y=1@rel", "r0=x@acq r1=y@acq",
				  "r2=y@acq r3=x@acq"),
		.values = "01 01 01 01",
		.never = STRONG("1010"),
	},
	{
		.name = "IRIW, seq_cst",
		.thread = THREADS("x<1@sc", "y<1@sc", "r0=x@sc r1=y@sc",
				  "r2=y@sc r3=x@sc"),
		.values = "01 01 01 01",
		.never = ALL("1010"),
	},
	{
		/*
		 * C++20 forbids it, C11 does not: coherence of seq_cst loads
		 * through other stores is not in the model. It shows too much.
		 */
		.name = "IRIW, seq_cst loads of release stores",
		.thread = THREADS("x=1@rel", "y=1@rel", "r0=x@sc r1=y@sc",
				  "r2=y@sc r3=x@sc"),
		.values = "01 01 01 01",
		.never = STRONG("1010"),
	},
	{
		.name = "WRC, relaxed",
		.thread = THREADS("x=1", "r0=x y=1", "r1=y r2=x"),
		.values = "01 01 01",
		.never = STRONG("110"),
	},
	{
		.name = "WRC, release and acquire",
		.thread =
			THREADS("x=1@rel", "r0=x@acq y=1@rel", "r1=y@acq r2=x"),
		.values = "01 01 01",
		.never = ALL("110"),
	},
	{
		/* What one has read, another can't unread. */
		.name = "WRC, the first hop relaxed",
		.thread = THREADS("x=1", "r0=x y=1@rel", "r1=y@acq r2=x"),
		.values = "01 01 01",
		.never = ALL("110"),
	},
	{
		.name = "ISA2, release and acquire",
		.thread = THREADS("x=1 y=1@rel", "r0=y@acq z=1@rel",
				  "r1=z@acq r2=x"),
		.values = "01 01 01",
		.never = ALL("110"),
	},
	{
		.name = "ISA2, the middle relaxed",
		.thread =
			THREADS("x=1 y=1@rel", "r0=y z=1@rel", "r1=z@acq r2=x"),
		.values = "01 01 01",
		.never = STRONG("110"),
	},
	{
		/* Happens-before alone does not order an exchange in S. */
		.name = "RWC, seq_cst but for the first read",
		.thread =
			THREADS("x<1@sc", "r0=x@acq r1=y@sc", "y<1@sc r2=x@sc"),
		.values = "01 01 01",
		.never = STRONG("100"),
		.unshown = SC_TSO_C11(NULL, NULL, "100"),
		.note = "seq_cst operations are ordered as they are executed",
	},

	/* ---- read-modify-write ------------------------------------------ */
	{
		.name = "two additions lose nothing; a load may be late",
		.thread = THREADS("r0=x+1 y=1", "r1=x+1", "r2=y r3=x"),
		.end = "r4=x",
		.values = "01 01 01 012 2",
		.never = SC_TSO_C11("00... 11... ..10. 1.11.",
				    "00... 11... ..10. 1.11.", "00... 11..."),
	},
	{
		.name = "two compare-and-swaps: one succeeds",
		.thread = THREADS("r0=x?0:1@ar", "r1=x?0:2@ar"),
		.end = "r2=x",
		.values = "01 01 12",
		.never = ALL("00. 11. 102 011"),
	},
	{
		.name = "an exchange and a store",
		.thread = THREADS("r0=x<1@ar", "x=2"),
		.end = "r1=x",
		.values = "02 12",
		.never = ALL("22 01"),
	},

	/* ---- waiting ---------------------------------------------------- */
	{
		.name = "a wait sees the newest value",
		.thread = THREADS("x=1", "~x r0=x"),
		.values = "01",
		.never = ALL("0"),
	},
	{
		.name = "a wait orders nothing else",
		.thread = THREADS("y=1 x=1", "~x r0=x r1=y"),
		.values = "01 01",
		.never = SC_TSO_C11("0. 10", "0. 10", "0."),
	},
	{
		.name = "a wait, and then an acquire load",
		.thread = THREADS("y=1 x=1@rel", "~x r0=x@acq r1=y"),
		.values = "01 01",
		.never = ALL("0. 10"),
	},
	{
		.name = "who waits holds nothing back",
		.thread = THREADS("x=1 ~y r0=y", "~x r1=x y=1"),
		.values = "01 01",
		.never = ALL("0. .0"),
	},
	{
		.name = "a sleep sees the newest value",
		.thread = THREADS("x=1 ^x", "%x r0=x"),
		.values = "01",
		.never = ALL("0"),
	},
	{
		.name = "a lost wake-up: nobody wakes",
		.thread = THREADS("x=1", "%x r0=x"),
		.wrong = "deadlock",
	},
	{
		.name = "a lost wake-up: woken before there is a reason",
		.thread = THREADS("^x x=1", "%x r0=x"),
		.wrong = "deadlock",
	},
	{
		/* The look is a compare-and-swap, lest it reads an old value. */
		.name = "a lost wake-up: between the look and the sleep",
		.thread = THREADS("z=1 ^x", "r0=z?0:0@ar r0! %x"),
		.wrong = "deadlock",
	},
	{
		.name = "no lost wake-up: the word tells the sleep",
		.thread = THREADS("z=1 x=1 ^x", "r0=z?0:0@ar r0! %x r1=x"),
		.values = "01 01",
		.never = ALL("01 10"),
	},
	{
		.name = "a sleep between a store and the wake-up after it",
		.thread = THREADS("y=1 ^x z=1 x=1 ^x", "r0=y %x r1=z"),
		.values = "01 01",
	},
	{
		.name = "a deadlock: two that wait for each other",
		.thread = THREADS("~x y=1", "~y x=1"),
		.wrong = "deadlock",
	},

	/* ---- data races ------------------------------------------------- */
	{
		.name = "MP, plain data, release and acquire",
		.thread = THREADS("x=1@pl y=1@rel", "r0=y@acq r0! r1=x@pl"),
		.values = "01 01",
		.never = ALL("01 10"),
	},
	{
		.name = "MP, plain data, relaxed store",
		.thread = THREADS("x=1@pl y=1", "r0=y@acq r0! r1=x@pl"),
		.wrong = "data race",
	},
	{
		.name = "MP, plain data, relaxed load",
		.thread = THREADS("x=1@pl y=1@rel", "r0=y r0! r1=x@pl"),
		.wrong = "data race",
	},
	{
		.name = "MP, plain data, release sequence by an exchange",
		.thread = THREADS("x=1@pl y=1@rel", "y+2",
				  "r0=y?3:4@ar r0! r1=x@pl"),
		.values = "01 01",
		.never = ALL("01 10"),
	},
	{
		.name = "MP, plain data, no release sequence by a store",
		.thread = THREADS("x=1@pl y=1@rel y=3",
				  "r0=y?3:4@ar r0! r1=x@pl"),
		.wrong = "data race",
	},
	{
		.name = "WRC, plain data",
		.thread = THREADS("x=1@pl y=1@rel", "r0=y@acq r0! z=1@rel",
				  "r1=z@acq r1! r2=x@pl"),
		.values = "01 01 01",
		.never = ALL("01. .01 .10"),
	},
	{
		.name = "WRC, plain data, the middle relaxed",
		.thread = THREADS("x=1@pl y=1@rel", "r0=y r0! z=1@rel",
				  "r1=z@acq r1! r2=x@pl"),
		.wrong = "data race",
	},
	{
		.name = "a lock: no race",
		.thread = THREADS("r0=x?0:1@ar r0! y=1@pl x=0@rel",
				  "r1=x?0:1@ar r1! y=2@pl x=0@rel"),
		.end = "r2=y@pl",
		.values = "01 01 012",
		.never = ALL("00. ..0 102 011"),
	},
	{
		.name = "a lock with a relaxed release: a race",
		.thread = THREADS("r0=x?0:1@ar r0! y=1@pl x=0",
				  "r1=x?0:1@ar r1! y=2@pl x=0"),
		.wrong = "data race",
	},
	{
		.name = "two plain loads, and an atomic one: no race",
		.thread = THREADS("r0=x@pl", "r1=x@pl", "r2=x"),
		.values = "0 0 0",
	},
	{
		.name = "a plain store, an atomic load: a race",
		.thread = THREADS("x=1@pl", "r0=x@acq"),
		.wrong = "data race",
		.at_once = true,
	},
	{
		.name = "an atomic load, a plain store: a race",
		.thread = THREADS("r0=x@acq", "x=1@pl"),
		.wrong = "data race",
		.at_once = true,
	},
	{
		.name = "a plain load, an atomic store: a race",
		.thread = THREADS("r0=x@pl", "x=1@rel"),
		.wrong = "data race",
		.at_once = true,
	},
	{
		.name = "an atomic store, a plain load: a race",
		.thread = THREADS("x=1@rel", "r0=x@pl"),
		.wrong = "data race",
		.at_once = true,
	},
	{
		.name = "an exchange, a plain store: a race",
		.thread = THREADS("x<1@sc", "x=1@pl"),
		.wrong = "data race",
		.at_once = true,
	},
	{
		.name = "a race of accesses far apart",
		.thread = THREADS("x=1@pl z=1 z=2 z=3 y=1@rel",
				  "y=2 z=4 z|1@ar r1=x@pl"),
		.wrong = "data race",
		.at_once = true,
	},
	{
		.name = "a race of accesses far apart, the load first",
		.thread = THREADS("r0=x@pl z=1 z=2 z=3",
				  "r1=z@acq y=2 z|1@ar x=1@pl"),
		.wrong = "data race",
		.at_once = true,
	},
	{
		.name = "a race that happened to come out in order",
		.thread = THREADS("x=1@pl y=1@rel", "r0=y r0! r1=x@pl"),
		.wrong = "data race",
		.at_once = true,
	},
	{ 0 },
};
