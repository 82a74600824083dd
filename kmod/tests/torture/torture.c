// SPDX-License-Identifier: GPL-2.0-only
/*
 * A torture inside Linux, while CPUs come and go: a thread for each CPU does
 * anything that a sender may, seeded, and each message is accounted for: it has
 * run once on each CPU that it was sent to, or was given up, or its sender was
 * told that there is no such CPU. In debugfs, folder ipi_torture:
 *   run     written to, "QUEUE ACK DELIVERY MESSAGES SECONDS SEED": until so
 *           many messages were sent, or for so long. 0; -EIO: something failed;
 *           -EINVAL, -EOPNOTSUPP: no such design, or not here
 *   report  then read: one line, and one more for each check that failed
 *   sent    messages so far of the run that is on, or was last
 */
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "torture.h"

#define NAME_BYTES 32
#define REPORT_BYTES 4096
#define SECONDS_MAX 3600

struct order {
	char queue[NAME_BYTES], ack[NAME_BYTES], delivery[NAME_BYTES];
	u64 messages, seed;
	unsigned int seconds;
};

static const char *const promises[] = {
#define CHECK(name, promise) #name ": " promise,
#include "checks.def"
#undef CHECK
};

static DEFINE_MUTEX(running);
static struct torture the_run; /* one at a time */
static char report[REPORT_BYTES];

void torture_failed(struct torture *t, enum torture_check check,
		    const char *what)
{
	if (atomic_inc_return(&t->failed[check]) == 1)
		WRITE_ONCE(t->where[check], what);
}

static void on_stall(const struct ipi_stall *stall, void *arg)
{
	struct torture *t = arg;

	if (atomic_inc_return(&t->stalls) == 1)
		t->stall = *stall;
}

/* ---- a sender ------------------------------------------------------------------ */

static bool is_over(struct torture *t)
{
	return (u64)atomic64_read(&t->messages) >= t->wanted ||
	       ktime_get_ns() >= t->until_ns;
}

/* What a CPU may do beside sending. */
static void stand(struct sender *s)
{
	struct ipi_domain *dom = s->t->dom;

	if (!torture_enter(s->t))
		return;
	switch (torture_random(s) % 4) {
	case 0: /* on one CPU, so that it is this one that polls no more */
		EXPECT(s->t, answer, !ipi_domain_polling(dom, true));
		for (u32 i = torture_random(s) % 256; i; i--)
			cpu_relax();
		EXPECT(s->t, answer, !ipi_domain_polling(dom, false));
		break;
	case 1:
		for (u32 i = torture_random(s) % 512; i; i--)
			cpu_relax();
		break;
	default:
		ipi_domain_serve(dom);
		break;
	}
	preempt_enable();
}

/* Its CPU may be offline: then it goes on wherever it is. */
static void go_home(struct sender *s)
{
	if (raw_smp_processor_id() != (int)s->cpu && cpu_online(s->cpu))
		set_cpus_allowed_ptr(current, cpumask_of(s->cpu));
}

static int sender_main(void *arg)
{
	struct sender *s = arg;
	u32 what;

	while (!is_over(s->t)) {
		what = torture_random(s) % 64;
		if (what < 44)
			torture_message(s);
		else if (what < 58)
			torture_trigger(s);
		else if (what < 59)
			torture_churn(s);
		else
			stand(s);
		if (torture_random(s) % 128 == 0) {
			go_home(s);
			usleep_range(20, 200);
		}
		cond_resched();
	}
	torture_message_end(s);
	kthread_complete_and_exit(&s->over, 0);
}

bool torture_may_wait(void)
{
	return in_nmi() || !in_hardirq() ||
	       (kthread_func(current) == sender_main && !in_serving_softirq());
}

