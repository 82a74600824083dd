/* SPDX-License-Identifier: GPL-2.0-only */
/* Triggers, and ids that come and go. */
#include "model/scenarios.h"

/* ---- triggers ----------------------------------------------------------- */

void register_0(void)
{
	judge_register(0);
}

static void trigger_1(void)
{
	judge_trigger(0, 1, 0);
}

void trigger_1_twice(void)
{
	trigger_1();
	trigger_1();
}

const struct scenario scenario_trigger_handler = {
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

const struct scenario scenario_trigger_two_senders = {
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

const struct scenario scenario_trigger_multi_local = {
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

const struct scenario scenario_trigger_local_in_handler = {
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

const struct scenario scenario_trigger_nested_wait = {
	.name = "trigger-nested-wait",
	.help = "a handler that waits is not nested in itself",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_trigger_local_in_local = {
	.name = "trigger-local-in-local",
	.help = "a local trigger in a message that runs in place",
	.sends = SENDS_TO_MANY,
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.setup = register_in_message,
	.body = THREADS(multicast_self, NULL),
};

/* ---- unregister --------------------------------------------------------- */

void trigger_1_any(void)
{
	judge_trigger(0, 1, JUDGE_ANY);
}

static void unregister_0(void)
{
	judge_unregister(0, 0);
}

const struct scenario scenario_unregister_trigger = {
	.name = "unregister-trigger",
	.help = "a trigger that has passed its check when the id goes",
	.threads = 3,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.setup = register_0,
	.body = THREADS(trigger_1_any, NULL, unregister_0),
};

void trigger_then_unregister(void)
{
	judge_trigger(0, 1, 0);
	judge_unregister(0, 0);
}

const struct scenario scenario_unregister_running = {
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

const struct scenario scenario_unregister_unregister = {
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

const struct scenario scenario_unregister_target = {
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

const struct scenario scenario_unregister_reuse = {
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

const struct scenario scenario_register_freed = {
	.name = "register-freed",
	.help = "another thread takes a number that is just free again",
	.threads = 3,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.setup = trigger_and_register_0,
	.body = THREADS(register_1, NULL, unregister_0),
};
