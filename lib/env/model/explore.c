/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Depth-first search over the choices of a run. A run is repeated from its
 * beginning with the choices made so far, and goes on with the default ones;
 * the last choice with an alternative left, within the bounds, is changed for
 * the next.
 *
 * A state that was reached before with at least the same bounds left is not
 * followed again. States are compared by a hash of the execution graph (who
 * did what in which order, which store each load read), so that schedules that
 * differ only in the order of independent steps are one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "model/model.h"

#define DEPTH 4096u
#define TABLE_FIRST (1u << 16)
#define TABLE_LAST (1u << 30)

struct decision {
	uint64_t tick;
	struct bounds left; /* before it */
	uint8_t taken, n;
	uint8_t cost[ALTERNATIVES];
};

static struct decision stack[DEPTH];
static unsigned depth, at; /* decisions known, decisions made in this run */
static struct bounds left;
static uint64_t tick; /* places in this run where there could be a choice */
static bool cut;

/* A seed that is being repeated: only decisions that are not the default. */
static struct {
	bool on;
	unsigned n, next;
	uint64_t tick[64];
	unsigned taken[64];
} seed;

/* ---- states seen -------------------------------------------------------- */

/* A state's hash, but for its last byte: the most preemptions left there. */
static uint64_t *table; /* 0: free */
static size_t table_size, table_used;

static size_t place_of(uint64_t key)
{
	return (key >> 8) & (table_size - 1);
}

static uint64_t *find(uint64_t key)
{
	size_t i = place_of(key);

	while (table[i] && (table[i] ^ key) >> 8)
		i = (i + 1) & (table_size - 1);
	return &table[i];
}

static void table_free(uint64_t *t, size_t size)
{
	if (t)
		munmap(t, size * sizeof(*t));
}

/* Looked up anywhere at each step: in large pages, where the kernel has some. */
static void table_make(size_t size)
{
	size_t bytes = size * sizeof(*table);
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	(void)madvise(pages, bytes, MADV_HUGEPAGE);
	table = pages;
	table_size = size;
	table_used = 0;
}

static void table_reset(size_t size)
{
	table_free(table, table_size);
	table_make(size);
}

static void table_grow(void)
{
	uint64_t *old = table;
	size_t n = table_size, used = table_used;

	table_make(n * 4);
	for (size_t i = 0; i < n; i++)
		if (old[i])
			*find(old[i]) = old[i];
	table_used = used;
	table_free(old, n);
}

/*
 * The last state asked for. Its place in the table is far away; while it is on
 * its way here, the run goes on, and is cut back to that state if it was known.
 */
static struct {
	bool on;
	unsigned depth; /* decisions before it */
	uint64_t key;
} asked;

static bool asked_is_known(void)
{
	uint64_t *s;

	if (!asked.on)
		return false;
	asked.on = false;
	if (table_used * 4 > table_size * 3 && table_size < TABLE_LAST)
		table_grow();
	s = find(asked.key);
	if (*s && (*s & 0xff) >= (asked.key & 0xff)) {
		depth = asked.depth;
		return true;
	}
	if (!*s && ++table_used == table_size) {
		fputs("model: too many states\n", stderr);
		abort();
	}
	*s = asked.key;
	return false;
}

bool explored(uint64_t state)
{
	if (asked_is_known())
		return true;
	/* Only where this run is on new ground. */
	if (seed.on || at < depth)
		return false;
	asked.on = true;
	asked.depth = at;
	asked.key = mix(mix(state, left.left[COST_WEAK]), left.left[COST_EVENT])
			    << 8 |
		    0x80 | left.left[COST_PREEMPT];
	__builtin_prefetch(&table[place_of(asked.key)], 1);
	return false;
}

/* ---- choices ------------------------------------------------------------ */

static bool affordable(const struct bounds *b, uint8_t cost)
{
	return cost == COST_FREE || (cost < COSTS && b->left[cost]);
}

static void pay(uint8_t cost)
{
	if (cost < COSTS)
		left.left[cost]--;
}

