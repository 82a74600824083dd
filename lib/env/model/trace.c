/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A violation, told: each step with its place in the source, the value it read
 * and the value it left.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/scenario.h"

#define EVENTS 4096u
#define TEXT 200u

struct event {
	unsigned thread;
	bool irq;
	const void *where; /* NULL: said in words */
	char text[TEXT];
	const char *file;
	int line;
};

bool tracing;
bool trace_all;
static struct event *events;
static unsigned events_n;
static char wrong[512];

void trace_begin(void)
{
	if (!events) {
		events = calloc(EVENTS, sizeof(*events));
		if (!events)
			abort();
	}
	events_n = 0;
	wrong[0] = '\0';
}

static struct event *event_new(const struct thread *t, const void *where)
{
	struct event *e;

	if (quiet || events_n == EVENTS)
		return NULL;
	e = &events[events_n++];
	memset(e, 0, sizeof(*e));
	e->thread = t->index;
	e->irq = t->irq_depth > 0;
	e->where = where;
	return e;
}

static const char *order_name(int order)
{
	switch (order) {
	case __ATOMIC_RELAXED:
		return "relaxed";
	case __ATOMIC_ACQUIRE:
		return "acquire";
	case __ATOMIC_RELEASE:
		return "release";
	case __ATOMIC_ACQ_REL:
		return "acq_rel";
	default:
		return "seq_cst";
	}
}

static const char *in_tree(const char *file)
{
	const char *lib = strstr(file, "lib/");

	return lib ? lib : file;
}

void trace_op(const struct thread *t, const char *file, int line,
	      const char *what, int order, const void *where, uint64_t read,
	      uint64_t wrote, bool old)
{
	struct event *e = event_new(t, where);
	unsigned long long r = read, w = wrote;

	if (!e)
		return;
	e->file = file;
	e->line = line;
	if (!strcmp(what, "exchanges"))
		snprintf(e->text, TEXT, "%s %s: 0x%llx -> 0x%llx",
			 place_name(where), order_name(order), r, w);
	else if (what[0] == 'l' || what[0] == 'c')
		snprintf(e->text, TEXT, "%s %s %s: 0x%llx%s", what,
			 place_name(where), order_name(order), r,
			 old ? " (an old value)" : "");
	else
		snprintf(e->text, TEXT, "%s %s %s: 0x%llx", what,
			 place_name(where), order_name(order), w);
}

void trace_plain(const struct thread *t, const void *pc, const void *where,
		 bool write)
{
	struct event *e = event_new(t, where);

	if (!e)
		return;
	e->line = -1;
	e->file = pc;
	snprintf(e->text, TEXT, "%s %s, plainly", write ? "stores to" : "loads",
		 place_name(where));
}

void trace_event(const struct thread *t, const char *fmt, ...)
{
	struct event *e;
	va_list ap;

	if (!tracing)
		return;
	e = event_new(t, NULL);
	if (!e)
		return;
	va_start(ap, fmt);
	vsnprintf(e->text, TEXT, fmt, ap);
	va_end(ap);
}

void violation(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(wrong, sizeof(wrong), fmt, ap);
	va_end(ap);
	sched_end(END_VIOLATION);
}

const char *violation_text(void)
{
	return wrong;
}

/* ---- names of places ---------------------------------------------------- */

struct field {
	size_t at, size, each;
	const char *name;
};

#define FIELD(type, name)                                                      \
	{                                                                      \
		offsetof(struct type, name), sizeof(((struct type *)0)->name), \
			sizeof(((struct type *)0)->name), #name                \
	}
#define ARRAY(type, name)                                                      \
	{                                                                      \
		offsetof(struct type, name), sizeof(((struct type *)0)->name), \
			sizeof(((struct type *)0)->name[0]), #name             \
	}

