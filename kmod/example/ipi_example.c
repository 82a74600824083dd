// SPDX-License-Identifier: GPL-2.0-only
/*
 * A consumer of ipi.ko, by nothing but its public header: on load, and whenever
 * something is written to the parameter `run`, each CPU tells each other one,
 * and all of them, by all of the calls, waits, and looks whether the counts are
 * right. What it found is in the kernel's log, in one line.
 *
 *     modprobe ipi delivery=vector
 *     modprobe ipi_example
 *     echo 1 > /sys/module/ipi_example/parameters/run
 */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/workqueue.h>

#include <ipi/ipi.h>

#define LIMIT_NS 10000000000ull /* nothing here takes long */

static char *delivery, *queue, *ack;
module_param(delivery, charp, 0444);
MODULE_PARM_DESC(delivery, "a private domain interrupted so; else the default one");
module_param(queue, charp, 0444);
MODULE_PARM_DESC(queue, "queue design of the private domain");
module_param(ack, charp, 0444);
MODULE_PARM_DESC(ack, "acknowledgement design of the private domain");
static unsigned int rounds = 20;
module_param(rounds, uint, 0644);
MODULE_PARM_DESC(rounds, "how often each CPU tells each other one");

static struct ipi_domain *domain;
static unsigned int id;
static DEFINE_MUTEX(running);

/* ---- handlers ----------------------------------------------------------- */

static atomic_t messages, triggers, bad_context;
static atomic_t by_way[IPI_WAYS], in_nmis, in_hardirqs;

/* Interrupts are off in a handler, and the library knows the way it came. */
static void look_around(void)
{
	enum ipi_way way = ipi_domain_way(domain);

	atomic_inc(&by_way[way]);
	if (in_nmi())
		atomic_inc(&in_nmis);
	else if (in_hardirq())
		atomic_inc(&in_hardirqs);
	if (!irqs_disabled() || way == IPI_WAY_NONE ||
	    (way == IPI_WAY_INTERRUPT && !in_nmi() && !in_hardirq()))
		atomic_inc(&bad_context);
	/* In an NMI there is no domain but its own. */
	if (in_nmi() && ipi_curcpu())
		atomic_inc(&bad_context);
}

static void on_message(void *arg)
{
	look_around();
	atomic_inc(&messages);
	WRITE_ONCE(*(unsigned int *)arg, 1);
}

/* A question from one CPU: the answer is a trigger, sent from the handler. */
struct question {
	unsigned int seen;
	struct ipi_cpu *from;
};

static void on_question(void *arg)
{
	struct question *q = arg;

	on_message(&q->seen);
	if (ipi_domain_trigger(domain, id, q->from))
		atomic_inc(&bad_context);
}

static void on_trigger(void *arg)
{
	look_around();
	atomic_inc(&triggers);
}

/* ---- one CPU's part ------------------------------------------------------ */

struct part {
	unsigned int sent, triggered, wrong;
};

static void check(struct part *p, bool right)
{
	if (!right)
		p->wrong++;
}

/* A message to one, waited for. */
static void ask_one(struct part *p, struct ipi_cpu *cpu)
{
	struct question q = { .from = ipi_domain_curcpu(domain) };
	ipi_msg_t msg = { .func = on_question, .arg = &q };
	int err = ipi_domain_unicast(domain, &msg, cpu, 0);

	if (err) {
		check(p, err == -ENXIO); /* it has left meanwhile */
		return;
	}
	p->sent++;
	p->triggered++;
	if (ipi_domain_wait_timeout(domain, &msg, LIMIT_NS)) {
		check(p, false);
		p->sent -= ipi_domain_msg_detach(domain, &msg);
	} else {
		check(p, READ_ONCE(q.seen));
	}
}

/* One to all, self too. */
static void tell_all(struct part *p)
{
	unsigned int seen = 0;
	ipi_msg_t msg = { .func = on_message, .arg = &seen };

	check(p, !ipi_domain_broadcast(domain, &msg, 0));
	p->sent += ipi_msg_count(&msg);
	if (ipi_domain_wait_timeout(domain, &msg, LIMIT_NS)) {
		check(p, false);
		p->sent -= ipi_domain_msg_detach(domain, &msg);
	}
	check(p, READ_ONCE(seen));
}

static void trigger_one(struct part *p, struct ipi_cpu *cpu)
{
	int err = ipi_domain_trigger(domain, id, cpu);

	check(p, !err || err == -ENXIO);
	p->triggered += !err;
}

static void tell_each(struct part *p, unsigned int self)
{
	struct ipi_cpu *cpu;
	uint32_t i;

	IPI_CPUSET_FOREACH(i, ipi_domain_running(domain)) {
		cpu = ipi_domain_cpu(domain, i);
		if (i == self || !cpu)
			continue;
		ask_one(p, cpu);
		trigger_one(p, cpu);
	}
}

