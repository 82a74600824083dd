// SPDX-License-Identifier: GPL-2.0-only
/*
 * For plugin.c: CPU 0 sends, not waiting, to CPU 1 or to all others, which count in
 * a loop; each send and whatever comes to a loop stands between marks. In the log:
 * how many CPUs, and each route before its sends. vm/tests/test_counts.py reads both.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/smp.h>

#include <ipi/ipi.h>

#define SENDS 20
#define ROUNDS 2
#define CPUS 64
/* A mark of plugin.c. */
#define MARK_BYTES(n) ".byte 0x0f, 0x1f, 0x80, " #n ", 0x49, 0x50, 0x49\n\t"
#define MARK(n) asm volatile(MARK_BYTES(n) : : : "memory")

static struct ipi_domain *domain;
static unsigned int stop, looping;
static struct {
	unsigned int came;
	u64 turns;
} ____cacheline_aligned cpus[CPUS];

static void on_call(void *arg)
{
	unsigned int cpu = smp_processor_id();

	WRITE_ONCE(cpus[cpu].came, cpus[cpu].came + 1);
}

/* ---- the routes: one send, not waited for -------------------------------- */

static call_single_data_t csd;
static ipi_msg_t msg = { .func = on_call };
static unsigned int id;

static void send_single(void)
{
	smp_call_function_single(1, on_call, NULL, 0);
}

static void send_async(void)
{
	smp_call_function_single_async(1, &csd);
}

static void send_many(void)
{
	smp_call_function(on_call, NULL, 0);
}

static void send_unicast(void)
{
	ipi_domain_unicast(domain, &msg, ipi_domain_cpu(domain, 1), 0);
}

static void send_broadcast(void)
{
	ipi_domain_broadcast(domain, &msg, IPI_SKIP_SELF);
}

static void send_trigger(void)
{
	ipi_domain_trigger(domain, id, ipi_domain_cpu(domain, 1));
}

static void send_triggers(void)
{
	ipi_domain_trigger_broadcast(domain, id, true);
}

/* ---- both sides ----------------------------------------------------------- */

/*
 * Four instructions a turn and the mark, as plugin.c knows. At a PAUSE an emulator
 * that has one thread for all CPUs goes on to the next.
 */
static void loop(unsigned int cpu)
{
	asm volatile("1:\n\t" MARK_BYTES(4)
		     "incq %0\n\t"
		     "pause\n\t"
		     "cmpl $0, %1\n\t"
		     "je 1b"
		     : "+m"(cpus[cpu].turns)
		     : "m"(stop)
		     : "memory", "cc");
}

static int receiver(void *unused)
{
	unsigned int cpu;

	preempt_disable();
	cpu = smp_processor_id();
	__atomic_fetch_add(&looping, 1, __ATOMIC_SEQ_CST);
	MARK(2);
	loop(cpu);
	MARK(3);
	preempt_enable();
	__atomic_fetch_sub(&looping, 1, __ATOMIC_SEQ_CST);
	return 0;
}

/* The handler has run, and the loop has passed its mark since. */
static void until_back(unsigned int cpu, unsigned int sends)
{
	u64 turns;

	while (READ_ONCE(cpus[cpu].came) != sends)
		cpu_relax();
	turns = READ_ONCE(cpus[cpu].turns);
	while (READ_ONCE(cpus[cpu].turns) < turns + 2)
		cpu_relax();
}

static void one(const char *name, bool all, void (*send)(void))
{
	unsigned int last = all ? num_online_cpus() - 1 : 1, n, cpu;
	struct task_struct *task;

	stop = 0;
	for (cpu = 1; cpu <= last; cpu++) {
		cpus[cpu].came = 0;
		task = kthread_create(receiver, NULL, "counts/%u", cpu);
		if (IS_ERR(task))
			break;
		kthread_bind(task, cpu);
		wake_up_process(task);
		while (READ_ONCE(looping) != cpu)
			cpu_relax();
	}
	preempt_disable();
	pr_info("ipi_counts: %s\n", name);
	for (n = 0; cpu > last && n < SENDS; n++) {
		MARK(0);
		send();
		MARK(1);
		for (cpu = 1; cpu <= last; cpu++)
			until_back(cpu, n + 1);
		if (domain)
			ipi_domain_wait_timeout(domain, &msg, 1000000000);
	}
	WRITE_ONCE(stop, 1);
	preempt_enable();
	while (READ_ONCE(looping))
		msleep(1);
	if (n < SENDS)
		pr_err("ipi_counts: %u sent\n", n);
}

static void one_domain(const char *queue, const char *delivery)
{
	const struct ipi_params params = { .queue = queue,
					   .delivery = delivery };
	static const struct {
		const char *verb;
		bool all;
		void (*send)(void);
	} sends[] = {
		{ "unicast", false, send_unicast },
		{ "trigger", false, send_trigger },
		{ "broadcast", true, send_broadcast },
		{ "trigger-broadcast", true, send_triggers },
	};
	char name[64];

	if (ipi_domain_create(&params, &domain))
		return;
	id = ipi_domain_register(domain, on_call, NULL);
	for (unsigned int n = 0; n < ARRAY_SIZE(sends); n++) {
		snprintf(name, sizeof(name), "%s/%s %s", queue, delivery,
			 sends[n].verb);
		one(name, sends[n].all, sends[n].send);
	}
	ipi_domain_unregister(domain, id);
	ipi_domain_destroy(domain);
	domain = NULL;
}

static long run(void *unused)
{
	static const char *const queues[] = { "slots", "llist", "mpsc",
					      "ring",  "pair",	"lock" };

	for (unsigned int round = 0; round < ROUNDS; round++) {
		one("linux single", false, send_single);
		one("linux async", false, send_async);
		one("linux many", true, send_many);
		one_domain("slots", "csd");
		one_domain("slots", "nmi");
		for (unsigned int n = 0; n < ARRAY_SIZE(queues); n++)
			one_domain(queues[n], "vector");
	}
	return 0;
}

static int __init counts_init(void)
{
	if (num_online_cpus() < 2 || num_online_cpus() > CPUS)
		return -EINVAL;
	pr_info("ipi_counts: %u CPUs\n", num_online_cpus());
	INIT_CSD(&csd, on_call, NULL);
	work_on_cpu(0, run, NULL);
	return 0;
}

static void __exit counts_exit(void)
{
}

module_init(counts_init);
module_exit(counts_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What a send and an interrupt are made of, in counts");
