/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory does.
 *
 * Each location keeps its stores in the order in which they took effect. Each
 * thread has a view, the position in that order below which it can't read any
 * more. sc: a load reads the newest store. tso: likewise, but a store may stay
 * in its CPU's buffer, first in first out, until the CPU's next read-modify-
 * write at the latest. c11: a load reads any store that its view allows; a
 * release store carries its thread's view, an acquire load takes it over, and
 * a seq_cst load does not read below the last seq_cst store.
 *
 * In each of them the happens-before relation is C11's own, kept in clocks, so
 * that races of plain accesses are judged by the orders in the source, not by
 * what the level lets happen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

#define LOCS 2048u
#define STORES 8192u
#define CANDIDATES 6u /* stores that one load may choose among */

struct store {
	uint64_t value, hash;
	uint32_t before; /* the store it follows; 0: none */
	uint16_t at; /* position in the location's order */
	bool has_view;
	uint32_t clock[MODEL_THREADS]; /* what an acquirer learns */
	uint16_t view[MODEL_VIEWS];
};

static struct loc locs[LOCS];
static uint16_t *loc_index; /* by word of the arena; 0: none yet */
static unsigned locs_n = 1, views_n;
static struct store *stores;
static unsigned stores_n;
static uint64_t run;
static enum memory memory;
static bool got_shared;
bool noting;

static struct {
	bool on;
	char file[64];
	int line;
	int order; /* instead */
	uint64_t met;
} weaken;

void memory_set(enum memory m)
{
	memory = m;
}

void memory_begin(void)
{
	if (!stores) {
		stores = calloc(STORES, sizeof(*stores));
		loc_index = calloc(arena_size / 4, sizeof(*loc_index));
		if (!stores || !loc_index)
			abort();
	}
	run++;
	stores_n = 1;
}

void memory_forget(void)
{
	if (loc_index)
		memset(loc_index, 0, arena_size / 4 * sizeof(*loc_index));
	memset(locs, 0, sizeof(locs));
	locs_n = 1;
	views_n = 0;
	got_shared = false;
}

/* ---- locations ---------------------------------------------------------- */

struct loc *memory_loc(const void *where)
{
	uint16_t *i = &loc_index[((const char *)where - arena) / 4];

	if (!*i) {
		if (locs_n == LOCS) {
			fputs("model: too many locations\n", stderr);
			abort();
		}
		*i = (uint16_t)locs_n++;
		locs[*i].where = (char *)(uintptr_t)where;
		locs[*i].view_id = -1;
	}
	return &locs[*i];
}

static bool crosses(const struct loc *l)
{
	/* Nobody decides by a counter: their order is no difference. */
	if (world_is_counter(l->where))
		return false;
	for (unsigned t = 0; t < MODEL_THREADS; t++)
		if (l->writers >> (2 * t) & 3 &&
		    (l->writers | l->readers) & ~(3u << (2 * t)))
			return true;
	return false;
}

static bool irq_uses(const struct loc *l)
{
	for (unsigned t = 0; t < MODEL_THREADS; t++)
		if (l->writers >> (2 * t) & 3 &&
		    ((l->writers | l->readers) >> (2 * t) & 3) == 3)
			return true;
	return false;
}

void memory_note(struct loc *l, bool write)
{
	uint16_t bit;
	uint16_t *who = write ? &l->writers : &l->readers;

	if (quiet)
		return;
	bit = (uint16_t)(1u << (2 * current->index + (current->irq_depth > 0)));
	if (*who & bit)
		return;
	*who |= bit;
	got_shared |= crosses(l) != l->cross || irq_uses(l) != l->irq;
}

/* What was learned holds from the next run on. */
bool memory_learned(void)
{
	if (!got_shared)
		return false;
	got_shared = false;
	for (unsigned i = 1; i < locs_n; i++) {
		struct loc *l = &locs[i];

		l->cross = crosses(l);
		l->irq = irq_uses(l);
		if (l->cross && l->view_id < 0) {
			if (views_n == MODEL_VIEWS) {
				fputs("model: too many shared locations\n",
				      stderr);
				abort();
			}
			l->view_id = (int)views_n++;
		}
	}
	return true;
}

/* ---- stores ------------------------------------------------------------- */

static uint64_t native_get(const void *where, unsigned size)
{
	uint32_t v32;
	uint64_t v64;

	if (size == 4) {
		memcpy(&v32, where, 4);
		return v32;
	}
	memcpy(&v64, where, 8);
	return v64;
}

