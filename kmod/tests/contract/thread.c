// SPDX-License-Identifier: GPL-2.0-only
/* Threads bound to CPUs, and what they call as the CPUs that they are on. */
#include <linux/cpumask.h>

#include "judge.h"

#define LIMIT_NS 15000000000ull /* of one wait */
#define AFTER_NS 3000000000ull /* more, where the machine stood still for it */
#define JOIN_MS 30000

struct contract_thread {
	void *(*func)(void *arg);
	void *arg;
	struct completion done;
};

int contract_here(void)
{
	int cpu = raw_smp_processor_id();

	return cpu < WORLD_CPUS ? cpu : -1;
}

unsigned int contract_elsewhere(void)
{
	return cpumask_last(cpu_online_mask);
}

void contract_nap(unsigned int us)
{
	if (!preemptible())
		cpu_relax();
	else if (us)
		usleep_range(us, us + us / 2 + 10);
	else
		cond_resched();
}

/* A thread that sleeps is no burden to the machine that emulates its CPU. */
void contract_pause(uint64_t begin_ns)
{
	contract_nap(contract_time_left(begin_ns, 1) ? 0 : 50);
}

static int thread_main(void *arg)
{
	struct contract_thread *t = arg;

	t->func(t->arg);
	kthread_complete_and_exit(&t->done, 0);
}

pthread_t thread_on(unsigned int cpu, void *(*func)(void *), void *arg)
{
	struct contract_thread *t = kmalloc(sizeof(*t), GFP_KERNEL);
	struct task_struct *task;

	if (!t) {
		contract_lost(__FILE__, __LINE__, "memory");
		return NULL;
	}
	t->func = func;
	t->arg = arg;
	init_completion(&t->done);
	task = kthread_create(thread_main, t, "ipi_contract/%u", cpu);
	if (IS_ERR(task)) {
		kfree(t);
		contract_lost(__FILE__, __LINE__, "a thread");
		return NULL;
	}
	/* Not for good: who sends a CPU away moves off it. */
	set_cpus_allowed_ptr(task, cpumask_of(cpu));
	wake_up_process(task);
	return t;
}

pthread_t thread_start(void *(*func)(void *), void *arg)
{
	return thread_on(contract_elsewhere(), func, arg);
}

bool contract_thread_over(pthread_t thread)
{
	return completion_done(&thread->done);
}

void pthread_join(pthread_t thread, void **result)
{
	unsigned int ms;

	if (!thread)
		return;
	for (ms = 0; ms < JOIN_MS && !completion_done(&thread->done); ms++)
		usleep_range(500, 1000);
	if (!completion_done(&thread->done)) {
		contract_lost(__FILE__, __LINE__, "the end of a thread");
		return; /* it is still using its memory */
	}
	wait_for_completion(&thread->done); /* until it is through with it */
	kfree(thread);
}

/* ---- as a CPU ---------------------------------------------------------------- */

#undef ipi_domain_serve
#undef ipi_domain_polling
#undef ipi_domain_wait
#undef ipi_domain_unregister
#undef ipi_domain_msg_detach

/* Nobody interrupts a CPU that polls: who waits there has to serve. */
static bool pins(struct ipi_domain *dom)
{
	bool pin = !strcmp(ipi_domain_delivery(dom), "poll") ||
		   contract_random() & 1;

	if (pin)
		preempt_disable();
	return pin;
}

static void unpin(bool pinned)
{
	if (pinned)
		preempt_enable();
}

unsigned int contract_serve(struct ipi_domain *dom)
{
	unsigned int ran;

	preempt_disable();
	ran = ipi_domain_serve(dom);
	preempt_enable();
	return ran;
}

int contract_polling(struct ipi_domain *dom, bool on)
{
	int err;

	preempt_disable();
	err = ipi_domain_polling(dom, on);
	preempt_enable();
	return err;
}

/* A CPU of Linux's sleeps in Linux's own loop: whoever would only serves. */
int contract_idle(struct ipi_domain *dom, uint64_t timeout_ns)
{
	uint64_t begin = contract_now_ns();
	int ran;

	do
		ran = (int)contract_serve(dom);
	while (!ran && contract_now_ns() - begin < timeout_ns);
	return ran;
}

void contract_wait(struct ipi_domain *dom, ipi_msg_t *msg)
{
	bool pinned = pins(dom);
	int err = ipi_domain_wait_timeout(dom, msg, LIMIT_NS);

	if (err == -ETIMEDOUT)
		err = ipi_domain_wait_timeout(dom, msg, AFTER_NS);
	/* At the bound of nesting only the endless one has a meaning. */
	if (err == -EDEADLK)
		ipi_domain_wait(dom, msg);
	if (err == -ETIMEDOUT) {
		contract_lost(__FILE__, __LINE__, "an acknowledgement");
		(void)ipi_domain_msg_detach(dom, msg);
	}
	unpin(pinned);
}

int contract_unregister(struct ipi_domain *dom, unsigned int id)
{
	bool pinned = pins(dom);
	int err = ipi_domain_unregister(dom, id);

	unpin(pinned);
	return err;
}

int contract_detach(struct ipi_domain *dom, ipi_msg_t *msg)
{
	bool pinned = pins(dom);
	int given = ipi_domain_msg_detach(dom, msg);

	unpin(pinned);
	return given;
}
