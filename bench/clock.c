// SPDX-License-Identifier: GPL-2.0-only
/* Chooses, calibrates and prices the clock; calibrates the injected delay. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "stats.h"
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define READINGS 2000u
#define CALIBRATE_NS 20000000u

bool bench_clock_counts;
static struct bench_clock the_clock;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
/* Invariant by CPUID, ordered readings possible, and trusted by the kernel. */
static bool counter_usable(void)
{
	char line[32] = "";
	unsigned a, b, c, d;
	FILE *f;

	if (!__get_cpuid(0x80000007, &a, &b, &c, &d) || !(d & (1u << 8)))
		return false;
	if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !(d & (1u << 27)))
		return false;
	f = fopen("/sys/devices/system/clocksource/clocksource0/"
		  "current_clocksource",
		  "re");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	return !strcmp(line, "tsc\n");
}
#define COUNTER_NAME "tsc"
#elif defined(__aarch64__)
static bool counter_usable(void)
{
	return true; /* the architecture promises one constant system counter */
}
#define COUNTER_NAME "cntvct"
#else
static bool counter_usable(void)
{
	return false;
}
#define COUNTER_NAME "none"
#endif

/* A reading of both clocks, as close together as sixteen tries get them. */
static void read_both(uint64_t *counter, uint64_t *raw)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < 16; i++) {
		uint64_t a = bench_clock_counter();
		uint64_t r = bench_clock_raw_ns();
		uint64_t b = bench_clock_counter();

		if (b - a >= best)
			continue;
		best = b - a;
		*counter = a + (b - a) / 2;
		*raw = r;
	}
}

static double counter_unit_ns(void)
{
	uint64_t c0 = 0, c1 = 0, r0 = 0, r1 = 0;

	read_both(&c0, &r0);
	while (bench_clock_raw_ns() - r0 < CALIBRATE_NS)
		;
	read_both(&c1, &r1);
	return (double)(r1 - r0) / (double)(c1 - c0);
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/*
 * A clock that the kernel scales to ns steps as its counter does, but no
 * divisor shows that: readings apart by all sorts of times do.
 */
static double rounded_step(void)
{
	double apart[READINGS];
	unsigned i;

	for (i = 0; i < READINGS; i++) {
		uint64_t a = bench_clock_now();

		bench_delay(1 + i % 256);
		apart[i] = (double)(bench_clock_now() - a);
	}
	return stats_step(apart, READINGS);
}

/*
 * The tick is what divides every difference between two readings: a counter
 * may step by more than one unit, and a reading lasts longer than a step.
 */
static void price(struct bench_clock *clk)
{
	double cost[READINGS];
	uint64_t step = 0;
	unsigned i;

	for (i = 0; i < READINGS; i++) {
		uint64_t a = bench_clock_now();
		uint64_t b = bench_clock_now();

		step = common_divisor(step, b - a);
		cost[i] = (double)(b - a) * clk->unit_ns;
	}
	clk->tick_ns = (step > 1 ? (double)step : rounded_step()) *
		       clk->unit_ns;
	/* The median of readings that step is a step: take the middle half. */
	clk->read_ns = stats_midmean(cost, READINGS);
}

static void clock_setup(void)
{
	struct bench_clock *clk = &the_clock;

	bench_clock_counts = counter_usable();
	clk->source = "CLOCK_MONOTONIC_RAW";
	clk->unit_ns = 1.0;
	if (bench_clock_counts) {
		clk->source = COUNTER_NAME;
		clk->unit_ns = counter_unit_ns();
	}
#if defined(__x86_64__)
	if (bench_clock_counts)
		clk->tsc_hz = 1e9 / clk->unit_ns;
#endif
	price(clk);
}

const struct bench_clock *bench_clock_get(void)
{
	pthread_once(&once, clock_setup);
	return &the_clock;
}

double bench_clock_ns(uint64_t units)
{
	return (double)units * bench_clock_get()->unit_ns;
}

uint64_t bench_clock_units(double ns)
{
	return (uint64_t)(ns / bench_clock_get()->unit_ns + 0.5);
}

bool bench_clock_is_shared(void)
{
	bench_clock_get();
	return bench_clock_counts;
}

/* Shortest of nine timings of a hundred delays: nothing came between. */
static double delay_ns(uint32_t turns)
{
	uint64_t best = UINT64_MAX;
	int i, j;

	for (i = 0; i < 9; i++) {
		uint64_t t0 = bench_clock_now(), t1;

		for (j = 0; j < 100; j++)
			bench_delay(turns);
		t1 = bench_clock_now();
		if (t1 - t0 < best)
			best = t1 - t0;
	}
	return bench_clock_ns(best) / 100;
}

uint32_t bench_delay_calibrate(uint64_t ns)
{
	double short_ns, long_ns, per_turn, turns;

	delay_ns(1000); /* lets the CPU come up to speed */
	short_ns = delay_ns(100);
	long_ns = delay_ns(1100);
	per_turn = (long_ns - short_ns) / 1000;
	turns = 100 + ((double)ns - short_ns) / per_turn;
	return turns < 1 ? 1 : (uint32_t)(turns + 0.5);
}
