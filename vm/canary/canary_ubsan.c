// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shifts a word by its width: UBSAN has to speak. With bug=0 it shifts by one
 * place less.
 */
#include <linux/module.h>

static bool bug = true;
module_param(bug, bool, 0);
MODULE_PARM_DESC(bug, "shift by as many places as a word has");

static unsigned int canary_word;

static int __init canary_init(void)
{
	WRITE_ONCE(canary_word, 1U << (READ_ONCE(bug) ? 32 : 31));
	return 0;
}

static void __exit canary_exit(void)
{
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("canary of UBSAN: a shift out of bounds");
