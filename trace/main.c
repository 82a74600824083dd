// SPDX-License-Identifier: GPL-2.0-only
/* The program `ipi-trace`, which `ipi trace` starts. */
#include <errno.h>

#include "tool/cli.h"
#include "tools.h"

static const struct cli_command commands[] = {
#define TRACE_TOOL(name, help) { #name, help, tool_##name },
#include "tools.def"
#undef TRACE_TOOL
	{ NULL },
};

static const char examples[] =
	"  ipi trace latency -d 5                all interrupts, five seconds\n"
	"  ipi trace latency -c 3 -i 10s         those of CPU 3, every ten\n"
	"  ipi trace latency -d 1min --json out.json\n"
	"  ipi trace latency -d 10 --csd         with the stages of calls\n"
	"  ipi trace senders -c 3 -d 10          who interrupts CPU 3, and why\n"
	"  ipi trace slow -t 50us --target-stack what is late, and why\n"
	"  ipi trace wakes -d 10                 what needed no interrupt\n"
	"  ipi trace overhead                    its own price\n";

int main(int argc, char **argv)
{
	cli_begin();
	program_invocation_name = program_invocation_short_name =
		(char *)"ipi trace";
	return cli_end(
		cli_dispatch(commands, "ipi trace", examples, argc, argv));
}