static int sender_start(struct sender *s, struct torture *t, unsigned int cpu,
			u64 seed)
{
	struct task_struct *task;
	int err;

	s->t = t;
	s->cpu = cpu;
	s->random = seed + cpu * 0x632be59bd9b4e019ull;
	init_completion(&s->over);
	err = ipi_cpuset_create(&s->set, true);
	if (err)
		return err;
	s->slots = kvcalloc(TORTURE_SLOTS, sizeof(*s->slots), GFP_KERNEL);
	if (!s->slots)
		return -ENOMEM;
	task = kthread_create(sender_main, s, "ipi_torture/%u", cpu);
	if (IS_ERR(task))
		return PTR_ERR(task);
	wake_up_process(task);
	return 0;
}

static void senders_end(struct sender *senders, unsigned int started,
			unsigned int n)
{
	for (unsigned int i = 0; i < started; i++)
		wait_for_completion(&senders[i].over);
	for (unsigned int i = 0; i < n; i++) {
		if (senders[i].set)
			ipi_cpuset_destroy(senders[i].set);
		kvfree(senders[i].slots);
	}
}

static int senders_run(struct torture *t, u64 seed)
{
	struct sender *senders =
		kvcalloc(t->cpus, sizeof(*senders), GFP_KERNEL);
	unsigned int i;
	int err = 0;

	if (!senders)
		return -ENOMEM;
	for (i = 0; i < t->cpus; i++) {
		err = sender_start(&senders[i], t, i, seed);
		if (err)
			break;
	}
	if (err)
		t->wanted = 0; /* the others end */
	senders_end(senders, i, t->cpus);
	kvfree(senders);
	return err;
}

/* ---- when all is still --------------------------------------------------------- */

static void serve_here(void *dom)
{
	ipi_domain_serve(dom);
}

static void check_counters(struct torture *t)
{
	struct ipi_counters c;

	ipi_domain_counters(t->dom, &c);
	EXPECT(t, counters,
	       c.asked == c.notified + c.already_pending + c.polled + c.local +
				  c.refused);
	EXPECT(t, counters, c.entries + c.merged == c.notified);
	EXPECT(t, counters,
	       c.run_interrupt + c.run_waiter + c.run_poll + c.run_unhold +
			       c.run_idle + c.run_local ==
		       (u64)atomic64_read(&t->ran));
	EXPECT(t, counters, c.runs == (u64)atomic64_read(&t->runs));
	EXPECT(t, counters, c.abandoned == (u64)atomic64_read(&t->given_up));
	EXPECT(t, counters, !c.dead);
	EXPECT(t, once,
	       atomic64_read(&t->targets) ==
		       atomic64_read(&t->ran) + atomic64_read(&t->given_up));
}

static void check_all(struct torture *t)
{
	/* Triggers may still be on their way; twice, for handlers may send. */
	on_each_cpu(serve_here, t->dom, 1);
	on_each_cpu(serve_here, t->dom, 1);
	torture_ids_check(t);
	check_counters(t);
	EXPECT(t, empty,
	       atomic64_read(&t->ran) && atomic64_read(&t->runs) &&
		       atomic64_read(&t->chained) && atomic64_read(&t->churned));
}

static int tell(struct torture *t, const struct order *o, u64 ns)
{
	bool bad = false;
	int n;

	for (unsigned int i = 0; i < TORTURE_CHECKS; i++)
		bad |= atomic_read(&t->failed[i]) != 0;
	n = scnprintf(
		report, sizeof(report),
		"%s %s %s %s seed %llu: %lld messages to %lld targets in %llu "
		"ms: %lld ran, %lld given up, %lld absent, %lld no room, %lld "
		"by handlers; %lld triggers, %lld runs, %lld ids; %d stalls\n",
		bad ? "FAILED" : "passed", o->queue, o->ack, o->delivery,
		o->seed, (s64)atomic64_read(&t->messages),
		(s64)atomic64_read(&t->targets), ns / 1000000,
		(s64)atomic64_read(&t->ran), (s64)atomic64_read(&t->given_up),
		(s64)atomic64_read(&t->absent), (s64)atomic64_read(&t->no_room),
		(s64)atomic64_read(&t->chained),
		(s64)atomic64_read(&t->triggers), (s64)atomic64_read(&t->runs),
		(s64)atomic64_read(&t->churned), atomic_read(&t->stalls));
	for (unsigned int i = 0; i < TORTURE_CHECKS; i++)
		if (atomic_read(&t->failed[i]))
			n += scnprintf(report + n, sizeof(report) - n,
				       "  %d times not: %s; first: %s\n",
				       atomic_read(&t->failed[i]), promises[i],
				       t->where[i]);
	if (atomic_read(&t->stalls))
		scnprintf(report + n, sizeof(report) - n,
			  "  the first stall: CPU %d waited for CPU %d, %s%s\n",
			  (int)t->stall.waiter, (int)t->stall.target,
			  t->stall.what,
			  t->stall.polling ? ", which polls" : "");
	return bad ? -EIO : 0;
}

