/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `ipi bench run --trace` and `ipi-trace serve` say to each other. The
 * tracer's standard input takes commands, a line each; its standard output
 * answers each with one JSON object in one line. Whoever starts it ends it by
 * closing that input.
 *
 *   the start    {"protocol": 1, "plan": [...]}: the probes hang and were
 *                tested; plan: by which rung each stage is seen
 *   next CPUS    {}: all counters are nothing; from here on, interrupts of
 *                these CPUs are meant
 *   arm          {}: from now on they are counted
 *   disarm       {}: no longer, and no probe that counted still runs
 *   read         {"stages": [...], "accounting": [...],
 *                "recursion_misses": N}, as in `ipi trace latency --json`, of
 *                what was counted since `next`
 *
 * {"error": "..."} says why something can't be done. At the start it is the
 * last word.
 */
#ifndef IPI_TOOL_TRACER_H
#define IPI_TOOL_TRACER_H

#define TRACER_PROTOCOL 1
/* Room for a list of 1024 CPUs none of which are neighbours. */
#define TRACER_COMMAND_BYTES 8192

#define TRACER_NEXT "next"
#define TRACER_ARM "arm"
#define TRACER_DISARM "disarm"
#define TRACER_READ "read"

#endif
