// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a spinlock_t in an interrupt's handler, where PREEMPT_RT would have to
 * sleep: lockdep's PROVE_RAW_LOCK_NESTING has to speak. With bug=0 it is a
 * raw_spinlock_t, which is right.
 */
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

static bool bug = true;
module_param(bug, bool, 0);
MODULE_PARM_DESC(bug, "take a lock that may sleep elsewhere");

static DEFINE_SPINLOCK(canary_lock);
static DEFINE_RAW_SPINLOCK(canary_raw_lock);

static atomic_t interrupted = ATOMIC_INIT(0);

/* An idle CPU may find the call by itself, and make it without an interrupt. */
static void canary_handler(void *unused)
{
	if (!in_hardirq())
		return;
	atomic_inc(&interrupted);
	if (bug) {
		spin_lock(&canary_lock);
		spin_unlock(&canary_lock);
	} else {
		raw_spin_lock(&canary_raw_lock);
		raw_spin_unlock(&canary_raw_lock);
	}
}

static int __init canary_init(void)
{
	int tries;

	for (tries = 0; tries < 1000 && !atomic_read(&interrupted); tries++)
		on_each_cpu(canary_handler, NULL, 1);
	return atomic_read(&interrupted) ? 0 : -EAGAIN;
}

static void __exit canary_exit(void)
{
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION(
	"canary of PROVE_RAW_LOCK_NESTING: a spinlock_t in a handler");
