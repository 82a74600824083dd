// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's own counters of interrupts taken. */
#include "interrupts.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the file: offline CPUs have none, so names decide. */
static bool *columns_wanted(char *header, const int *cpus, size_t n,
			    size_t *columns, size_t *found)
{
	char *save, *word;
	bool *want = NULL, *more;
	size_t i;

	*columns = *found = 0;
	for (word = strtok_r(header, " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save)) {
		more = realloc(want, (*columns + 1) * sizeof(*want));
		if (!more)
			break;
		want = more;
		want[*columns] = !n;
		for (i = 0; i < n && !strncmp(word, "CPU", 3); i++)
			want[*columns] |= atoi(word + 3) == cpus[i];
		*found += want[*columns];
		++*columns;
	}
	return want;
}

/* Adds up a row; *any says whether it counted anything at all. */
static double row_sum(const char *s, const bool *want, size_t columns,
		      bool *any)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < columns; i++) {
		char *end;
		unsigned long long v = strtoull(s, &end, 10);

		if (end == s)
			break;
		*any |= v != 0;
		if (want[i])
			sum += (double)v;
		s = end;
	}
	return sum;
}

static size_t count_distinct(const int *v, size_t n)
{
	size_t i, j, distinct = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i && v[j] != v[i]; j++)
			;
		distinct += j == i;
	}
	return distinct;
}

/*
 * A row by its name; or those of interrupts whose handler is called so with a
 * number behind it, one for each CPU.
 */
static bool is_row(const char *name, size_t name_len, const char *rest,
		   const char *row)
{
	size_t len = strlen(row), end = strlen(rest), digits;
	const char *word;

	if (name_len == len && !strncmp(name, row, len))
		return true;
	while (end && isspace((unsigned char)rest[end - 1]))
		end--;
	for (word = rest + end; word > rest && !isspace((unsigned char)word[-1]);)
		word--;
	if ((size_t)(rest + end - word) <= len || strncmp(word, row, len))
		return false;
	digits = strspn(word + len, "0123456789");
	return word + len + digits == rest + end;
}

int interrupts_read(const char *path, const char *row, const int *cpus,
		    size_t n, double *sum)
{
	size_t columns = 0, found = 0, size = 0;
	bool any = false, has_row = false, *want = NULL;
	char *line = NULL;
	double got = 0;
	FILE *f = fopen(path, "re");
	int err = 0;

	if (!f)
		return -errno;
	if (getline(&line, &size, f) > 0)
		want = columns_wanted(line, cpus, n, &columns, &found);
	while (want && getline(&line, &size, f) > 0) {
		char *s = line + strspn(line, " \t");
		char *colon = strchr(s, ':');
		bool mine = colon && is_row(s, (size_t)(colon - s), colon + 1,
					    row);
		double v = colon ? row_sum(colon + 1, want, columns, &any) : 0;

		if (mine)
			got += v;
		has_row |= mine;
	}
	fclose(f);
	free(line);
	free(want);
	if (!any)
		err = -ENODATA;
	else if (!has_row || found < count_distinct(cpus, n))
		err = -ENOKEY;
	else
		*sum = got;
	return err;
}
