// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux's own calls in the same loops, with the same handler: the yardsticks.
 * Where Linux waits by itself it does so without an end, as it always does.
 */
#include <linux/smp.h>

#include "run_loop.h"

static void *tag(const struct run_source *s, u32 i)
{
	return RUN_TAG(s->index, i & RUN_TAG_LINE);
}

static __always_inline int nothing(struct run_session *r, struct run_source *s,
				   u32 i)
{
	return 0;
}

/* Where Linux does not wait: the handlers' own flags. */
static __always_inline int wait_flags(struct run_session *r,
				      struct run_source *s, u32 i)
{
	int err = 0;
	u32 k;

	for (k = 0; k < r->targets_n && !err; k++)
		err = run_await(r, s, &r->target[k]->handled, s->number + 1);
	return err;
}

static __always_inline int ended(struct run_session *r, struct run_source *s,
				 int err)
{
	if (unlikely(err == -ETIMEDOUT || err == -ENXIO))
		run_deaf(r, s);
	return err;
}

/* A send that Linux waits in, and one that returns before. */
#define LINUX_CHUNK(name)                                                      \
	static int chunk_##name(struct run_session *r, struct run_source *s,   \
				u32 kind)                                      \
	{                                                                      \
		if (kind == IPI_UAPI_KIND_SEND)                                \
			return ended(r, s,                                     \
				     run_loop(r, s, kind, name##_send,         \
					      wait_flags));                    \
		return ended(r, s,                                             \
			     run_loop(r, s, kind, name##_wait, nothing));      \
	}

static __always_inline int single_wait(struct run_session *r,
				       struct run_source *s, u32 i)
{
	return smp_call_function_single(r->target[0]->number, run_handler_call,
					tag(s, i), true);
}

static __always_inline int single_send(struct run_session *r,
				       struct run_source *s, u32 i)
{
	return smp_call_function_single(r->target[0]->number, run_handler_call,
					tag(s, i), false);
}

LINUX_CHUNK(single)

static __always_inline int many_wait(struct run_session *r,
				     struct run_source *s, u32 i)
{
	smp_call_function_many(r->cpus, run_handler_call, tag(s, i), true);
	return 0;
}

static __always_inline int many_send(struct run_session *r,
				     struct run_source *s, u32 i)
{
	smp_call_function_many(r->cpus, run_handler_call, tag(s, i), false);
	return 0;
}

LINUX_CHUNK(many)

/* The sender's own CPU is told, too: there the handler finds no target. */
static __always_inline int each(struct run_session *r, struct run_source *s,
				u32 i, bool wait)
{
	if (r->all)
		on_each_cpu(run_handler_call, tag(s, i), wait);
	else
		on_each_cpu_mask(r->each, run_handler_call, tag(s, i), wait);
	return 0;
}

static __always_inline int each_wait(struct run_session *r,
				     struct run_source *s, u32 i)
{
	return each(r, s, i, true);
}

static __always_inline int each_send(struct run_session *r,
				     struct run_source *s, u32 i)
{
	return each(r, s, i, false);
}

LINUX_CHUNK(each)

static __always_inline int async_send(struct run_session *r,
				      struct run_source *s, u32 i)
{
	s->csd.info = tag(s, i);
	return smp_call_function_single_async(r->target[0]->number, &s->csd);
}

static int chunk_async(struct run_session *r, struct run_source *s, u32 kind)
{
	return ended(r, s, run_loop(r, s, kind, async_send, wait_flags));
}

static int open_async(struct run_session *r)
{
	INIT_CSD(&r->source->csd, run_handler_call, NULL);
	return 0;
}

static __always_inline int wake_send(struct run_session *r,
				     struct run_source *s, u32 i)
{
	struct run_target *t = r->target[0];

	smp_store_release(&t->asked, t->asked + 1);
	wake_up_process(t->thread);
	return 0;
}

static int chunk_wake(struct run_session *r, struct run_source *s, u32 kind)
{
	return ended(r, s, run_loop(r, s, kind, wake_send, wait_flags));
}

const struct run_path run_path_linux_single = {
	.name = "linux-single",
	.help = "smp_call_function_single(), which waits by itself",
	.chunk = chunk_single,
};

const struct run_path run_path_linux_async = {
	.name = "linux-async",
	.help = "smp_call_function_single_async(), and our wait for a flag",
	.open = open_async,
	.chunk = chunk_async,
};

const struct run_path run_path_linux_many = {
	.name = "linux-many",
	.help = "smp_call_function_many(), which waits by itself",
	.many_targets = true,
	.chunk = chunk_many,
};

const struct run_path run_path_linux_each = {
	.name = "linux-each",
	.help = "on_each_cpu(), which waits by itself",
	.many_targets = true,
	.chunk = chunk_each,
};

const struct run_path run_path_linux_wake = {
	.name = "linux-wake",
	.help = "a real-time thread that is woken, to its flag",
	.open = run_threads_start,
	.close = run_threads_stop,
	.chunk = chunk_wake,
};
