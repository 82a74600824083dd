// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two threads count in one word with plain accesses: KCSAN has to speak. It
 * watches an access only now and then, and only while it is switched on in
 * debugfs, so they race for as long as the module is loaded. With bug=0 they
 * count atomically.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>

static bool bug = true;
module_param(bug, bool, 0);
MODULE_PARM_DESC(bug, "count with plain accesses");

static struct task_struct *canary_threads[2];
static unsigned long canary_plain;
static atomic_long_t canary_atomic;

static void canary_count(void)
{
	if (bug)
		canary_plain++;
	else
		atomic_long_inc(&canary_atomic);
	barrier();
}

static int canary_race(void *unused)
{
	while (!kthread_should_stop()) {
		for (int i = 0; i < 1000; i++)
			canary_count();
		cond_resched();
	}
	return 0;
}

static void canary_stop(void)
{
	for (int i = 0; i < 2; i++)
		if (!IS_ERR_OR_NULL(canary_threads[i]))
			kthread_stop(canary_threads[i]);
}

static int __init canary_init(void)
{
	for (int i = 0; i < 2; i++) {
		canary_threads[i] =
			kthread_run(canary_race, NULL, "canary/%d", i);
		if (IS_ERR(canary_threads[i])) {
			canary_stop();
			return PTR_ERR(canary_threads[i]);
		}
	}
	return 0;
}

static void __exit canary_exit(void)
{
	canary_stop();
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("canary of KCSAN: a racy counter");
