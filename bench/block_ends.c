// SPDX-License-Identifier: GPL-2.0-only
/* What is read at both ends of a block, and what its difference attests. */
#include "block_ends.h"
#include "tool/interrupts.h"
#include "loop.h"

void ends_read(const struct block_unit *u, struct block_ends *e)
{
	const struct bench_cell *c = &u->cell;

	memset(e, 0, sizeof(*e));
	witness_read(c->source_cpu, &e->w);
	if (c->ops->counters)
		c->ops->counters((struct bench_cell *)c, &e->lib);
	e->time_ns = (double)bench_clock_raw_ns();
	if (c->counter[0])
		e->error = attest_read_counter(INTERRUPTS_PATH, ATTEST_FOLDER,
					       c->counter, c->target_cpus,
					       c->targets_n, &e->machine);
}

static uint64_t sent(const struct bench_cell *c)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < c->sources_n; i++)
		sum += c->srcs[i]->sent;
	return sum;
}

void ends_attest(struct block_unit *u, const struct block_ends *from,
		 const struct block_ends *to)
{
	struct bench_cell *c = &u->cell;
	struct attest_sum *att = &u->run->att[c->series];
	struct ipi_counters delta = { 0 };

#define IPI_COUNTER(name, unit, help)                                          \
	delta.name = to->lib.name - from->lib.name;
#include <ipi/counters.def>
#undef IPI_COUNTER
	if (c->ops->counters)
		attest_add_lib(att, &from->lib, &to->lib);
	c->unsent = c->shared = 0;
	if (c->ops->expected)
		att->asked += c->ops->expected(c, &delta, sent(c));
	att->unsent += c->unsent;
	att->shared += c->shared;
	att->peers = c->peers;
	att->taken += to->machine - from->machine;
	att->blocks_s += (to->time_ns - from->time_ns) / 1e9;
	if (to->error)
		att->error = to->error;
}

/* The machine's background: the same threads, and nothing is sent. */
void ends_quiet(struct block_unit *u)
{
	double length = (double)u->length_ns / BENCH_QUIET_SHARE;
	struct block_ends from, to;

	if (!u->cell.counter[0] || u->mode != BLOCK_MEASURE)
		return;
	ends_read(u, &from);
	bench_spin_until(bench_clock_now() + bench_clock_units(length));
	ends_read(u, &to);
	if (!to.error)
		attest_add_quiet(&u->run->att[u->cell.series],
				 to.machine - from.machine,
				 (to.time_ns - from.time_ns) / 1e9);
}

/* A target that is to be asleep has to fall asleep before each message. */
void ends_attest_sleep(struct block_unit *u)
{
	struct bench_cell *c = &u->cell;
	struct attest_sum *att = &u->run->att[c->series];
	uint32_t i;

	att->sleeps = true;
	att->messages += (double)sent(c);
	for (i = 0; i < c->targets_n; i++)
		att->slept += (double)c->target[i].slept;
}
