// SPDX-License-Identifier: GPL-2.0-only
/* Steal, waiting, switches, throttling and frequency at a block's ends. */
#include <linux/perf_event.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "witness.h"

/* Past these a block is marked. */
#define LIMIT_PCT 2.0
#define LIMIT_SWITCHES_PER_S 100.0

static double read_waited_ns(void)
{
	char path[64];
	double ran, waited = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat",
		 (int)syscall(SYS_gettid));
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%lf %lf", &ran, &waited) != 2)
		waited = 0;
	fclose(f);
	return waited;
}

static double read_stolen_ns(int processor)
{
	char line[512], key[16];
	double steal = 0;
	FILE *f = fopen("/proc/stat", "re");

	if (!f)
		return 0;
	snprintf(key, sizeof(key), "cpu%d ", processor);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)))
			continue;
		if (sscanf(line, "%*s %*f %*f %*f %*f %*f %*f %*f %lf",
			   &steal) != 1)
			steal = 0;
		break;
	}
	fclose(f);
	return steal * 1e9 / (double)sysconf(_SC_CLK_TCK);
}

/* The file that counts this process' throttled periods; "" when none does. */
static void find_throttle_file(char *path, size_t size)
{
	char line[512], names[128], group[256];
	FILE *f = fopen("/proc/self/cgroup", "re");

	path[0] = '\0';
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "0::%255s", group) == 1)
			snprintf(path, size, "/sys/fs/cgroup%s/cpu.stat",
				 group);
		else if (sscanf(line, "%*d:%127[^:]:%255s", names, group) ==
				 2 &&
			 (!strcmp(names, "cpu") || !strncmp(names, "cpu,", 4)))
			snprintf(path, size, "/sys/fs/cgroup/%s%s/cpu.stat",
				 names, group);
		else
			continue;
		if (!access(path, R_OK))
			break;
		path[0] = '\0';
	}
	fclose(f);
}

static double read_throttled(void)
{
	static _Thread_local char path[512];
	static _Thread_local bool sought;
	char line[128];
	double n = 0;
	FILE *f;

	if (!sought)
		find_throttle_file(path, sizeof(path));
	sought = true;
	f = path[0] ? fopen(path, "re") : NULL;
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "nr_throttled %lf", &n) == 1)
			break;
	fclose(f);
	return n;
}

#define MSR_DIR "/sys/bus/event_source/devices/msr/"

/* A counter of the msr PMU for the calling thread; -1: there is none. */
static int open_msr_event(const char *name)
{
	struct perf_event_attr attr = {.size = sizeof(attr)};
	unsigned long long config;
	unsigned type;
	char path[128];
	FILE *f;
	int got;

	f = fopen(MSR_DIR "type", "re");
	if (!f)
		return -1;
	got = fscanf(f, "%u", &type);
	fclose(f);
	snprintf(path, sizeof(path), MSR_DIR "events/%s", name);
	f = got == 1 ? fopen(path, "re") : NULL;
	if (!f)
		return -1;
	got = fscanf(f, "event=%llx", &config);
	fclose(f);
	if (got != 1)
		return -1;
	attr.type = type;
	attr.config = config;
	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

static void read_frequency(struct witness *w)
{
	/* 0: not tried yet. Closed with the thread's process. */
	static _Thread_local int aperf, mperf;
	uint64_t a, m;

	if (!aperf) {
		aperf = open_msr_event("aperf");
		mperf = aperf < 0 ? -1 : open_msr_event("mperf");
	}
	w->aperf = w->mperf = NAN;
	if (aperf < 0 || mperf < 0 ||
	    read(aperf, &a, sizeof(a)) != (ssize_t)sizeof(a) ||
	    read(mperf, &m, sizeof(m)) != (ssize_t)sizeof(m))
		return;
	w->aperf = (double)a;
	w->mperf = (double)m;
}

void witness_read(int processor, struct witness *w)
{
	struct rusage ru;

	w->time_ns = (double)bench_clock_raw_ns();
	w->waited_ns = read_waited_ns();
	w->stolen_ns = read_stolen_ns(processor);
	w->throttled = read_throttled();
	w->switches = w->sleeps = 0;
	if (!getrusage(RUSAGE_THREAD, &ru)) {
		w->switches = (uint64_t)ru.ru_nivcsw;
		w->sleeps = (uint64_t)ru.ru_nvcsw;
	}
	read_frequency(w);
}

void witness_mark(struct bench_block *b, const char *fmt, ...)
{
	size_t len = strlen(b->marks);
	va_list ap;

	b->marked = true;
	if (len && len + 3 < sizeof(b->marks)) {
		strcpy(b->marks + len, ", ");
		len += 2;
	}
	va_start(ap, fmt);
	vsnprintf(b->marks + len, sizeof(b->marks) - len, fmt, ap);
	va_end(ap);
}

void witness_judge(const struct witness *from, const struct witness *to,
		   struct bench_block *out)
{
	double length = to->time_ns - from->time_ns;
	double waited, hz = bench_clock_get()->tsc_hz;

	if (length <= 0)
		return;
	out->steal_pct = 100 * (to->stolen_ns - from->stolen_ns) / length;
	out->switches = to->switches - from->switches;
	out->freq_mhz = NAN;
	if (to->mperf > from->mperf && hz > 0)
		out->freq_mhz = hz / 1e6 * (to->aperf - from->aperf) /
				(to->mperf - from->mperf);
	waited = 100 * (to->waited_ns - from->waited_ns) / length;
	if (out->steal_pct > LIMIT_PCT)
		witness_mark(out, "steal %.0f%%", out->steal_pct);
	if (waited > LIMIT_PCT)
		witness_mark(out, "waited for the CPU %.0f%%", waited);
	if ((double)out->switches > LIMIT_SWITCHES_PER_S * length / 1e9)
		witness_mark(out, "involuntary switches %llu",
			     (unsigned long long)out->switches);
	if (to->throttled > from->throttled)
		witness_mark(out, "throttled %.0f",
			     to->throttled - from->throttled);
}
