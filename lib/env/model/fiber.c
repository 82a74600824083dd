/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fibers. Made by ucontext; from then on they are switched by _longjmp, which
 * makes no system call. A fiber is never unwound: a new run begins it at its
 * base, whatever frames it had.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "model/model.h"

#define STACK_BYTES (256u * 1024)

static struct fiber *making;
static void (*making_body)(void);
static jmp_buf made;

static void entry(void)
{
	struct fiber *f = making;
	void (*body)(void) = making_body;

	if (!_setjmp(f->base))
		_longjmp(made, 1);
	body();
	abort(); /* bodies end by ending their run */
}

void fiber_make(struct fiber *f, void (*body)(void))
{
	f->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (f->stack == MAP_FAILED || getcontext(&f->first))
		abort();
	f->first.uc_stack.ss_sp = f->stack;
	f->first.uc_stack.ss_size = STACK_BYTES;
	f->first.uc_link = NULL;
	makecontext(&f->first, entry, 0);
	making = f;
	making_body = body;
	if (!_setjmp(made))
		setcontext(&f->first);
}

void fiber_begin(jmp_buf from, struct fiber *f)
{
	if (!_setjmp(from))
		_longjmp(f->base, 1);
}

void fiber_resume(jmp_buf from, struct fiber *f)
{
	if (!_setjmp(from))
		_longjmp(f->here, 1);
}
