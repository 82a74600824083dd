// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's own counters of interrupts taken. */
#include "interrupts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A column each for the CPUs that the head names: "CPU0 CPU2 ...". */
static uint64_t sum(const char *head, const char *at,
		    const struct cpulist *cpus)
{
	uint64_t total = 0, value;
	char *end;
	int cpu;

	while ((head = strstr(head, "CPU"))) {
		cpu = atoi(head + 3);
		head += 3;
		value = strtoull(at, &end, 10);
		if (end == at)
			break;
		at = end;
		if (!cpus->n || cpulist_has(cpus, cpu))
			total += value;
	}
	return total;
}

static bool is_line(const char *line, const char *name)
{
	while (isspace((unsigned char)*line))
		line++;
	return !strncmp(line, name, strlen(name));
}

struct interrupts interrupts_read(const struct cpulist *cpus)
{
	struct interrupts got = { .known = false };
	char *head = NULL, *line = NULL;
	size_t head_size = 0, size = 0;
	FILE *f = fopen("/proc/interrupts", "r");
	int lines = 0;

	if (f && getline(&head, &head_size, f) > 0)
		while (getline(&line, &size, f) > 0) {
			if (is_line(line, "CAL:"))
				got.call =
					sum(head, strchr(line, ':') + 1, cpus);
			else if (is_line(line, "RES:"))
				got.reschedule =
					sum(head, strchr(line, ':') + 1, cpus);
			else
				continue;
			lines++;
		}
	if (f)
		fclose(f);
	free(head);
	free(line);
	got.known = lines == 2;
	return got;
}
