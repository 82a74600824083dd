/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scenarios: small enough for every interleaving, each at a place where
 * something could go wrong. What must hold in all of them is in judge.c.
 */
#include "model/scenario.h"

#define ALL 0x7u
#define THREADS(...)                                                           \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

/* ---- triggers ----------------------------------------------------------- */

static void register_0(void)
{
	judge_register(0);
}

static void trigger_1(void)
{
	judge_trigger(0, 1, 0);
}

static void trigger_1_twice(void)
{
	trigger_1();
	trigger_1();
}

static const struct scenario trigger_handler = {
	.name = "trigger-handler",
	.help = "a trigger that joins a bit which the handler has just taken",
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.setup = register_0,
	.body = THREADS(trigger_1_twice, NULL),
};

static const struct scenario trigger_two_senders = {
	.name = "trigger-two-senders",
	.help = "who saw the target idle notifies, and only that one",
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.setup = register_0,
	.body = THREADS(trigger_1, NULL, trigger_1),
};

static void trigger_all(void)
{
	judge_trigger_multi(0, ALL, 0);
}

static const struct scenario trigger_multi_local = {
	.name = "trigger-multi-local",
	.help = "a multi-target trigger that includes the sender, both ways",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.setup = register_0,
	.body = THREADS(trigger_all, trigger_all),
};

static void trigger_again(unsigned slot)
{
	if (current->cpu->index == 1 && !quiet)
		judge_trigger_multi(1, 1u << 1, 0);
}

static void register_local(void)
{
	judge_register(0);
	judge_register(1);
	judge_on_id(0, trigger_again);
}

static const struct scenario trigger_local_in_handler = {
	.name = "trigger-local-in-handler",
	.help = "a local trigger in a handler runs after the pass",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.setup = register_local,
	.body = THREADS(trigger_1_twice, NULL),
};

/* The handler waits for CPU 0, and is triggered again meanwhile. */
static void ask_back(unsigned slot)
{
	if (judge_unicast(1, 0, 0, JUDGE_ANY) == 0)
		judge_wait(1);
}

static void register_asking(void)
{
	judge_register(0);
	judge_on_id(0, ask_back);
}

static const struct scenario trigger_nested_wait = {
	.name = "trigger-nested-wait",
	.help = "a handler that waits is not nested in itself",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.setup = register_asking,
	.body = THREADS(trigger_1_twice, NULL),
};

static void local_again(unsigned m)
{
	judge_trigger_multi(0, 1u << 0, 0);
}

static void register_in_message(void)
{
	judge_register(0);
	judge_on_message(0, local_again);
}

static void multicast_self(void)
{
	judge_multicast(0, 1u << 0, 0, 0);
	judge_wait(0);
}

static const struct scenario trigger_local_in_local = {
	.name = "trigger-local-in-local",
	.help = "a local trigger in a message that runs in place",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.setup = register_in_message,
	.body = THREADS(multicast_self, NULL),
};

/* ---- unregister --------------------------------------------------------- */

static void trigger_1_any(void)
{
	judge_trigger(0, 1, JUDGE_ANY);
}

static void unregister_0(void)
{
	judge_unregister(0, 0);
}

static const struct scenario unregister_trigger = {
	.name = "unregister-trigger",
	.help = "a trigger that has passed its check when the id goes",
	.threads = 3,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.setup = register_0,
	.body = THREADS(trigger_1_any, NULL, unregister_0),
};

static void trigger_then_unregister(void)
{
	judge_trigger(0, 1, 0);
	judge_unregister(0, 0);
}

static const struct scenario unregister_running = {
	.name = "unregister-running",
	.help = "the handler runs, or is about to, when the id goes",
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.setup = register_0,
	.body = THREADS(trigger_then_unregister, NULL),
};

static int unregistered;

static void unregister_either(void)
{
	int err = judge_unregister(0, JUDGE_ANY);

	if (err && err != -ENOENT)
		violation("the second unregister returns %d", err);
	unregistered += !err;
}

static void register_once(void)
{
	unregistered = 0;
	judge_register(0);
}

