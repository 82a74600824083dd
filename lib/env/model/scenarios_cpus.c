/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs that come and go, poll, sleep, hold delivery off. */
#include "core/internal.h"
#include "model/scenarios.h"

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

const struct scenario scenario_leave_unicast = {
	.name = "leave-unicast",
	.help = "the target leaves while it is sent to",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 2,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_any, leave),
};

const struct scenario scenario_leave_broadcast = {
	.name = "leave-broadcast",
	.help = "a target leaves while it is broadcast to",
	.sends = SENDS_TO_MANY,
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_wait, leave, NULL),
};

const struct scenario scenario_leave_trigger = {
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

const struct scenario scenario_leave_sender = {
	.name = "leave-sender",
	.help = "a sender leaves with a message under way",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_end_sender = {
	.name = "end-sender",
	.help = "a thread ends with a message on its stack under way",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_end_broadcaster = {
	.name = "end-broadcaster",
	.help = "a thread ends with a broadcast on its stack under way",
	.sends = SENDS_TO_MANY,
	.threads = 3,
	.cpus = 3,
	.preempt = 2,
	.weak = 1,
	.body = THREADS(broadcast_end, NULL, NULL),
};

const struct scenario scenario_attach_broadcast = {
	.name = "attach-broadcast",
	.help = "a broadcast while a CPU attaches",
	.sends = SENDS_TO_MANY,
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

const struct scenario scenario_reattach_unicast = {
	.name = "reattach-unicast",
	.help = "the target leaves and comes back in the same place",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_any, leave_and_attach),
};

const struct scenario scenario_leave_leave = {
	.name = "leave-leave",
	.help = "two CPUs leave at once; the domain may go",
	.threads = 2,
	.cpus = 2,
	.preempt = 4,
	.weak = 2,
	.hostile_preempt = 1,
	.body = THREADS(leave, leave),
};

const struct scenario scenario_leave_destroy = {
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

const struct scenario scenario_polling_unicast = {
	.name = "polling-unicast",
	.help = "the target says that it polls, and no longer",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_idle_unicast = {
	.name = "idle-unicast",
	.help = "the target falls asleep while it is sent to",
	.sends = SENDS_TO_ONE,
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

const struct scenario scenario_idle_trigger = {
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

const struct scenario scenario_idle_spin_unicast = {
	.name = "idle-spin-unicast",
	.help = "the target spins, then falls asleep, while it is sent to",
	.threads = 2,
	.cpus = 2,
	.idle_spin_ns = 1000,
	.preempt = 3,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_wait, idle_once),
};

const struct scenario scenario_idle_spin_trigger = {
	.name = "idle-spin-trigger",
	.help = "the target spins, sleeps and wakes by itself while it is told",
	.threads = 2,
	.cpus = 2,
	.idle_spin_ns = 500,
	.preempt = 3,
	.weak = 1,
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

const struct scenario scenario_hold_unicast = {
	.name = "hold-unicast",
	.help = "the target holds delivery off, and no longer",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.preempt = 3,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(unicast_1_wait, hold_once),
};

const struct scenario scenario_hold_trigger = {
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

const struct scenario scenario_hold_unregister = {
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

/* ---- a target that polls and is talked to again and again ---------------- */

static void send_three(void)
{
	for (unsigned m = 0; m < 3; m++) {
		judge_unicast(m, 1, 0, JUDGE_ANY);
		judge_wait(m);
	}
}

/* Polls until two messages have run; false: nobody sends any more. */
static bool take_two(void)
{
	ipi_a32 *notify = &current->cpu->notify;

	while (ipi_handlers_run(current->cpu) < 2) {
		const struct waiting w = {
			.word = notify,
			.seen = (uint32_t)memory_latest(notify, 4),
		};

		if (!(w.seen & IPI_W_WORK) && sched_wait(&w) & IPI_TURN_SLOW) {
			ipi_reap_dead(&world->dom, current->cpu);
			return false;
		}
		(void)ipi_domain_serve(&world->dom);
	}
	return true;
}

const struct scenario scenario_talk = {
	.name = "talk",
	.help = "one who polls is sent to again and again",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.polls = true,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(send_three, NULL),
};

static void talk_and_sleep(void)
{
	if (!take_two())
		return;
	while (ipi_handlers_run(current->cpu) < 3 && !judge_disturbed())
		judge_idle(UINT64_MAX);
}

const struct scenario scenario_talk_idle = {
	.name = "talk-idle",
	.help = "one who polls falls asleep while it is talked to",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.polls = true,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(send_three, talk_and_sleep),
};

static void talk_and_leave(void)
{
	if (take_two())
		judge_leave();
}

const struct scenario scenario_talk_leave = {
	.name = "talk-leave",
	.help = "one who polls leaves while it is talked to",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.polls = true,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 1,
	.body = THREADS(send_three, talk_and_leave),
};

static void talk_and_wait(void)
{
	if (!take_two())
		return;
	judge_unicast(3, 0, 0, JUDGE_ANY);
	judge_wait(3);
}

const struct scenario scenario_talk_wait = {
	.name = "talk-wait",
	.help = "one who polls waits while it is talked to",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.polls = true,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 0,
	.body = THREADS(send_three, talk_and_wait),
};

static void talk_and_hold(void)
{
	if (take_two())
		hold_once();
}

const struct scenario scenario_talk_hold = {
	.name = "talk-hold",
	.help = "one who polls holds delivery off while it is talked to",
	.sends = SENDS_TO_ONE,
	.threads = 2,
	.cpus = 2,
	.polls = true,
	.preempt = 2,
	.weak = 1,
	.hostile_preempt = 0,
	.body = THREADS(send_three, talk_and_hold),
};
