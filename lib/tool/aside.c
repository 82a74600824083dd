// SPDX-License-Identifier: GPL-2.0-only
/* Files written aside and renamed. */
#include "aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(struct tool_error *err, const char *path, int code)
{
	return tool_fail(err, -code, "%s: cannot be written: %s", path,
			 strerror(code));
}

/* A result is for its user's colleagues too: what the umask allows. */
static void usual_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	if (fchmod(fd, 0666 & ~mask))
		return; /* a file system without modes */
}

/* Opens a new file beside a->path, which is a regular file or not there. */
static int open_beside(struct aside *a)
{
	int fd, code;

	if (asprintf(&a->temp, "%s.XXXXXX", a->path) < 0) {
		a->temp = NULL;
		return -ENOMEM;
	}
	fd = mkstemp(a->temp);
	if (fd < 0) {
		code = errno;
		free(a->temp);
		a->temp = NULL;
		return -code;
	}
	usual_mode(fd);
	a->file = fdopen(fd, "w");
	if (!a->file) {
		close(fd);
		return -ENOMEM;
	}
	return 0;
}

static int open_target(struct aside *a, const char *path)
{
	struct stat st;
	int there = !stat(path, &st);

	if (there && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (there && !S_ISREG(st.st_mode)) {
		a->file = fopen(path, "w");
		return a->file ? 0 : -errno;
	}
	if (there && access(path, W_OK))
		return -errno;
	/* A link stays a link: the file behind it is replaced. */
	a->path = there ? realpath(path, NULL) : strdup(path);
	return a->path ? open_beside(a) : -ENOMEM;
}

int aside_open(struct aside *a, const char *path, struct tool_error *err)
{
	int ret;

	*a = (struct aside){0};
	if (!strcmp(path, "-")) {
		a->file = stdout;
		return 0;
	}
	ret = *path ? open_target(a, path) : -ENOENT;
	if (ret) {
		aside_abort(a);
		return cannot(err, path, -ret);
	}
	return 0;
}

int aside_check(const char *path, struct tool_error *err)
{
	struct stat st;
	struct aside a;
	int ret;

	/* Opening a pipe would wait for its reader, or end it. */
	if (!stat(path, &st) && S_ISFIFO(st.st_mode))
		return access(path, W_OK) ? cannot(err, path, errno) : 0;
	ret = aside_open(&a, path, err);
	if (!ret)
		aside_abort(&a);
	return ret;
}

int aside_commit(struct aside *a, struct tool_error *err)
{
	const char *name = a->path ? a->path : "output";
	int bad = ferror(a->file), ret = 0;

	if (a->file == stdout)
		bad |= fflush(stdout);
	else
		bad |= fclose(a->file);
	a->file = NULL;
	if (bad)
		ret = cannot(err, name, errno ? errno : EIO);
	else if (a->temp && rename(a->temp, a->path))
		ret = cannot(err, name, errno);
	if (!ret) {
		free(a->temp);
		a->temp = NULL;
	}
	aside_abort(a);
	return ret;
}

void aside_abort(struct aside *a)
{
	if (a->file && a->file != stdout)
		fclose(a->file);
	if (a->temp)
		unlink(a->temp);
	free(a->temp);
	free(a->path);
	*a = (struct aside){0};
}
