// SPDX-License-Identifier: GPL-2.0-only
/* Topologies: synthetic ones, one from a file with an offline CPU, this one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "tool/topology.h"

/*
 * Holds cpu2-offline.xml: two cores with two CPUs each, CPU 2 offline; and
 * mixed-cores.xml: cores of two, one and two threads, which hwloc has at two
 * depths. No comment stands in them:
 * hwloc without its libxml2 plugin reads none.
 */
static const char *xml_dir;

static struct topo *load(const char *text)
{
	struct tool_error err = {""};
	struct topo *topo = NULL;

	if (topo_load(text, &topo, &err))
		fail_msg("%s", err.text);
	return topo;
}

static enum topo_relation relation(const struct topo *topo, int a, int b)
{
	return topo_relate(topo_find(topo, a), topo_find(topo, b));
}

static void test_relations_of_a_two_socket_machine(void **state)
{
	struct topo *topo = load("synthetic:pack:2 numa:2 l3:2 core:4 pu:2");

	assert_int_equal(topo->n, 64);
	assert_int_equal(topo->sockets, 2);
	assert_int_equal(topo->nodes, 4);
	assert_int_equal(relation(topo, 0, 0), TOPO_SELF);
	assert_int_equal(relation(topo, 0, 1), TOPO_SMT);
	assert_int_equal(relation(topo, 0, 2), TOPO_LLC);
	assert_int_equal(relation(topo, 0, 8), TOPO_NODE);
	assert_int_equal(relation(topo, 0, 16), TOPO_SOCKET);
	assert_int_equal(relation(topo, 0, 32), TOPO_OTHER);
	assert_int_equal(topo->cpu[63].llc, 7);
	assert_int_equal(topo->cpu[63].smt, 1);
	assert_int_equal(topo->cpu[63].core, 31);
	topo_free(topo);
}

/* OS numbers that interleave the sockets, as much firmware has them. */
static void test_matrix_order_follows_the_hardware(void **state)
{
	struct topo *topo = load(
		"synthetic:pack:2 l3:1 core:2 pu:2(indexes=0,4,2,6,1,5,3,7)");
	static const int order[] = {0, 4, 2, 6, 1, 5, 3, 7};
	size_t i;

	for (i = 0; i < 8; i++)
		assert_int_equal(topo->cpu[i].cpu, order[i]);
	assert_int_equal(relation(topo, 0, 4), TOPO_SMT);
	assert_int_equal(relation(topo, 0, 1), TOPO_OTHER);
	topo_free(topo);
}

static void test_no_cache_known_means_the_socket(void **state)
{
	struct topo *topo = load("synthetic:pack:2 core:2 pu:1");

	assert_int_equal(relation(topo, 0, 1), TOPO_LLC);
	assert_int_equal(relation(topo, 0, 2), TOPO_OTHER);
	assert_int_equal(topo->cpu[0].llc, 0);
	assert_int_equal(topo->cpu[3].llc, 1);
	topo_free(topo);
}

static void test_cores_at_two_depths_are_not_mixed_up(void **state)
{
	char path[512];
	struct topo *topo;

	snprintf(path, sizeof(path), "%s/mixed-cores.xml", xml_dir);
	topo = load(path);
	assert_int_equal(topo->n, 5);
	assert_int_equal(topo->cores, 3);
	assert_int_equal(topo_find(topo, 1)->core, 0);
	assert_int_equal(topo_find(topo, 2)->core, 1);
	assert_int_equal(topo_find(topo, 4)->core, 2);
	assert_int_equal(topo_find(topo, 4)->smt, 1);
	assert_int_equal(relation(topo, 0, 1), TOPO_SMT);
	assert_int_equal(relation(topo, 2, 3), TOPO_LLC);
	assert_int_equal(relation(topo, 0, 2), TOPO_NODE);
	topo_free(topo);
}

