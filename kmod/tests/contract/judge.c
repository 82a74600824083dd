// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge of the contract inside Linux. In debugfs, folder ipi_contract:
 *   run   written to, "QUEUE ACK DELIVERY WAITER [PART OF A NAME]": the tests
 *         run, and the write returns when they are over. 0; -EINVAL: no such
 *         design; -EOPNOTSUPP: the delivery can't be had; -ETIME: a test hangs,
 *         and the module with it
 *   log   then read: a line of TAP for each test, and what it said
 * It takes CPUs offline and brings them back, and needs seven that are online.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "judge.h"

#define CPUS_NEEDED 7
#define NAME_BYTES 64
#define TEST_LIMIT_MS 40000 /* then all waits end, */
#define HANG_MS 30000 /* and after this there is nothing more to be done */

static ulong seed;
module_param(seed, ulong, 0644);
MODULE_PARM_DESC(seed, "of what is left to chance; 0: another one each time");
module_param_named(scale, contract_scale, uint, 0644);
MODULE_PARM_DESC(scale, "percent of the usual number of rounds");

/* ---- what there is to be judged ------------------------------------------------ */

#define GROUP(name) extern const struct contract_test contract_tests_##name[];
#include "groups.def"
#undef GROUP

static const struct contract_test *const groups[] = {
#define GROUP(name) contract_tests_##name,
#include "groups.def"
#undef GROUP
};

static const struct {
	const char *test, *queue, *delivery, *why;
} skips[] = {
#define SKIP(test, queue, delivery, why) { #test, queue, delivery, why },
#define SKIP_GROUP(group, why)
#include "skips.def"
#undef SKIP
#undef SKIP_GROUP
};

static const struct {
	const char *group, *why;
} group_skips[] = {
#define SKIP(test, queue, delivery, why)
#define SKIP_GROUP(group, why) { #group, why },
#include "skips.def"
#undef SKIP
#undef SKIP_GROUP
};

/* Made up: neighbours are in different groups. */
static const uint16_t cpu_groups[] = { 0, 1, 0, 1, 0, 1, 0, 1 };

struct order {
	char queue[NAME_BYTES], ack[NAME_BYTES], delivery[NAME_BYTES];
	char waiter[NAME_BYTES], only[NAME_BYTES];
};

/* ---- running ------------------------------------------------------------------- */

static DEFINE_MUTEX(running);
static struct order order;
static bool hangs; /* for good */
static const char *now; /* the test that runs */
static const char *skip_reason;
static _Atomic(uint64_t) alive_ns;

void contract_alive(void)
{
	atomic_store(&alive_ns, contract_now_ns());
}

void contract_skip(const char *why)
{
	skip_reason = why;
}

static bool fits(const char *wanted, const char *name)
{
	return !*wanted || !strcmp(wanted, name);
}

static const char *skipped(const struct contract_test *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(skips); i++)
		if (!strcmp(skips[i].test, test->name) &&
		    fits(skips[i].queue, order.queue) &&
		    fits(skips[i].delivery, order.delivery))
			return skips[i].why;
	return NULL;
}

static void verdict(const char *name, bool bad, const char *skip)
{
	log_say("%sok - %s [%s %s %s %s]%s%s\n", bad ? "not " : "", name,
		order.queue, order.ack, order.delivery, order.waiter,
		skip ? " # SKIP " : "", skip ?: "");
}

static void run_one(const struct contract_test *test)
{
	unsigned int bad;

	now = test->name;
	/* A kernel that dies of it says of what. */
	pr_info("ipi_contract: %s [%s %s %s %s]\n", test->name, order.queue,
		order.ack, order.delivery, order.waiter);
	contract_alive();
	skip_reason = skipped(test);
	if (!skip_reason)
		test->run();
	traps_clear();
	bad = log_failures();
	verdict(test->name, bad, skip_reason);
}

static bool wanted(const char *name)
{
	return !*order.only || strstr(name, order.only);
}

static void *judge(void *unused)
{
	const struct contract_test *test;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(groups); i++)
		for (test = groups[i]; test->name; test++) {
			if (!wanted(test->name))
				continue;
			run_one(test);
			/* What was lost may be anywhere. */
			if (atomic_load(&contract_gave_up)) {
				log_say("Bail out! lost\n");
				return NULL;
			}
		}
	for (i = 0; i < ARRAY_SIZE(group_skips); i++)
		if (wanted(group_skips[i].group))
			verdict(group_skips[i].group, false,
				group_skips[i].why);
	return NULL;
}

