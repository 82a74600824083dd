// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a lock with interrupts on, which a handler takes too: it would wait for
 * ever on a CPU that it interrupts there. PROVE_LOCKING has to speak, although
 * that never happens. With bug=0 interrupts are off. The lock is raw, so that
 * the nesting is right.
 */
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

static bool bug = true;
module_param(bug, bool, 0);
MODULE_PARM_DESC(bug, "leave interrupts on");

static DEFINE_RAW_SPINLOCK(canary_lock);

static void canary_handler(void *unused)
{
	raw_spin_lock(&canary_lock);
	raw_spin_unlock(&canary_lock);
}

static int __init canary_init(void)
{
	unsigned long flags = 0;

	on_each_cpu(canary_handler, NULL, 1);
	if (!bug)
		local_irq_save(flags);
	raw_spin_lock(&canary_lock);
	raw_spin_unlock(&canary_lock);
	if (!bug)
		local_irq_restore(flags);
	return 0;
}

static void __exit canary_exit(void)
{
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("canary of PROVE_LOCKING: a lock unsafe in interrupts");
