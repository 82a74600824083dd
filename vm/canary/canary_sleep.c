// SPDX-License-Identifier: GPL-2.0-only
/*
 * May sleep in an interrupt's handler: DEBUG_ATOMIC_SLEEP has to speak. With
 * bug=0 it may sleep where it may.
 */
#include <linux/module.h>
#include <linux/smp.h>

static bool bug = true;
module_param(bug, bool, 0);
MODULE_PARM_DESC(bug, "sleep in the handler");

static void canary_handler(void *unused)
{
	if (bug)
		might_sleep();
}

static int __init canary_init(void)
{
	on_each_cpu(canary_handler, NULL, 1);
	might_sleep();
	return 0;
}

static void __exit canary_exit(void)
{
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("canary of DEBUG_ATOMIC_SLEEP: sleeping in a handler");
