// SPDX-License-Identifier: GPL-2.0-only
/* `ipi torture` as a program of its own, for libraries built in other ways. */
#include <errno.h>

#include "front.h"
#include "tool/cli.h"

int main(int argc, char **argv)
{
	cli_begin();
	program_invocation_name = program_invocation_short_name = (char *)"ipi";
	argv[0] = (char *)"ipi torture";
	return cli_end(cmd_torture(argc, argv));
}
