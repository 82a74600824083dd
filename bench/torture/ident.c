// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ids that live as long as the round, and what their triggers owe.
 *
 * For each source and target stands in a cell what the source stored before
 * its last trigger (sent), what the target must have seen (owed, in the life
 * that it then was in), and what its handler saw (seen). Triggers of shared
 * ids coalesce; a private id is triggered again only when its run has come,
 * so it runs once for each trigger, and its payload may be plain.
 */
#include <errno.h>
#include <stdlib.h>

#include "torture.h"

#define VALUE_BITS 44
#define VALUE_MASK ((UINT64_C(1) << VALUE_BITS) - 1)
#define LIFE_MASK (UINT64_MAX >> VALUE_BITS)
#define IDS_MOST 2048u /* more than any id table has */

static uint64_t owe(uint32_t life, uint64_t value)
{
	return (uint64_t)life << VALUE_BITS | value;
}

static struct owed_cell *cell_of(const struct ident *id, unsigned source,
				 unsigned target)
{
	return id->source < 0 ? &id->cell[target * id->round->n + source]
			      : &id->cell[target];
}

/* ---- the target's side -------------------------------------------------- */

static void see_private(struct seat *s, struct ident *id)
{
	struct owed_cell *c = cell_of(id, 0, s->index);
	uint64_t value = c->word[0];

	if (c->word[1] != ~value)
		fail(s->round, CHECK_order, s,
		     "what CPU %d stored before a trigger is not seen",
		     id->source);
	else if (value != get(&c->seen) + 1)
		fail(s->round, CHECK_extra, s,
		     "id %u of CPU %d ran without a trigger of its own", id->id,
		     id->source);
	set_release(&c->seen, value);
}

static void see_shared(struct seat *s, struct ident *id)
{
	for (unsigned source = 0; source < s->round->n; source++) {
		struct owed_cell *c = cell_of(id, source, s->index);

		set(&c->seen, get(&c->sent));
	}
}

void ident_handler(void *arg)
{
	struct ident *id = arg;
	struct frame f;
	struct seat *s = frame_begin(id->round, &f);
	unsigned nth = id->nth + (id->source < 0 ? 0 : SHARED_IDS);
	struct dice d;

	if (!s)
		return;
	if (s->active[nth])
		fail(s->round, CHECK_nest, s, "id %u runs inside its own run",
		     id->id);
	s->active[nth] = 1;
	bump(s, runs);
	if (id->source < 0)
		see_shared(s, id);
	else
		see_private(s, id);
	d = dice_for(s->base, ~s->handlers);
	if (chance(&d, 16))
		linger(&d, 20);
	if (chance(&d, 24))
		nest(s, chance(&d, 2) ? WILL_WAIT : WILL_TRIGGER, 0, &d);
	s->active[nth] = 0;
	frame_end(s, &f);
}

/* ---- the source's side -------------------------------------------------- */

static void check_trigger(struct seat *s, struct ident *id, unsigned to,
			  uint32_t before, uint32_t after, int err)
{
	bool good = err ? err == -ENXIO && !life_in(before, after)
			: !life_out(before, after);

	if (!good)
		fail(s->round, CHECK_answer, s,
		     "a trigger of id %u on CPU %u answered %d", id->id, to,
		     err);
	if (!err)
		bump(s, triggers);
	else
		bump(s, absent);
}

static int call_trigger(struct seat *s, const struct ident *id, unsigned to)
{
	int err;

	ipi_kpreempt_disable();
	s->window = true;
	err = ipi_domain_trigger(s->round->dom, id->id, s->round->seat[to].cpu);
	s->window = false;
	ipi_kpreempt_enable();
	return err;
}

static void trigger_shared(struct seat *s, struct ident *id, unsigned to)
{
	struct owed_cell *c = cell_of(id, s->index, to);
	uint32_t before = life_of(s->round, to), after;
	/* Handlers of this CPU trigger too. */
	uint64_t value = add(&c->sent, UINT64_C(1)) + 1;
	int err = call_trigger(s, id, to);

	after = life_of(s->round, to);
	check_trigger(s, id, to, before, after, err);
	if (!err && life_in(before, after))
		set(&c->owed, owe(before, value));
}

/* May the cell be written? Then the next trigger has its payload. */
static bool fill_private(struct owed_cell *c)
{
	uint64_t value = get(&c->sent);

	if (c->lost || get_acquire(&c->seen) != value)
		return false;
	c->word[0] = value + 1;
	c->word[1] = ~(value + 1);
	return true;
}

