/* SPDX-License-Identifier: GPL-2.0-only */
/* Each tool is what runs its command line. */
#ifndef IPI_TRACE_TOOLS_H
#define IPI_TRACE_TOOLS_H

#define TRACE_TOOL(name, help) int tool_##name(int argc, char **argv);
#include "tools.def"
#undef TRACE_TOOL

#endif