static void native_set(void *where, unsigned size, uint64_t value)
{
	uint32_t v32 = (uint32_t)value;

	if (size == 4)
		memcpy(where, &v32, 4);
	else
		memcpy(where, &value, 8);
}

static struct store *store_new(struct loc *l)
{
	struct store *s;

	if (stores_n == STORES)
		violation("no end: more than %u stores", STORES);
	s = &stores[stores_n];
	s->before = l->last;
	s->at = l->last ? (uint16_t)(stores[l->last].at + 1) : 0;
	s->has_view = false;
	memset(s->clock, 0, sizeof(s->clock));
	l->last = stores_n++;
	return s;
}

/* The location with its first store: what memory held. */
static struct loc *touch(const void *where, unsigned size)
{
	struct loc *l = memory_loc(where);
	struct store *s;

	l->size = size;
	if (l->run == run)
		return l;
	l->run = run;
	l->last = 0;
	l->sc = 0;
	s = store_new(l);
	s->at = l->base_run == run ? l->first : 0;
	s->value = native_get(where, size);
	s->hash = l->base_run == run ? l->base : 1;
	return l;
}

void memory_overwritten(const struct thread *t, const void *where)
{
	struct loc *l = &locs[loc_index[((const char *)where - arena) / 4]];

	if (l == locs)
		return;
	/* Views of the old history go on being released and acquired. */
	if (l->run == run)
		l->first = (uint16_t)(stores[l->last].at + 1);
	else if (l->base_run != run)
		l->first = 0;
	l->run = 0;
	l->base = t->hash;
	l->base_run = run;
}

uint64_t memory_latest(const void *where, unsigned size)
{
	return stores[touch(where, size)->last].value;
}

static uint16_t *view_of(struct thread *t, const struct loc *l)
{
	return memory == MEMORY_C11 && l->view_id >= 0 ? &t->view[l->view_id]
						       : NULL;
}

void memory_saw(struct thread *t, const void *where)
{
	struct loc *l = touch(where, 4);
	uint16_t *view = view_of(t, l);

	if (view)
		*view = stores[l->last].at;
}

static void join_clock(uint32_t *into, const uint32_t *from)
{
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		if (from[i] > into[i])
			into[i] = from[i];
}

static void join_view(uint16_t *into, const uint16_t *from)
{
	for (unsigned i = 0; i < views_n; i++)
		if (from[i] > into[i])
			into[i] = from[i];
}

void memory_join(struct thread *b, const struct thread *a)
{
	join_clock(b->clock, a->clock);
	if (memory == MEMORY_C11)
		join_view(b->view, a->view);
}

static bool acquires(int order)
{
	return order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL ||
	       order == __ATOMIC_SEQ_CST;
}

static bool releases(int order)
{
	return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL ||
	       order == __ATOMIC_SEQ_CST;
}

/* t reads s. */
static void read_from(struct thread *t, struct loc *l, const struct store *s,
		      int order)
{
	uint16_t *view = view_of(t, l);

	if (view && s->at > *view)
		*view = s->at;
	if (!acquires(order))
		return;
	join_clock(t->clock, s->clock);
	if (memory == MEMORY_C11 && s->has_view)
		join_view(t->view, s->view);
}

/* A store takes effect; rmw: it goes on with the release of what it read. */
static void append(struct thread *t, struct loc *l, uint64_t value, int order,
		   const uint32_t *clock, bool rmw, uint64_t event)
{
	const struct store *old = &stores[l->last];
	struct store *s = store_new(l);
	uint16_t *view = view_of(t, l);

	s->value = value;
	s->hash = mix(old->hash, event);
	native_set(l->where, l->size, value);
	if (view)
		*view = s->at;
	if (rmw)
		memcpy(s->clock, old->clock, sizeof(s->clock));
	if (releases(order))
		join_clock(s->clock, clock);
	if (order == __ATOMIC_SEQ_CST)
		l->sc = s->at;
	if (memory != MEMORY_C11 || !l->cross)
		return;
	s->has_view = releases(order) || (rmw && old->has_view);
	if (!s->has_view)
		return;
	if (releases(order))
		memcpy(s->view, t->view, views_n * sizeof(s->view[0]));
	else
		memset(s->view, 0, views_n * sizeof(s->view[0]));
	if (rmw && old->has_view)
		join_view(s->view, old->view);
}

/* ---- store buffers ------------------------------------------------------ */

