// SPDX-License-Identifier: GPL-2.0-only
/* `ipi vm`: hands over to the lab, which takes this very program along. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "front.h"

/* What a guest is given: this program, and the configs that it finds here. */
static int tell_guest(void)
{
	char *configs = place_configs(), exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	int err = -1;

	if (configs && n > 0) {
		exe[n] = '\0';
		err = setenv("IPI_VM_PROGRAM", exe, 1);
		err |= setenv("IPI_VM_CONFIGS", configs, 1);
	}
	free(configs);
	return err;
}

int cmd_vm(int argc, char **argv)
{
	char *dir = place_vm(), *path = NULL;
	int status;

	if (!dir || tell_guest() || asprintf(&path, "%s/ipi-vm", dir) < 0) {
		free(dir);
		return EXIT_FAILED;
	}
	status = cli_become(path, argv);
	free(path);
	free(dir);
	return status;
}