/* A sender can't move, but between rounds others may run here. */
static long part_of_cpu(void *arg)
{
	struct part *p = arg;

	for (unsigned int n = 0; n < rounds; n++) {
		preempt_disable();
		tell_each(p, smp_processor_id());
		tell_all(p);
		check(p, !ipi_domain_trigger_broadcast(domain, id, n & 1));
		p->triggered++;
		preempt_enable();
		cond_resched();
	}
	check(p, !irqs_disabled());
	return 0;
}

/* ---- the whole ----------------------------------------------------------- */

static void clear(void)
{
	atomic_set(&messages, 0);
	atomic_set(&triggers, 0);
	atomic_set(&bad_context, 0);
	atomic_set(&in_nmis, 0);
	atomic_set(&in_hardirqs, 0);
	for (int way = 0; way < IPI_WAYS; way++)
		atomic_set(&by_way[way], 0);
}

/* Both identities, exact since nothing is under way. */
static bool counts_add_up(const struct ipi_counters *c)
{
	return c->asked == c->notified + c->already_pending + c->polled +
				   c->local + c->refused &&
	       c->entries + c->merged == c->notified;
}

static void report(const struct part *p, bool right)
{
	struct ipi_counters c;

	ipi_domain_counters(domain, &c);
	pr_info("ipi_example: %s: %s %s %s, %u CPUs: %u messages of %u, %u runs of %u triggers, wrong %u, bad context %d; by interrupt %d, waiter %d, poll %d, unhold %d, idle %d, local %d; hardirq %d, nmi %d; asked %llu notified %llu pending %llu polled %llu entries %llu merged %llu spurious %llu\n",
		right ? "ok" : "FAILED", ipi_domain_queue(domain),
		ipi_domain_ack(domain), ipi_domain_delivery(domain),
		ipi_domain_ncpu(domain), atomic_read(&messages), p->sent,
		atomic_read(&triggers), p->triggered, p->wrong,
		atomic_read(&bad_context),
		atomic_read(&by_way[IPI_WAY_INTERRUPT]),
		atomic_read(&by_way[IPI_WAY_WAITER]),
		atomic_read(&by_way[IPI_WAY_POLL]),
		atomic_read(&by_way[IPI_WAY_UNHOLD]),
		atomic_read(&by_way[IPI_WAY_IDLE]),
		atomic_read(&by_way[IPI_WAY_LOCAL]), atomic_read(&in_hardirqs),
		atomic_read(&in_nmis), c.asked, c.notified, c.already_pending,
		c.polled, c.entries, c.merged, c.spurious);
}

/* Serves what a CPU that is not interrupted has been sent. */
static long serve(void *arg)
{
	preempt_disable();
	ipi_domain_serve(domain);
	preempt_enable();
	return 0;
}

static int run(void)
{
	struct part p = {};
	struct ipi_counters c;
	unsigned int cpu;
	bool right;

	clear();
	id = ipi_domain_register(domain, on_trigger, NULL);
	if (!id)
		return -ENOSPC;
	for_each_online_cpu(cpu)
		work_on_cpu(cpu, part_of_cpu, &p);
	/* What was triggered last may still be on its way. */
	for_each_online_cpu(cpu)
		work_on_cpu(cpu, serve, NULL);
	p.wrong += ipi_domain_unregister(domain, id) != 0;
	ipi_domain_counters(domain, &c);
	right = !p.wrong && !atomic_read(&bad_context) && counts_add_up(&c) &&
		atomic_read(&messages) == p.sent && p.sent &&
		atomic_read(&triggers);
	report(&p, right);
	return right ? 0 : -EIO;
}

static int run_set(const char *value, const struct kernel_param *param)
{
	int err;

	mutex_lock(&running);
	err = domain ? run() : -EAGAIN;
	mutex_unlock(&running);
	return err;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);
MODULE_PARM_DESC(run, "written to: does it again");

static int __init example_init(void)
{
	const struct ipi_params params = {
		.delivery = delivery,
		.queue = queue,
		.ack = ack,
	};
	int err = 0;

	if (!delivery)
		domain = ipi_domain_default();
	else
		err = ipi_domain_create(&params, &domain);
	if (err)
		pr_err("ipi_example: no domain over %s: %s (%d)\n", delivery,
		       ipi_delivery_probe(delivery) ?: "", err);
	else
		run();
	return err;
}

static void __exit example_exit(void)
{
	if (delivery)
		ipi_domain_destroy(domain);
}

module_init(example_init);
module_exit(example_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What a consumer of ipi.ko does, and whether it works");
