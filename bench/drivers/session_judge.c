// SPDX-License-Identifier: GPL-2.0-only
/* What is expected of a session of ipi.ko, and why there can be none. */

#include <stdio.h>

#include "session.h"

void kernel_counters(struct bench_cell *c, struct ipi_counters *out)
{
	struct ipi_uapi_counters n;

	memset(out, 0, sizeof(*out));
	if (kernel_count(kernel_of(c), &n) &&
	    n.n == sizeof(*out) / sizeof(n.counter[0]))
		memcpy(out, n.counter, sizeof(*out));
}

/*
 * Whose handler ran on the way out of idle got no interrupt: Linux raises none
 * for a CPU that idles polling.
 */
static double unsent(const struct bench_cell *c)
{
	struct ipi_uapi_counters n;

	return kernel_count(kernel_of(c), &n) ? (double)n.came[IPI_WAY_IDLE]
					      : 0;
}

static double expected(const struct bench_cell *c, double asked)
{
	double less = c->counter[0] ? unsent(c) : 0;

	less = less < asked ? less : asked;
	((struct bench_cell *)c)->unsent = less;
	return asked - less;
}

/*
 * One message at a time is one interrupt. With more on the way, who is told
 * again before it was interrupted is interrupted once, and each of several
 * senders may be heard in one interrupt: the deliveries that found their work
 * are the least, the notifications are the most.
 */
double kernel_expected(const struct bench_cell *c,
		       const struct ipi_counters *lib, uint64_t sent)
{
	double calls = (double)(lib->entries + lib->spurious);
	double asked = (double)lib->notified, least;

	if (!c->ops->one_window)
		return expected(c, asked);
	asked = expected(c, calls > asked ? calls : asked);
	least = (double)lib->entries / c->sources_n;
	((struct bench_cell *)c)->shared = least < asked ? asked - least : 0;
	return asked;
}

double kernel_expected_all(const struct bench_cell *c,
			   const struct ipi_counters *lib, uint64_t sent)
{
	return expected(c, (double)sent * c->targets_n);
}

/* ---- why not ------------------------------------------------------------- */

/* Whether Linux's idle loop polls, by the word that tells it to. */
static bool idles_polling(void)
{
	char line[4096] = "", *save, *word;
	FILE *f = fopen("/proc/cmdline", "re");

	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	for (word = strtok_r(line, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save))
		if (!strcmp(word, "idle=poll"))
			return true;
	return false;
}

/* An idle CPU that polls is not interrupted by Linux's calls: say which it is. */
static const char *probe_idle(const struct bench_opts *o)
{
	if (o->target_state == TARGET_IDLES && idles_polling())
		return "CPUs idle polling here (idle=poll): target-state is "
		       "idle-poll";
	if (o->target_state == TARGET_IDLES_POLLING && !idles_polling())
		return "CPUs don't idle polling here: boot with idle=poll";
	return NULL;
}

static const char *probe_plain(const struct bench_opts *o)
{
	const char *why = kernel_probe();

	if (why)
		return why;
	if (o->target_state == TARGET_EPOLLS)
		return "its target is busy-user, busy-kernel, idle or "
		       "idle-poll";
	why = probe_idle(o);
	if (why)
		return why;
	if (o->waiter == IPI_WAITER_SLEEP)
		return "its waiter can't sleep: in the kernel it spins";
	if (o->inject != INJECT_NONE)
		return "nothing can be injected in the kernel";
	if (o->hold_target)
		return "hold_target is for membarrier; here target-state says "
		       "what a target does";
	if (o->home != HOME_TARGET)
		return "its lines lie where the kernel puts them: at home with "
		       "the target";
	return NULL;
}

static bool is_delivery(const char *name)
{
	unsigned n;

	for (n = 0; kernel_delivery_name(n); n++)
		if (!strcmp(name, kernel_delivery_name(n)))
			return true;
	return false;
}

const char *kernel_probe_core(const struct bench_opts *o)
{
	const char *why = probe_plain(o);

	if (why || !o->delivery)
		return why;
	if (!is_delivery(o->delivery))
		return "its delivery is one of the kernel's";
	if (!strcmp(o->delivery, "poll") &&
	    o->target_state != TARGET_BUSY_KERNEL)
		return "only a target that is busy in the kernel polls there: "
		       "target-state must be busy-kernel";
	if (o->order != NEAR_FIRST)
		return "a set is told in the order of its CPUs' numbers in the "
		       "kernel";
	return kernel_delivery_probe(o->delivery);
}

const char *kernel_probe_linux(const struct bench_opts *o)
{
	return probe_plain(o);
}
