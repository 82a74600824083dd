// SPDX-License-Identifier: GPL-2.0-only
/* Reads memory that was freed: KASAN has to speak. With bug=0 it reads before. */
#include <linux/module.h>
#include <linux/slab.h>

static bool bug = true;
module_param(bug, bool, 0);
MODULE_PARM_DESC(bug, "read after the memory was freed");

static int __init canary_init(void)
{
	int *word = kzalloc(sizeof(*word), GFP_KERNEL);

	if (!word)
		return -ENOMEM;
	if (!bug)
		READ_ONCE(*word);
	kfree(word);
	if (bug)
		READ_ONCE(*word);
	return 0;
}

static void __exit canary_exit(void)
{
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("canary of KASAN: a use after free");
