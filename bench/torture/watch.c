// SPDX-License-Identifier: GPL-2.0-only
/*
 * The watchdog: a thread that ends the process, with a diagnosis, when the
 * main thread makes no progress. It counts its own ticks, not time, so that a
 * program that was stopped is not taken for one that hangs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool/log.h"
#include "torture.h"

#define TICK_NS 50000000

static const struct torture *torture;
static pthread_t dog;
static atomic_bool quit;
static _Atomic uint64_t progress;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct round *watched; /* both under the lock */
static const char *watched_doing;

void watch_round(struct round *r, const char *doing)
{
	pthread_mutex_lock(&lock);
	watched = r;
	watched_doing = doing;
	pthread_mutex_unlock(&lock);
	add(&progress, UINT64_C(1));
}

void watch_stall(const struct ipi_stall *stall, void *arg)
{
	struct round *r = arg;
	unsigned at = stall->waiter < r->n ? stall->waiter : SEATS_MAX;
	char target[40] = "all";

	if (stall->target < r->n)
		snprintf(target, sizeof(target), "CPU %u%s", stall->target,
			 stall->polling ? " (which says it polls)" : "");
	snprintf(r->stall[at], sizeof(r->stall[at]),
		 "waits for %s: %s, for %.1f s", target, stall->what,
		 (double)stall->waited_ns / 1e9);
}

/* ---- the diagnosis ------------------------------------------------------ */

static const char *life_text(uint32_t life)
{
	static const char *const text[] = { "out", "coming", "in", "leaving" };

	return text[life & LIFE_STATE];
}

/* What a CPU has outstanding, and with whom. */
static void tell_slots(const struct seat *s)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct slot *slot = &s->slot[i];

		if (!slot->open || ipi_domain_done(s->round->dom, &slot->msg))
			continue;
		fprintf(stderr, "    message %u, not complete, sent to:", i);
		for (unsigned t = 0; t < s->round->n; t++)
			if (slot->to[t])
				fprintf(stderr, " %u%s", t,
					slot->answer[t].ended == slot->stamp
						? " (ran)"
					: slot->answer[t].begun == slot->stamp
						? " (began)"
						: "");
		fputc('\n', stderr);
	}
}

static void tell_seat(const struct seat *s)
{
	static const char *const at[] = { "running", "halted", "settled",
					  "ended" };
	struct ipi_counters c;

	ipi_cpu_counters(s->cpu, &c);
	fprintf(stderr,
		"  CPU %u: %s, %s, in %s, %u handlers deep%s%s; asked %llu, "
		"took %llu%s%s\n",
		s->index, at[get(&s->at) & 3], life_text(get(&s->life)),
		ops[get(&s->op)].name, s->depth, s->polling ? ", polling" : "",
		s->spl ? ", at splhigh" : "", (unsigned long long)c.asked,
		(unsigned long long)(c.entries + c.merged),
		s->round->stall[s->index][0] ? "; " : "",
		s->round->stall[s->index]);
	tell_slots(s);
}

static void diagnose(struct round *r, const char *doing)
{
	bool lost = false;

	for (unsigned i = 0; i < r->n; i++)
		if (get(&r->seat[i].at) == PHASE_HALT)
			lost |= !idents_seen(&r->seat[i], get(&r->seat[i].life),
					     true);
	fail(r, lost ? CHECK_trigger : CHECK_hang, NULL,
	     "nothing moved for %.0f s while %s", torture->deadline_ns / 1e9,
	     doing);
	failures_tell(torture, r->out);
	for (unsigned i = 0; i < r->n; i++)
		tell_seat(&r->seat[i]);
	if (r->stall[SEATS_MAX][0])
		fprintf(stderr, "  no CPU: %s\n", r->stall[SEATS_MAX]);
}

static void bite(void)
{
	log_progress_end();
	if (watched)
		diagnose(watched, watched_doing);
	else
		log_error("nothing moved");
	log_error("FAILED: it hangs (seed %llu)",
		  (unsigned long long)torture->seed);
	_exit(1);
}

static void *watch(void *arg)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	uint64_t last = 0, ticks = 0;

	while (!get(&quit)) {
		uint64_t seen = get(&progress);

		nanosleep(&tick, NULL);
		ticks = seen == last ? ticks + 1 : 0;
		last = seen;
		if (ticks * TICK_NS < torture->deadline_ns)
			continue;
		pthread_mutex_lock(&lock);
		bite();
	}
	return NULL;
}

int watch_begin(const struct torture *t)
{
	torture = t;
	set(&quit, false);
	return -pthread_create(&dog, NULL, watch, NULL);
}

void watch_end(void)
{
	set(&quit, true);
	pthread_join(dog, NULL);
}
