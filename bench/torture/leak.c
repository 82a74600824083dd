// SPDX-License-Identifier: GPL-2.0-only
/* What a process holds: threads, descriptors, memory that is mapped. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "torture.h"

static unsigned long entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned long n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* Pages, not lines: neighbours of the same kind are told as one mapping. */
static unsigned long pages(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long n = 0;

	if (file && fscanf(file, "%lu", &n) != 1)
		n = 0;
	if (file)
		fclose(file);
	return n;
}

/* Sanitizers and valgrind map memory as they please. */
static bool is_watched(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#else
	return strstr(getenv("LD_PRELOAD") ?: "", "vgpreload") != NULL;
#endif
}

void leftovers_read(struct leftovers *l)
{
	l->threads = entries("/proc/self/task");
	l->descriptors = entries("/proc/self/fd");
	l->pages = is_watched() ? 0 : pages();
}

bool leftovers_grew(const struct leftovers *before,
		    const struct leftovers *after)
{
	return after->threads > before->threads ||
	       after->descriptors > before->descriptors ||
	       after->pages > before->pages;
}
