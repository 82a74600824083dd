// SPDX-License-Identifier: GPL-2.0-only
/* The paths over a private domain of ours. */
#include "run_loop.h"

/* Turns between two tries where a queue is full. */
#define FULL_SPINS 16u
/* Turns of Linux's kind of wait before it becomes a timed one. */
#define COND_SPINS 32768u

static ipi_msg_t *message(struct run_source *s, u32 i)
{
	return &s->message[i & s->mask].msg;
}

/*
 * No room: nobody's wait for some may be without an end here, so the library is
 * asked again and again.
 */
static noinline int send_again(struct run_session *r, struct run_source *s,
			       ipi_msg_t *msg, struct ipi_cpu *target)
{
	u64 deadline = 0;
	u32 turn = 0;
	int err;

	do {
		cpu_relax();
		err = ++turn % FULL_SPINS
			      ? -EAGAIN
			      : ipi_domain_unicast(r->dom, msg, target,
						   IPI_NOWAIT);
		if (err == -EAGAIN && turn % RUN_SPINS == 0)
			err = run_late(r, s, &deadline) ?: -EAGAIN;
	} while (err == -EAGAIN);
	return err;
}

static __always_inline int unicast(struct run_session *r, struct run_source *s,
				   u32 i)
{
	ipi_msg_t *msg = message(s, i);
	int err;

	msg->arg = RUN_TAG(s->index, i & RUN_TAG_LINE);
	err = ipi_domain_unicast(r->dom, msg, r->target[0]->cpu, IPI_NOWAIT);
	if (unlikely(err == -EAGAIN))
		err = send_again(r, s, msg, r->target[0]->cpu);
	return err;
}

/* The library's wait in slices, with a breath between two. */
static noinline int wait_long(struct run_session *r, struct run_source *s,
			      ipi_msg_t *msg, int err)
{
	u64 deadline = 0;

	while (err == -ETIMEDOUT) {
		err = run_late(r, s, &deadline);
		if (err)
			break;
		err = ipi_domain_wait_timeout(r->dom, msg, RUN_SLICE_NS);
	}
	return err;
}

static __always_inline int wait_for(struct run_session *r, struct run_source *s,
				    u32 i)
{
	ipi_msg_t *msg = message(s, i);
	int err = ipi_domain_wait_timeout(r->dom, msg, RUN_SLICE_NS);

	return likely(!err) ? 0 : wait_long(r, s, msg, err);
}

/* As Linux waits for its calls: one load a turn, and PAUSE. */
static __always_inline int wait_cond(struct run_session *r,
				     struct run_source *s, u32 i)
{
	ipi_msg_t *msg = message(s, i);
	u32 turn = 0;

	while (!ipi_domain_done(r->dom, msg) && ++turn < COND_SPINS)
		cpu_relax();
	return wait_for(r, s, i);
}

static __always_inline int multicast(struct run_session *r,
				     struct run_source *s, u32 i)
{
	ipi_msg_t *msg = message(s, i);

	msg->arg = RUN_TAG(s->index, i & RUN_TAG_LINE);
	return ipi_domain_multicast(r->dom, msg, r->set, IPI_NOWAIT);
}

static __always_inline int broadcast(struct run_session *r,
				     struct run_source *s, u32 i)
{
	ipi_msg_t *msg = message(s, i);

	msg->arg = RUN_TAG(s->index, i & RUN_TAG_LINE);
	return ipi_domain_broadcast(r->dom, msg, IPI_NOWAIT | IPI_SKIP_SELF);
}

static __always_inline int trigger(struct run_session *r, struct run_source *s,
				   u32 i)
{
	return ipi_domain_trigger(r->dom, r->id, r->target[0]->cpu);
}

static __always_inline int wait_flag(struct run_session *r,
				     struct run_source *s, u32 i)
{
	return run_await(r, s, &r->target[0]->handled, s->number + 1);
}

