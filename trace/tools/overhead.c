// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ipi trace overhead`: what the probes of `latency` cost the interrupts that
 * they see. Blocks of known interrupts with the probes hanging and without,
 * in turns, for the machine's own speed changes from second to second.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "latency_work.h"
#include "poke.h"
#include "tool/cli.h"
#include "tool/log.h"
#include "tool/units.h"
#include "tools.h"
#include "wait.h"

#define BLOCK 500 /* interrupts; some milliseconds */
#define PAIRS 32
#define PAIRS_MOST 1000

struct overhead {
	struct latency l;
	uint64_t pairs;
	double *plain, *traced, *more; /* by pair, ns an interrupt */
	uint64_t sent, seen;
};

/* ---- blocks -------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *list, uint64_t n, double share)
{
	qsort(list, n, sizeof(*list), by_size);
	return list[(uint64_t)((double)(n - 1) * share + .5)];
}

/*
 * The median of single ones: that another program or the hypervisor took the
 * CPU away for some does not move it.
 */
static int block(struct poke *poke, double *ns)
{
	double took[BLOCK];
	uint64_t began;
	int ret = 0, i;

	poke_real_time(poke, true);
	for (i = 0; !ret && i < BLOCK; i++) {
		began = wait_now_ns();
		ret = poke_single(poke, 1);
		took[i] = (double)(wait_now_ns() - began);
	}
	poke_real_time(poke, false);
	if (!ret)
		*ns = quantile(took, BLOCK, .5);
	return ret;
}

static int traced_block(struct overhead *o, struct poke *poke, double *ns,
			struct tool_error *err)
{
	int ret = latency_attach(&o->l, err);

	if (!ret) {
		latency_begin_own(&o->l);
		ret = block(poke, ns);
		if (latency_end_own(&o->l) || ret)
			ret = tool_fail(err, ret ? ret : -EIO,
					"no interrupt can be sent");
		o->sent += BLOCK;
	}
	ladder_detach(&o->l.links);
	return ret;
}

/* The order changes from pair to pair, so that a drift cancels. */
static int one_pair(struct overhead *o, struct poke *poke, uint64_t i,
		    struct tool_error *err)
{
	int ret = 0;

	if (i % 2)
		ret = traced_block(o, poke, &o->traced[i], err);
	if (!ret && block(poke, &o->plain[i]))
		ret = tool_fail(err, -EIO, "no interrupt can be sent");
	if (!ret && !(i % 2))
		ret = traced_block(o, poke, &o->traced[i], err);
	o->more[i] = o->traced[i] - o->plain[i];
	return ret;
}

static int all_pairs(struct overhead *o, struct tool_error *err)
{
	struct poke poke;
	uint64_t i;
	int ret;

	ret = poke_open(&poke, &o->l.target, 1, err);
	if (ret)
		return ret;
	ret = poke_wake(&poke, err);
	ladder_detach(&o->l.links);
	latency_wipe(&o->l, true);
	for (i = 0; !ret && i < o->pairs; i++)
		ret = one_pair(o, &poke, i, err);
	poke_close(&poke);
	return ret;
}

/* ---- the answer ---------------------------------------------------------- */

static void tell(struct overhead *o)
{
	double plain = quantile(o->plain, o->pairs, .5);
	double traced = quantile(o->traced, o->pairs, .5);
	double more = quantile(o->more, o->pairs, .5);

	printf("%s\n", o->l.headline);
	printf("an interrupt there and back: untraced %s, traced %s\n",
	       units_ns(plain).text, units_ns(traced).text);
	printf("tracing costs %+.0f ns each: the median of %llu pairs of "
	       "blocks of %d, half of them from %+.0f to %+.0f ns\n",
	       more, (unsigned long long)o->pairs, BLOCK,
	       quantile(o->more, o->pairs, .25),
	       quantile(o->more, o->pairs, .75));
	printf("%llu of %llu interrupts seen; what `latency` shows is too "
	       "long by the part of it behind the send's clock reading\n",
	       (unsigned long long)o->seen, (unsigned long long)o->sent);
}

static int measure(struct overhead *o, struct tool_error *err)
{
	struct seen seen;
	int ret;

	o->plain = calloc(o->pairs, sizeof(*o->plain));
	o->traced = calloc(o->pairs, sizeof(*o->traced));
	o->more = calloc(o->pairs, sizeof(*o->more));
	if (!o->plain || !o->traced || !o->more)
		return tool_fail(err, -ENOMEM, "no memory");
	ret = all_pairs(o, err);
	if (!ret && latency_read(&o->l, &seen))
		ret = tool_fail(err, -ENOMEM, "no memory");
	if (ret)
		return ret;
	o->seen = seen.class[TRACE_SINGLE].sum.sends;
	seen_free(&seen);
	latency_headline(&o->l);
	tell(o);
	return 0;
}

/* ---- command line -------------------------------------------------------- */

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct overhead *o = state->input;

	switch (key) {
	case OPTION_CSD:
		o->l.csd = true;
		return 0;
	case OPTION_CALL:
		o->l.call = true;
		return 0;
	case 'n':
		if (!units_count(arg, &o->pairs) && o->pairs &&
		    o->pairs <= PAIRS_MOST)
			return 0;
		log_error("--pairs '%s': a number from 1 to %d", arg,
			  PAIRS_MOST);
		exit(EXIT_USAGE);
	}
	return options_parse(&o->l.opts, key, arg, state);
}

static const struct argp_option options[] = {
	{ "pairs", 'n', "N", 0, "pairs of blocks; 32", 0 },
	{ "probe", 'P', "RUNG", 0, "as for latency", 0 },
	{ "csd", OPTION_CSD, NULL, 0, "with these stages, as for latency", 0 },
	{ "call", OPTION_CALL, NULL, 0, "and with this one", 0 },
	{ 0 },
};

static const struct argp argp = {
	options, parse, NULL,
	"What the probes of `ipi trace latency` add to an interrupt's way "
	"there and back, on this machine: blocks with and without, in turns.\v"
	"Needs root.\n\nExamples:\n"
	"  ipi trace overhead\n"
	"  ipi trace overhead --probe raw_tp --pairs 100"
};

static int prepare(struct overhead *o, struct tool_error *err)
{
	if (cpus_load(&o->l.cpus, err) || ladder_allowed(err) ||
	    topo_load(NULL, &o->l.topo, err))
		return -1;
	return cpus_reader(&o->l.cpus, &o->l.opts.targets, &o->l.reader, err);
}

int tool_overhead(int argc, char **argv)
{
	struct overhead o = { .pairs = PAIRS };
	struct tool_error err;
	int status;

	ladder_quiet();
	cli_parse(&argp, argc, argv, &o);
	status = prepare(&o, &err) || latency_probe(&o.l, &err) ? EXIT_CANNOT
		 : measure(&o, &err)				? EXIT_FAILED
								: EXIT_DONE;
	if (status)
		log_error("%s", err.text);
	latency_close(&o.l);
	topo_free(o.l.topo);
	cpus_free(&o.l.cpus);
	free(o.plain);
	free(o.traced);
	free(o.more);
	return status;
}
