// SPDX-License-Identifier: GPL-2.0-only
/* Plans: on two CPUs, on made-up machines, within budgets, from seeds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool/tests/check.h"
#include "front.h"

#define TWO "synthetic:pack:1 l3:1 core:2 pu:1"
#define BIG "synthetic:pack:2 numa:2 l3:4 core:8 pu:2" /* 256 CPUs */
#define HUGE_MACHINE "synthetic:pack:4 numa:1 l3:5 core:25 pu:2" /* 1000 */

/* The strings of runs live in here until the process ends. */
static struct plan *plan_on(const char *topology, const struct machine *machine,
			    const char *what, const char *const *options)
{
	struct assignments cli = { 0 };
	struct tool_error err = { "" };
	struct topo *topo;
	struct plan *plan;
	struct runs *runs = calloc(1, sizeof(*runs));
	struct config *c = calloc(1, sizeof(*c));
	char name[32];

	for (; options && *options; options++) {
		snprintf(name, sizeof(name), "%.*s",
			 (int)strcspn(*options, "="), *options);
		assignments_add(&cli, key_find(name),
				strchr(*options, '=') + 1);
	}
	if (config_add(c, what, &err) || runs_make(c, &cli, runs, &err) ||
	    topo_load(topology, &topo, &err) ||
	    plan_make(topo, machine, runs, &plan, &err))
		fail_msg("%s", err.text);
	topo_free(topo);
	return plan;
}

static struct plan *plan_of(const char *topology, const char *what,
			    const char *const *options)
{
	return plan_on(topology, NULL, what, options);
}

static bool noted(const struct plan *plan, const char *what)
{
	size_t i;

	for (i = 0; i < plan->notes_n; i++)
		if (strstr(plan->note[i], what))
			return true;
	return false;
}

static size_t of_relation(const struct plan *plan, enum bench_relation rel)
{
	size_t i, n = 0;

	for (i = 0; i < plan->n; i++)
		if (plan->item[i].relation == rel)
			n += plan->item[i].pairs_n + plan->item[i].targets_n;
	return n;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void test_plan_two_cpus(void **state)
{
	struct plan *plan = plan_of(TWO, "unicast", NULL);

	/* Both directions, and no row: it would be one of them again. */
	assert_int_equal(plan->n, 1);
	assert_int_equal(plan->item[0].relation, REL_LLC);
	assert_int_equal(plan->item[0].pairs_n, 2);
	assert_int_equal(plan->cpus.n, 2);
	plan_free(plan);
}

static void test_plan_alone_and_multi(void **state)
{
	struct plan *plan = plan_of(TWO, "clock", NULL);

	assert_int_equal(plan->n, 1);
	assert_int_equal(plan->item[0].relation, REL_SELF);
	assert_int_equal(plan->item[0].pairs[0].source,
			 plan->item[0].pairs[0].target);
	plan_free(plan);
	plan = plan_of(BIG, "broadcast", NULL);
	assert_int_equal(plan->n, 5);
	assert_int_equal(of_relation(plan, REL_SMT), 1);
	assert_int_equal(of_relation(plan, REL_LLC), 15);
	assert_int_equal(of_relation(plan, REL_NODE), 63);
	assert_int_equal(of_relation(plan, REL_SOCKET), 127);
	assert_int_equal(of_relation(plan, REL_OTHER), 255);
	plan_free(plan);
}

static void test_plan_eight_pairs_and_a_row(void **state)
{
	static const char *const no_row[] = { "row=no", NULL };
	static const char *const three[] = { "pairs=3", NULL };
	static const char *const all[] = { "row=no", "pairs=all", NULL };
	static const char *const listed[] = { "pairs=0:1,0:255", NULL };
	struct plan *plan = plan_of(BIG, "unicast", no_row);
	int rel;

	for (rel = REL_SMT; rel < REL_N; rel++)
		assert_int_equal(of_relation(plan, rel), 8);
	plan_free(plan);
	plan = plan_of(BIG, "unicast", NULL);
	assert_int_equal(of_relation(plan, REL_OTHER), 8 + 128);
	plan_free(plan);
	plan = plan_of(BIG, "unicast", three);
	assert_int_equal(of_relation(plan, REL_NODE), 3);
	plan_free(plan);
	plan = plan_of(BIG, "unicast", all);
	assert_int_equal(of_relation(plan, REL_SMT), 256);
	assert_int_equal(of_relation(plan, REL_OTHER), 256 * 128);
	plan_free(plan);
	plan = plan_of(BIG, "unicast", listed);
	assert_int_equal(plan->n, 2);
	assert_int_equal(of_relation(plan, REL_SMT), 1);
	assert_int_equal(of_relation(plan, REL_OTHER), 1);
	plan_free(plan);
}

static bool same_pairs(const struct plan *a, const struct plan *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->item[i].pairs_n != b->item[i].pairs_n ||
		    memcmp(a->item[i].pairs, b->item[i].pairs,
			   a->item[i].pairs_n * sizeof(struct bench_pair)))
			return false;
	return true;
}

