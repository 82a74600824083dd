/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A litmus test's threads: read from texts, and executed through the macros of
 * the seam, as core would. Compiled with the thread sanitizer's hooks, so that
 * plain accesses are seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/tests/litmus.h"

#define INSTRUCTIONS 12u

struct shared {
	ipi_a64 w;
	ipi_a32 x, y, z;
};

struct instruction {
	char op; /* 0: none */
	int reg; /* -1: none */
	char at;
	unsigned a, b;
	char order; /* a r c for acq_rel; s p; 0: relaxed */
};

unsigned litmus_reg[LITMUS_REGISTERS];

static struct instruction program[LITMUS_END + 1][INSTRUCTIONS];

static struct shared *shared(void)
{
	return (struct shared *)(world + 1);
}

void litmus_begin(void)
{
	memset(shared(), 0, sizeof(struct shared));
	memset(litmus_reg, 0, sizeof(litmus_reg));
}

const char *litmus_place(const void *where)
{
	static const char *const names[] = { "w", "w+4", "x", "y", "z" };
	size_t at = (size_t)((const char *)where - (char *)shared()) / 4;

	return at < sizeof(names) / sizeof(names[0]) ? names[at] : NULL;
}

void litmus_ill_formed(const char *text)
{
	printf("Bail out! cannot read '%s'\n", text);
	exit(1);
}

static const char *parse_one(const char *p, struct instruction *i)
{
	const char *begin = p;

	*i = (struct instruction){ .op = 'L', .reg = -1 };
	if (*p == 'r') {
		i->reg = p[1] - '0';
		p += 3;
		if (p[-1] == '!') {
			i->op = '!';
			return p;
		}
	} else if (strchr("~%^", *p)) {
		i->op = *p++;
	}
	if (!strchr("xyzw", *p))
		litmus_ill_formed(begin);
	i->at = *p++;
	if (*p && strchr("=<+-|&?", *p)) {
		i->op = *p++;
		i->a = (unsigned)(*p++ - '0');
		if (i->op == '?') {
			i->b = (unsigned)(p[1] - '0');
			p += 2;
		}
	}
	if (*p == '@') {
		/* rel, acq, ar, sc, pl by one letter each */
		i->order = p[2] == 'r' ? 'b' : p[1];
		p += strcspn(p, " ");
	}
	if (*p && *p != ' ')
		litmus_ill_formed(begin);
	return p;
}

void litmus_parse(unsigned thread, const char *text)
{
	struct instruction *out = program[thread];
	const char *p = text ?: "";
	unsigned n = 0;

	while (*p) {
		if (n == INSTRUCTIONS - 1)
			litmus_ill_formed(text);
		p = parse_one(p, &out[n++]);
		p += *p == ' ';
	}
	out[n].op = 0;
}

#define KEY(op, order) ((unsigned)(op) << 8 | (unsigned)(order))
#define OPERATION(i, p)                                                        \
	switch (KEY((i)->op, (i)->order)) {                                    \
	case KEY('L', 0):                                                      \
		return (unsigned)ipi_load_relaxed(p);                          \
	case KEY('L', 'a'):                                                    \
		return (unsigned)ipi_load_acquire(p);                          \
	case KEY('L', 's'):                                                    \
		return (unsigned)ipi_load_seq_cst(p);                          \
	case KEY('L', 'p'):                                                    \
		return (unsigned)(p)->v;                                       \
	case KEY('=', 0):                                                      \
		ipi_store_relaxed(p, (i)->a);                                  \
		return 0;                                                      \
	case KEY('=', 'r'):                                                    \
		ipi_store_release(p, (i)->a);                                  \
		return 0;                                                      \
	case KEY('=', 'p'):                                                    \
		(p)->v = (i)->a;                                               \
		return 0;                                                      \
	case KEY('<', 'b'):                                                    \
		return (unsigned)ipi_xchg_acq_rel(p, (i)->a);                  \
	case KEY('<', 's'):                                                    \
		return (unsigned)ipi_xchg_seq_cst(p, (i)->a);                  \
	case KEY('|', 'r'):                                                    \
		return (unsigned)ipi_fetch_or_release(p, (i)->a);              \
	case KEY('|', 'b'):                                                    \
		return (unsigned)ipi_fetch_or_acq_rel(p, (i)->a);              \
	case KEY('&', 'b'):                                                    \
		return (unsigned)ipi_fetch_and_acq_rel(p, (i)->a);             \
	case KEY('&', 's'):                                                    \
		return (unsigned)ipi_fetch_and_seq_cst(p, (i)->a);             \
	case KEY('+', 0):                                                      \
		return (unsigned)ipi_fetch_add_relaxed(p, (i)->a);             \
	case KEY('-', 'b'):                                                    \
		return (unsigned)ipi_fetch_sub_acq_rel(p, (i)->a);             \
	case KEY('?', 'b'):                                                    \
		return ipi_cas_acq_rel(p, (i)->a, (i)->b);                     \
	case KEY('?', 's'):                                                    \
		return ipi_cas_seq_cst(p, (i)->a, (i)->b);                     \
	}

static ipi_a32 *word(const struct instruction *i)
{
	return i->at == 'x'   ? &shared()->x
	       : i->at == 'y' ? &shared()->y
			      : &shared()->z;
}

static unsigned operation(const struct instruction *i)
{
	if (i->at == 'w') {
		OPERATION(i, &shared()->w)
	} else {
		OPERATION(i, word(i))
	}
	printf("Bail out! the seam has no such operation: %c %c\n", i->op,
	       i->order ?: ' ');
	exit(1);
}

/* One turn; the word is not read here, so that the wait alone counts. */
static void wait_once(const struct instruction *i)
{
	const struct waiting w = { .word = word(i), .sleeper = i->op == '%' };

	(void)sched_wait(&w);
}

void litmus_execute(unsigned thread)
{
	const struct instruction *i = program[thread];

	for (; i->op; i++) {
		if (i->op == '!') {
			if (!litmus_reg[i->reg])
				return;
		} else if (i->op == '^') {
			ipi_env_wake(word(i));
		} else if (i->op == '~' || i->op == '%') {
			wait_once(i);
		} else {
			unsigned value = operation(i);

			if (i->reg >= 0)
				litmus_reg[i->reg] = value;
		}
	}
}