static void unregistered_once(void)
{
	for (unsigned i = 0; i < threads_n; i++)
		if (threads[i].status == ST_DEAD)
			return;
	if (unregistered != 1)
		violation("unregistered %d times", unregistered);
}

static const struct scenario unregister_unregister = {
	.name = "unregister-unregister",
	.help = "two callers at one id: one of them, and -ENOENT",
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.setup = register_once,
	.body = THREADS(unregister_either, unregister_either),
	.end = unregistered_once,
};

static const struct scenario unregister_target = {
	.name = "unregister-target",
	.help = "the target itself takes the id away",
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.setup = register_0,
	.body = THREADS(trigger_1_any, unregister_0),
};

/* The id goes to the next owner while a trigger of the first is on its way. */
static void unregister_and_register(void)
{
	judge_unregister(0, 0);
	judge_register(1);
}

static const struct scenario unregister_reuse = {
	.name = "unregister-reuse",
	.help = "a stale bit must not meet the next owner of an id",
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.setup = register_0,
	.body = THREADS(trigger_1_any, NULL, unregister_and_register),
};

static void trigger_and_register_0(void)
{
	judge_register(0);
	judge_trigger(0, 1, 0);
}

static void register_1(void)
{
	judge_register(1);
}

static const struct scenario register_freed = {
	.name = "register-freed",
	.help = "another thread takes a number that is just free again",
	.threads = 3,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.setup = trigger_and_register_0,
	.body = THREADS(register_1, NULL, unregister_0),
};

/* ---- messages ----------------------------------------------------------- */

static void unicast_1_wait(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_wait(0);
}

static void unicast_0_wait(void)
{
	judge_unicast(1, 0, 0, 0);
	judge_wait(1);
}

static const struct scenario unicast_wait = {
	.name = "unicast-wait",
	.help = "one message, there and back",
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_wait, NULL),
};

static const struct scenario unicast_mutual = {
	.name = "unicast-mutual",
	.help = "two CPUs that wait for each other",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(unicast_1_wait, unicast_0_wait),
};

static const struct scenario unicast_asleep = {
	.name = "unicast-asleep",
	.help = "waiters that sleep at once: no wake-up is lost",
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.waiter = IPI_WAITER_SLEEP,
	.body = THREADS(unicast_1_wait, NULL),
};

static void unicast_reuse(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_unicast(0, 1, 0, JUDGE_ANY); /* -EBUSY, or it is done */
	judge_wait(0);
	judge_unicast(0, 1, 0, 0);
	judge_wait(0);
}

static const struct scenario message_reuse = {
	.name = "message-reuse",
	.help = "a message sent again; while it is live, -EBUSY",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_reuse, NULL),
};

static void unicast_two(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_unicast(1, 1, 0, 0);
	judge_wait(1);
	judge_wait(0);
}

static const struct scenario unicast_two_messages = {
	.name = "unicast-two-messages",
	.help = "two messages of one sender, each with a node of its own",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_two, NULL),
};

static void unicast_2_wait(void)
{
	judge_unicast(2, 1, 0, 0);
	judge_wait(2);
}

static const struct scenario unicast_two_senders = {
	.name = "unicast-two-senders",
	.help = "two messages in one mailbox",
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(unicast_1_wait, NULL, unicast_2_wait),
};

static void broadcast_wait(void)
{
	judge_broadcast(0, 0, 0);
	judge_wait(0);
}

static const struct scenario broadcast = {
	.name = "broadcast",
	.help = "one counter, several answers",
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_wait, NULL, NULL),
};

static const struct scenario broadcast_asleep = {
	.name = "broadcast-asleep",
	.help = "the last answer wakes the sleeper",
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.waiter = IPI_WAITER_SLEEP,
	.body = THREADS(broadcast_wait, NULL, NULL),
};

static void broadcast_other(void)
{
	judge_broadcast(1, IPI_SKIP_SELF, 0);
	judge_wait(1);
}

static const struct scenario broadcast_mutual = {
	.name = "broadcast-mutual",
	.help = "two broadcasts that meet",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_wait, broadcast_other),
};

/*
 * CPU 0 is interrupted between its publication and its notification, and the
 * handler waits for the very CPU that is not told yet.
 */