/* ---- what is asked for --------------------------------------------------------- */

static int torture(struct torture *t, const struct order *o)
{
	const struct ipi_params params = {
		.queue = o->queue,
		.ack = o->ack,
		.delivery = o->delivery,
		.waiter = o->seed & 1 ? IPI_WAITER_SPIN : IPI_WAITER_RELAX,
		.spin_loads = 100,
		.on_stall = on_stall,
		.on_stall_arg = t,
	};
	u64 begin = ktime_get_ns();
	int err = ipi_domain_create(&params, &t->dom);

	if (err)
		return err;
	t->cpus = min(nr_cpu_ids, TORTURE_CPUS);
	t->wanted = o->messages;
	t->until_ns = begin + o->seconds * 1000000000ull;
	err = torture_ids_open(t);
	err = err ?: senders_run(t, o->seed);
	if (!err)
		check_all(t);
	torture_ids_close(t);
	if (!err)
		err = tell(t, o, ktime_get_ns() - begin);
	return ipi_domain_destroy(t->dom) ?: err;
}

static int read_order(const char *line, struct order *o)
{
	int n = sscanf(line, "%31s %31s %31s %llu %u %llu", o->queue, o->ack,
		       o->delivery, &o->messages, &o->seconds, &o->seed);

	/* Nobody would serve a CPU that is not interrupted and goes offline. */
	return n < 6 || o->seconds > SECONDS_MAX || !o->messages ||
			       nr_cpu_ids < 2 || !strcmp(o->delivery, "poll")
		       ? -EINVAL
		       : 0;
}

static ssize_t run_write(struct file *file, const char __user *from,
			 size_t bytes, loff_t *at)
{
	char line[4 * NAME_BYTES] = "";
	struct order o = {};
	int err;

	if (bytes >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, bytes))
		return -EFAULT;
	err = read_order(line, &o);
	if (err)
		return err;
	mutex_lock(&running);
	report[0] = '\0';
	memset(&the_run, 0, sizeof(the_run));
	err = torture(&the_run, &o);
	mutex_unlock(&running);
	return err ?: (ssize_t)bytes;
}

static ssize_t report_read(struct file *file, char __user *to, size_t bytes,
			   loff_t *at)
{
	ssize_t n;

	mutex_lock(&running);
	n = simple_read_from_buffer(to, bytes, at, report, strlen(report));
	mutex_unlock(&running);
	return n;
}

/* Does not wait for the run's end. */
static int sent_get(void *arg, u64 *sent)
{
	*sent = atomic64_read(&the_run.messages);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(sent_ops, sent_get, NULL, "%llu\n");

static const struct file_operations run_ops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = run_write,
};
static const struct file_operations report_ops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = report_read,
};

static struct dentry *folder;

static int __init torture_init(void)
{
	folder = debugfs_create_dir("ipi_torture", NULL);
	debugfs_create_file("run", 0200, folder, NULL, &run_ops);
	debugfs_create_file("report", 0400, folder, NULL, &report_ops);
	debugfs_create_file_unsafe("sent", 0400, folder, NULL, &sent_ops);
	return 0;
}

static void __exit torture_exit(void)
{
	debugfs_remove(folder);
}

module_init(torture_init);
module_exit(torture_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("ipi.ko tortured while CPUs come and go");
