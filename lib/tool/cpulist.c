// SPDX-License-Identifier: GPL-2.0-only
/* The one CPU-list grammar. */
#include "cpulist.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a number at *at and moves past it; -1: none there, or too large. */
static long number(const char **at)
{
	char *end;
	long value;

	if (!isdigit((unsigned char)**at))
		return -1;
	value = strtol(*at, &end, 10);
	*at = end;
	return value < CPULIST_CPUS_MAX ? value : -1;
}

static int bad(struct tool_error *err, const char *text, const char *at)
{
	return tool_fail(err, -EINVAL,
			 "CPU list '%s': not understood at '%s' (wanted: "
			 "0-3,8,10-14:2, CPUs below %d)",
			 text, at, CPULIST_CPUS_MAX);
}

static int parse_item(const char *text, const char **at, char *in,
		      struct tool_error *err)
{
	const char *start = *at;
	long first = number(at), last = first, stride = 1, cpu;

	if (first < 0)
		return bad(err, text, start);
	if (**at == '-') {
		(*at)++;
		last = number(at);
		if (last < 0)
			return bad(err, text, start);
		if (**at == ':') {
			(*at)++;
			stride = number(at);
		}
	}
	if (last < first)
		return tool_fail(err, -EINVAL,
				 "CPU list '%s': %ld-%ld runs backwards", text,
				 first, last);
	if (stride < 1)
		return bad(err, text, start);
	for (cpu = first; cpu <= last; cpu += stride)
		in[cpu] = 1;
	return 0;
}

static int collect(const char *in, struct cpulist *out)
{
	struct cpulist list = {0};
	int cpu;

	list.cpu = malloc(CPULIST_CPUS_MAX * sizeof(*list.cpu));
	if (!list.cpu)
		return -ENOMEM;
	for (cpu = 0; cpu < CPULIST_CPUS_MAX; cpu++)
		if (in[cpu])
			list.cpu[list.n++] = cpu;
	*out = list;
	return 0;
}

int cpulist_parse(const char *text, struct cpulist *out, struct tool_error *err)
{
	char *in = calloc(CPULIST_CPUS_MAX, 1);
	const char *at = text;
	int ret;

	if (!in)
		return tool_fail(err, -ENOMEM, "out of memory");
	for (;;) {
		ret = parse_item(text, &at, in, err);
		if (ret)
			goto out_free;
		if (!*at)
			break;
		if (*at++ != ',') {
			ret = bad(err, text, at - 1);
			goto out_free;
		}
	}
	ret = collect(in, out);
out_free:
	free(in);
	return ret;
}

void cpulist_free(struct cpulist *list)
{
	free(list->cpu);
	*list = (struct cpulist){0};
}

bool cpulist_has(const struct cpulist *list, int cpu)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->cpu[i] == cpu)
			return true;
	return false;
}

static int compare_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void print_ranges(FILE *f, const int *cpu, size_t n)
{
	size_t i, last;

	for (i = 0; i < n; i = last + 1) {
		for (last = i; last + 1 < n && cpu[last + 1] <= cpu[last] + 1;)
			last++;
		fprintf(f, "%s%d", i ? "," : "", cpu[i]);
		if (cpu[last] > cpu[i])
			fprintf(f, "-%d", cpu[last]);
	}
}

char *cpulist_format(const int *cpu, size_t n)
{
	int *sorted = malloc((n + 1) * sizeof(*sorted));
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (f && sorted) {
		memcpy(sorted, cpu, n * sizeof(*sorted));
		qsort(sorted, n, sizeof(*sorted), compare_int);
		print_ranges(f, sorted, n);
	}
	if (f)
		fclose(f);
	free(sorted);
	return text;
}
