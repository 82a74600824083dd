// SPDX-License-Identifier: GPL-2.0-only
/* `ipi trace`: hands over to the tracer, which needs other rights. */
#include <stdlib.h>

#include "front.h"

int cmd_trace(int argc, char **argv)
{
	char *path = place_trace();
	int status;

	if (!path)
		return EXIT_FAILED;
	status = cli_become(path, argv);
	free(path);
	return status;
}
