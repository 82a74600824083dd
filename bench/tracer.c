// SPDX-License-Identifier: GPL-2.0-only
/* Starts the tracer, asks it, and says why it doesn't answer. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tool/tracer.h"
#include "tracer.h"

/* Attaching waits for all CPUs, thrice where rungs are tried in turn. */
#define START_MS 120000
#define ANSWER_MS 30000
/* A thousand CPUs' histograms are a tenth of it. */
#define ANSWER_BYTES_MAX (16u << 20)

struct tracer {
	pid_t pid;
	int fd;
	json_t *plan;
	bool ended;
	char why[300];
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int end(struct tracer *t, int err, const char *why)
{
	if (!t->ended)
		snprintf(t->why, sizeof(t->why), "%s", why);
	t->ended = true;
	return err;
}

/* ---- one answer ---------------------------------------------------------- */

/* Some bytes, or -errno. */
static int receive(struct tracer *t, char *buf, size_t size, long long until,
		   size_t got)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	long long left;
	ssize_t n;

	do {
		left = until - now_ms();
		n = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	if (!n)
		return end(t, -ETIMEDOUT, "the tracer does not answer");
	n = recv(t->fd, buf, size, 0);
	if (n > 0)
		return (int)n;
	return end(t, -EPIPE,
		   got ? "the tracer ended in the middle of an answer"
		       : "the tracer ended");
}

/* A line, freed by the caller; NULL: why is said. */
static char *receive_line(struct tracer *t, int patience_ms)
{
	long long until = now_ms() + patience_ms;
	size_t size = 1u << 16, at = 0;
	char *line = malloc(size), *more = line;
	int n = 0;

	while (more && at < ANSWER_BYTES_MAX) {
		n = receive(t, line + at, size - at - 1, until, at);
		if (n < 0)
			break;
		at += (size_t)n;
		line[at] = '\0';
		if (line[at - 1] == '\n')
			return line;
		if (at + 1 < size)
			continue;
		more = realloc(line, 2 * size);
		line = more ? more : line;
		size *= 2;
	}
	if (n >= 0)
		end(t, -EMSGSIZE, "an answer of the tracer is too long");
	free(line);
	return NULL;
}

static int understand(struct tracer *t, const char *line, json_t **answer)
{
	json_t *object = json_loads(line, 0, NULL);
	const char *error;

	if (!json_is_object(object)) {
		json_decref(object);
		return end(t, -EBADMSG, "the tracer's answer is not JSON");
	}
	error = json_string_value(json_object_get(object, "error"));
	if (error) {
		end(t, -EIO, error);
		json_decref(object);
		return -EIO;
	}
	*answer = object;
	return 0;
}

static int receive_answer(struct tracer *t, int patience_ms, json_t **answer)
{
	char *line = receive_line(t, patience_ms);
	int ret = line ? understand(t, line, answer) : -EIO;

	free(line);
	return ret;
}

int tracer_ask(struct tracer *t, const char *command, json_t **answer)
{
	json_t *object = NULL;
	char line[TRACER_COMMAND_BYTES + 1];
	int n, ret;

	if (t->ended)
		return -EPIPE;
	n = snprintf(line, sizeof(line), "%s\n", command);
	if (send(t->fd, line, (size_t)n, MSG_NOSIGNAL) != n)
		return end(t, -EPIPE, "the tracer ended");
	ret = receive_answer(t, ANSWER_MS, &object);
	if (!ret && answer)
		*answer = object;
	else
		json_decref(object);
	return ret;
}

/* ---- its life ------------------------------------------------------------ */

static void become(const char *path, const char *cpus, int fd)
{
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	execl(path, path, "serve", "--cpus", cpus, (char *)NULL);
	_exit(127);
}

static int start(struct tracer *t, const char *path, const char *cpus)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return -errno;
	t->pid = fork();
	if (!t->pid)
		become(path, cpus, fd[1]);
	close(fd[1]);
	t->fd = fd[0];
	return t->pid < 0 ? -errno : 0;
}

/* Its first word. */
static int greet(struct tracer *t)
{
	json_t *object = NULL;
	int ret = receive_answer(t, START_MS, &object);

	if (!ret && json_integer_value(json_object_get(object, "protocol")) !=
			    TRACER_PROTOCOL)
		ret = end(t, -EPROTO, "the tracer is of another version");
	if (!ret)
		t->plan = json_incref(json_object_get(object, "plan"));
	json_decref(object);
	return ret;
}

int tracer_start(const char *path, const char *cpus, struct tracer **out,
		 struct tool_error *err)
{
	struct tracer *t;
	int ret;

	if (access(path, X_OK))
		return tool_fail(err, -ENODEV,
				 "--trace: %s: %s; it is built where clang, "
				 "bpftool and libbpf are installed",
				 path, strerror(errno));
	t = calloc(1, sizeof(*t));
	if (!t)
		return tool_fail(err, -ENOMEM, "out of memory");
	t->fd = -1;
	ret = start(t, path, cpus);
	if (ret)
		end(t, ret, strerror(-ret));
	else
		ret = greet(t);
	if (!ret) {
		*out = t;
		return 0;
	}
	tool_fail(err, ret, "--trace: nothing can be traced here: %s", t->why);
	tracer_stop(t);
	return -ENODEV;
}

const char *tracer_ended(const struct tracer *t)
{
	return t->ended ? t->why : NULL;
}

void tracer_give_up(struct tracer *t, const char *why)
{
	end(t, -EIO, why);
}

json_t *tracer_plan(const struct tracer *t)
{
	return t->plan;
}

/* The end of its input ends it. */
void tracer_stop(struct tracer *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	if (t->pid > 0)
		while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
			;
	json_decref(t->plan);
	free(t);
}
