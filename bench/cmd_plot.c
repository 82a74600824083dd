// SPDX-License-Identifier: GPL-2.0-only
/* `ipi plot`: hands over to the plots, which need nothing of ipi. */
#include <stdlib.h>

#include "front.h"

int cmd_plot(int argc, char **argv)
{
	char *dir = place_plots(), *path = NULL;
	int status;

	if (!dir || asprintf(&path, "%s/report", dir) < 0) {
		free(dir);
		return EXIT_FAILED;
	}
	status = cli_become(path, argv);
	free(path);
	free(dir);
	return status;
}