void memory_drain(struct thread *t, unsigned n)
{
	for (; n && t->buffered; n--) {
		struct store_buffered b = t->buffer[0];

		memmove(&t->buffer[0], &t->buffer[1],
			--t->buffered * sizeof(b));
		append(t, b.loc, b.value, b.order, b.clock, false, b.hash);
		t->drained = mix(t->drained, stores[b.loc->last].hash);
		if (tracing)
			trace_op(t, b.file, b.line, "takes effect", b.order,
				 b.loc->where, 0, b.value, false);
	}
}

static const struct store_buffered *buffered(const struct thread *t,
					     const struct loc *l)
{
	for (unsigned i = t->buffered; i; i--)
		if (t->buffer[i - 1].loc == l)
			return &t->buffer[i - 1];
	return NULL;
}

bool memory_holds(const struct thread *t, const void *where, unsigned size)
{
	for (unsigned i = 0; i < t->buffered; i++) {
		const struct loc *l = t->buffer[i].loc;

		if (l->where < (const char *)where + size &&
		    (const char *)where < l->where + l->size)
			return true;
	}
	return false;
}

/* Does this store stay in the buffer? */
static bool hold_back(struct thread *t, const struct loc *l)
{
	struct options o = { 0 };

	if (memory != MEMORY_TSO || quiet)
		return false;
	option(&o, COST_FREE, 0, 0);
	option(&o, l->cross && !t->buffered ? COST_WEAK : COST_NEVER, 1, 0);
	if (choose(&o))
		return true;
	/* What others see comes out in order. */
	return l->cross && t->buffered;
}

/* ---- operations --------------------------------------------------------- */

struct op {
	enum ipi_model_op op;
	int order;
	uint64_t a, b;
	const char *file;
	int line;
};

/*
 * Which store does a load read? For a compare-and-swap, the newest if that
 * makes it succeed, or one that makes it fail.
 */
static const struct store *choose_store(struct thread *t, struct loc *l,
					const struct op *op)
{
	const struct store *s = &stores[l->last], *list[CANDIDATES];
	const uint16_t *view = view_of(t, l);
	struct options o = { 0 };
	uint16_t least = view ? *view : 0;

	if (!view || quiet)
		return s;
	/* A compare-and-swap that fails is a relaxed load: the seam says so. */
	if (op->op == IPI_MODEL_LOAD && op->order == __ATOMIC_SEQ_CST &&
	    l->sc > least)
		least = l->sc;
	for (; o.n < CANDIDATES && s->at >= least; s = &stores[s->before]) {
		if (!o.n || op->op == IPI_MODEL_LOAD || s->value != op->a) {
			list[o.n] = s;
			option(&o, o.n ? COST_WEAK : COST_FREE, 0, 0);
		}
		if (!s->before)
			break;
	}
	return list[choose(&o)];
}

static uint64_t load(struct thread *t, struct loc *l, const struct op *op)
{
	const struct store_buffered *own = buffered(t, l);
	const struct store *s;

	if (own) {
		sched_mix(t, mix((uint64_t)op->line, own->hash));
		return own->value;
	}
	s = choose_store(t, l, op);
	read_from(t, l, s, op->order);
	sched_mix(t, mix((uint64_t)op->line, s->hash));
	if (tracing)
		trace_op(t, op->file, op->line, "loads", op->order, l->where,
			 s->value, 0, s != &stores[l->last]);
	return s->value;
}

static void store(struct thread *t, struct loc *l, const struct op *op)
{
	bool back = hold_back(t, l);

	sched_mix(t, mix((uint64_t)op->line, back));
	if (tracing)
		trace_op(t, op->file, op->line, back ? "holds back" : "stores",
			 op->order, l->where, 0, op->a, false);
	if (back) {
		struct store_buffered *b;

		if (t->buffered == MODEL_BUFFER)
			memory_drain(t, 1);
		b = &t->buffer[t->buffered++];
		*b = (struct store_buffered){ l,	 op->a,	   t->hash,
					      op->order, op->file, op->line,
					      { 0 } };
		memcpy(b->clock, t->clock, sizeof(b->clock));
		return;
	}
	append(t, l, op->a, op->order, t->clock, false, t->hash);
	sched_mix(t, stores[l->last].hash);
}

static uint64_t result_of(const struct op *op, uint64_t old)
{
	switch (op->op) {
	case IPI_MODEL_XCHG:
		return op->a;
	case IPI_MODEL_OR:
		return old | op->a;
	case IPI_MODEL_AND:
		return old & op->a;
	case IPI_MODEL_ADD:
		return old + op->a;
	case IPI_MODEL_SUB:
		return old - op->a;
	default:
		return op->b;
	}
}

