// SPDX-License-Identifier: GPL-2.0-only
/*
 * In a module built with IPI_DEBUG=1, at load: each queue over each delivery
 * that can be had, with the acknowledgements in turn. One CPU sends each kind of
 * message and of trigger to the others; what was run and counted must be what
 * was sent. The module does not load where it is not.
 */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include "delivery.h"
#include "selftest.h"

#define LIMIT_NS 30000000000ull

struct trial {
	struct ipi_domain *dom;
	atomic_t ran, runs;
	unsigned int others; /* CPUs beside this one */
	unsigned int sent;
	const char *wrong; /* the first thing that was */
};

#define EXPECT(t, cond)                                                        \
	do {                                                                   \
		if (!(cond) && !(t)->wrong)                                    \
			(t)->wrong = #cond;                                    \
	} while (0)

static void count(void *arg)
{
	atomic_inc(arg);
}

static void await(struct trial *t, ipi_msg_t *msg, unsigned int n)
{
	EXPECT(t, ipi_msg_count(msg) == n);
	EXPECT(t, !ipi_domain_wait_timeout(t->dom, msg, LIMIT_NS));
	if (!ipi_domain_done(t->dom, msg))
		ipi_domain_msg_detach(t->dom, msg);
	t->sent += n;
	EXPECT(t, atomic_read(&t->ran) == t->sent);
}

static void send_messages(struct trial *t, struct ipi_cpu *other)
{
	ipi_msg_t msg = { .func = count, .arg = &t->ran };
	ipi_cpuset_t *running = (ipi_cpuset_t *)ipi_domain_running(t->dom);

	EXPECT(t, !ipi_domain_broadcast(t->dom, &msg, 0));
	await(t, &msg, t->others + 1);
	EXPECT(t, !ipi_domain_broadcast(t->dom, &msg, IPI_SKIP_SELF));
	await(t, &msg, t->others);
	EXPECT(t, !ipi_domain_multicast(t->dom, &msg, running, 0));
	await(t, &msg, t->others + 1);
	if (!other)
		return;
	EXPECT(t, !ipi_domain_unicast(t->dom, &msg, other, 0));
	await(t, &msg, 1);
}

static void send_triggers(struct trial *t, unsigned int id,
			  struct ipi_cpu *other)
{
	u64 begin = ipi_env_now_ns();
	unsigned int n = t->others + 1;

	EXPECT(t, !ipi_domain_trigger_broadcast(t->dom, id, false));
	/* Another one now would be merged with this. */
	while (atomic_read(&t->runs) < n && ipi_env_now_ns() - begin < LIMIT_NS)
		cpu_relax();
	if (other) {
		EXPECT(t, !ipi_domain_trigger(t->dom, id, other));
		n++;
	}
	while (atomic_read(&t->runs) < n && ipi_env_now_ns() - begin < LIMIT_NS)
		cpu_relax();
	EXPECT(t, atomic_read(&t->runs) == n);
}

static void check_counters(struct trial *t)
{
	struct ipi_counters c;

	ipi_domain_counters(t->dom, &c);
	EXPECT(t, c.asked == c.notified + c.already_pending + c.polled +
				     c.local + c.refused);
	EXPECT(t, c.entries + c.merged == c.notified);
	EXPECT(t, c.runs == atomic_read(&t->runs));
}

/* CPUs neither come nor go. */
static void try(struct trial *t)
{
	unsigned int id = ipi_domain_register(t->dom, count, &t->runs);
	unsigned int self = get_cpu();
	unsigned int next = cpumask_any_but(cpu_online_mask, self);
	struct ipi_cpu *other =
		next < nr_cpu_ids ? ipi_domain_cpu(t->dom, next) : NULL;

	EXPECT(t, id);
	t->others = ipi_domain_ncpu(t->dom) - 1;
	EXPECT(t, t->others + 1 == num_online_cpus());
	send_messages(t, other);
	send_triggers(t, id, other);
	put_cpu();
	EXPECT(t, !ipi_domain_unregister(t->dom, id));
	check_counters(t);
}

static int try_design(const char *queue, const char *ack, const char *delivery)
{
	const struct ipi_params params = {
		.queue = queue,
		.ack = ack,
		.delivery = delivery,
	};
	struct trial t = {};
	int err = ipi_domain_create(&params, &t.dom);

	if (err) {
		pr_err("ipi: self test: no domain of %s %s %s (%d)\n", queue,
		       ack, delivery, err);
		return err;
	}
	cpus_read_lock();
	try(&t);
	cpus_read_unlock();
	if (t.wrong)
		pr_err("ipi: self test of %s %s %s failed: %s\n", queue, ack,
		       delivery, t.wrong);
	ipi_domain_destroy(t.dom);
	return t.wrong ? -EIO : 0;
}

/* Does it keep the contract, and interrupt those whom it tells? */
static bool is_to_be_tried(unsigned int queue, unsigned int delivery)
{
	struct ipi_queue_info info;

	return !ipi_queue_info(queue, &info) && info.conforms &&
	       !(ipi_deliveries[delivery]->word_base & IPI_W_POLLING) &&
	       !ipi_delivery_probe(ipi_delivery_name(delivery));
}

int ipi_selftest(void)
{
	unsigned int acks = 0, tried = 0;
	int err = 0;

	while (ipi_ack_name(acks))
		acks++;
	for (unsigned int q = 0; ipi_queue_name(q) && !err; q++)
		for (unsigned int d = 0; ipi_delivery_name(d) && !err; d++) {
			if (!is_to_be_tried(q, d))
				continue;
			err = try_design(ipi_queue_name(q),
					 ipi_ack_name((q + d) % acks),
					 ipi_delivery_name(d));
			tried++;
		}
	if (!err)
		pr_info("ipi: self test: %u designs passed\n", tried);
	return err;
}