/* The target may have changed lives meanwhile: then nobody knows. */
static void sent_private(struct owed_cell *c, uint32_t before, uint32_t after)
{
	uint64_t value = get(&c->sent) + 1;

	set(&c->sent, value);
	if (life_in(before, after))
		set(&c->owed, owe(before, value));
	else
		c->lost = true;
}

static void trigger_private(struct seat *s, struct ident *id, unsigned to)
{
	struct owed_cell *c = cell_of(id, 0, to);
	uint32_t before = life_of(s->round, to), after;
	int err;

	if (!fill_private(c))
		return;
	err = call_trigger(s, id, to);
	after = life_of(s->round, to);
	check_trigger(s, id, to, before, after, err);
	if (!err)
		sent_private(c, before, after);
}

void trigger_one(struct seat *s, struct ident *id, unsigned to)
{
	if (id->source < 0)
		trigger_shared(s, id, to);
	else
		trigger_private(s, id, to);
}

bool trigger_seen(struct seat *s, const struct ident *id, unsigned to)
{
	struct owed_cell *c = cell_of(id, s->index, to);
	uint64_t owed = get(&c->owed);
	uint32_t life = life_of(s->round, to);

	return owed >> VALUE_BITS != (life & LIFE_MASK) ||
	       get(&c->seen) >= (owed & VALUE_MASK);
}

/* ---- many targets ------------------------------------------------------- */

/* Of the wanted targets, those whose cells may be written; the set of them. */
static void fill_set(struct seat *s, struct ident *id, uint8_t *to,
		     uint64_t *value, uint32_t *life)
{
	ipi_cpuset_zero(s->set);
	for (unsigned i = 0; i < s->round->n; i++) {
		struct owed_cell *c = cell_of(id, s->index, i);

		if (to[i] && id->source >= 0)
			to[i] = fill_private(c);
		if (!to[i])
			continue;
		life[i] = life_of(s->round, i);
		if (id->source < 0)
			value[i] = add(&c->sent, UINT64_C(1)) + 1;
		ipi_cpuset_set(s->set, i);
	}
}

static void sent_set(struct seat *s, struct ident *id, const uint8_t *to,
		     const uint64_t *value, const uint32_t *life)
{
	for (unsigned i = 0; i < s->round->n; i++) {
		struct owed_cell *c = cell_of(id, s->index, i);
		uint32_t after = life_of(s->round, i);

		if (!to[i])
			continue;
		if (id->source >= 0)
			sent_private(c, life[i], after);
		else if (life_in(life[i], after))
			set(&c->owed, owe(life[i], value[i]));
	}
	if (to[s->index] && !trigger_seen(s, id, s->index))
		fail(s->round, CHECK_trigger, s,
		     "the local run of id %u has not come in the call", id->id);
}

void trigger_set(struct seat *s, struct ident *id, uint8_t *to, bool all)
{
	uint64_t value[SEATS_MAX];
	uint32_t life[SEATS_MAX];
	int err;

	fill_set(s, id, to, value, life);
	ipi_kpreempt_disable();
	s->window = true;
	err = all ? ipi_domain_trigger_broadcast(s->round->dom, id->id,
						 !to[s->index])
		  : ipi_domain_trigger_multi(s->round->dom, id->id, s->set);
	s->window = false;
	ipi_kpreempt_enable();
	if (err)
		fail(s->round, CHECK_answer, s,
		     "a trigger of id %u on many CPUs answered %d", id->id,
		     err);
	bump(s, triggers);
	sent_set(s, id, to, value, life);
}

/* ---- what is owed ------------------------------------------------------- */

static bool cell_seen(struct seat *s, const struct ident *id, unsigned source,
		      uint32_t life, bool tell)
{
	struct owed_cell *c = cell_of(id, source, s->index);
	uint64_t owed = get(&c->owed), seen = get(&c->seen);

	if (owed >> VALUE_BITS != (life & LIFE_MASK) ||
	    seen >= (owed & VALUE_MASK))
		return true;
	if (tell)
		fail(s->round, CHECK_trigger, s,
		     "a trigger of id %u by CPU %u (its number %llu) answered "
		     "0 "
		     "and no run has seen it; the last that was seen is %llu",
		     id->id, source, (unsigned long long)(owed & VALUE_MASK),
		     (unsigned long long)seen);
	return false;
}

