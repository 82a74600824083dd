// SPDX-License-Identifier: GPL-2.0-only
/* The SHA-256 of a file: once per report, so a process is cheap enough. */
#include "digest.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int spawn_sum(int in, int out, pid_t *pid)
{
	char *argv[] = {"sha256sum", NULL};
	posix_spawn_file_actions_t actions;
	int ret = posix_spawn_file_actions_init(&actions);

	if (ret)
		return -ret;
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	ret = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -ret;
}

static int read_hex(int fd, char *hex)
{
	ssize_t got;
	size_t n = 0;

	while (n < DIGEST_HEX_CHARS) {
		got = read(fd, hex + n, DIGEST_HEX_CHARS - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EIO;
		n += got;
	}
	return strspn(hex, "0123456789abcdef") == n ? 0 : -EIO;
}

static int sum(int in, char *hex)
{
	int ends[2], ret, status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	ret = spawn_sum(in, ends[1], &pid);
	close(ends[1]);
	if (!ret) {
		ret = read_hex(ends[0], hex);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (!ret && status)
			ret = -EIO;
	}
	close(ends[0]);
	return ret;
}

int digest_file(const char *path, char hex[DIGEST_HEX_CHARS + 1])
{
	char text[DIGEST_HEX_CHARS + 1] = "";
	int in = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (in < 0)
		return -errno;
	ret = sum(in, text);
	close(in);
	if (!ret)
		memcpy(hex, text, sizeof(text));
	return ret;
}
