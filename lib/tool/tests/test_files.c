// SPDX-License-Identifier: GPL-2.0-only
/* Files written aside, their digest, and result files that are none. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "tool/aside.h"
#include "tool/digest.h"
#include "tool/reader.h"

static char dir[] = "/tmp/ipi-test-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static unsigned files_in_dir(void)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void content_is(const char *name, const char *wanted)
{
	FILE *f = fopen(in_dir(name), "r");
	char text[256];

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(text, wanted);
}

static void write_text(const char *name, const char *text)
{
	struct aside a;

	assert_int_equal(aside_open(&a, in_dir(name), NULL), 0);
	fputs(text, a.file);
	assert_int_equal(aside_commit(&a, NULL), 0);
}

static int empty_dir(void **state)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while ((e = readdir(d)))
		unlink(in_dir(e->d_name));
	closedir(d);
	return 0;
}

static void test_aside_shows_the_old_file_until_commit(void **state)
{
	struct aside a;

	write_text("f", "old");
	assert_int_equal(aside_open(&a, in_dir("f"), NULL), 0);
	fputs("new", a.file);
	fflush(a.file);
	content_is("f", "old");
	assert_int_equal(aside_commit(&a, NULL), 0);
	content_is("f", "new");
	assert_int_equal(files_in_dir(), 1);
}

static void test_aside_abort_leaves_nothing(void **state)
{
	struct aside a;

	assert_int_equal(aside_open(&a, in_dir("f"), NULL), 0);
	aside_abort(&a);
	assert_int_equal(files_in_dir(), 0);
	assert_int_equal(aside_check(in_dir("f"), NULL), 0);
	assert_int_equal(files_in_dir(), 0);
}

static void test_aside_follows_a_link(void **state)
{
	char target[512];
	struct stat st;

	write_text("target", "old");
	strcpy(target, in_dir("target"));
	assert_int_equal(symlink(target, in_dir("link")), 0);
	write_text("link", "new");
	assert_int_equal(lstat(in_dir("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	content_is("target", "new");
}

/* A pipe stands for all that is no regular file: a broken line here must not
 * cost the machine its /dev/null.
 */
static void test_aside_writes_a_pipe_in_place(void **state)
{
	struct stat st;
	int in;

	assert_int_equal(mkfifo(in_dir("pipe"), 0600), 0);
	in = open(in_dir("pipe"), O_RDONLY | O_NONBLOCK);
	assert_int_equal(aside_check(in_dir("pipe"), NULL), 0);
	write_text("pipe", "gone");
	assert_int_equal(lstat(in_dir("pipe"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(in);
}

/* The file may not grow: what a full disk does, without one. */
static void test_aside_notices_a_lost_write(void **state)
{
	struct rlimit was, none = {0, 0};
	struct tool_error err;
	struct aside a;
	int ret;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	none.rlim_max = was.rlim_max;
	assert_int_equal(aside_open(&a, in_dir("f"), NULL), 0);
	fputs("x", a.file);
	setrlimit(RLIMIT_FSIZE, &none);
	ret = aside_commit(&a, &err);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(ret, -EFBIG);
	assert_holds(err.text, "File too large");
	assert_int_equal(files_in_dir(), 0);
}

static void test_aside_says_what_cannot_be_written(void **state)
{
	struct tool_error err;

	assert_int_equal(aside_check(in_dir("no/f"), &err), -ENOENT);
	assert_holds(err.text, "/no/f: cannot be written");
	assert_int_equal(aside_check(dir, &err), -EISDIR);
	assert_int_equal(aside_check("", &err), -ENOENT);
}

static void test_digest_is_sha256(void **state)
{
	char hex[DIGEST_HEX_CHARS + 1] = "";

	write_text("f", "abc");
	assert_int_equal(digest_file(in_dir("f"), hex), 0);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
				 "b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(digest_file(in_dir("none"), hex), -ENOENT);
}

static const char good[] =
	"{\"schema\":1,\"kind\":\"ipi-result\",\"headline\":\"h\",\"tool\":{},"
	"\"command\":[],\"context\":{},\"topology\":{},\"plan\":{},"
	"\"unknown\":1,\"records\":[%s]}";

static int load(const char *name, struct tool_error *err)
{
	json_t *root = NULL;
	int ret = reader_load(in_dir(name), &root, err);

	assert_true(!ret == !!root);
	json_decref(root);
	return ret;
}

static void test_reader_takes_a_whole_result(void **state)
{
	char text[512];

	snprintf(text, sizeof(text), good, "");
	write_text("r", text);
	assert_int_equal(load("r", NULL), 0);
}

static void test_reader_refuses_the_rest_in_one_line(void **state)
{
	struct tool_error err;
	char text[512];

	assert_int_equal(load("none", &err), -ENOENT);
	snprintf(text, sizeof(text), good, "");
	text[strlen(text) - 5] = '\0';
	write_text("r", text);
	assert_int_equal(load("r", &err), -EBADMSG);
	assert_holds(err.text, "cut short");
	write_text("r", "P5 image");
	assert_int_equal(load("r", &err), -EBADMSG);
	assert_holds(err.text, "r:1: no JSON");
	write_text("r", "{\"context\":{}}");
	assert_int_equal(load("r", &err), -EPROTONOSUPPORT);
	assert_holds(err.text, "no result of ipi");
	write_text("r", "{\"kind\":\"ipi-result\",\"schema\":99}");
	assert_int_equal(load("r", &err), -EPROTONOSUPPORT);
	assert_holds(err.text, "schema 99");
	snprintf(text, sizeof(text), good, "{\"run\":\"x\"}");
	write_text("r", text);
	assert_int_equal(load("r", &err), -EPROTONOSUPPORT);
	assert_holds(err.text, "record 0 has no usable 'status'");
	assert_null(strchr(err.text, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			test_aside_shows_the_old_file_until_commit, empty_dir),
		cmocka_unit_test_teardown(test_aside_abort_leaves_nothing,
					  empty_dir),
		cmocka_unit_test_teardown(test_aside_follows_a_link, empty_dir),
		cmocka_unit_test_teardown(test_aside_writes_a_pipe_in_place,
					  empty_dir),
		cmocka_unit_test_teardown(test_aside_notices_a_lost_write,
					  empty_dir),
		cmocka_unit_test(test_aside_says_what_cannot_be_written),
		cmocka_unit_test_teardown(test_digest_is_sha256, empty_dir),
		cmocka_unit_test_teardown(test_reader_takes_a_whole_result,
					  empty_dir),
		cmocka_unit_test_teardown(
			test_reader_refuses_the_rest_in_one_line, empty_dir),
	};
	int ret;

	if (!mkdtemp(dir)) {
		perror(dir);
		return 1;
	}
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return ret;
}