bool idents_seen(struct seat *s, uint32_t life, bool tell)
{
	struct round *r = s->round;
	bool all = true;

	for (unsigned k = 0; k < SHARED_IDS; k++)
		for (unsigned source = 0; source < r->n; source++)
			all &= cell_seen(s, &r->shared[k], source, life, tell);
	for (unsigned k = 0; k < r->privates; k++)
		all &= cell_seen(s, &r->private[k],
				 (unsigned)r -> private[k].source, life, tell);
	return all;
}

/* Nothing is in flight: what is not known to have come will not come. */
void idents_calm(struct round *r)
{
	for (unsigned k = 0; k < r->privates; k++)
		for (unsigned target = 0; target < r->n; target++) {
			struct owed_cell *c = &r->private[k].cell[target];

			c->lost = false;
			set(&c->sent, get_acquire(&c->seen));
		}
}

/* ---- opening ------------------------------------------------------------ */

/* Lowest first, until the table is full; how many there are. */
static unsigned take_all(struct round *r, struct ident *const *owner)
{
	unsigned n = 0;

	while (n < IDS_MOST) {
		struct ident *id = owner && owner[n] ? owner[n] : &r->shared[0];
		unsigned got = ipi_domain_register(r->dom, ident_handler, id);

		if (!got)
			break;
		if (owner && owner[n])
			id->id = got;
		if (got != n + 1)
			fail(r, CHECK_answer, NULL, "id %u is the %uth", got,
			     n + 1);
		n++;
	}
	return n;
}

static void give_back(struct round *r, unsigned n, struct ident *const *owner)
{
	int err;

	for (unsigned i = 0; i < n; i++) {
		if (owner && owner[i])
			continue;
		err = ipi_domain_unregister(r->dom, i + 1);
		if (err)
			fail(r, CHECK_answer, NULL,
			     "unregister of id %u answered %d", i + 1, err);
	}
}

/* Ids of every part of the table: those in use lie as far apart as can be. */
static int spread(struct round *r, struct tool_error *err)
{
	struct ident *owner[IDS_MOST] = { NULL };
	unsigned used = SHARED_IDS + r->privates, n = take_all(r, NULL);

	give_back(r, n, NULL);
	if (n < 2 * (used + CHURN_IDS + 1) || n == IDS_MOST)
		return tool_fail(err, -ENOSPC,
				 "the id table has room for %u ids", n);
	for (unsigned i = 0; i < used; i++)
		owner[i * (n - 1) / used] =
			i < SHARED_IDS ? &r->shared[i]
				       : &r->private[i - SHARED_IDS];
	if (take_all(r, owner) != n)
		fail(r, CHECK_answer, NULL, "fewer ids than before");
	give_back(r, n, owner);
	/* The last one stays free: churn takes the lowest. */
	r->unused_id = n;
	return 0;
}

static int open_one(struct round *r, struct ident *id, unsigned nth, int source)
{
	size_t cells = source < 0 ? (size_t)r->n * r->n : r->n;

	*id = (struct ident){ .round = r, .nth = nth, .source = source };
	id->cell = calloc(cells, sizeof(*id->cell));
	return id->cell ? 0 : -ENOMEM;
}

int idents_open(struct round *r, struct tool_error *err)
{
	int ret = 0;

	r->privates = r->n < PRIVATE_IDS_MAX ? r->n : PRIVATE_IDS_MAX;
	for (unsigned k = 0; k < SHARED_IDS && !ret; k++)
		ret = open_one(r, &r->shared[k], k, -1);
	for (unsigned k = 0; k < r->privates && !ret; k++)
		ret = open_one(r, &r->private[k], k, (int)k);
	if (ret)
		return tool_fail(err, ret, "out of memory");
	return spread(r, err);
}

static void close_one(struct round *r, struct ident *id)
{
	if (id->id && ipi_domain_unregister(r->dom, id->id))
		fail(r, CHECK_answer, NULL, "id %u cannot be unregistered",
		     id->id);
	free(id->cell);
}

void idents_close(struct round *r)
{
	for (unsigned k = 0; k < SHARED_IDS; k++)
		close_one(r, &r->shared[k]);
	for (unsigned k = 0; k < r->privates; k++)
		close_one(r, &r->private[k]);
}
