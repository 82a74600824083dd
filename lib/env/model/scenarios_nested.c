/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers that send and wait; messages that are given up. */
#include "model/scenarios.h"

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

const struct scenario scenario_nesting = {
	.name = "nesting",
	.pool_nodes = IPI_NEST_MAX + 2,
	.polls = true, /* they run in waits all the same */
	.help = "handlers that send and wait, to and fro",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_mail_below = {
	.name = "mail-below",
	.help = "a handler waits while the pass below has mail to take",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_nesting_broadcast = {
	.name = "nesting-broadcast",
	.help = "broadcasts within handlers of a broadcast",
	.sends = SENDS_TO_MANY,
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

const struct scenario scenario_timed_wait = {
	.name = "timed-wait",
	.help = "time is out and the answer comes all the same; the node's "
		"reuse",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_detach_broadcast = {
	.name = "detach-broadcast",
	.help = "a broadcast given up, target by target",
	.sends = SENDS_TO_MANY,
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_give_up, NULL, NULL),
};

/* A handler on the sender's CPU takes what the one given up has left. */
static void send_on(unsigned m)
{
	if (m == 1)
		judge_multicast(2, 1u << 1, 0, JUDGE_ANY);
}

static void again_setup(void)
{
	judge_on_message(1, send_on);
}

static void multicast_give_up(void)
{
	judge_multicast(0, 1u << 1, 0, 0);
	judge_detach(0);
	judge_wait(2);
}

static void unicast_back(void)
{
	judge_unicast(1, 0, 0, JUDGE_ANY);
	judge_wait(1);
}

const struct scenario scenario_detach_again = {
	.name = "detach-again",
	.help = "a multicast given up while a handler sends the next one",
	.sends = SENDS_TO_MANY,
	.threads = 2,
	.cpus = 2,
	.preempt = 1,
	.weak = 0,
	.setup = again_setup,
	.body = THREADS(multicast_give_up, unicast_back),
};

static void unicast_give_up(void)
{
	judge_unicast(0, 1, 0, 0);
	judge_detach(0);
	judge_unicast(0, 1, 0, 0);
	judge_wait(0);
}

const struct scenario scenario_detach_unicast = {
	.name = "detach-unicast",
	.help = "a message given up while its target takes it; its reuse",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 2,
	.hostile_preempt = 1,
	.body = THREADS(unicast_give_up, NULL),
};