static void test_plan_repeats_from_its_seed(void **state)
{
	static const char *const seven[] = { "seed=7", "row=no", NULL };
	static const char *const eight[] = { "seed=8", "row=no", NULL };
	struct plan *a = plan_of(BIG, "unicast", seven);
	struct plan *b = plan_of(BIG, "unicast", seven);
	struct plan *c = plan_of(BIG, "unicast", eight);

	assert_true(same_pairs(a, b));
	assert_false(same_pairs(a, c));
	plan_free(a);
	plan_free(b);
	plan_free(c);
}

/* Runs of one group alternate on the same pairs of the same class. */
static void test_plan_groups(void **state)
{
	static const char *const no_row[] = { "row=no", "budget=0", NULL };
	struct plan *plan = plan_of(BIG, "how-close-to-a-bare-signal", no_row);
	size_t i, half = plan->n / 2;

	assert_int_equal(plan->n, 10);
	for (i = 0; i < half; i++) {
		assert_int_equal(plan->item[i].group,
				 plan->item[i + half].group);
		assert_int_equal(plan->item[i].relation,
				 plan->item[i + half].relation);
		assert_memory_equal(plan->item[i].pairs,
				    plan->item[i + half].pairs,
				    8 * sizeof(struct bench_pair));
	}
	assert_int_not_equal(plan->item[0].group, plan->item[1].group);
	plan_free(plan);
}

static void test_plan_budget_says_what_it_cut(void **state)
{
	static const char *const none[] = { "budget=0", NULL };
	static const char *const minute[] = { "budget=60s", NULL };
	static const char *const little[] = { "budget=12s", NULL };
	static const char *const nothing[] = { "budget=1ms", NULL };
	struct plan *plan = plan_of(BIG, "quick", none);

	assert_int_equal(plan->notes_n, 0);
	assert_true(plan->planned_ns > 100000000000);
	plan_free(plan);
	plan = plan_of(BIG, "quick", minute);
	assert_true(plan->planned_ns <= 60000000000);
	assert_true(noted(plan, "source rows dropped to fit budget=60.0 s"));
	assert_true(noted(plan, "of each relation class kept"));
	plan_free(plan);
	plan = plan_of(BIG, "quick", little);
	assert_true(plan->planned_ns <= 12000000000);
	assert_true(noted(plan, "relation classes dropped to fit"));
	assert_true(plan->n > 0);
	plan_free(plan);
	plan = plan_of(BIG, "quick", nothing);
	assert_true(noted(plan, "is less than what is left takes"));
	assert_true(plan->n > 0);
	plan_free(plan);
}

static void test_plan_keeps_near_and_far(void **state)
{
	static const char *const little[] = { "budget=5s", NULL };
	struct plan *plan = plan_of(BIG, "unicast", little);

	assert_int_equal(of_relation(plan, REL_SMT), 1);
	assert_int_equal(of_relation(plan, REL_OTHER), 1);
	assert_int_equal(of_relation(plan, REL_NODE), 0);
	plan_free(plan);
}

static void test_plan_first_look_and_quick_are_short(void **state)
{
	struct plan *plan = plan_of(TWO, "first-look", NULL);

	assert_true(plan->planned_ns <= 8000000000);
	assert_int_equal(plan->notes_n, 0);
	assert_int_equal(plan->n, 6);
	plan_free(plan);
	plan = plan_of(TWO, "quick", NULL);
	assert_true(plan->planned_ns <= 35000000000);
	assert_int_equal(plan->notes_n, 0);
	plan_free(plan);
}

/* Well under a second also where it is busy. */
static void test_plan_huge_machines_quickly(void **state)
{
	double start = seconds();
	struct plan *plan = plan_of(HUGE_MACHINE, "quick", NULL);

	assert_true(seconds() - start < 5);
	assert_true(plan->n > 0);
	assert_true(plan->planned_ns <= 35000000000);
	plan_free(plan);
}