static const struct field cpu_fields[] = {
	FIELD(ipi_cpu, dom),	       FIELD(ipi_cpu, pool),
	FIELD(ipi_cpu, index),	       FIELD(ipi_cpu, state),
	FIELD(ipi_cpu, notify),	       ARRAY(ipi_cpu, mail),
	ARRAY(ipi_cpu, leaf),	       FIELD(ipi_cpu, section),
	FIELD(ipi_cpu, pass),	       FIELD(ipi_cpu, depth),
	FIELD(ipi_cpu, reaping),       FIELD(ipi_cpu, noted),
	FIELD(ipi_cpu, way),	       FIELD(ipi_cpu, base),
	FIELD(ipi_cpu, cursor),	       FIELD(ipi_cpu, owed_n),
	FIELD(ipi_cpu, look),
	FIELD(ipi_cpu, local_pending), ARRAY(ipi_cpu, active),
	ARRAY(ipi_cpu, taken),
	ARRAY(ipi_cpu, deferred),      FIELD(ipi_cpu, owed),
#define IPI_COUNTER(name, unit, help) FIELD(ipi_cpu, count.name),
#include <ipi/counters.def>
#undef IPI_COUNTER
};

static const struct field node_fields[] = {
	FIELD(ipi_node, claim),	  FIELD(ipi_node, done),
	FIELD(ipi_node, seq),	  FIELD(ipi_node, target),
	FIELD(ipi_node, func),	  FIELD(ipi_node, arg),
	FIELD(ipi_node, counter), FIELD(ipi_node, handle),
	FIELD(ipi_node, link),    FIELD(ipi_node, next),
};

static const struct field id_fields[] = {
	FIELD(ipi_id, state),
	FIELD(ipi_id, func),
	FIELD(ipi_id, arg),
};

static const struct field domain_fields[] = {
	FIELD(ipi_domain, attached),
	FIELD(ipi_domain, running),
	FIELD(ipi_domain, deaths),
};

