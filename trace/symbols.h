/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the kernel's functions, by address (/proc/kallsyms). */
#ifndef IPI_TRACE_SYMBOLS_H
#define IPI_TRACE_SYMBOLS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t at;
	const char *name;
};

struct symbols {
	struct symbol *list; /* by address */
	size_t n; /* 0: the kernel hides them */
	char *text;
};

/* 0 or -errno. Where addresses are hidden there are none. */
int symbols_load(struct symbols *out);
void symbols_free(struct symbols *s);
/* NULL: not known. */
const struct symbol *symbols_at(const struct symbols *s, uint64_t address);
/* False: there is no such function, or more than one. */
bool symbols_range(const struct symbols *s, const char *name, uint64_t *low,
		   uint64_t *high);

struct symbol_name {
	char text[64];
};

/* Where a frame returns to: "name+0x12", or the address itself. */
struct symbol_name symbols_place(const struct symbols *s, uint64_t address);
/* "name", or the address; "-" for 0. */
struct symbol_name symbols_function(const struct symbols *s, uint64_t address);

/*
 * The first of a stack's frames that asked for the interrupt, past the probe's
 * own and those of the sending itself; n: there is none.
 */
size_t symbols_asker(const struct symbols *s, const uint64_t *frames,
		     size_t n);
/* The first frame of what an interrupt interrupted; n: it was user space. */
size_t symbols_interrupted(const struct symbols *s, const uint64_t *frames,
			   size_t n);
/* Whether the process is a bystander: an interrupt, or what came behind it. */
bool symbols_in_interrupt(const struct symbols *s, const uint64_t *frames,
			  size_t n);
/* Frames from one on, as places. */
json_t *symbols_stack(const struct symbols *s, const uint64_t *frames,
		      size_t from, size_t n);

#endif