static void unicast_0_only(void)
{
	judge_unicast(1, 0, 0, JUDGE_ANY);
}

static void ask_sender(unsigned m)
{
	if (judge_unicast(2, 1, 0, JUDGE_ANY) == 0)
		judge_wait(2);
}

static void interrupted_setup(void)
{
	judge_on_message(1, ask_sender);
}

static const struct scenario interrupted_notifier = {
	.name = "interrupted-notifier",
	.help = "the one who will notify is interrupted and waits",
	.threads = 2,
	.cpus = 2,
	.preempt = 1,
	.weak = 0,
	.hostile_preempt = 0,
	.setup = interrupted_setup,
	.body = THREADS(unicast_1_wait, unicast_0_only),
};

/* ---- no room ------------------------------------------------------------ */

static void fill_both(void)
{
	judge_unicast(0, 1, 0, 0);
	current = &threads[1];
	judge_unicast(1, 0, 0, 0);
	current = &threads[0];
}

static void full_0(void)
{
	judge_unicast(2, 1, 0, 0);
	judge_wait(2);
}

static void full_1(void)
{
	judge_unicast(3, 0, 0, 0);
	judge_wait(3);
}

static const struct scenario full_both_ways = {
	.name = "full-both-ways",
	.help = "no room in either mailbox: who waits for room serves",
	.threads = 2,
	.cpus = 2,
	.preempt = 1,
	.weak = 0,
	.pool_nodes = 1,
	.setup = fill_both,
	.body = THREADS(full_0, full_1),
};

static void fill_slots(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_unicast(1, 1, 0, 0);
}

static void full_slots(void)
{
	judge_unicast(2, 1, 0, 0);
	judge_wait(2);
}

static void nowait_then_wait(void)
{
	judge_unicast(3, 1, IPI_NOWAIT, JUDGE_ANY); /* -EAGAIN, or room */
	judge_wait(3);
}

static const struct scenario full_mailbox = {
	.name = "full-mailbox",
	.help = "a mailbox without room, waited for and not waited for",
	.threads = 3,
	.cpus = 3,
	.preempt = 1,
	.weak = 1,
	.pool_nodes = 4,
	.setup = fill_slots,
	.body = THREADS(full_slots, NULL, nowait_then_wait),
};

static void full_broadcast_setup(void)
{
	judge_unicast(0, 1, 0, 0);
}

static void full_broadcast(void)
{
	judge_broadcast(1, IPI_SKIP_SELF, 0);
	judge_wait(1);
	judge_wait(0);
}

static const struct scenario broadcast_full = {
	.name = "broadcast-full",
	.help = "a broadcast that finds no node and waits in its middle",
	.threads = 3,
	.cpus = 3,
	.preempt = 1,
	.weak = 1,
	.pool_nodes = 1,
	.setup = full_broadcast_setup,
	.body = THREADS(full_broadcast, NULL, NULL),
};

/* ---- nesting ------------------------------------------------------------ */

/* Each handler sends the next message back, until the bound refuses it. */
static void send_back(unsigned m)
{
	unsigned other = !current->cpu->index;
	int err;

	if (m + 1 >= JUDGE_MSGS)
		return;
	err = judge_unicast(m + 1, other, 0, JUDGE_ANY);
	if (err && err != -EDEADLK && err != -ENXIO)
		violation("a send in a handler returns %d", err);
	if (err == -EDEADLK && current->handlers < IPI_NEST_MAX)
		violation("refused at depth %d", current->handlers);
	judge_wait(m + 1);
}

static void nest_setup(void)
{
	for (unsigned m = 0; m < JUDGE_MSGS; m++)
		judge_on_message(m, send_back);
}

static const struct scenario nesting = {
	.name = "nesting",
	.pool_nodes = IPI_NEST_MAX + 2,
	.polls = true, /* they run in waits all the same */
	.help = "handlers that send and wait, to and fro",
	.threads = 2,
	.cpus = 2,
	.preempt = 1,
	.weak = 1,
	.setup = nest_setup,
	.body = THREADS(unicast_1_wait, NULL),
};

