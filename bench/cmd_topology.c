// SPDX-License-Identifier: GPL-2.0-only
/* `ipi topology`: the CPUs, and how near they are to each other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "front.h"
#include "tool/cli.h"
#include "tool/column.h"
#include "tool/log.h"

/* A matrix of more CPUs than this is no picture. */
#define MATRIX_MAX 32

struct args {
	const char *topology;
	bool json, anonymous;
};

static const struct topo_cpu *cpu_of(const void *row)
{
	return row;
}

#define GETTER(member)                                                         \
	static struct cell get_##member(const void *row)                       \
	{                                                                      \
		return cell_count((uint64_t)cpu_of(row)->member);              \
	}
GETTER(cpu)
GETTER(socket)
GETTER(node)
GETTER(llc)
GETTER(core)
GETTER(smt)

static const struct column columns[] = {
	{ "cpu", .in = IN_ALL, .get = get_cpu },
	{ "socket", .in = IN_ALL, .get = get_socket },
	{ "node", .in = IN_ALL, .get = get_node },
	{ "llc", .in = IN_ALL, .get = get_llc },
	{ "core", .in = IN_ALL, .get = get_core },
	{ "smt", .in = IN_ALL, .get = get_smt },
};
#define COLUMNS_N (sizeof(columns) / sizeof(columns[0]))

static int show_json(const struct topo *topo, bool anonymous)
{
	json_t *root = result_topology_json(topo, anonymous);
	int ret = root ? json_dumpf(root, stdout, JSON_INDENT(1)) : -1;

	putchar('\n');
	json_decref(root);
	return ret ? EXIT_FAILED : EXIT_DONE;
}

static void show_summary(const struct topo *topo)
{
	size_t count[TOPO_RELATIONS] = { 0 }, i, j;
	int r;

	for (i = 0; i < topo->n; i++)
		for (j = 0; j < topo->n; j++)
			count[topo_relate(&topo->cpu[i], &topo->cpu[j])]++;
	printf("\n%zu CPUs, %d cores, %d NUMA node%s, %d socket%s. Ordered "
	       "pairs by what they share:\n",
	       topo->n, topo->cores, topo->nodes, topo->nodes == 1 ? "" : "s",
	       topo->sockets, topo->sockets == 1 ? "" : "s");
	for (r = TOPO_SMT; r < TOPO_RELATIONS; r++)
		printf("  %-12s %-6s %zu\n", topo_relation_text[r],
		       topo_relation_name[r], count[r]);
}

/* One letter a pair: . itself, then the first letter of the class. */
static void show_matrix(const struct topo *topo)
{
	static const char letter[] = ".TLNSO";
	size_t i, j;

	if (topo->n > MATRIX_MAX)
		return;
	puts("\nNearest thing shared (T SMT core, L LLC, N node, S socket, "
	     "O nothing):");
	for (i = 0; i < topo->n; i++) {
		printf("%5d ", topo->cpu[i].cpu);
		for (j = 0; j < topo->n; j++)
			putchar(letter[topo_relate(&topo->cpu[i],
						   &topo->cpu[j])]);
		putchar('\n');
	}
}

static int show_table(const struct topo *topo)
{
	int ret = columns_table_of(columns, COLUMNS_N, topo->cpu,
				   sizeof(*topo->cpu), topo->n, stdout);

	if (ret)
		return EXIT_FAILED;
	show_summary(topo);
	show_matrix(topo);
	return EXIT_DONE;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;

	switch (key) {
	case 't':
		a->topology = arg;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case 'a':
		a->anonymous = true;
		return 0;
	case ARGP_KEY_ARG:
		log_error("unexpected '%s' (see %s --help)", arg, state->name);
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_topology(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", 'j', NULL, 0, "as in result files", 0 },
		{ "topology", 't', "WHAT", 0,
		  "synthetic:... or an lstopo XML file", 0 },
		{ "anonymous", 'a', NULL, 0, "leave out what names the machine",
		  0 },
		{ 0 },
	};
	static const struct argp argp = {
		options, parse, NULL,
		"Show the CPUs in the order of all matrices, and what they "
		"share.\vExamples:\n"
		"  ipi topology\n"
		"  ipi topology --json\n"
		"  ipi topology --topology 'synthetic:pack:2 l3:2 core:4 "
		"pu:2'"
	};
	struct tool_error err;
	struct args a = { 0 };
	struct topo *topo;
	int ret;

	cli_parse(&argp, argc, argv, &a);
	ret = topo_load(a.topology, &topo, &err);
	if (ret) {
		log_error("%s", err.text);
		return ret == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	}
	ret = a.json ? show_json(topo, a.anonymous) : show_table(topo);
	topo_free(topo);
	return ret;
}
