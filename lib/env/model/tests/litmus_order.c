/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Litmus tests of two threads, mostly: what C++20, x86-TSO and sequential
 * consistency say of store buffering (SB), message passing (MP) and coherence
 * (Co). litmus.h says how to read them.
 */
#include "model/tests/litmus.h"

const struct litmus litmus_order[] = {
	/* ---- store buffering -------------------------------------------- */
	{
		.name = "SB, relaxed",
		.thread = THREADS("x=1 r0=y", "y=1 r1=x"),
		.values = "01 01",
		.never = SC_TSO_C11("00", NULL, NULL),
	},
	{
		.name = "SB, release and acquire",
		.thread = THREADS("x=1@rel r0=y@acq", "y=1@rel r1=x@acq"),
		.values = "01 01",
		.never = SC_TSO_C11("00", NULL, NULL),
	},
	{
		.name = "SB, seq_cst exchange and load",
		.thread = THREADS("x<1@sc r0=y@sc", "y<1@sc r1=x@sc"),
		.values = "01 01",
		.never = ALL("00"),
	},
	{
		.name = "SB, seq_cst exchange, acquire load",
		.thread = THREADS("x<1@sc r0=y@acq", "y<1@sc r1=x@acq"),
		.values = "01 01",
		.never = STRONG("00"),
	},
	{
		.name = "SB, acq_rel exchange, seq_cst load",
		.thread = THREADS("x<1@ar r0=y@sc", "y<1@ar r1=x@sc"),
		.values = "01 01",
		.never = STRONG("00"),
	},
	{
		.name = "SB, one side only seq_cst",
		.thread = THREADS("x<1@sc r0=y@sc", "y=1 r1=x@sc"),
		.values = "01 01",
		.never = SC_TSO_C11("00", NULL, NULL),
	},
	{
		/* Failure is relaxed: the seam says so. */
		.name = "SB, seq_cst exchange, compare-and-swap that fails",
		.thread = THREADS("x<1@sc r0=y?1:2@sc", "y<1@sc r1=x?1:2@sc"),
		.values = "01 01",
		.never = STRONG("00"),
	},
	{
		/* What succeeds is a read-modify-write: one follows one. */
		.name = "SB, read-modify-writes only",
		.thread = THREADS("x=1 r0=y+2", "y=1 r1=x+2"),
		.values = "01 01",
		.never = STRONG("00"),
		.unshown = SC_TSO_C11(NULL, NULL, "00"),
		.note = "stores are appended as they are executed",
	},
	{
		.name = "SB+rfi: a CPU reads what it holds back",
		.thread = THREADS("x=1 r0=x r1=y", "y=1 r2=y r3=x"),
		.values = "01 01 01 01",
		.never = SC_TSO_C11("0... ..0. .0.0", "0... ..0.", "0... ..0."),
	},
	{
		.name = "a CPU reads the last of what it holds back",
		.thread = THREADS("x=1 x=2 r0=x", "r1=x"),
		.values = "2 012",
	},
	{
		.name = "a plain load sees what its CPU holds back",
		.thread = THREADS("x=1 r0=x@pl", "r1=x"),
		.values = "01 01",
		.never = ALL("0."),
	},
	{
		.name = "n6: read early, stored late",
		.thread = THREADS("x=1 r0=x r1=y", "y=2 x=2"),
		.end = "r2=x",
		.values = "12 02 12",
		.never = SC_TSO_C11("2.1 20. 101", "2.1 20.", "2.1"),
	},

	/* ---- message passing -------------------------------------------- */
	{
		.name = "MP, relaxed",
		.thread = THREADS("x=1 y=1", "r0=y r1=x"),
		.values = "01 01",
		.never = STRONG("10"),
	},
	{
		.name = "MP, release and acquire",
		.thread = THREADS("x=1 y=1@rel", "r0=y@acq r1=x"),
		.values = "01 01",
		.never = ALL("10"),
	},
	{
		.name = "MP, release, relaxed load",
		.thread = THREADS("x=1 y=1@rel", "r0=y r1=x"),
		.values = "01 01",
		.never = STRONG("10"),
	},
	{
		.name = "MP, relaxed store, acquire",
		.thread = THREADS("x=1 y=1", "r0=y@acq r1=x"),
		.values = "01 01",
		.never = STRONG("10"),
	},
	{
		.name = "MP, seq_cst load acquires",
		.thread = THREADS("x=1 y=1@rel", "r0=y@sc r1=x"),
		.values = "01 01",
		.never = ALL("10"),
	},
	{
		.name = "MP, 64 bits",
		.thread = THREADS("x=1 w=1@rel", "r0=w@acq r1=x"),
		.values = "01 01",
		.never = ALL("10"),
	},
	{
		.name = "MP, an exchange releases and acquires",
		.thread = THREADS("x=1 y<1@ar", "r0=y<2@ar r1=x"),
		.values = "01 01",
		.never = ALL("10"),
	},
	{
		.name = "MP, a subtraction acquires",
		.thread = THREADS("x=1 y=2@rel", "r0=y-1@ar r1=x"),
		.values = "02 01",
		.never = ALL("20"),
	},
	{
		.name = "MP, an exchange of bits acquires",
		.thread = THREADS("x=1 y|1@ar", "r0=y&2@ar r1=x"),
		.values = "01 01",
		.never = ALL("10"),
	},
	{
		.name = "MP, a release exchange does not acquire",
		.thread = THREADS("x=1 y=1@rel", "r0=y|2@rel r1=x"),
		.values = "01 01",
		.never = STRONG("10"),
	},
	{
		.name = "MP, compare-and-swap that succeeds acquires",
		.thread = THREADS("x=1 y=1@rel", "r0=y?1:2@ar r1=x"),
		.values = "01 01",
		.never = ALL("10"),
	},
	{
		/* It fails, for y is 1: and nothing is acquired. */
		.name = "MP, compare-and-swap that fails does not acquire",
		.thread = THREADS("x=1 y=1@rel", "r0=y?0:2@ar r1=x"),
		.values = "01 01",
		.never = STRONG("00"),
	},
	{
		.name = "compare-and-swap fails on an old value",
		.thread = THREADS("x=1 y=1@rel", "r0=y r1=x?1:2@ar"),
		.end = "r2=x",
		.values = "01 01 12",
		.never = SC_TSO_C11("10. .02 .11", "10. .02 .11", ".02 .11"),
	},
	{
		.name = "MP, release sequence: another's relaxed exchange",
		.thread = THREADS("x=1 y=1@rel", "y+2", "r0=y@acq r1=x"),
		.values = "0123 01",
		.never = ALL("10 30"),
	},
	{
		.name = "MP, release sequence: two releases in it",
		.thread = THREADS("x=1 y=1@rel", "z=1 y|2@rel",
				  "r0=y@acq r1=x r2=z"),
		.values = "0123 01 01",
		.never = ALL("10. 30. 3.0 2.0"),
	},
	{
		.name = "MP, no release sequence: the same thread's store",
		.thread = THREADS("x=1 y=1@rel y=2", "r0=y@acq r1=x"),
		.values = "012 01",
		.never = SC_TSO_C11("10 20", "10 20", "10"),
	},
	{
		.name = "MP, no release sequence: another's store",
		.thread = THREADS("x=1 y=1@rel", "r0=y y=2", "r1=y@acq r2=x"),
		.values = "01 012 01",
		.never = SC_TSO_C11(".10 120", ".10 120", ".10"),
	},

	/* ---- coherence -------------------------------------------------- */
	{
		.name = "CoRR",
		.thread = THREADS("x=1 x=2", "r0=x r1=x"),
		.values = "012 012",
		.never = ALL("10 20 21"),
	},
	{
		.name = "CoRR, two writers and two readers",
		.thread = THREADS("x=1", "x=2", "r0=x r1=x", "r2=x r3=x"),
		.values = "012 012 012 012",
		.never = ALL("10.. 20.. ..10 ..20 1221 2112"),
	},
	{
		.name = "CoWW, CoWR: one's own store, and what follows it",
		.thread = THREADS("x=1 r0=x", "x=2 r1=x"),
		.end = "r2=x",
		.values = "12 12 12",
		.never = ALL("21. 221 112"),
	},
	{
		.name = "CoRW: what was read comes before one's own store",
		.thread = THREADS("r0=x x=1", "x=2"),
		.end = "r1=x",
		.values = "02 12",
		.never = ALL("22"),
	},
	{
		.name = "2+2W",
		.thread = THREADS("x=1 y=2", "y=1 x=2"),
		.end = "r0=x r1=y",
		.values = "12 12",
		.never = STRONG("11"),
		.unshown = SC_TSO_C11(NULL, NULL, "11"),
		.note = "stores are appended as they are executed",
	},
	{
		/* Both hold two stores back: and these mix in any order. */
		.name = "2W+SB",
		.thread = THREADS("x=1 y=1 r0=z", "x=2 z=1 r1=y"),
		.end = "r2=x",
		.values = "01 01 12",
		.never = SC_TSO_C11("00.", NULL, NULL),
	},
	{
		.name = "S: a store behind what was read",
		.thread = THREADS("x=2 y=1", "r0=y x=1"),
		.end = "r1=x",
		.values = "01 12",
		.never = STRONG("12"),
		.unshown = SC_TSO_C11(NULL, NULL, "12"),
		.note = "stores are appended as they are executed",
	},
	{
		.name = "R: a store, and a load past it",
		.thread = THREADS("x=1 y=1", "y=2 r0=x"),
		.end = "r1=y",
		.values = "01 12",
		.never = SC_TSO_C11("02", NULL, NULL),
	},
	{
		.name = "LB",
		.thread = THREADS("r0=x y=1", "r1=y x=1"),
		.values = "01 01",
		.never = STRONG("11"),
		.unshown = SC_TSO_C11(NULL, NULL, "11"),
		.note = "no load reads a store that is yet to come",
	},
	{
		.name = "a plain store begins a location anew",
		.thread = THREADS("x=1 x=2 y=1@rel",
				  "r0=y@acq r0! x=3@pl z=1@rel",
				  "r1=z@acq r1! r2=y@acq r3=x"),
		.values = "01 01 01 03",
		.never = ALL("01.. .01. .0.3 .10. .1.0"),
	},
	{
		.name = "a plain store comes after what its CPU holds back",
		.thread = THREADS("x=1 x=2@pl y=1@rel", "r0=y@acq r0! r1=x"),
		.end = "r2=x",
		.values = "01 02 2",
		.never = ALL("02. 10."),
	},
	{ 0 },
};