/* The handler of message 0 waits for CPU 0, whose handler waits for message 1,
 * which is in the mailbox behind it. */
static void ask_and_wait(unsigned m)
{
	if (m == 0 && judge_unicast(2, 0, 0, JUDGE_ANY) == 0)
		judge_wait(2);
	if (m == 2)
		judge_wait(1);
}

static void unicast_two_wait_first(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_unicast(1, 1, 0, 0);
	judge_wait(0);
	judge_wait(1);
}

static void mail_below_setup(void)
{
	judge_on_message(0, ask_and_wait);
	judge_on_message(2, ask_and_wait);
}

static const struct scenario mail_below = {
	.name = "mail-below",
	.help = "a handler waits while the pass below has mail to take",
	.threads = 2,
	.cpus = 2,
	.preempt = 1,
	.weak = 0,
	.setup = mail_below_setup,
	.body = THREADS(unicast_two_wait_first, NULL),
};

static void broadcast_nested(unsigned m)
{
	if (m)
		return;
	judge_broadcast(1 + current->cpu->index, 0, 0);
	judge_wait(1 + current->cpu->index);
}

static void nest_broadcast_setup(void)
{
	judge_on_message(0, broadcast_nested);
}

static const struct scenario nesting_broadcast = {
	.name = "nesting-broadcast",
	.help = "broadcasts within handlers of a broadcast",
	.threads = 2,
	.cpus = 2,
	.preempt = 1,
	.weak = 1,
	.hostile_preempt = 1,
	.setup = nest_broadcast_setup,
	.body = THREADS(broadcast_wait, NULL),
};

/* ---- giving up ---------------------------------------------------------- */

static void unicast_timed(void)
{
	judge_unicast(0, 1, 0, 0);
	if (judge_wait_timeout(0))
		judge_detach(0);
	judge_unicast(1, 1, 0, 0);
	judge_wait(1);
}

static const struct scenario timed_wait = {
	.name = "timed-wait",
	.help = "time is out and the answer comes all the same; the node's "
		"reuse",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.pool_nodes = 1,
	.body = THREADS(unicast_timed, NULL),
};

static void broadcast_give_up(void)
{
	judge_broadcast(0, 0, 0);
	judge_detach(0);
}

static const struct scenario detach_broadcast = {
	.name = "detach-broadcast",
	.help = "a broadcast given up, target by target",
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_give_up, NULL, NULL),
};

static void unicast_give_up(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_detach(0);
	judge_unicast(0, 1, 0, 0);
	judge_wait(0);
}

static const struct scenario detach_unicast = {
	.name = "detach-unicast",
	.help = "a message given up while its target takes it; its reuse",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 2,
	.hostile_preempt = 1,
	.body = THREADS(unicast_give_up, NULL),
};

/* ---- CPUs that come and go ---------------------------------------------- */

static void unicast_1_any(void)
{
	if (!judge_unicast(0, 1, 0, JUDGE_ANY))
		judge_wait(0);
}

static void leave(void)
{
	judge_leave();
}

static const struct scenario leave_unicast = {
	.name = "leave-unicast",
	.help = "the target leaves while it is sent to",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 2,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_any, leave),
};

static const struct scenario leave_broadcast = {
	.name = "leave-broadcast",
	.help = "a target leaves while it is broadcast to",
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_wait, leave, NULL),
};

static const struct scenario leave_trigger = {
	.name = "leave-trigger",
	.help = "a trigger that returned 0 runs, though its target leaves",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 2,
	.hostile_preempt = 1,
	.setup = register_0,
	.body = THREADS(trigger_1_any, leave),
};

static void unicast_leave(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_leave();
	judge_wait(0);
}

static const struct scenario leave_sender = {
	.name = "leave-sender",
	.help = "a sender leaves with a message under way",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_leave, NULL),
};

static void attach_2(void)
{
	judge_attach(2);
}

static void unicast_end(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_end_thread(0);
}

static const struct scenario end_sender = {
	.name = "end-sender",
	.help = "a thread ends with a message on its stack under way",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_end, NULL),
};

static void broadcast_end(void)
{
	judge_broadcast(0, IPI_SKIP_SELF, 0);
	judge_end_thread(0);
}

