// SPDX-License-Identifier: GPL-2.0-only
/* Operations of the mix: triggers. */
#include <sched.h>

#include "torture.h"

static struct ident *shared(struct seat *s, struct dice *d)
{
	return &s->round->shared[roll(d, SHARED_IDS)];
}

void op_trigger(struct seat *s, struct dice *d)
{
	for (unsigned n = 1 + roll(d, 4); n; n--)
		trigger_one(s, shared(s, d), another(s, d));
}

void op_trigger_multi(struct seat *s, struct dice *d)
{
	uint8_t to[SEATS_MAX];
	struct ident *id = shared(s, d);

	for (unsigned i = 0; i < s->round->n; i++)
		to[i] = chance(d, 2);
	trigger_set(s, id, to, false);
}

void op_trigger_broadcast(struct seat *s, struct dice *d)
{
	uint8_t to[SEATS_MAX];
	struct ident *id = shared(s, d);
	bool skip_self = chance(d, 2);

	for (unsigned i = 0; i < s->round->n; i++)
		to[i] = i != s->index || !skip_self;
	trigger_set(s, id, to, true);
}

/* An id that nobody else triggers: each trigger has a run, and no run more. */
void op_trigger_exact(struct seat *s, struct dice *d)
{
	uint8_t to[SEATS_MAX];
	struct ident *id;

	if (s->index >= s->round->privates)
		return;
	id = &s->round->private[s->index];
	if (!chance(d, 3)) {
		trigger_one(s, id, another(s, d));
		return;
	}
	for (unsigned i = 0; i < s->round->n; i++)
		to[i] = chance(d, 2);
	trigger_set(s, id, to, false);
}

/* Looks without serving: it is the target that must be reached. */
void op_trigger_watch(struct seat *s, struct dice *d)
{
	unsigned to = another(s, d), turn = 0;
	struct ident *id = shared(s, d);

	trigger_one(s, id, to);
	while (!trigger_seen(s, id, to) && turn < 2000 &&
	       get(&s->round->phase) == PHASE_RUN)
		seat_rest(s, turn++);
}

void op_churn(struct seat *s, struct dice *d)
{
	churn_turn(s->round, s, d);
}

void op_churn_trigger(struct seat *s, struct dice *d)
{
	churn_trigger(s->round, s, d);
}
