// SPDX-License-Identifier: GPL-2.0-only
/* Names of the kernel's functions. */
#include "symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KALLSYMS "/proc/kallsyms"

/*
 * What sends, from the tracepoints' and functions' own to what every caller
 * goes through: the names begin so. Of several, the longest way is left out.
 */
static const char *const sending[] = {
	"native_send_call_func_",
	"native_smp_send_reschedule",
	"send_call_function_single_ipi",
	"call_function_single_prep_ipi",
	"__smp_call_single_queue",
	"generic_exec_single",
	"smp_call_function_",
	"smp_call_on_cpu",
	"on_each_cpu_cond_mask",
	"irq_work_queue_on",
	"resched_curr",
	"__resched_curr",
	"wake_up_idle_cpu",
	"check_preempt_curr",
	"wakeup_preempt",
	"__ttwu_queue_wakelist",
	"ttwu_",
	"try_to_wake_up",
	"wake_up_process",
	"wake_up_state",
	"wake_up_q",
	"default_wake_function",
	"autoremove_wake_function",
	"__wake_up",
};

/* ---- the table ----------------------------------------------------------- */

static char *read_all(FILE *f, size_t *size)
{
	size_t room = 1 << 20, n;
	char *text = malloc(room), *more;

	*size = 0;
	while (text && (n = fread(text + *size, 1, room - *size - 1, f))) {
		*size += n;
		if (*size < room - 1)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (!more)
			free(text);
		text = more;
	}
	if (text)
		text[*size] = '\0';
	return text;
}

/* "address type name", and a module behind a tab. */
static bool parse(char *line, struct symbol *out)
{
	char *end;

	out->at = strtoull(line, &end, 16);
	if (!out->at || end[0] != ' ' || !end[1] || !strchr("tTwW", end[1]) ||
	    end[2] != ' ')
		return false;
	out->name = end + 3;
	end[3 + strcspn(end + 3, "\t\n")] = '\0';
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static int fill(struct symbols *s)
{
	size_t room = 1;
	char *line, *next;

	for (line = s->text; (line = strchr(line, '\n')); line++)
		room++;
	s->list = malloc(room * sizeof(*s->list));
	if (!s->list)
		return -ENOMEM;
	for (line = s->text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			next++;
		if (parse(line, &s->list[s->n]))
			s->n++;
	}
	if (s->n)
		qsort(s->list, s->n, sizeof(*s->list), by_address);
	return 0;
}

int symbols_load(struct symbols *out)
{
	struct symbols s = { NULL, 0, NULL };
	FILE *f = fopen(KALLSYMS, "r");
	size_t size;
	int ret;

	*out = s;
	if (!f)
		return 0;
	s.text = read_all(f, &size);
	fclose(f);
	ret = s.text ? fill(&s) : -ENOMEM;
	if (ret)
		symbols_free(&s);
	else
		*out = s;
	return ret;
}

void symbols_free(struct symbols *s)
{
	free(s->list);
	free(s->text);
	*s = (struct symbols){ NULL, 0, NULL };
}

/* ---- looking up ---------------------------------------------------------- */

const struct symbol *symbols_at(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->list[middle].at <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &s->list[low - 1] : NULL;
}

bool symbols_range(const struct symbols *s, const char *name, uint64_t *low,
		   uint64_t *high)
{
	size_t i, found = s->n, n = 0;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->list[i].name, name)) {
			found = i;
			n++;
		}
	if (n != 1)
		return false;
	*low = s->list[found].at;
	for (i = found; i < s->n && s->list[i].at == *low; i++)
		;
	*high = i < s->n ? s->list[i].at : UINT64_MAX;
	return true;
}

struct symbol_name symbols_place(const struct symbols *s, uint64_t address)
{
	const struct symbol *at = symbols_at(s, address - 1);
	struct symbol_name name;

	if (at)
		snprintf(name.text, sizeof(name.text), "%.48s+0x%" PRIx64,
			 at->name, address - at->at);
	else
		snprintf(name.text, sizeof(name.text), "0x%" PRIx64, address);
	return name;
}

struct symbol_name symbols_function(const struct symbols *s, uint64_t address)
{
	const struct symbol *at = symbols_at(s, address);
	struct symbol_name name;

	if (!address)
		snprintf(name.text, sizeof(name.text), "-");
	else if (at)
		snprintf(name.text, sizeof(name.text), "%.63s", at->name);
	else
		snprintf(name.text, sizeof(name.text), "0x%" PRIx64, address);
	return name;
}

/* ---- stacks -------------------------------------------------------------- */

static bool named(const struct symbols *s, uint64_t address,
		  const char *const *beginnings, size_t n)
{
	const struct symbol *at = symbols_at(s, address);
	size_t i;

	for (i = 0; at && i < n; i++)
		if (!strncmp(at->name, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

/* A frame's address is where it returns to, which may be the next function. */
static size_t past(const struct symbols *s, const uint64_t *frames, size_t n,
		   const char *const *beginnings, size_t beginnings_n)
{
	size_t i = 0;

	while (i < n && frames[i] &&
	       !named(s, frames[i] - 1, beginnings, beginnings_n))
		i++;
	while (i < n && frames[i] &&
	       named(s, frames[i] - 1, beginnings, beginnings_n))
		i++;
	return i < n && frames[i] ? i : n;
}

size_t symbols_asker(const struct symbols *s, const uint64_t *frames, size_t n)
{
	return past(s, frames, n, sending, sizeof(sending) / sizeof(*sending));
}

size_t symbols_interrupted(const struct symbols *s, const uint64_t *frames,
			   size_t n)
{
	static const char *const entry[] = { "asm_sysvec_call_function" };

	return past(s, frames, n, entry, 1);
}

bool symbols_in_interrupt(const struct symbols *s, const uint64_t *frames,
			  size_t n)
{
	static const char *const entry[] = { "asm_sysvec_",
					     "asm_common_interrupt",
					     "__irq_exit_rcu" };
	size_t i;

	for (i = 0; i < n && frames[i]; i++)
		if (named(s, frames[i] - 1, entry, 3))
			return true;
	return false;
}

json_t *symbols_stack(const struct symbols *s, const uint64_t *frames,
		      size_t from, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = from; i < n && frames[i]; i++)
		json_array_append_new(
			list, json_string(symbols_place(s, frames[i]).text));
	return list;
}
