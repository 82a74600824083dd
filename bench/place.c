// SPDX-License-Identifier: GPL-2.0-only
/* Where the other parts are: in the trees when run from the build. */
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "front.h"

static bool from_build(void)
{
	static const char root[] = IPI_BUILD_DIR "/";
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return false;
	exe[n] = '\0';
	return !strncmp(exe, root, sizeof(root) - 1);
}

char *place_configs(void)
{
	return strdup(from_build() ? IPI_SOURCE_DIR "/configs"
				   : IPI_DATADIR "/configs");
}

char *place_plots(void)
{
	return strdup(from_build() ? IPI_SOURCE_DIR "/plots" : IPI_PLOTS_DIR);
}

char *place_trace(void)
{
	return strdup(from_build() ? IPI_BUILD_DIR "/trace/ipi-trace"
				   : IPI_TRACE_DIR "/ipi-trace");
}

char *place_vm(void)
{
	return strdup(from_build() ? IPI_SOURCE_DIR "/vm" : IPI_VM_DIR);
}

char *place_config(const char *what)
{
	char *dir = place_configs(), *path = NULL;
	size_t n = strlen(what);
	bool suffixed = n > 5 && !strcmp(what + n - 5, ".conf");

	if (strchr(what, '/') || (suffixed && !access(what, R_OK))) {
		path = access(what, F_OK) ? NULL : strdup(what);
	} else if (dir && asprintf(&path, "%s/%s%s", dir, what,
				   suffixed ? "" : ".conf") < 0) {
		path = NULL;
	} else if (path && access(path, F_OK)) {
		free(path);
		path = NULL;
	}
	free(dir);
	return path;
}

static int is_config(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && !strcmp(e->d_name + n - 5, ".conf");
}

char **place_config_names(void)
{
	char *dir = place_configs(), **names = NULL;
	struct dirent **list = NULL;
	int n = dir ? scandir(dir, &list, is_config, alphasort) : -1, i;

	if (n >= 0)
		names = calloc(n + 1, sizeof(*names));
	for (i = 0; i < n; i++) {
		if (names)
			names[i] = strndup(list[i]->d_name,
					   strlen(list[i]->d_name) - 5);
		free(list[i]);
	}
	free(list);
	free(dir);
	return names;
}

void place_names_free(char **names)
{
	size_t i;

	for (i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}