static unsigned choose_by_seed(const struct options *o)
{
	unsigned taken = 0;

	if (seed.next < seed.n && seed.tick[seed.next] == tick)
		taken = seed.taken[seed.next++];
	return taken < o->n ? taken : 0;
}

/* Notes a decision; true if there is one. */
static bool decide(const struct options *o)
{
	struct decision *d = &stack[at];
	unsigned open = 0;

	for (unsigned i = 0; i < o->n; i++)
		open += affordable(&left, o->cost[i]);
	for (unsigned i = 0; i < o->n; i++)
		cut |= o->cost[i] < COSTS && !left.left[o->cost[i]];
	if (open < 2)
		return false;
	if (at == DEPTH)
		violation("no end: a run of more than %u choices", DEPTH);
	d->tick = tick;
	d->left = left;
	d->taken = 0;
	d->n = (uint8_t)o->n;
	memcpy(d->cost, o->cost, sizeof(d->cost));
	depth++;
	return true;
}

unsigned choose(const struct options *o)
{
	unsigned taken = 0;

	tick++;
	if (o->n < 2)
		return 0;
	if (seed.on)
		return choose_by_seed(o);
	if (at < depth ? stack[at].tick == tick : decide(o)) {
		taken = stack[at++].taken;
		pay(o->cost[taken]);
	}
	return taken;
}

bool choose_nothing(void)
{
	if (!seed.on)
		tick++;
	return !seed.on;
}

/* The next run's decisions; false: there is none. */
static bool backtrack(void)
{
	for (; depth; depth--) {
		struct decision *d = &stack[depth - 1];

		for (unsigned i = d->taken + 1u; i < d->n; i++)
			if (affordable(&d->left, d->cost[i])) {
				d->taken = (uint8_t)i;
				return true;
			}
	}
	return false;
}

static enum end run_once(enum end (*run)(void), const struct bounds *bounds)
{
	enum end end;

	at = 0;
	tick = 0;
	left = *bounds;
	asked.on = false;
	end = run();
	return end == END_DONE && asked_is_known() ? END_PRUNED : end;
}

static void write_seed(char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < at && used < size; i++)
		if (stack[i].taken)
			used += (size_t)snprintf(
				out + used, size - used, "%s%llu.%u",
				used ? "-" : "",
				(unsigned long long)stack[i].tick,
				stack[i].taken);
	if (!used)
		snprintf(out, size, "0");
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void explore(enum end (*run)(void), bool (*learned)(void),
	     const struct bounds *bounds, double seconds,
	     struct exploration *out)
{
	double deadline = now_s() + seconds;

	memset(out, 0, sizeof(*out));
	seed.on = false;
	depth = 0;
	cut = false;
	table_reset(TABLE_FIRST);
	for (;;) {
		enum end end = run_once(run, bounds);

		out->runs++;
		out->pruned += end == END_PRUNED;
		if (end == END_VIOLATION) {
			out->violated = true;
			write_seed(out->seed, sizeof(out->seed));
			break;
		}
		if (out->runs % 1024 == 0 && now_s() > deadline) {
			out->out_of_time = true;
			break;
		}
		if (learned()) {
			/* Points have appeared that earlier runs passed by. */
			out->rounds++;
			depth = 0;
			cut = false;
			table_reset(table_size);
			continue;
		}
		if (!backtrack())
			break;
	}
	out->cut = cut;
	out->states = table_used;
}

int explore_seed(enum end (*run)(void), const char *text, enum end *end)
{
	static const struct bounds none;

	seed.on = true;
	seed.n = seed.next = 0;
	while (*text && seed.n < 64) {
		int used = 0;
		unsigned long long t = 0;

		if (!strcmp(text, "0"))
			break;
		if (sscanf(text, "%llu.%u%n", &t, &seed.taken[seed.n], &used) !=
			    2 ||
		    !used)
			return -1;
		seed.tick[seed.n++] = t;
		text += used;
		if (*text == '-')
			text++;
	}
	if (*text && strcmp(text, "0"))
		return -1;
	*end = run_once(run, &none);
	return 0;
}