/* A list that names what is not there would hide what has been renamed. */
static int check_skips(void)
{
	const struct contract_test *test;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(skips); i++) {
		bool there = false;

		for (k = 0; k < ARRAY_SIZE(groups); k++)
			for (test = groups[k]; test->name; test++)
				there |= !strcmp(test->name, skips[i].test);
		if (!there) {
			pr_err("ipi_contract: skips.def: there is no test %s\n",
			       skips[i].test);
			return -ENOENT;
		}
	}
	return 0;
}

/* 0, or -ETIME: it does not end even where all waits do. */
static int await(pthread_t thread)
{
	int64_t idle_ms; /* this clock may be behind the other CPU's */

	while (!contract_thread_over(thread)) {
		usleep_range(2000, 4000);
		idle_ms =
			(int64_t)(contract_now_ns() - atomic_load(&alive_ns)) /
			1000000;
		if (idle_ms > TEST_LIMIT_MS && !atomic_load(&contract_gave_up))
			contract_lost(__FILE__, __LINE__, now);
		if (idle_ms > TEST_LIMIT_MS + HANG_MS)
			return -ETIME;
	}
	pthread_join(thread, NULL);
	return 0;
}

/* Nobody can end a call that hangs: its code has to stay. */
static int hang(void)
{
	hangs = true;
	__module_get(THIS_MODULE);
	(void)log_failures();
	verdict(now, true, NULL);
	log_say("Bail out! hang\n");
	return -ETIME;
}

static int run(void)
{
	pthread_t thread;
	int err;

	log_clear();
	contract_seed(seed ?: contract_now_ns());
	atomic_store(&contract_gave_up, false);
	(void)log_failures();
	contract_alive();
	thread = thread_on(0, judge, NULL);
	if (!thread)
		return -ENOMEM;
	err = await(thread);
	if (err)
		return hang();
	if (log_is_full())
		pr_err("ipi_contract: the log was too short\n");
	return log_is_full() ? -ENOSPC : 0;
}

/* ---- what is asked for --------------------------------------------------------- */

static int waiter_of(const char *name)
{
	if (!strcmp(name, "relax"))
		return IPI_WAITER_RELAX;
	return strcmp(name, "spin") ? -EINVAL : IPI_WAITER_SPIN;
}

static int choose(void)
{
	struct ipi_domain *dom;
	int waiter = waiter_of(order.waiter), err;

	if (waiter < 0)
		return waiter;
	contract_params = (struct ipi_params){
		.queue = order.queue,
		.ack = order.ack,
		.delivery = order.delivery,
		.waiter = waiter,
		.spin_loads = 200,
		.group_of_processor = cpu_groups,
		.processors = ARRAY_SIZE(cpu_groups),
	};
	err = ipi_domain_create(&contract_params, &dom);
	return err ?: ipi_domain_destroy(dom);
}

static ssize_t run_write(struct file *file, const char __user *from,
			 size_t bytes, loff_t *at)
{
	char line[4 * NAME_BYTES] = "";
	int err;

	if (bytes >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, bytes))
		return -EFAULT;
	mutex_lock(&running);
	order = (struct order){};
	err = hangs ? -EBUSY : 0;
	if (!err &&
	    sscanf(line, "%63s %63s %63s %63s %63s", order.queue, order.ack,
		   order.delivery, order.waiter, order.only) < 4)
		err = -EINVAL;
	if (!err && num_online_cpus() < CPUS_NEEDED)
		err = -ENXIO;
	err = err ?: choose();
	err = err ?: run();
	mutex_unlock(&running);
	return err ?: (ssize_t)bytes;
}

static ssize_t log_file_read(struct file *file, char __user *to, size_t bytes,
			     loff_t *at)
{
	return log_read(to, bytes, at);
}

static const struct file_operations run_ops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = run_write,
};
static const struct file_operations log_ops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = log_file_read,
};

static struct dentry *folder;

static int __init contract_init(void)
{
	int err = check_skips() ?: log_open();

	if (err)
		return err;
	folder = debugfs_create_dir("ipi_contract", NULL);
	debugfs_create_file("run", 0200, folder, NULL, &run_ops);
	debugfs_create_file("log", 0400, folder, NULL, &log_ops);
	ipi_test_hook = trap_hook;
	return 0;
}

static void __exit contract_exit(void)
{
	debugfs_remove(folder);
	WRITE_ONCE(ipi_test_hook, NULL);
	/* Who is at a point has interrupts off, or may be about to call. */
	synchronize_rcu();
	log_close();
}

module_init(contract_init);
module_exit(contract_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("the contract of ipi(9), judged inside the kernel");
