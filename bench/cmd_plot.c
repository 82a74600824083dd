// SPDX-License-Identifier: GPL-2.0-only
/* `ipi plot`: hands over to the plots, which need nothing of ipi. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front.h"
#include "tool/log.h"

int cmd_plot(int argc, char **argv)
{
	char *dir = place_plots(), *path = NULL;

	if (!dir || asprintf(&path, "%s/report", dir) < 0) {
		free(dir);
		return EXIT_FAILED;
	}
	argv[0] = path;
	execv(path, argv);
	log_error("%s: %s", path, strerror(errno));
	free(path);
	free(dir);
	return EXIT_CANNOT;
}
