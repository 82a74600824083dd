// SPDX-License-Identifier: GPL-2.0-only
/* Numbers with units. */
#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t scale;
};

static const struct unit durations[] = {
	{"ns", 1},	   {"us", 1000},	 {"ms", 1000000},
	{"s", 1000000000}, {"min", 60000000000}, {NULL, 0},
};

static const struct unit counts[] = {
	{"", 1}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}, {NULL, 0},
};

static const struct unit *unit_find(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcmp(units->name, name))
			return units;
	return NULL;
}

/*
 * Decimal digits, by integers: a double would turn 0.3us into 299 ns. What
 * does not come out whole in the smallest unit is refused.
 */
static int scaled(const char *text, const struct unit *units, uint64_t *out)
{
	const char *at = text;
	const struct unit *unit;
	uint64_t value = 0, below = 1;

	if (!isdigit((unsigned char)*at))
		return -EINVAL;
	for (; isdigit((unsigned char)*at); at++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *at - '0', &value))
			return -ERANGE;
	if (*at == '.' && isdigit((unsigned char)at[1]))
		for (at++; isdigit((unsigned char)*at); at++) {
			if (__builtin_mul_overflow(value, 10, &value) ||
			    __builtin_add_overflow(value, *at - '0', &value))
				return -ERANGE;
			if (__builtin_mul_overflow(below, 10, &below))
				return -ERANGE;
		}
	unit = unit_find(units, at);
	if (!unit)
		return -EINVAL;
	if (__builtin_mul_overflow(value, unit->scale, &value))
		return -ERANGE;
	if (value % below)
		return -EINVAL;
	*out = value / below;
	return 0;
}

int units_duration(const char *text, uint64_t *ns)
{
	/* Nothing is nothing in every unit. */
	if (!strcmp(text, "0")) {
		*ns = 0;
		return 0;
	}
	return scaled(text, durations, ns);
}

int units_count(const char *text, uint64_t *count)
{
	return scaled(text, counts, count);
}

int units_range(const char *text, uint64_t *ns_min, uint64_t *ns_max)
{
	const char *dots = strstr(text, "..");
	uint64_t min, max;
	char first[32];
	int ret;

	if (!dots) {
		ret = units_duration(text, &min);
		max = min;
	} else {
		if ((size_t)(dots - text) >= sizeof(first))
			return -EINVAL;
		memcpy(first, text, dots - text);
		first[dots - text] = '\0';
		ret = units_duration(first, &min);
		if (!ret)
			ret = units_duration(dots + 2, &max);
	}
	if (ret)
		return ret;
	if (min > max)
		return -EINVAL;
	*ns_min = min;
	*ns_max = max;
	return 0;
}

static void three_figures(char *text, size_t size, double value,
			  const char *unit)
{
	int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;

	snprintf(text, size, "%.*f %s", decimals, value, unit);
}

struct units_text units_ns(double ns)
{
	static const char *const name[] = {"ns", "us", "ms", "s"};
	struct units_text out;
	unsigned i;

	for (i = 0; i < 3 && ns >= 999.5; i++)
		ns /= 1000;
	three_figures(out.text, sizeof(out.text), ns, name[i]);
	return out;
}

struct units_text units_bytes(uint64_t bytes)
{
	struct units_text out;

	if (bytes < 1000)
		snprintf(out.text, sizeof(out.text), "%u bytes",
			 (unsigned)bytes);
	else if (bytes < 1000000)
		three_figures(out.text, sizeof(out.text), bytes / 1e3, "kB");
	else
		three_figures(out.text, sizeof(out.text), bytes / 1e6, "MB");
	return out;
}
