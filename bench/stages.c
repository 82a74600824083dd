// SPDX-License-Identifier: GPL-2.0-only
/* Adds up stages block by block: their histograms, then what these say. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "stages.h"
#include "tool/column.h"

/* A quantile that fewer samples exceed says too little. */
#define BEYOND 100

static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static double at(const json_t *bucket, size_t i)
{
	return json_number_value(json_array_get(bucket, i));
}

/* ---- histograms: ascending lists of [low, below, count] ------------------ */

static int append(json_t *list, const json_t *bucket, double count)
{
	json_t *one = json_pack("[O,O,I]", json_array_get(bucket, 0),
				json_array_get(bucket, 1), (json_int_t)count);

	return one ? json_array_append_new(list, one) : -1;
}

/* Both have the same bounds wherever they have a bucket. */
static json_t *merged(const json_t *a, const json_t *b)
{
	json_t *list = json_array();
	size_t i = 0, k = 0;
	int ret = 0;

	while (!ret && (i < json_array_size(a) || k < json_array_size(b))) {
		const json_t *x = json_array_get(a, i);
		const json_t *y = json_array_get(b, k);

		if (x && y && at(x, 0) == at(y, 0)) {
			ret = append(list, x, at(x, 2) + at(y, 2));
			i++;
			k++;
		} else if (!y || (x && at(x, 0) < at(y, 0))) {
			ret = append(list, x, at(x, 2));
			i++;
		} else {
			ret = append(list, y, at(y, 2));
			k++;
		}
	}
	if (ret) {
		json_decref(list);
		return NULL;
	}
	return list;
}

static double quantile(const json_t *stage, double share, double beyond)
{
	const json_t *list = json_object_get(stage, "histogram"), *b = NULL;
	double n = number(stage, "n"), rank = share * n, below = 0, value;
	size_t i;

	if (!(n > 0) || n * (1 - share) < beyond)
		return NAN;
	json_array_foreach(list, i, b)
	{
		if (below + at(b, 2) >= rank)
			break;
		below += at(b, 2);
	}
	if (!b)
		return NAN;
	value = at(b, 0) + (at(b, 1) - at(b, 0)) * (rank - below) / at(b, 2);
	return fmin(fmax(value, number(stage, "min_ns")),
		    number(stage, "max_ns"));
}

/* ---- stages -------------------------------------------------------------- */

static void set(json_t *stage, const char *key, double value)
{
	json_object_set_new(stage, key, columns_json_real(value));
}

static int add_stage(json_t *sum, const json_t *more)
{
	json_t *list = merged(json_object_get(sum, "histogram"),
			      json_object_get(more, "histogram"));
	double n = number(sum, "n") + number(more, "n");

	if (!list)
		return -ENOMEM;
	json_object_set_new(sum, "histogram", list);
	json_object_set_new(sum, "n", json_integer((json_int_t)n));
	set(sum, "min_ns", fmin(number(sum, "min_ns"), number(more, "min_ns")));
	set(sum, "max_ns", fmax(number(sum, "max_ns"), number(more, "max_ns")));
	set(sum, "p50_ns", quantile(sum, .5, 1));
	set(sum, "p90_ns", quantile(sum, .9, BEYOND));
	set(sum, "p99_ns", quantile(sum, .99, BEYOND));
	set(sum, "p999_ns", quantile(sum, .999, BEYOND));
	return 0;
}

static bool is_bucket(const json_t *bucket)
{
	return json_array_size(bucket) == 3 &&
	       json_is_number(json_array_get(bucket, 0)) &&
	       json_is_number(json_array_get(bucket, 1)) && at(bucket, 2) > 0;
}

static bool is_stage(const json_t *stage)
{
	const json_t *list = json_object_get(stage, "histogram"), *bucket;
	size_t i;

	if (!json_is_string(json_object_get(stage, "name")) ||
	    !json_is_integer(json_object_get(stage, "n")) ||
	    !json_is_array(list))
		return false;
	json_array_foreach(list, i, bucket)
		if (!is_bucket(bucket))
			return false;
	return true;
}

static bool are_stages(const json_t *list, const json_t *like)
{
	const json_t *stage;
	size_t i;

	json_array_foreach(list, i, stage)
		if (!is_stage(stage) ||
		    !json_equal(json_object_get(stage, "name"),
				json_object_get(json_array_get(like, i),
						"name")))
			return false;
	return json_is_array(list) &&
	       json_array_size(list) == json_array_size(like);
}

int stages_add(json_t **sum, const json_t *more)
{
	json_t *stage;
	size_t i;
	int ret = 0;

	if (!are_stages(more, *sum ? *sum : more))
		return -EBADMSG;
	if (!*sum) {
		*sum = json_deep_copy(more);
		return *sum ? 0 : -ENOMEM;
	}
	json_array_foreach(*sum, i, stage)
	{
		ret = add_stage(stage, json_array_get(more, i));
		if (ret)
			break;
	}
	return ret;
}
