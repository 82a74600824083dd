// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the judge has to say. A failure may be found in an interrupt or an NMI,
 * where nothing can be printed: it is kept, and said when the test is over.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/timekeeping.h>

#include "judge.h"

#define LOG_BYTES (1u << 20)
#define KEPT 32u

struct kept {
	const char *file, *what;
	int line, cpu;
	long long got, want;
	bool lost; /* a wait that did not end */
	atomic_bool ready;
};

static struct kept kept[KEPT];
static atomic_uint found;

static DEFINE_MUTEX(lock);
static char *text;
static size_t used;
static bool full;

uint64_t contract_now_ns(void)
{
	return ktime_get_mono_fast_ns(); /* in an NMI, too */
}

static void keep(const struct kept *new)
{
	unsigned int n = atomic_fetch_add(&found, 1);

	if (n >= KEPT)
		return;
	kept[n] = *new;
	atomic_store(&kept[n].ready, true);
}

void contract_fail(const char *file, int line, const char *what, long long got,
		   long long want)
{
	keep(&(struct kept){ .file = file,
			     .line = line,
			     .what = what,
			     .got = got,
			     .want = want,
			     .cpu = contract_here() });
}

void contract_lost(const char *file, int line, const char *what)
{
	keep(&(struct kept){ .file = file,
			     .line = line,
			     .what = what,
			     .lost = true,
			     .cpu = contract_here() });
	atomic_store(&contract_gave_up, true);
}

static void say(const struct kept *k)
{
	const char *file = strrchr(k->file, '/');

	file = file ? file + 1 : k->file;
	if (k->lost)
		log_say("# %s:%d: waited too long for: %s (cpu %d)\n", file,
			k->line, k->what, k->cpu);
	else
		log_say("# %s:%d: %s: got %lld, want %lld (cpu %d)\n", file,
			k->line, k->what, k->got, k->want, k->cpu);
}

unsigned int log_failures(void)
{
	unsigned int n = atomic_load(&found), i;

	for (i = 0; i < min(n, KEPT); i++) {
		if (atomic_load(&kept[i].ready))
			say(&kept[i]);
		atomic_store(&kept[i].ready, false);
	}
	atomic_store(&found, 0);
	return n;
}

/* ---- text -------------------------------------------------------------------- */

int log_open(void)
{
	text = kvmalloc(LOG_BYTES, GFP_KERNEL);
	return text ? 0 : -ENOMEM;
}

void log_close(void)
{
	kvfree(text);
}

void log_clear(void)
{
	mutex_lock(&lock);
	used = 0;
	full = false;
	mutex_unlock(&lock);
}

static __printf(2, 0) void add(const char *prefix, const char *format, va_list args)
{
	mutex_lock(&lock);
	if (LOG_BYTES - used < 1024) {
		full = true;
	} else {
		used += scnprintf(text + used, LOG_BYTES - used, "%s", prefix);
		used += vscnprintf(text + used, LOG_BYTES - used, format, args);
	}
	mutex_unlock(&lock);
}

void log_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add("", format, args);
	va_end(args);
}

void contract_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add("# ", format, args);
	va_end(args);
}

bool log_is_full(void)
{
	return full;
}

ssize_t log_read(char __user *to, size_t bytes, loff_t *at)
{
	ssize_t n;

	mutex_lock(&lock);
	n = simple_read_from_buffer(to, bytes, at, text, used);
	mutex_unlock(&lock);
	return n;
}