/* None may stay live: its memory goes with the session. */
static void give_up(struct run_session *r, struct run_source *s)
{
	u32 i;

	for (i = 0; i <= s->mask; i++)
		ipi_domain_msg_detach(r->dom, message(s, i));
}

static __always_inline int ended(struct run_session *r, struct run_source *s,
				 int err)
{
	if (unlikely(err)) {
		if (err == -ETIMEDOUT || err == -ENXIO)
			run_deaf(r, s);
		give_up(r, s);
	}
	return err;
}

static int chunk_unicast(struct run_session *r, struct run_source *s, u32 kind)
{
	return ended(r, s, run_loop(r, s, kind, unicast, wait_for));
}

static int chunk_cond(struct run_session *r, struct run_source *s, u32 kind)
{
	return ended(r, s, run_loop(r, s, kind, unicast, wait_cond));
}

static int chunk_multicast(struct run_session *r, struct run_source *s,
			   u32 kind)
{
	return ended(r, s, run_loop(r, s, kind, multicast, wait_for));
}

static int chunk_broadcast(struct run_session *r, struct run_source *s,
			   u32 kind)
{
	if (!r->all)
		return chunk_multicast(r, s, kind);
	return ended(r, s, run_loop(r, s, kind, broadcast, wait_for));
}

static int chunk_trigger(struct run_session *r, struct run_source *s, u32 kind)
{
	return ended(r, s, run_loop(r, s, kind, trigger, wait_flag));
}

static int chunk_incast(struct run_session *r, struct run_source *s, u32 kind)
{
	return ended(r, s, run_many_loop(r, s, kind, unicast, wait_for));
}

static int open_messages(struct run_session *r)
{
	u32 i, k;

	for (i = 0; i < r->ask.sources; i++)
		for (k = 0; k <= r->source[i].mask; k++)
			message(&r->source[i], k)->func = run_handler_message;
	return 0;
}

static int open_set(struct run_session *r)
{
	int err = ipi_cpuset_create(&r->set, true);
	u32 k;

	for (k = 0; k < r->targets_n && !err; k++)
		ipi_cpuset_set(r->set, r->target[k]->number);
	return err ? err : open_messages(r);
}

static void close_set(struct run_session *r)
{
	ipi_cpuset_destroy(r->set);
}

static int open_trigger(struct run_session *r)
{
	r->id = ipi_domain_register(r->dom, run_handler_trigger, NULL);
	return r->id ? 0 : -ENOSPC;
}

const struct run_path run_path_unicast = {
	.name = "kernel-unicast",
	.help = "a message to one CPU and its acknowledgement",
	.core = true,
	.open = open_messages,
	.chunk = chunk_unicast,
};

const struct run_path run_path_unicast_cond = {
	.name = "kernel-as-linux",
	.help = "the same, waited for as Linux waits for its calls",
	.core = true,
	.open = open_messages,
	.chunk = chunk_cond,
};

const struct run_path run_path_multicast = {
	.name = "kernel-multicast",
	.help = "a message to so many CPUs, until the last has answered",
	.core = true,
	.many_targets = true,
	.open = open_set,
	.close = close_set,
	.chunk = chunk_multicast,
};

const struct run_path run_path_broadcast = {
	.name = "kernel-broadcast",
	.help = "a message to many CPUs, until the last has answered",
	.core = true,
	.many_targets = true,
	.open = open_set,
	.close = close_set,
	.chunk = chunk_broadcast,
};

const struct run_path run_path_trigger = {
	.name = "kernel-trigger",
	.help = "a coalescing trigger of one CPU, to its handler's flag",
	.core = true,
	.open = open_trigger,
	.chunk = chunk_trigger,
};

const struct run_path run_path_incast = {
	.name = "kernel-incast",
	.help = "messages of several senders to one CPU",
	.core = true,
	.many_sources = true,
	.open = open_messages,
	.chunk = chunk_incast,
};
