// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How a CPU waits inside Linux: it spins, and says so when it takes long. */
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include <ipi/clock.h>

#include "core/internal.h"

uint64_t ipi_env_now_ns(void)
{
	return ktime_get_mono_fast_ns();
}

void ipi_env_wait_begin(struct ipi_domain *dom, struct ipi_env_wait *w,
			bool timed, uint64_t timeout_ns)
{
	*w = (struct ipi_env_wait){
		.timed = timed,
		.deadline_ns = timeout_ns, /* made absolute at the first look */
	};
}

static unsigned look_at_clock(struct ipi_domain *dom, struct ipi_env_wait *w)
{
	unsigned turn = ipi_wait_clock(w, ipi_env_now_ns(), dom->stall_ns);

	if (preemptible())
		cond_resched();
	return turn;
}

unsigned ipi_env_wait_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
			   ipi_a32 *word, uint32_t seen, ipi_a32 *own,
			   bool sleeper)
{
	w->turns++;
	if (w->turns > dom->spin_loads)
		cpu_relax();
	return w->turns % IPI_CLOCK_EVERY ? IPI_TURN_AGAIN
					  : look_at_clock(dom, w);
}

bool ipi_env_spin_turn(struct ipi_domain *dom, struct ipi_env_wait *w,
		       ipi_a32 *word, uint32_t seen)
{
	for (unsigned i = 0;
	     i < IPI_CLOCK_EVERY && ipi_load_acquire(word) == seen; i++)
		cpu_relax();
	return !(look_at_clock(dom, w) & IPI_TURN_TIMEOUT);
}

uint64_t ipi_env_waited_ns(const struct ipi_env_wait *w)
{
	return w->began_ns ? ipi_env_now_ns() - w->began_ns : 0;
}

/* Nobody sleeps on a word here. */
void ipi_env_wake(ipi_a32 *word)
{
}

/* An idle CPU is Linux's to put to sleep; who asks for it here only waits. */
void ipi_env_sleep(struct ipi_cpu *self, uint32_t seen, uint64_t timeout_ns)
{
	uint64_t began = ipi_env_now_ns();

	while (ipi_load_acquire(&self->notify) == seen &&
	       ipi_env_now_ns() - began < timeout_ns)
		cpu_relax();
}

/* A Linux CPU does not die: it leaves, and says so. */
bool ipi_env_died(struct ipi_cpu *cpu)
{
	return false;
}

void ipi_env_buried(struct ipi_cpu *cpu)
{
}

void ipi_env_stall(struct ipi_domain *dom, const struct ipi_stall *stall)
{
	if (dom->env.on_stall)
		dom->env.on_stall(stall, dom->env.on_stall_arg);
	else
		pr_warn_ratelimited(
			"ipi: CPU %d waits for CPU %d, for %llu ms, %s (%ps)%s\n",
			(int)stall->waiter, (int)stall->target,
			stall->waited_ns / 1000000, stall->what, stall->func,
			stall->polling ? ", which polls" : "");
}