static uint64_t read_modify_write(struct thread *t, struct loc *l,
				  const struct op *op)
{
	const struct store *s;
	uint64_t old, value;

	memory_drain(t, t->buffered);
	s = op->op == IPI_MODEL_CAS ? choose_store(t, l, op) : &stores[l->last];
	old = s->value;
	if (op->op == IPI_MODEL_CAS && old != op->a) {
		read_from(t, l, s, __ATOMIC_RELAXED);
		sched_mix(t, mix((uint64_t)op->line, s->hash));
		if (tracing)
			trace_op(t, op->file, op->line, "compares, in vain,",
				 op->order, l->where, old, 0,
				 s != &stores[l->last]);
		return old;
	}
	read_from(t, l, s, op->order);
	value = result_of(op, old);
	if (l->size == 4)
		value = (uint32_t)value;
	append(t, l, value, op->order, t->clock, true,
	       mix(t->hash, (uint64_t)op->line));
	sched_mix(t, stores[l->last].hash);
	if (tracing)
		trace_op(t, op->file, op->line, "exchanges", op->order,
			 l->where, old, value, false);
	return old;
}

/* ---- places in the source ----------------------------------------------- */

#define SITES 512u

/* Every place that an ordered operation on shared memory was made from. */
static struct {
	const char *file;
	int line;
	int order;
} sites[SITES];
static unsigned sites_n;

static void note_site(const char *file, int line, int order)
{
	if (order == __ATOMIC_RELAXED)
		return;
	for (unsigned i = 0; i < sites_n; i++)
		if (sites[i].line == line && !strcmp(sites[i].file, file))
			return;
	if (sites_n == SITES)
		return;
	sites[sites_n].file = file;
	sites[sites_n].line = line;
	sites[sites_n++].order = order;
}

void memory_sites(void (*tell)(const char *file, int line))
{
	for (unsigned i = 0; i < sites_n; i++)
		tell(sites[i].file, sites[i].line);
}

/* Memory of one thread alone: a set on the stack. */
static uint64_t private_op(const struct op *op, void *where, unsigned size)
{
	uint64_t old = native_get(where, size);

	if (op->op == IPI_MODEL_STORE)
		native_set(where, size, op->a);
	else if (op->op != IPI_MODEL_LOAD &&
		 (op->op != IPI_MODEL_CAS || old == op->a))
		native_set(where, size, result_of(op, old));
	return old;
}

static bool is_weakened(const char *file, int line)
{
	size_t n = strlen(file), m = strlen(weaken.file);

	return line == weaken.line && n >= m &&
	       !strcmp(file + n - m, weaken.file);
}

uint64_t ipi_model_op(enum ipi_model_op what, int order, void *where,
		      size_t size, uint64_t a, uint64_t b, const char *file,
		      int line)
{
	struct op op = { what, order, a, b, file, line };
	struct thread *t = current;
	bool write = what != IPI_MODEL_LOAD;
	struct loc *l;

	if (!in_arena(where))
		return private_op(&op, where, (unsigned)size);
	if (weaken.on && is_weakened(file, line)) {
		op.order = weaken.order;
		weaken.met++;
	}
	if (noting)
		note_site(file, line, order);
	l = memory_loc(where);
	memory_note(l, write);
	if (what != IPI_MODEL_LOAD && what != IPI_MODEL_STORE)
		sched_flush(COST_PREEMPT);
	sched_access(l, false);
	touch(where, (unsigned)size);
	t->clock[t->index]++;
	race_atomic(t, where, write, __builtin_return_address(0));
	if (what == IPI_MODEL_LOAD)
		return load(t, l, &op);
	if (what == IPI_MODEL_STORE) {
		store(t, l, &op);
		return 0;
	}
	return read_modify_write(t, l, &op);
}

int memory_weaken(const char *spec)
{
	char order[16] = "relaxed";

	weaken.on = false;
	if (!spec)
		return 0;
	if (sscanf(spec, "%63[^:]:%d=%15s", weaken.file, &weaken.line, order) <
	    2)
		return -1;
	if (!strcmp(order, "relaxed"))
		weaken.order = __ATOMIC_RELAXED;
	else if (!strcmp(order, "acquire"))
		weaken.order = __ATOMIC_ACQUIRE;
	else if (!strcmp(order, "release"))
		weaken.order = __ATOMIC_RELEASE;
	else if (!strcmp(order, "acq_rel"))
		weaken.order = __ATOMIC_ACQ_REL;
	else
		return -1;
	weaken.met = 0;
	weaken.on = true;
	return 0;
}

uint64_t memory_weakened(void)
{
	return weaken.met;
}
