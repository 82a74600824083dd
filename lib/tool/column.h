/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One column table per kind of row, from which a table for people, CSV and
 * the plain members of a JSON object are rendered.
 */
#ifndef IPI_TOOL_COLUMN_H
#define IPI_TOOL_COLUMN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum cell_kind { CELL_NULL, CELL_TEXT, CELL_REAL, CELL_COUNT, CELL_BOOL };

struct cell {
	enum cell_kind kind;
	union {
		double real;
		uint64_t count;
		bool truth;
	};
	char text[256];
};

struct cell cell_null(void);
/* NULL becomes CELL_NULL. */
struct cell cell_text(const char *text);
struct cell cell_format(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
/* What is not finite becomes CELL_NULL. */
struct cell cell_real(double value);
struct cell cell_count(uint64_t value);
struct cell cell_bool(bool value);

enum column_in { IN_TABLE = 1, IN_CSV = 2, IN_JSON = 4, IN_ALL = 7 };

struct column {
	const char *name;    /* key in CSV and JSON, with its unit */
	const char *heading; /* in tables; NULL: the name */
	const char *unit;    /* NULL: none */
	const char *better;  /* "low", "high"; NULL: neither */
	unsigned in;	     /* enum column_in */
	int decimals; /* of reals; -1: a duration, printed with its unit */
	struct cell (*get)(const void *row);
};

/* Rows are pointers to what the columns' get() takes. 0 or -errno. */
int columns_table(const struct column *cols, size_t n, const void *const *rows,
		  size_t rows_n, FILE *out);
/* The same of rows that stand one behind the other. */
int columns_table_of(const struct column *cols, size_t n, const void *rows,
		     size_t row_size, size_t rows_n, FILE *out);
int columns_csv(const struct column *cols, size_t n, const void *const *rows,
		size_t rows_n, FILE *out);
/* A table as markdown has it, of the IN_TABLE columns. */
int columns_markdown(const struct column *cols, size_t n,
		     const void *const *rows, size_t rows_n, FILE *out);
/* Sets the IN_JSON members of one row. */
int columns_json(const struct column *cols, size_t n, const void *row,
		 json_t *object);
/* A number with at most one digit behind the point, as results carry it. */
json_t *columns_json_real(double value);

#endif