static const struct field world_fields[] = {
	ARRAY(world, cpu_of),
	FIELD(world, lock),
	ARRAY(world, alive),
	ARRAY(world, queue),
	ARRAY(world, sent),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool name_in(const struct field *list, size_t n, size_t at,
		    const char *prefix, char *out, size_t size)
{
	for (size_t i = 0; i < n; i++) {
		size_t in = at - list[i].at;

		if (at < list[i].at || in >= list[i].size)
			continue;
		if (list[i].size != list[i].each)
			snprintf(out, size, "%s%s[%zu]", prefix, list[i].name,
				 in / list[i].each);
		else if (in)
			snprintf(out, size, "%s%s+%zu", prefix, list[i].name,
				 in);
		else
			snprintf(out, size, "%s%s", prefix, list[i].name);
		return true;
	}
	return false;
}

static bool name_in_world(size_t at, char *out, size_t size)
{
	char prefix[32];
	size_t in, n;

	in = at - offsetof(struct world, cpu);
	n = in / sizeof(struct ipi_cpu);
	snprintf(prefix, sizeof(prefix), "cpu%zu.", n);
	if (at >= offsetof(struct world, cpu) && n < MODEL_THREADS)
		return name_in(cpu_fields, COUNT(cpu_fields),
			       in % sizeof(struct ipi_cpu), prefix, out, size);
	in = at - offsetof(struct world, pool);
	n = in / sizeof(struct ipi_node);
	snprintf(prefix, sizeof(prefix), "cpu%zu.node[%zu].", n / MODEL_NODES,
		 n % MODEL_NODES);
	if (at >= offsetof(struct world, pool) && n < MODEL_THREADS * MODEL_NODES)
		return name_in(node_fields, COUNT(node_fields),
			       in % sizeof(struct ipi_node), prefix, out, size);
	in = at - offsetof(struct ipi_domain, ids);
	n = in / sizeof(struct ipi_id);
	snprintf(prefix, sizeof(prefix), "ids[%zu].", n);
	if (at >= offsetof(struct ipi_domain, ids) && n < IPI_IDS)
		return name_in(id_fields, COUNT(id_fields),
			       in % sizeof(struct ipi_id), prefix, out, size);
	return name_in(domain_fields, COUNT(domain_fields), at, "", out,
		       size) ||
	       name_in(world_fields, COUNT(world_fields), at, "world.", out,
		       size);
}

const char *place_name(const void *where)
{
	static char text[4][80];
	static unsigned turn;
	char *out = text[turn++ % 4];
	size_t at = (size_t)((const char *)where - arena);

	if (in_arena(where) && at < sizeof(struct world) &&
	    name_in_world(at, out, sizeof(text[0])))
		return out;
	if (judge_place(where, out, sizeof(text[0])))
		return out;
	snprintf(out, sizeof(text[0]), "arena+%zu", at);
	return out;
}

/* ---- source ------------------------------------------------------------- */

#define SOURCES 256u

static struct source {
	const void *pc;
	char text[160];
} sources[SOURCES];
static unsigned sources_n;

static struct source *source_known(const void *pc)
{
	for (unsigned i = 0; i < sources_n; i++)
		if (sources[i].pc == pc)
			return &sources[i];
	return NULL;
}

/* Finds the text of those from the n-th on, all by one process. */
static void sources_name(unsigned n)
{
	char command[64 + SOURCES * 20], line[160];
	int used = snprintf(command, sizeof(command),
			    "addr2line -e /proc/%d/exe", (int)getpid());
	FILE *f;

	for (unsigned i = n; i < sources_n; i++)
		used += snprintf(command + used,
				 sizeof(command) - (size_t)used, " %p",
				 (const void *)((const char *)sources[i].pc -
						1));
	snprintf(command + used, sizeof(command) - (size_t)used,
		 " 2>/dev/null");
	f = popen(command, "r");
	for (; n < sources_n; n++) {
		struct source *s = &sources[n];

		snprintf(s->text, sizeof(s->text), "%p", s->pc);
		if (f && fgets(line, sizeof(line), f) && line[0] != '?') {
			line[strcspn(line, " \n")] = '\0';
			snprintf(s->text, sizeof(s->text), "%s", in_tree(line));
		}
	}
	if (f)
		pclose(f);
}

const char *source_of(const void *pc)
{
	struct source *s = source_known(pc);

	if (s)
		return s->text;
	if (sources_n == SOURCES)
		sources_n = 0;
	s = &sources[sources_n++];
	s->pc = pc;
	sources_name(sources_n - 1);
	return s->text;
}

/* The line itself, where the source is at hand. */
static void source_line(const char *file, int number, char *out, size_t size)
{
	char path[256], line[256] = "";
	FILE *f;

	out[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s", MODEL_SOURCE, in_tree(file));
	f = fopen(path, "r");
	if (!f)
		return;
	for (int i = 0; i < number; i++)
		if (!fgets(line, sizeof(line), f))
			line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	snprintf(out, size, "%s", line + strspn(line, " \t"));
}

static void print_event(const struct event *e, unsigned step)
{
	char at[64] = "", source[128] = "", file[160];
	int line = e->line;

	if (e->where && line < 0) {
		snprintf(file, sizeof(file), "%s", source_of(e->file));
		if (strchr(file, ':')) {
			line = atoi(strchr(file, ':') + 1);
			*strchr(file, ':') = '\0';
		}
	} else if (e->where) {
		snprintf(file, sizeof(file), "%s", in_tree(e->file));
	}
	if (e->where) {
		snprintf(at, sizeof(at), "%.48s:%d", file, line);
		source_line(file, line, source, sizeof(source));
	}
	printf("%5u  %*s%u%s  %-30s %-52s %s\n", step, (int)e->thread * 2, "",
	       e->thread, e->irq ? "i" : " ", at, e->text, source);
}

static bool is_printed(const struct event *e)
{
	const struct loc *l = e->where ? memory_loc(e->where) : NULL;

	return trace_all || !l || l->cross || l->irq;
}

void trace_print(void)
{
	unsigned named = sources_n;

	for (unsigned i = 0; i < events_n && sources_n < SOURCES; i++)
		if (is_printed(&events[i]) && events[i].where &&
		    events[i].line < 0 && !source_known(events[i].file))
			sources[sources_n++].pc = events[i].file;
	if (named < sources_n)
		sources_name(named);
	printf("  step  thread (i: in an interrupt), place, what, source\n");
	for (unsigned i = 0; i < events_n; i++)
		if (is_printed(&events[i]))
			print_event(&events[i], i);
	if (events_n == EVENTS)
		printf("  (more steps than can be kept)\n");
	printf("\n  %s\n", wrong);
}
