// SPDX-License-Identifier: GPL-2.0-only
/* The program `ipi`: the front of everything. */
#include <errno.h>
#include <string.h>

#include "build.h"
#include "front.h"
#include "tool/cli.h"
#include "tool/log.h"

static const struct cli_command commands[] = {
	{ "bench", "measure what telling another CPU costs", cmd_bench },
	{ "topology", "show the CPUs and what they share", cmd_topology },
	{ "doctor", "check what can be measured here, and why not",
	  cmd_doctor },
	{ "torture", "ask the library for all it promises, at its worst",
	  cmd_torture },
	{ "plot", "draw result files", cmd_plot },
#if IPI_WITH_TRACE
	{ "trace", "time each interrupt in the running kernel, by probes",
	  cmd_trace },
#endif
	{ "vm", "run all this in guests: other kernels, other topologies",
	  cmd_vm },
	{ NULL },
};

static const char examples[] =
	"  ipi                                   a first look, ten seconds\n"
	"  ipi bench run --json out.json         measure; keep the result\n"
	"  ipi plot out.json -o report           draw it: report/index.html\n"
	"  ipi bench list                        what can be measured here\n"
	"  ipi doctor                            why something can't\n"
	"  ipi torture --seconds 60              try to break the library\n";

/* The ten-second first look: busy machines are told, not refused. */
static int first_look(char **argv)
{
	char *what[] = { (char *)"first-look" };
	struct run_request req = {
		.what = what,
		.what_n = 1,
		.format = "table",
		.busy = true,
		.command = argv,
	};

	return run_request(&req);
}

int main(int argc, char **argv)
{
	int status;

	cli_begin();
	/* Messages open with "ipi:", whatever path it was started by. */
	program_invocation_name = program_invocation_short_name = (char *)"ipi";
	if (argc < 2)
		status = first_look(argv);
	else
		status = cli_dispatch(commands, "ipi", examples, argc, argv);
	return cli_end(status);
}