/* Powers of two and all, the near ones first, around one and the same CPU. */
static void test_plan_senders_grow_from_the_middle(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 4, 8, 16, 32, 64, 128, 255 };
	struct plan *plan = plan_of(BIG, "incast", NULL);
	size_t i;

	assert_int_equal(plan->n, 9);
	for (i = 0; i < plan->n; i++) {
		const struct bench_item *item = &plan->item[i];

		assert_int_equal(item->sources_n, sizes[i]);
		assert_int_equal(item->targets_n, 1);
		assert_int_equal(item->targets[0], plan->item[0].targets[0]);
		assert_memory_equal(item->sources, plan->item[8].sources,
				    sizes[i] * sizeof(int));
	}
	assert_int_equal(plan->item[0].opts->gap_ns_max, 0);
	assert_int_equal(plan->item[0].relation, REL_SMT);
	assert_int_equal(plan->item[8].relation, REL_OTHER);
	assert_int_equal(plan->cpus.n, 256);
	plan_free(plan);
}

static void test_plan_far_members_come_first(void **state)
{
	static const char *const far[] = { "members=far", "senders=2,255",
					   NULL };
	struct plan *plan = plan_of(BIG, "incast", far);

	assert_int_equal(plan->n, 2);
	assert_int_equal(plan->item[0].relation, REL_OTHER);
	assert_int_equal(plan->item[1].relation, REL_OTHER);
	/* The SMT sibling, which would be first, is the last. */
	assert_int_equal(plan->item[1].sources[254] ^ 1,
			 plan->item[1].targets[0]);
	plan_free(plan);
}

