/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages, and mailboxes without room. */
#include "model/scenarios.h"

/* ---- messages ----------------------------------------------------------- */

void unicast_1_wait(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_wait(0);
}

static void unicast_0_wait(void)
{
	judge_unicast(1, 0, 0, 0);
	judge_wait(1);
}

const struct scenario scenario_unicast_wait = {
	.name = "unicast-wait",
	.help = "one message, there and back",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_wait, NULL),
};

const struct scenario scenario_unicast_mutual = {
	.name = "unicast-mutual",
	.help = "two CPUs that wait for each other",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(unicast_1_wait, unicast_0_wait),
};

const struct scenario scenario_unicast_asleep = {
	.name = "unicast-asleep",
	.help = "waiters that sleep at once: no wake-up is lost",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_message_reuse = {
	.name = "message-reuse",
	.help = "a message sent again; while it is live, -EBUSY",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_unicast_two_messages = {
	.name = "unicast-two-messages",
	.help = "two messages of one sender, each with a node of its own",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_unicast_two_senders = {
	.name = "unicast-two-senders",
	.help = "two messages in one mailbox",
	.sends = SENDS_TO_ONE,
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(unicast_1_wait, NULL, unicast_2_wait),
};

void broadcast_wait(void)
{
	judge_broadcast(0, 0, 0);
	judge_wait(0);
}

const struct scenario scenario_broadcast = {
	.name = "broadcast",
	.help = "one counter, several answers",
	.sends = SENDS_TO_MANY,
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_wait, NULL, NULL),
};

const struct scenario scenario_broadcast_asleep = {
	.name = "broadcast-asleep",
	.help = "the last answer wakes the sleeper",
	.sends = SENDS_TO_MANY,
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

const struct scenario scenario_broadcast_mutual = {
	.name = "broadcast-mutual",
	.help = "two broadcasts that meet",
	.sends = SENDS_TO_MANY,
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

const struct scenario scenario_interrupted_notifier = {
	.name = "interrupted-notifier",
	.help = "the one who will notify is interrupted and waits",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_full_both_ways = {
	.name = "full-both-ways",
	.help = "no room in either mailbox: who waits for room serves",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.preempt = 1,
	.weak = 0,
	.pool_nodes = 1,
	.setup = fill_both,
	.hostile_polls = true,
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

const struct scenario scenario_full_mailbox = {
	.name = "full-mailbox",
	.help = "a mailbox without room, waited for and not waited for",
	.sends = SENDS_TO_ONE,
	.threads = 3,
	.cpus = 3,
	.preempt = 1,
	.weak = 1,
	.pool_nodes = 4,
	.setup = fill_slots,
	.body = THREADS(full_slots, NULL, nowait_then_wait),
};

static void send_again(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_wait(0);
	judge_unicast(1, 2, 0, 0);
	judge_wait(1);
}

static void send_beside(void)
{
	judge_unicast(2, 1, 0, 0);
	judge_wait(2);
}

const struct scenario scenario_node_again = {
	.name = "node-again",
	.help = "a node is posted elsewhere while another sender still knows it",
	.sends = SENDS_TO_ONE,
	.threads = 3,
	.cpus = 3,
	.preempt = 1,
	.weak = 1,
	.pool_nodes = 1,
	.hostile_polls = true,
	.body = THREADS(send_again, NULL, send_beside),
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

const struct scenario scenario_broadcast_full = {
	.name = "broadcast-full",
	.help = "a broadcast that finds no node and waits in its middle",
	.sends = SENDS_TO_MANY,
	.threads = 3,
	.cpus = 3,
	.preempt = 1,
	.weak = 1,
	.pool_nodes = 1,
	.setup = full_broadcast_setup,
	.body = THREADS(full_broadcast, NULL, NULL),
};
