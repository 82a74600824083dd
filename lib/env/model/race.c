/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plain accesses. Core is compiled with the compiler's thread sanitizer, whose
 * hooks are these: each says who accesses what. Two accesses of one word by
 * two threads, one of them a store and one of them plain, must be ordered by
 * happens-before; if they are not, the run ends there.
 *
 * The hooks are also points at which an interrupt may come, and they tell the
 * explorer where a thread is.
 */
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

/* Clocks of the last accesses to a word, by thread; 0: none. */
struct word {
	uint64_t run;
	uint32_t plain_store[MODEL_THREADS], plain_load[MODEL_THREADS];
	uint32_t atomic_store[MODEL_THREADS], atomic_load[MODEL_THREADS];
};

/* Where they were made; apart, for it is read only to be told. */
struct made {
	const void *plain[MODEL_THREADS], *atomic[MODEL_THREADS];
};

static struct word *words;
static struct made *made;
static uint64_t run;

void race_begin(void)
{
	if (!words) {
		words = calloc(arena_size / 4, sizeof(*words));
		made = calloc(arena_size / 4, sizeof(*made));
		if (!words || !made)
			abort();
	}
	run++;
}

static struct word *word_at(const void *where, unsigned offset)
{
	struct word *w = &words[((const char *)where - arena + offset) / 4];

	if (w->run != run) {
		memset(w, 0, sizeof(*w));
		w->run = run;
	}
	return w;
}

/* The thread whose access in that list t has not been told of; -1: none. */
static int unordered(const struct thread *t, const uint32_t *when)
{
	for (unsigned i = 0; i < threads_n; i++)
		if (i != t->index && when[i] > t->clock[i])
			return (int)i;
	return -1;
}

static void complain(const struct thread *t, const void *where, bool write,
		     const void *mine, int other, const void *others)
{
	violation("data race on %s: thread %u %s it (%s), not ordered after "
		  "thread %d's access (%s)",
		  place_name(where), t->index, write ? "stores to" : "loads",
		  source_of(mine), other, source_of(others));
}

void race_atomic(struct thread *t, const void *where, bool write,
		 const void *pc)
{
	struct word *w = word_at(where, 0);
	struct made *m = &made[w - words];
	int other = unordered(t, w->plain_store);

	if (other < 0 && write)
		other = unordered(t, w->plain_load);
	if (other >= 0)
		complain(t, where, write, pc, other, m->plain[other]);
	if (write)
		w->atomic_store[t->index] = t->clock[t->index];
	else
		w->atomic_load[t->index] = t->clock[t->index];
	m->atomic[t->index] = pc;
}

static void race_word(struct thread *t, const void *where, struct word *w,
		      bool write, const void *pc)
{
	struct made *m = &made[w - words];
	int plain = unordered(t, w->plain_store);
	int atomic = unordered(t, w->atomic_store);

	if (plain < 0 && write)
		plain = unordered(t, w->plain_load);
	if (atomic < 0 && write)
		atomic = unordered(t, w->atomic_load);
	if (plain >= 0)
		complain(t, where, write, pc, plain, m->plain[plain]);
	if (atomic >= 0)
		complain(t, where, write, pc, atomic, m->atomic[atomic]);
	if (write)
		w->plain_store[t->index] = t->clock[t->index];
	else
		w->plain_load[t->index] = t->clock[t->index];
	m->plain[t->index] = pc;
}

void race_plain(const void *where, unsigned size, bool write, const void *pc)
{
	struct loc *l;

	if (!in_arena(where) || !current)
		return;
	l = memory_loc(where);
	memory_note(l, write);
	sched_access(l, true);
	/* It is memory itself that the access sees, and no buffer. */
	if (memory_holds(current, where, size))
		sched_flush(COST_PREEMPT);
	current->clock[current->index]++;
	sched_mix(current, (uint64_t)(uintptr_t)pc);
	if (tracing)
		trace_plain(current, pc, where, write);
	for (unsigned i = 0; i < size; i += 4) {
		race_word(current, where, word_at(where, i), write, pc);
		if (write)
			memory_overwritten(current, (const char *)where + i);
	}
}

/* ---- the compiler's hooks ----------------------------------------------- */

#define HOOK(name, size, write)                                                \
	void __tsan_##name(void *where);                                       \
	void __tsan_##name(void *where)                                        \
	{                                                                      \
		race_plain(where, size, write, __builtin_return_address(0));   \
	}

HOOK(read1, 1, false)
HOOK(read2, 2, false)
HOOK(read4, 4, false)
HOOK(read8, 8, false)
HOOK(read16, 16, false)
HOOK(write1, 1, true)
HOOK(write2, 2, true)
HOOK(write4, 4, true)
HOOK(write8, 8, true)
HOOK(write16, 16, true)
HOOK(unaligned_read2, 2, false)
HOOK(unaligned_read4, 4, false)
HOOK(unaligned_read8, 8, false)
HOOK(unaligned_read16, 16, false)
HOOK(unaligned_write2, 2, true)
HOOK(unaligned_write4, 4, true)
HOOK(unaligned_write8, 8, true)
HOOK(unaligned_write16, 16, true)

void __tsan_read_range(void *where, size_t size);
void __tsan_read_range(void *where, size_t size)
{
	race_plain(where, (unsigned)size, false, __builtin_return_address(0));
}

void __tsan_write_range(void *where, size_t size);
void __tsan_write_range(void *where, size_t size)
{
	race_plain(where, (unsigned)size, true, __builtin_return_address(0));
}

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc)
{
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}
