// SPDX-License-Identifier: GPL-2.0-only
/*
 * Triggers race with unregister. IPI_TEST_SCALE=5000 makes it a million times.
 */
#include "contract.h"

#define ALIVE 0x600dcafeu

struct race {
	_Atomic(unsigned) id;
	atomic_bool stop;
};

static void handler_freed(void *arg)
{
	unsigned *magic = arg; /* freed after unregister: ASan judges, too */

	CHECK_EQ(*magic, ALIVE);
}

/* A life of its own beside the race: unregisters meet unregisters. */
static void race_aside(struct world *w, unsigned to)
{
	atomic_uint runs = 0;
	unsigned id = ipi_domain_register(w->dom, handler_count, &runs);

	CHECK_EQ(send_trigger(w, id, to), 0);
	CHECK_EQ(ipi_domain_unregister(w->dom, id), 0);
}

static void job_race(struct peer *self, void *arg)
{
	struct race *r = arg;

	while (!atomic_load(&r->stop)) {
		int err = send_trigger(self->world, atomic_load(&r->id),
				       self->index % 2 + 1);

		CHECK(err == 0 || err == -EINVAL);
		if (self->world->polls)
			ipi_domain_serve(self->world->dom);
		if (contract_random() % 64 == 0)
			race_aside(self->world, self->index % 2 + 1);
	}
}

static void test_races_run_nothing_stale(void)
{
	static struct race r;
	struct world w;
	unsigned rounds = contract_rounds(20000), done;
	uint64_t begin = contract_now_ns();
	bool bounded = rounds <= 20000;

	memset(&r, 0, sizeof(r));
	world_open(&w, 3);
	for (unsigned i = 1; i < w.n; i++)
		peer_do(&w.peer[i], job_race, &r);
	for (done = 0; done < rounds; done++) {
		unsigned *magic = malloc(sizeof(*magic));

		if (bounded && !contract_time_left(begin, 1500))
			break;
		*magic = ALIVE;
		atomic_store(&r.id,
			     ipi_domain_register(w.dom, handler_freed, magic));
		CHECK(atomic_load(&r.id) != 0);
		CHECK_EQ(send_trigger(&w, atomic_load(&r.id), 1 + done % 2), 0);
		CHECK_EQ(ipi_domain_unregister(w.dom, atomic_load(&r.id)), 0);
		*magic = 0;
		free(magic);
		contract_alive();
	}
	atomic_store(&r.stop, true);
	/* Who is still racing may send to any: none leaves before all rest. */
	for (unsigned i = 1; i < w.n; i++)
		peer_join(&w.peer[i]);
	printf("# %u races\n", done);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "races_run_nothing_stale", test_races_run_nothing_stale }, { 0 }
};
