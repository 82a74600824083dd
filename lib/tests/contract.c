// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge's frame: combinations, verdicts, time bounds, traps.
 */
#include "contract.h"

#include <signal.h>
#include <time.h>

#define TEST_LIMIT_MS 25000

__thread int contract_me = -1;

static atomic_uint failures;
static atomic_uint test_failures;
static _Atomic uint64_t test_begin_ns;
static char test_name[200];
static const char *skip_reason;

uint64_t contract_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void contract_pause(uint64_t begin_ns)
{
	const struct timespec nap = { .tv_nsec = 50000 };

	if (contract_time_left(begin_ns, 2))
		sched_yield();
	else
		nanosleep(&nap, NULL);
}

void contract_alive(void)
{
	atomic_store(&test_begin_ns, contract_now_ns());
}

void contract_skip(const char *why)
{
	skip_reason = why;
}

void contract_fail(const char *file, int line, const char *what, long long got,
		   long long want)
{
	atomic_fetch_add(&test_failures, 1);
	/* One write: several threads and handlers may come here. */
	dprintf(STDERR_FILENO,
		"# %s:%d: %s: got %lld, want %lld (%s, cpu %d)\n", file, line,
		what, got, want, test_name, contract_me);
}

void contract_lost(const char *file, int line, const char *what)
{
	dprintf(STDERR_FILENO, "# %s:%d: waited 15 s for: %s (%s, cpu %d)\n",
		file, line, what, test_name, contract_me);
	dprintf(STDOUT_FILENO, "not ok - %s\nBail out! lost\n", test_name);
	_exit(1);
}

/* A hang inside the library has no other witness than this thread. */
static void *watchdog(void *arg)
{
	const struct timespec nap = { .tv_nsec = 100000000 };

	for (;;) {
		uint64_t begin = atomic_load(&test_begin_ns);

		if (begin && !contract_time_left(begin, TEST_LIMIT_MS)) {
			dprintf(STDERR_FILENO, "# %s hangs\n", test_name);
			dprintf(STDOUT_FILENO, "not ok - %s\nBail out! hang\n",
				test_name);
			_exit(1);
		}
		nanosleep(&nap, NULL);
	}
	return arg;
}

/* ---- running ---- */

static const char *waiter_name(enum ipi_waiter waiter)
{
	static const char *const names[] = { "relax", "spin", "sleep" };

	return names[waiter];
}

static void run_one(const struct contract_test *test, unsigned *done,
		    unsigned *skipped)
{
	unsigned bad;

	snprintf(test_name, sizeof(test_name), "%s [%s %s %s %s]", test->name,
		 contract_params.queue, contract_params.ack,
		 contract_params.delivery, waiter_name(contract_params.waiter));
	skip_reason = NULL;
	atomic_store(&test_failures, 0);
	atomic_store(&test_begin_ns, contract_now_ns());
	if (test->hooks && !IPI_HOOKS)
		skip_reason = "this library calls no hooks";
	else
		test->run();
	atomic_store(&test_begin_ns, 0);
	traps_clear();
	bad = atomic_load(&test_failures);
	atomic_fetch_add(&failures, bad);
	*done += 1;
	*skipped += skip_reason && !bad;
	printf("%sok %u - %s%s%s\n", bad ? "not " : "", *done, test_name,
	       skip_reason ? " # SKIP " : "", skip_reason ? skip_reason : "");
	fflush(stdout);
}

static void run_combination(const char *only, unsigned *done, unsigned *skipped)
{
	for (const struct contract_test *t = contract_tests; t->name; t++)
		if (!only || strstr(t->name, only))
			run_one(t, done, skipped);
}

/* Made up: neighbours are in different groups. */
static const uint16_t groups[] = { 0, 1, 0, 1 };

/*
 * All combinations; or, with IPI_TEST_PAIRS=1, so many that each two choices
 * meet in one: every queue under every delivery, the rest taking turns.
 */
static bool wanted(unsigned queue, unsigned ack, unsigned delivery,
		   unsigned waiter)
{
	unsigned acks = 0;

	if (!getenv("IPI_TEST_PAIRS"))
		return true;
	while (ipi_ack_name(acks))
		acks++;
	return ack == (queue + delivery) % acks &&
	       waiter == (delivery + 2 * queue + queue / 3) % 3;
}

static void run_all(const char *only, unsigned *done, unsigned *skipped)
{
	const char *why;

	for (unsigned q = 0; ipi_queue_name(q); q++)
		for (unsigned a = 0; ipi_ack_name(a); a++)
			for (unsigned d = 0; ipi_delivery_name(d); d++)
				for (int waiter = IPI_WAITER_RELAX;
				     waiter <= IPI_WAITER_SLEEP; waiter++) {
					if (!wanted(q, a, d, waiter))
						continue;
					if (!strcmp(ipi_queue_name(q), "null"))
						continue; /* the harness' own
							     cost, no queue */
					why = ipi_delivery_probe(
						ipi_delivery_name(d));
					if (why) {
						printf("# no %s here: %s\n",
						       ipi_delivery_name(d),
						       why);
						continue;
					}
					contract_params = (struct ipi_params){
						.queue = ipi_queue_name(q),
						.ack = ipi_ack_name(a),
						.delivery =
							ipi_delivery_name(d),
						.waiter =
							(enum ipi_waiter)waiter,
						.spin_loads = 200,
						.cpus_max = WORLD_CPUS,
						.group_of_processor = groups,
						.processors = 4,
					};
					run_combination(only, done, skipped);
				}
}

static unsigned long number_from_env(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	unsigned done = 0, skipped = 0;
	unsigned long first = number_from_env("IPI_TEST_SEED",
					      (unsigned long)contract_now_ns());
	pthread_t dog;

	contract_scale = (unsigned)number_from_env("IPI_TEST_SCALE", 100);
	contract_seed(first);
	printf("# IPI_TEST_SEED=%lu IPI_TEST_SCALE=%u\n", first,
	       contract_scale);
#if IPI_HOOKS
	ipi_test_hook = trap_hook; /* for good: swapping it would be a race */
#endif
	if (pthread_create(&dog, NULL, watchdog, NULL))
		return 1;
	pthread_detach(dog);
	contract_settle_thread();
	run_all(argc > 1 ? argv[1] : NULL, &done, &skipped);
	printf("1..%u\n", done);
	if (!done || atomic_load(&failures))
		return 1; /* nothing run is a failure too */
	return skipped == done ? 77 : 0;
}
