// SPDX-License-Identifier: GPL-2.0-only
/* What --dry-run shows: the plan, its CPUs, time and output. */
#include <stdlib.h>

#include "front.h"
#include "tool/column.h"
#include "tool/units.h"

static const struct bench_item *item_of(const void *row)
{
	return row;
}

static struct cell get_run(const void *row)
{
	return cell_text(item_of(row)->opts->run);
}

static struct cell get_driver(const void *row)
{
	return cell_text(item_of(row)->opts->driver);
}

static struct cell get_relation(const void *row)
{
	return cell_text(topo_relation_text[item_of(row)->relation]);
}

static struct cell get_where(const void *row)
{
	const struct bench_item *item = item_of(row);

	if (item->sources_n && item->targets_n == 1)
		return cell_format("%zu to CPU %d", item->sources_n,
				   item->targets[0]);
	if (item->sources_n)
		return cell_format("%zu to each other", item->sources_n);
	if (item->targets_n)
		return cell_format("CPU %d to %zu", item->source,
				   item->targets_n);
	if (item->pairs_n == 1)
		return cell_format("%d:%d", item->pairs[0].source,
				   item->pairs[0].target);
	return cell_format("%d:%d ... (%zu pairs)", item->pairs[0].source,
			   item->pairs[0].target, item->pairs_n);
}

static struct cell get_metrics(const void *row)
{
	uint32_t metrics = item_of(row)->opts->metrics;
	char text[200];
	size_t at = 0;
	int m;

	text[0] = '\0';
	for (m = 0; m < METRIC_N; m++)
		if (metrics & 1u << m && at < sizeof(text))
			at += snprintf(text + at, sizeof(text) - at, "%s%s",
				       at ? "," : "", metric_name[m]);
	return cell_text(text);
}

static struct cell get_group(const void *row)
{
	return cell_count(item_of(row)->group);
}

static struct cell get_time(const void *row)
{
	return cell_real(plan_item_ns(item_of(row)));
}

static const struct column columns[] = {
	{ "run", .in = IN_TABLE, .get = get_run },
	{ "driver", .in = IN_TABLE, .get = get_driver },
	{ "relation", .in = IN_TABLE, .get = get_relation },
	{ "where", .in = IN_TABLE, .get = get_where },
	{ "metrics", .in = IN_TABLE, .get = get_metrics },
	{ "group", .in = IN_TABLE, .get = get_group },
	{ "time", .in = IN_TABLE, .decimals = -1, .get = get_time },
};

int plan_print(const struct plan *plan, const struct topo *topo,
	       const struct machine *machine, FILE *out)
{
	char *cpus = cpulist_format(plan->cpus.cpu, plan->cpus.n);
	char words[160];
	size_t i;
	int ret = -1;

	if (machine->emulator[0]) {
		machine_emulated_words(machine->emulator, machine->host_cpus,
				       topo->n, words, sizeof(words));
		fprintf(out, "%s\n\n", words);
	}
	if (cpus) {
		ret = columns_table_of(columns,
				       sizeof(columns) / sizeof(columns[0]),
				       plan->item, sizeof(*plan->item), plan->n,
				       out);
		fprintf(out,
			"\nCPUs %s of %zu, seed %llu, about %s, result file "
			"about %s\n",
			cpus, topo->n, (unsigned long long)plan->seed,
			units_ns(plan->planned_ns).text,
			units_bytes(plan->file_bytes).text);
		for (i = 0; i < plan->notes_n; i++)
			fprintf(out, "cut: %s\n", plan->note[i]);
	}
	free(cpus);
	return ret;
}