static void restrict_says(struct topo *topo, const char *list, const char *what)
{
	struct tool_error err = {""};
	struct cpulist only;

	assert_int_equal(cpulist_parse(list, &only, NULL), 0);
	assert_int_equal(topo_restrict(topo, &only, &err), -EINVAL);
	assert_holds(err.text, what);
	cpulist_free(&only);
}

static void test_restrict_names_the_impossible_and_the_offline(void **state)
{
	char path[512];
	struct topo *topo;
	struct cpulist only;

	snprintf(path, sizeof(path), "%s/cpu2-offline.xml", xml_dir);
	topo = load(path);
	assert_int_equal(topo->n, 3);
	restrict_says(topo, "0,2", "CPU 2 is offline");
	restrict_says(topo, "0,9",
		      "CPU 9: there is no such CPU (possible: 0-3)");
	assert_int_equal(topo->n, 3);
	assert_int_equal(cpulist_parse("0,3", &only, NULL), 0);
	assert_int_equal(topo_restrict(topo, &only, NULL), 0);
	assert_int_equal(topo->n, 2);
	cpulist_free(&only);
	topo_free(topo);
}

static void test_xml_has_no_private_parts(void **state)
{
	char path[512], *xml;
	struct topo *topo;

	snprintf(path, sizeof(path), "%s/cpu2-offline.xml", xml_dir);
	topo = load(path);
	xml = topo_xml(topo, false);
	assert_null(strstr(xml, "HostName"));
	assert_null(strstr(xml, "DMI"));
	assert_null(strstr(xml, "secret"));
	assert_null(strstr(xml, "PCIDev"));
	assert_non_null(strstr(xml, "CPUModel"));
	free(xml);
	xml = topo_xml(topo, true);
	assert_null(strstr(xml, "CPUModel"));
	assert_null(strstr(xml, "<info"));
	free(xml);
	topo_free(topo);
}

static void test_xml_reads_back(void **state)
{
	char path[] = "/tmp/ipi-topology-XXXXXX";
	struct topo *topo = load("synthetic:pack:2 l3:2 core:2 pu:2"), *again;
	FILE *f = fdopen(mkstemp(path), "w");
	char *xml = topo_xml(topo, false);

	fputs(xml, f);
	fclose(f);
	again = load(path);
	remove(path);
	assert_int_equal(again->n, 16);
	assert_memory_equal(again->cpu, topo->cpu, 16 * sizeof(*topo->cpu));
	assert_true(again->planning_only);
	free(xml);
	topo_free(again);
	topo_free(topo);
}

static void test_bad_sources_are_named(void **state)
{
	struct tool_error err;
	struct topo *topo = NULL;

	assert_int_equal(topo_load("synthetic:wat:2", &topo, &err), -EINVAL);
	assert_holds(err.text, "synthetic:wat:2");
	assert_int_equal(topo_load("/nowhere.xml", &topo, &err), -ENOENT);
	assert_holds(err.text, "/nowhere.xml");
	assert_null(topo);
}

static void test_this_machine(void **state)
{
	struct topo *topo = load(NULL);
	size_t i;

	assert_true(topo->n >= 1);
	assert_false(topo->planning_only);
	for (i = 0; i < topo->n; i++)
		assert_ptr_equal(topo_find(topo, topo->cpu[i].cpu),
				 &topo->cpu[i]);
	assert_null(topo_find(topo, CPULIST_CPUS_MAX));
	topo_free(topo);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relations_of_a_two_socket_machine),
		cmocka_unit_test(test_matrix_order_follows_the_hardware),
		cmocka_unit_test(test_no_cache_known_means_the_socket),
		cmocka_unit_test(test_cores_at_two_depths_are_not_mixed_up),
		cmocka_unit_test(
			test_restrict_names_the_impossible_and_the_offline),
		cmocka_unit_test(test_xml_has_no_private_parts),
		cmocka_unit_test(test_xml_reads_back),
		cmocka_unit_test(test_bad_sources_are_named),
		cmocka_unit_test(test_this_machine),
	};

	if (argc != 2) {
		fputs("usage: test-tool-topology DIRECTORY\n", stderr);
		return 2;
	}
	xml_dir = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
