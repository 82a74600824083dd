// SPDX-License-Identifier: GPL-2.0-only
/* A call that its CPU answers late: CSD_LOCK_WAIT_DEBUG has to speak. With bug=0 it answers soon. */
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/smp.h>

static bool bug = true;
module_param(bug, bool, 0);
MODULE_PARM_DESC(bug, "the CPU is deaf for a second, not for a millisecond");

static bool begun;

static void canary_deaf(void *unused)
{
	u64 end = ktime_get_mono_fast_ns() + (bug ? 1000 : 1) * NSEC_PER_MSEC;

	WRITE_ONCE(begun, true);
	while (ktime_get_mono_fast_ns() < end)
		cpu_relax();
}

static void canary_call(void *unused)
{
}

static int __init canary_init(void)
{
	unsigned int other = cpumask_any_but(cpu_online_mask, get_cpu());
	int err = smp_call_function_single(other, canary_deaf, NULL, 0);

	if (!err) {
		/* Linux runs calls that are waited for ahead of others. */
		while (!READ_ONCE(begun))
			cpu_relax();
		err = smp_call_function_single(other, canary_call, NULL, 1);
	}
	put_cpu();
	return err;
}

static void __exit canary_exit(void)
{
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("canary of CSD_LOCK_WAIT_DEBUG: a call that is not answered");