/* The order is another, and the set is the same. */
static void test_plan_order_turns_a_set_round(void **state)
{
	static const char *const near[] = { "targets=8", NULL };
	static const char *const far[] = { "targets=8", "order=far", NULL };
	struct plan *a = plan_of(BIG, "multicast", near);
	struct plan *b = plan_of(BIG, "multicast", far);
	size_t i;

	assert_int_equal(a->n, 1);
	assert_int_equal(a->item[0].targets_n, 8);
	assert_int_equal(a->item[0].sources_n, 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(a->item[0].targets[i],
				 b->item[0].targets[7 - i]);
	/* Its SMT sibling is the nearest. */
	assert_int_equal(a->item[0].targets[0] ^ 1, a->item[0].source);
	plan_free(a);
	plan_free(b);
}

static void test_plan_bursts_of_each_class(void **state)
{
	static const char *const two[] = { "burst=2,6", "pairs=1", NULL };
	struct plan *plan = plan_of(BIG, "burst", two);
	size_t i;

	assert_int_equal(plan->n, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(plan->item[i].burst, i < 5 ? 2 : 6);
	assert_int_equal(plan->item[0].relation, plan->item[5].relation);
	/* Sizes alternate with nothing but their like. */
	assert_int_not_equal(plan->item[0].group, plan->item[5].group);
	plan_free(plan);
}

/* Asked for, more senders than processors are planned: they share. */
static void test_plan_senders_beyond_the_processors(void **state)
{
	static const char *const five[] = { "senders=1..3,5", NULL };
	static const char *const least[] = { "senders=1,2", NULL };
	struct plan *plan = plan_of(TWO, "incast", five);

	assert_int_equal(plan->n, 4);
	assert_int_equal(plan->item[3].sources_n, 5);
	assert_int_equal(plan->item[3].sources[4], plan->item[3].sources[0]);
	assert_int_not_equal(plan->item[3].sources[0],
			     plan->item[3].targets[0]);
	plan_free(plan);
	plan = plan_of(TWO, "alltoall", least);
	assert_int_equal(plan->n, 1);
	assert_int_equal(plan->item[0].targets_n, 2);
	assert_memory_equal(plan->item[0].targets, plan->item[0].sources,
			    2 * sizeof(int));
	assert_true(noted(plan, "one CPU has nobody to tell"));
	plan_free(plan);
}

/* Eight CPUs on two of an emulator's host, one to each in turn. */
static const struct machine guest = { .kind = MACHINE_EMULATED,
				      .emulator = "tcg",
				      .host_cpus = 2,
				      .host_in_turn = true };
#define GUEST "synthetic:pack:4 l3:1 core:2 pu:1"

static void test_plan_leaves_out_pairs_that_take_turns(void **state)
{
	static const char *const all[] = { "row=no", "pairs=all", NULL };
	static const char *const listed[] = { "pairs=0:2,0:3", NULL };
	struct machine alone = guest;
	struct plan *plan = plan_on(GUEST, &guest, "unicast", all);
	size_t i;

	assert_int_equal(of_relation(plan, REL_LLC), 8);
	assert_int_equal(of_relation(plan, REL_OTHER), 24);
	for (i = 0; i < plan->n; i++)
		assert_false(plan->item[i].crowded);
	assert_true(noted(plan, "24 left out"));
	plan_free(plan);
	/* Asked for by name, one of them is measured, and said to be one. */
	plan = plan_on(GUEST, &guest, "unicast", listed);
	assert_int_equal(of_relation(plan, REL_OTHER), 2);
	assert_true(plan->item[0].crowded);
	plan_free(plan);
	/* Where there are no others they stay. */
	alone.host_cpus = 1;
	plan = plan_on(GUEST, &alone, "unicast", all);
	assert_int_equal(of_relation(plan, REL_OTHER), 48);
	assert_true(plan->item[0].crowded);
	assert_false(noted(plan, "left out"));
	plan_free(plan);
	plan = plan_on(GUEST, &alone, "clock", NULL);
	assert_false(plan->item[0].crowded);
	plan_free(plan);
}

static void test_plan_sets_that_take_turns_take_longer(void **state)
{
	struct plan *roomy = plan_of(GUEST, "broadcast", NULL);
	struct plan *plan = plan_on(GUEST, &guest, "broadcast", NULL);

	assert_int_equal(plan->n, 2);
	assert_false(plan->item[0].crowded);
	assert_true(plan->item[1].crowded);
	assert_int_equal(plan_item_ns(&plan->item[0]),
			 plan_item_ns(&roomy->item[0]));
	assert_true(plan_item_ns(&plan->item[1]) >
		    2 * plan_item_ns(&roomy->item[1]));
	plan_free(plan);
	plan_free(roomy);
}

static void test_plan_one_cpu_has_nobody_to_tell(void **state)
{
	struct assignments cli = { 0 };
	struct config c = { 0 };
	struct tool_error err = { "" };
	struct plan *plan = NULL;
	struct topo *topo;
	struct runs runs;

	assert_int_equal(config_add(&c, "unicast", &err), 0);
	assert_int_equal(runs_make(&c, &cli, &runs, &err), 0);
	assert_int_equal(topo_load("synthetic:core:1 pu:1", &topo, &err), 0);
	assert_int_equal(plan_make(topo, NULL, &runs, &plan, &err), -ENODEV);
	assert_holds(err.text, "nothing can be measured on 1 CPU");
	assert_null(plan);
	topo_free(topo);
	runs_free(&runs);
	config_free(&c);
}

static void test_real_time_leaves_a_core_of_each_node(void **state)
{
	struct tool_error err = { "" };
	struct topo *topo;

	assert_int_equal(topo_load(BIG, &topo, &err), 0);
	assert_int_equal(refuse_core_per_node(topo, &err), 0);
	assert_int_equal(topo->n, 256 - 4 * 2);
	assert_null(topo_find(topo, 255));
	assert_null(topo_find(topo, 254));
	assert_non_null(topo_find(topo, 253));
	topo_free(topo);
	assert_int_equal(topo_load(TWO, &topo, &err), 0);
	assert_int_equal(refuse_core_per_node(topo, &err), -EBUSY);
	assert_holds(err.text, "--force");
	topo_free(topo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_two_cpus),
		cmocka_unit_test(test_plan_alone_and_multi),
		cmocka_unit_test(test_plan_eight_pairs_and_a_row),
		cmocka_unit_test(test_plan_repeats_from_its_seed),
		cmocka_unit_test(test_plan_groups),
		cmocka_unit_test(test_plan_budget_says_what_it_cut),
		cmocka_unit_test(test_plan_keeps_near_and_far),
		cmocka_unit_test(test_plan_first_look_and_quick_are_short),
		cmocka_unit_test(test_plan_huge_machines_quickly),
		cmocka_unit_test(test_plan_senders_grow_from_the_middle),
		cmocka_unit_test(test_plan_far_members_come_first),
		cmocka_unit_test(test_plan_order_turns_a_set_round),
		cmocka_unit_test(test_plan_bursts_of_each_class),
		cmocka_unit_test(test_plan_senders_beyond_the_processors),
		cmocka_unit_test(test_plan_leaves_out_pairs_that_take_turns),
		cmocka_unit_test(test_plan_sets_that_take_turns_take_longer),
		cmocka_unit_test(test_plan_one_cpu_has_nobody_to_tell),
		cmocka_unit_test(test_real_time_leaves_a_core_of_each_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
