// SPDX-License-Identifier: GPL-2.0-only
/* All combinations in turn, each in two equal rounds at least. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "tool/log.h"
#include "torture.h"

#define ROUNDS 2u
#define EXTRA_ROUNDS 4u
#define EXTRA_NS UINT64_C(50000000)

volatile sig_atomic_t torture_stop;

static void tell_leak(struct outcome *out, const struct leftovers *was,
		      const struct leftovers *is)
{
	struct round frame = { .out = out };

	fail(&frame, CHECK_leak, NULL,
	     "each round leaves something: %lu threads, then %lu; %lu "
	     "descriptors, then %lu; %lu pages, then %lu",
	     was->threads, is->threads, was->descriptors, is->descriptors,
	     was->pages, is->pages);
}

/*
 * What grew once may be somebody's cache; what grows in each of several equal
 * rounds is a leak.
 */
static int look_for_leaks(const struct torture *t, struct outcome *out,
			  const struct leftovers *first, struct tool_error *err)
{
	struct leftovers was = *first, is;
	int ret = 0;

	for (unsigned i = 0; !ret; i++) {
		leftovers_read(&is);
		if (!leftovers_grew(&was, &is) || torture_stop ||
		    get(&out->failures))
			return 0;
		if (i == EXTRA_ROUNDS) {
			tell_leak(out, first, &is);
			failures_tell(t, out);
			return 0;
		}
		was = is;
		ret = round_run(t, out, ROUNDS + i, EXTRA_NS, 0, 1, 0, err);
	}
	return ret;
}

static int run_combination(struct torture *t, size_t at, struct tool_error *err)
{
	uint64_t parts = t->comb_n * ROUNDS;
	struct outcome *out = &t->out[at];
	struct leftovers first = { 0 };
	int ret = 0;

	for (unsigned nth = 0; nth < ROUNDS && !ret; nth++) {
		if (torture_stop || get(&out->failures))
			return 0;
		ret = round_run(t, out, nth, t->ns / parts,
				(t->messages + parts - 1) / parts,
				(double)(at * ROUNDS + nth) / (double)parts,
				1.0 / (double)parts, err);
		if (!nth)
			leftovers_read(&first);
	}
	return ret ?: look_for_leaks(t, out, &first, err);
}

int torture_run(struct torture *t, struct tool_error *err)
{
	uint64_t began_ns = now_ns();
	int ret;

	/* One heap of fixed rules: what grows is not the allocator's whim. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
	t->out = calloc(t->comb_n, sizeof(*t->out));
	if (!t->out)
		return tool_fail(err, -ENOMEM, "out of memory");
	ret = watch_begin(t);
	if (ret)
		return tool_fail(err, ret, "cannot start a thread: %s",
				 strerror(-ret));
	for (size_t i = 0; i < t->comb_n; i++)
		t->out[i].comb = &t->comb[i];
	for (size_t i = 0; i < t->comb_n && !ret && !torture_stop; i++)
		ret = run_combination(t, i, err);
	log_progress_end();
	watch_end();
	t->elapsed_ns = now_ns() - began_ns;
	t->complete = !ret && !torture_stop;
	return ret;
}
