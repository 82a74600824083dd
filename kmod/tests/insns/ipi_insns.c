// SPDX-License-Identifier: GPL-2.0-only
/*
 * For plugin.c: CPU 0 sends to CPU 1, which counts in a loop of known length. Marks:
 * 0 and 1 stand before and after a send on CPU 0; 2 and 3 around CPU 1's loop.
 * What CPU 1 has executed beyond its loop, a timer's tick apart, is what an
 * interrupt cost it. In the log: which route, and how often the loop turned.
 *     insmod ipi_insns.ko; plugin's lines and the log to insns.py
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/smp.h>

#include <ipi/ipi.h>

#define SENDS 20
#define MARK(n)                                                                \
	asm volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0x49, 0x50, 0x49"           \
		     :                                                         \
		     : "i"(n)                                                  \
		     : "memory")

static struct ipi_domain *domain;
static unsigned int came, stop, turns, looping;

static void on_call(void *arg)
{
	WRITE_ONCE(came, came + 1);
}

static void on_csd(void *arg)
{
	on_call(arg);
}

static call_single_data_t csd;

/* ---- the routes: one send, not waited for -------------------------------- */

static void send_nothing(void)
{
	on_call(NULL);
}

static void send_single(void)
{
	smp_call_function_single(1, on_call, NULL, 0);
}

static void send_async(void)
{
	smp_call_function_single_async(1, &csd);
}

static ipi_msg_t msg = { .func = on_call };

static void send_unicast(void)
{
	ipi_domain_unicast(domain, &msg, ipi_domain_cpu(domain, 1), 0);
}

/* ---- both CPUs ----------------------------------------------------------- */

/* Four instructions a turn, whatever the compiler thinks. */
static void loop(void)
{
	asm volatile("1: incl %0\n\t"
		     "cmpl $0, %1\n\t"
		     "nop\n\t"
		     "je 1b"
		     : "+m"(turns)
		     : "m"(stop)
		     : "memory", "cc");
}

static int receiver(void *unused)
{
	preempt_disable();
	turns = 0;
	WRITE_ONCE(looping, 1);
	MARK(2);
	loop();
	MARK(3);
	preempt_enable();
	WRITE_ONCE(looping, 0);
	return 0;
}

static void one(const char *name, void (*send)(void))
{
	struct task_struct *task;

	stop = came = 0;
	task = kthread_create(receiver, NULL, "insns");
	if (IS_ERR(task))
		return;
	kthread_bind(task, 1);
	wake_up_process(task);
	while (!READ_ONCE(looping))
		cpu_relax();
	preempt_disable();
	for (unsigned int n = 0; n < SENDS; n++) {
		udelay(20);
		MARK(0);
		send();
		MARK(1);
		while (READ_ONCE(came) != n + 1)
			cpu_relax();
		udelay(20);
		if (domain)
			ipi_domain_wait_timeout(domain, &msg, 1000000000);
	}
	WRITE_ONCE(stop, 1);
	preempt_enable();
	while (READ_ONCE(looping))
		msleep(1);
	pr_info("ipi_insns: %s: %u sends, %u turns\n", name, SENDS, turns);
}

static void one_domain(const char *queue, const char *delivery)
{
	const struct ipi_params params = { .queue = queue,
					   .delivery = delivery };
	char name[32];

	snprintf(name, sizeof(name), "%s-%s", queue, delivery);
	if (ipi_domain_create(&params, &domain))
		return;
	one(name, send_unicast);
	ipi_domain_destroy(domain);
	domain = NULL;
}

static long run(void *unused)
{
	static const char *const queues[] = { "slots", "llist", "mpsc",
					      "ring", "pair", "lock" };

	for (int round = 0; round < 5; round++) {
		one("nothing", send_nothing);
		one("single", send_single);
		one("async", send_async);
		one_domain("slots", "csd");
		one_domain("slots", "nmi");
		for (unsigned int n = 0; n < ARRAY_SIZE(queues); n++)
			one_domain(queues[n], "vector");
	}
	return 0;
}

static int __init insns_init(void)
{
	INIT_CSD(&csd, on_csd, NULL);
	work_on_cpu(0, run, NULL);
	return 0;
}

static void __exit insns_exit(void)
{
}

module_init(insns_init);
module_exit(insns_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What a send and an interrupt are made of, in instructions");
