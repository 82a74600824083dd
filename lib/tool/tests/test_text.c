// SPDX-License-Identifier: GPL-2.0-only
/* CPU lists, numbers with units, names that were nearly right, columns. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "tool/column.h"
#include "tool/cpulist.h"
#include "tool/names.h"
#include "tool/units.h"

static void list_is(const char *text, const char *wanted)
{
	struct cpulist list;
	char *back;

	assert_int_equal(cpulist_parse(text, &list, NULL), 0);
	back = cpulist_format(list.cpu, list.n);
	assert_string_equal(back, wanted);
	for (size_t i = 0; i < list.n; i++)
		assert_true(cpulist_has(&list, list.cpu[i]));
	assert_false(cpulist_has(&list, list.cpu[list.n - 1] + 1));
	free(back);
	cpulist_free(&list);
}

static void test_cpulist_reads_its_grammar(void **state)
{
	list_is("0", "0");
	list_is("0-3,8,10-14:2", "0-3,8,10,12,14");
	list_is("3,1,2,2,0-1", "0-3");
	list_is("0-7:3", "0,3,6");
	list_is("16383", "16383");
}

static void test_cpulist_names_the_place_of_an_error(void **state)
{
	static const char *const bad[] = {"",	 "x",	 "1,",	  "1-",
					  "-1",	 "1,,2", "3-1",	  "1-3:0",
					  "1:2", "1 2",	 "16384", "0-3x"};
	struct cpulist list = {NULL, 7};
	struct tool_error err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		if (cpulist_parse(bad[i], &list, &err) != -EINVAL)
			fail_msg("'%s' was accepted", bad[i]);
		assert_holds(err.text, "CPU list");
	}
	assert_int_equal(list.n, 7);
	cpulist_parse("0-3,8-x", &list, &err);
	assert_holds(err.text, "at '8-x'");
}

static void test_cpulist_format_sorts_and_joins(void **state)
{
	static const int cpus[] = {9, 3, 4, 5, 4, 0};
	char *text = cpulist_format(cpus, 6);

	assert_string_equal(text, "0,3-5,9");
	free(text);
	text = cpulist_format(NULL, 0);
	assert_string_equal(text, "");
	free(text);
}

static void duration_is(const char *text, int ret, uint64_t wanted)
{
	uint64_t ns = 0;

	if (units_duration(text, &ns) != ret || ns != wanted)
		fail_msg("duration '%s' gave %llu", text,
			 (unsigned long long)ns);
}

static void test_duration_keeps_every_digit(void **state)
{
	duration_is("200ns", 0, 200);
	duration_is("20us", 0, 20000);
	duration_is("1.5ms", 0, 1500000);
	duration_is("0.3us", 0, 300);
	duration_is("30s", 0, 30000000000);
	duration_is("2min", 0, 120000000000);
	duration_is("0", 0, 0);
	duration_is("0.3ns", -EINVAL, 0);
	duration_is("5", -EINVAL, 0);
	duration_is("-5us", -EINVAL, 0);
	duration_is("5 us", -EINVAL, 0);
	duration_is("5usx", -EINVAL, 0);
	duration_is(".5us", -EINVAL, 0);
	duration_is("99999999999999999999s", -ERANGE, 0);
	duration_is("18446744073709551615s", -ERANGE, 0);
}

static void test_count_and_range(void **state)
{
	uint64_t n = 0, max = 0;

	assert_int_equal(units_count("10k", &n), 0);
	assert_int_equal(n, 10000);
	assert_int_equal(units_count("1.5M", &n), 0);
	assert_int_equal(n, 1500000);
	assert_int_equal(units_count("10K", &n), -EINVAL);
	assert_int_equal(units_range("2us..20us", &n, &max), 0);
	assert_int_equal(n, 2000);
	assert_int_equal(max, 20000);
	assert_int_equal(units_range("5us", &n, &max), 0);
	assert_int_equal(n, max);
	assert_int_equal(units_range("20us..2us", &n, &max), -EINVAL);
	assert_int_equal(units_range("2us..", &n, &max), -EINVAL);
}

static void test_duration_for_people(void **state)
{
	assert_string_equal(units_ns(0.4).text, "0.40 ns");
	assert_string_equal(units_ns(110).text, "110 ns");
	assert_string_equal(units_ns(999.7).text, "1.00 us");
	assert_string_equal(units_ns(8412).text, "8.41 us");
	assert_string_equal(units_ns(12.34e6).text, "12.3 ms");
	assert_string_equal(units_ns(30e9).text, "30.0 s");
	assert_string_equal(units_bytes(4200000).text, "4.20 MB");
}

static void test_names_nearest(void **state)
{
	static const char *const names[] = {"unicast", "broadcast", "signal",
					    "membarrier", "clock"};

	assert_string_equal(names_nearest("unicats", names, 5), "unicast");
	assert_string_equal(names_nearest("singal", names, 5), "signal");
	assert_string_equal(names_nearest("memb", names, 5), "membarrier");
	assert_null(names_nearest("futex", names, 5));
	assert_null(names_nearest("", names, 5));
	assert_int_equal(names_distance("ab", "ba"), 1);
	assert_int_equal(names_distance("kitten", "sitting"), 3);
	assert_string_equal(names_hint("clok", names, 5).text,
			    "; did you mean 'clock'?");
	assert_string_equal(names_hint("zzzzzz", names, 5).text, "");
}

struct row {
	const char *name;
	double ns;
};

static struct cell row_name(const void *row)
{
	return cell_text(((const struct row *)row)->name);
}

static struct cell row_ns(const void *row)
{
	return cell_real(((const struct row *)row)->ns);
}

static const struct column columns[] = {
	{"name", .in = IN_ALL, .get = row_name},
	{"latency_ns_p50", "p50", "ns", "low", IN_ALL, -1, row_ns},
};

static char *rendered(int (*render)(const struct column *, size_t,
				    const void *const *, size_t, FILE *))
{
	static const struct row a = {"plain", 8412.5};
	static const struct row b = {"a \"b\", c|d", NAN};
	const void *const rows[] = {&a, &b};
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(render(columns, 2, rows, 2, f), 0);
	fclose(f);
	return text;
}

static void test_columns_render_alike(void **state)
{
	json_t *object = json_object();
	char *text = rendered(columns_csv);

	assert_string_equal(text, "name,latency_ns_p50\n"
				  "plain,8412.5\n"
				  "\"a \"\"b\"\", c|d\",\n");
	free(text);
	text = rendered(columns_table);
	assert_holds(text, "8.41 us");
	assert_holds(text, "p50");
	free(text);
	text = rendered(columns_markdown);
	assert_string_equal(text, "| name | p50 |\n"
				  "|---|---:|\n"
				  "| plain | 8.41 us |\n"
				  "| a \"b\", c\\|d | - |\n");
	free(text);
	columns_json(columns, 2, &(struct row){"x", 1.5}, object);
	assert_true(json_real_value(
			    json_object_get(object, "latency_ns_p50")) == 1.5);
	columns_json(columns, 2, &(struct row){"x", NAN}, object);
	assert_true(json_is_null(json_object_get(object, "latency_ns_p50")));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpulist_reads_its_grammar),
		cmocka_unit_test(test_cpulist_names_the_place_of_an_error),
		cmocka_unit_test(test_cpulist_format_sorts_and_joins),
		cmocka_unit_test(test_duration_keeps_every_digit),
		cmocka_unit_test(test_count_and_range),
		cmocka_unit_test(test_duration_for_people),
		cmocka_unit_test(test_names_nearest),
		cmocka_unit_test(test_columns_render_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
