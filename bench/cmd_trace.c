// SPDX-License-Identifier: GPL-2.0-only
/* `ipi trace`: hands over to the tracer, which needs other rights. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front.h"
#include "tool/log.h"

int cmd_trace(int argc, char **argv)
{
	char *path = place_trace();

	if (!path)
		return EXIT_FAILED;
	argv[0] = path;
	execv(path, argv);
	log_error("%s: %s", path, strerror(errno));
	free(path);
	return EXIT_CANNOT;
}
