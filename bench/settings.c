// SPDX-License-Identifier: GPL-2.0-only
/* From keys and values to runs that can be planned. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "front.h"

int assignments_add(struct assignments *list, const struct key *key,
		    const char *value)
{
	struct assignment *at =
		realloc(list->at, (list->n + 1) * sizeof(*list->at));

	if (!at)
		return -ENOMEM;
	list->at = at;
	at[list->n].key = key;
	at[list->n].value = strdup(value);
	if (!at[list->n].value)
		return -ENOMEM;
	list->n++;
	return 0;
}

int assignments_apply(const struct assignments *list, struct settings *s,
		      struct tool_error *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < list->n; i++)
		ret = list->at[i].key->set(s, list->at[i].value, err);
	return ret;
}

void assignments_free(struct assignments *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->at[i].value);
	free(list->at);
	*list = (struct assignments){ 0 };
}

/* What a domain uses when nothing is said, so that records can name it. */
static int compiled_defaults(struct bench_opts *o)
{
	struct ipi_domain *dom;
	int ret = ipi_domain_create(
		&(struct ipi_params){
			.queue = o->queue,
			.ack = o->ack,
			.delivery = o->delivery,
		},
		&dom);

	if (ret)
		return ret;
	o->queue = (char *)ipi_domain_queue(dom);
	o->ack = (char *)ipi_domain_ack(dom);
	o->delivery = (char *)ipi_domain_delivery(dom);
	return ipi_domain_destroy(dom);
}

/* What ipi.ko uses then: of its own choice it has none to tell before. */
static void kernel_defaults(struct bench_opts *o)
{
	o->queue = o->queue ? o->queue : (char *)"slots";
	o->ack = o->ack ? o->ack : (char *)"counter";
	o->delivery = o->delivery ? o->delivery : (char *)"csd";
}

/* What a message steals is told by a target's own loop in user space. */
static bool tells_stolen(const struct run *run)
{
	return !run->driver->kernel || run->opts.target_state == TARGET_SPINS ||
	       run->opts.target_state == TARGET_BUSY_USER;
}

static void metric_list(uint32_t metrics, char *buf, size_t size)
{
	size_t at = 0;
	int m;

	buf[0] = '\0';
	for (m = 0; m < METRIC_N; m++)
		if (metrics & 1u << m && at < size)
			at += snprintf(buf + at, size - at, "%s%s",
				       at ? ", " : "", metric_name[m]);
}

/*
 * Metrics a section asks for by name must be the driver's; those that came
 * from the defaults are narrowed to what it can do.
 */
static int fit_metrics(struct run *run, bool asked, struct tool_error *err)
{
	const uint32_t usual = 1u << METRIC_RTT | 1u << METRIC_SEND |
			       1u << METRIC_STOLEN | 1u << METRIC_LAST_ACK |
			       1u << METRIC_INTERVAL;
	uint32_t can = run->driver->metrics &
		       ~(tells_stolen(run) ? 0 : 1u << METRIC_STOLEN);
	char list[160];

	if (asked && run->opts.metrics & ~can) {
		metric_list(can, list, sizeof(list));
		return tool_fail(err, -EINVAL,
				 "driver %s does not measure all of these "
				 "metrics (it can: %s)",
				 run->driver->name, list);
	}
	if (!run->opts.metrics)
		run->opts.metrics = usual;
	if (run->opts.metrics & can)
		run->opts.metrics &= can;
	else
		run->opts.metrics = can;
	return 0;
}

static bool assigns(const struct assignments *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!strcmp(list->at[i].key->name, name))
			return true;
	return false;
}

static bool library_has(const char *delivery)
{
	unsigned n;

	for (n = 0; delivery && ipi_delivery_name(n); n++)
		if (!strcmp(delivery, ipi_delivery_name(n)))
			return true;
	return !delivery;
}

static int finish(struct run *run, bool asked, struct tool_error *err)
{
	if (!run->opts.driver)
		return tool_fail(err, -EINVAL, "no driver is named");
	run->driver = bench_driver_find(run->opts.driver);
	if (!run->driver->uses_lib) {
		run->opts.queue = (char *)run->driver->queue;
		run->opts.ack = run->opts.delivery = NULL;
	} else if (run->driver->kernel) {
		kernel_defaults(&run->opts);
	} else if (!library_has(run->opts.delivery)) {
		return tool_fail(err, -EINVAL,
				 "the delivery %s is the kernel's: its drivers "
				 "are called kernel-...",
				 run->opts.delivery);
	} else if (compiled_defaults(&run->opts))
		return tool_fail(err, -EINVAL,
				 "no domain can be made with queue %s",
				 run->opts.queue ? run->opts.queue : "default");
	return fit_metrics(run, asked, err);
}

static int make_run(const struct config *c, const struct config_section *sec,
		    const struct assignments *cli, struct run *run,
		    struct tool_error *err)
{
	bool asked = assigns(&sec->keys, "metrics") || assigns(cli, "metrics");
	bool gapped = assigns(&c->defaults, "gap") ||
		      assigns(&sec->keys, "gap") || assigns(cli, "gap");
	struct tool_error why;
	struct settings s;
	int ret;

	settings_init(&s);
	ret = assignments_apply(&c->defaults, &s, err);
	if (!ret)
		ret = assignments_apply(&sec->keys, &s, err);
	if (!ret)
		ret = assignments_apply(cli, &s, err);
	if (ret)
		return ret;
	run->opts = s.opts;
	run->opts.run = sec->name;
	run->opts.seed = s.ask.seed;
	run->group = s.group;
	ret = finish(run, asked, &why);
	if (!ret && !gapped &&
	    (run->driver->back_to_back || run->driver->gap_ns_max)) {
		run->opts.gap_ns_min = run->driver->gap_ns_min;
		run->opts.gap_ns_max = run->driver->gap_ns_max;
	}
	if (!ret)
		return 0;
	if (sec->file)
		return tool_fail(err, ret, "%s:%d: [%s]: %s", sec->file,
				 sec->line, sec->name, why.text);
	return tool_fail(err, ret, "%s: %s", sec->name, why.text);
}

int runs_make(const struct config *c, const struct assignments *cli,
	      struct runs *out, struct tool_error *err)
{
	struct runs runs = { 0 };
	struct settings s;
	int ret = 0;

	settings_init(&s);
	if (!c->n)
		return tool_fail(err, -EINVAL, "there is nothing to run");
	ret = assignments_apply(&c->defaults, &s, err);
	if (!ret)
		ret = assignments_apply(cli, &s, err);
	if (ret)
		return ret;
	runs.ask = s.ask;
	runs.at = calloc(c->n, sizeof(*runs.at));
	if (!runs.at)
		return tool_fail(err, -ENOMEM, "out of memory");
	for (; !ret && runs.n < c->n; runs.n++)
		ret = make_run(c, &c->section[runs.n], cli, &runs.at[runs.n],
			       err);
	if (ret)
		free(runs.at);
	else
		*out = runs;
	return ret;
}

void runs_free(struct runs *runs)
{
	free(runs->at);
	*runs = (struct runs){ 0 };
}
