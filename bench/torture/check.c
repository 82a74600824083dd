// SPDX-License-Identifier: GPL-2.0-only
/* Failures: kept from any context, said by the main thread. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tool/log.h"
#include "torture.h"

const char *const check_name[CHECKS] = {
#define CHECK(name, help) #name,
#include "checks.def"
#undef CHECK
};

const char *const check_help[CHECKS] = {
#define CHECK(name, help) help,
#include "checks.def"
#undef CHECK
};

/* Handlers come here too: nothing is allocated, no lock is taken. */
void fail(struct round *r, enum torture_check check, const struct seat *s,
	  const char *fmt, ...)
{
	unsigned at = add(&r->out->failures, 1u);
	char *text;
	int used;
	va_list ap;

	if (at >= FAILURES_KEPT)
		return;
	text = r->out->failure[at];
	used = s ? snprintf(text, sizeof(r->out->failure[0]),
			    "%s: CPU %u, %s: ", check_name[check], s->index,
			    ops[get(&s->op)].name)
		 : snprintf(text, sizeof(r->out->failure[0]),
			    "%s: ", check_name[check]);
	va_start(ap, fmt);
	vsnprintf(text + used, sizeof(r->out->failure[0]) - (size_t)used, fmt,
		  ap);
	va_end(ap);
}

static size_t append(char *buf, size_t size, size_t used, const char *fmt, ...)
{
	va_list ap;
	int n = 0;

	va_start(ap, fmt);
	if (used < size)
		n = vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
	return used + (size_t)(n > 0 ? n : 0);
}

void repeat_command(const struct torture *t, const struct combination *c,
		    char *buf, size_t size)
{
	size_t at = append(buf, size, 0,
			   "ipi torture --seed %llu --cpus %u --queue %s "
			   "--ack %s --delivery %s --waiter %s",
			   (unsigned long long)t->seed, t->cpus, c->queue,
			   c->ack, c->delivery, c->waiter);

	if (t->mix_text)
		at = append(buf, size, at, " --mix %s", t->mix_text);
	if (t->ns)
		at = append(buf, size, at, " --seconds %.3g",
			    (double)t->ns / 1e9 / (double)t->comb_n);
	if (t->messages)
		at = append(buf, size, at, " --messages %llu",
			    (unsigned long long)(t->messages / t->comb_n));
}

void failures_tell(const struct torture *t, struct outcome *out)
{
	const struct combination *c = out->comb;
	unsigned n = get(&out->failures);
	char command[400];

	if (n > FAILURES_KEPT)
		n = FAILURES_KEPT;
	if (out->failures_told == n)
		return;
	for (; out->failures_told < n; out->failures_told++)
		log_error("FAILED [%s %s %s %s] %s", c->queue, c->ack,
			  c->delivery, c->waiter,
			  out->failure[out->failures_told]);
	repeat_command(t, c, command, sizeof(command));
	log_error("repeat it: %s", command);
}