static const struct scenario end_broadcaster = {
	.name = "end-broadcaster",
	.help = "a thread ends with a broadcast on its stack under way",
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_end, NULL, NULL),
};

static const struct scenario attach_broadcast = {
	.name = "attach-broadcast",
	.help = "a broadcast while a CPU attaches",
	.threads = 3,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_wait, NULL, attach_2),
};

static void leave_and_attach(void)
{
	judge_leave();
	judge_attach(1);
}

static const struct scenario reattach_unicast = {
	.name = "reattach-unicast",
	.help = "the target leaves and comes back in the same place",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_any, leave_and_attach),
};

static const struct scenario leave_leave = {
	.name = "leave-leave",
	.help = "two CPUs leave at once; the domain may go",
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.body = THREADS(leave, leave),
};

static const struct scenario leave_destroy = {
	.name = "leave-destroy",
	.help = "the domain goes as soon as the last CPU has left",
	.threads = 3,
	.cpus = 2,
	.preempt = 1,
	.weak = 1,
	.body = THREADS(leave, leave, judge_destroy),
};

/* ---- polling, sleeping, holding off ------------------------------------- */

static void poll_on_off(void)
{
	ipi_domain_polling(&world->dom, true);
	sched_between();
	(void)ipi_domain_serve(&world->dom);
	ipi_domain_polling(&world->dom, false);
}

static const struct scenario polling_unicast = {
	.name = "polling-unicast",
	.help = "the target says that it polls, and no longer",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_wait, poll_on_off),
};

static void idle_once(void)
{
	judge_idle(UINT64_MAX);
}

static const struct scenario idle_unicast = {
	.name = "idle-unicast",
	.help = "the target falls asleep while it is sent to",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_wait, idle_once),
};

static void idle_timed(void)
{
	judge_idle(1000);
}

static const struct scenario idle_trigger = {
	.name = "idle-trigger",
	.help = "the target wakes by itself while it is woken",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 2,
	.hostile_preempt = 1,
	.setup = register_0,
	.body = THREADS(trigger_1_twice, idle_timed),
};

static void hold_once(void)
{
	int level = world_splhigh();

	sched_between();
	world_splx(level);
}

static const struct scenario hold_unicast = {
	.name = "hold-unicast",
	.help = "the target holds delivery off, and no longer",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_wait, hold_once),
};

static const struct scenario hold_trigger = {
	.name = "hold-trigger",
	.help = "triggers to a target that holds delivery off",
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 2,
	.hostile_preempt = 1,
	.setup = register_0,
	.body = THREADS(trigger_1_twice, hold_once),
};

static const struct scenario hold_unregister = {
	.name = "hold-unregister",
	.help = "a grace period with a target that holds delivery off",
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.setup = register_0,
	.body = THREADS(trigger_then_unregister, hold_once),
};

const struct scenario *const scenarios[] = {
	&trigger_handler,
	&trigger_two_senders,
	&trigger_multi_local,
	&trigger_local_in_handler,
	&trigger_nested_wait,
	&trigger_local_in_local,
	&unregister_trigger,
	&unregister_running,
	&unregister_unregister,
	&unregister_target,
	&unregister_reuse,
	&register_freed,
	&unicast_wait,
	&unicast_mutual,
	&unicast_asleep,
	&message_reuse,
	&unicast_two_senders,
	&unicast_two_messages,
	&broadcast,
	&broadcast_asleep,
	&broadcast_mutual,
	&interrupted_notifier,
	&full_both_ways,
	&full_mailbox,
	&broadcast_full,
	&nesting,
	&nesting_broadcast,
	&mail_below,
	&timed_wait,
	&detach_broadcast,
	&detach_unicast,
	&leave_unicast,
	&leave_broadcast,
	&leave_trigger,
	&leave_sender,
	&end_sender,
	&end_broadcaster,
	&attach_broadcast,
	&reattach_unicast,
	&leave_leave,
	&leave_destroy,
	&polling_unicast,
	&idle_unicast,
	&idle_trigger,
	&hold_unicast,
	&hold_trigger,
	&hold_unregister,
	NULL,
};
