// SPDX-License-Identifier: GPL-2.0-only
/* The ladder of probes: loading and attaching. */
#include "ladder.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#define KPROBE_DIR "/sys/bus/event_source/devices/kprobe"
#define EVENTS_DIR "/sys/kernel/tracing/events"

static char first_words[200];

/* The first warning of an attempt: those behind it only say that it failed. */
static int keep(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[512], *from = line;

	if (level != LIBBPF_WARN || first_words[0])
		return 0;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	if (!strncmp(from, "libbpf: ", 8))
		from += 8;
	snprintf(first_words, sizeof(first_words), "%.199s", from);
	return 0;
}

void ladder_quiet(void)
{
	libbpf_set_print(keep);
}

/* ---- may we? ------------------------------------------------------------- */

static bool locked_down(void)
{
	FILE *f = fopen("/sys/kernel/security/lockdown", "r");
	char line[128] = "";

	if (f) {
		if (!fgets(line, sizeof(line), f))
			line[0] = '\0';
		fclose(f);
	}
	return strstr(line, "[confidentiality]");
}

int ladder_allowed(struct tool_error *err)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ipi_ask", "GPL",
			       nothing, 2, NULL);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !locked_down())
		return 0;
	if (locked_down())
		return tool_fail(err, -EPERM,
				 "the kernel is locked down (confidentiality): "
				 "no probe may read its memory; boot without "
				 "lockdown=confidentiality");
	if (fd == -EPERM)
		return tool_fail(err, -EPERM,
				 "no right to load probes: run it as root (in "
				 "a container: with CAP_BPF and CAP_PERFMON)");
	return tool_fail(err, fd, "this kernel loads no BPF program: %s",
			 strerror(-fd));
}

/* ---- loading ------------------------------------------------------------- */

void ladder_want_none(struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, false);
}

void ladder_want(struct bpf_object *obj, const struct rung *rung)
{
	size_t i;

	for (i = 0; i < RUNG_PROGS && rung->progs[i]; i++)
		bpf_program__set_autoload(
			bpf_object__find_program_by_name(obj, rung->progs[i]),
			true);
}

int ladder_load(struct bpf_object_skeleton *skel, struct tool_error *err)
{
	int ret;

	first_words[0] = '\0';
	ret = bpf_object__load_skeleton(skel);
	if (!ret)
		return 0;
	if (ret == -ESRCH)
		return tool_fail(err, ret,
				 "not in this kernel's type information (BTF)");
	if (ret == -EPERM)
		return tool_fail(err, ret, "this kernel does not allow it");
	return tool_fail(err, ret, "not loaded: %s%s%s", strerror(-ret),
			 first_words[0] ? ": " : "", first_words);
}

static const char *attach_words(const struct bpf_program *prog, int code)
{
	bool by_function = bpf_program__type(prog) == BPF_PROG_TYPE_KPROBE;
	bool by_file = bpf_program__type(prog) == BPF_PROG_TYPE_TRACEPOINT;

	if (by_file && access(EVENTS_DIR, F_OK))
		return "tracefs is not mounted (mount -t tracefs tracefs "
		       "/sys/kernel/tracing)";
	if (by_function && access(KPROBE_DIR, F_OK))
		return "this kernel has no kprobes";
	switch (code) {
	case -ENOENT:
	case -ESRCH:
		return "this kernel has none";
	case -EBUSY:
		return "this kernel lets nothing hang there";
	case -EPERM:
	case -EACCES:
		return "this kernel does not allow it";
	}
	return strerror(-code);
}

int ladder_attach(struct bpf_object *obj, const struct rung *rung,
		  struct links *links, struct tool_error *err)
{
	struct bpf_program *prog;
	struct bpf_link *link;
	const char *where;
	int code;
	size_t i;

	for (i = 0; i < RUNG_PROGS && rung->progs[i]; i++) {
		prog = bpf_object__find_program_by_name(obj, rung->progs[i]);
		link = bpf_program__attach(prog);
		if (!link) {
			code = -errno;
			where = strchr(bpf_program__section_name(prog), '/');
			return tool_fail(err, code, "%s: %s", where + 1,
					 attach_words(prog, code));
		}
		links->at[links->n++] = link;
	}
	return 0;
}

void ladder_detach(struct links *links)
{
	while (links->n)
		bpf_link__destroy(links->at[--links->n]);
}

int ladder_run(const struct bpf_program *prog, struct tool_error *err)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int ret = bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);

	if (ret)
		return tool_fail(err, ret, "probes can't be run: %s",
				 strerror(-ret));
	return 0;
}

int ladder_attach_plan(struct bpf_object *obj, const struct choice *plan,
		       size_t n, struct links *links, struct tool_error *err)
{
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < n; i++)
		if (plan[i].rung)
			ret = ladder_attach(obj, plan[i].rung, links, err);
	return ret;
}

int ladder_raise(struct bpf_object *obj, struct bpf_object_skeleton *skel,
		 const struct bpf_program *who_am_i, const struct choice *plan,
		 size_t n, struct links *links, struct tool_error *err)
{
	size_t i;
	int ret;

	for (i = 0; i < n; i++)
		if (plan[i].rung)
			ladder_want(obj, plan[i].rung);
	ret = ladder_load(skel, err);
	if (!ret)
		ret = ladder_run(who_am_i, err);
	return ret ? ret : ladder_attach_plan(obj, plan, n, links, err);
}

unsigned long long ladder_missed(const struct bpf_object *obj)
{
	unsigned long long missed = 0;
	struct bpf_program *prog;
	struct bpf_prog_info info;
	__u32 size;
	int fd;

	bpf_object__for_each_program(prog, obj)
	{
		fd = bpf_program__fd(prog);
		size = sizeof(info);
		memset(&info, 0, sizeof(info));
		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size))
			missed += info.recursion_misses;
	}
	return missed;
}

/* ---- telling ------------------------------------------------------------- */

const struct rung *ladder_find(const struct stage *stage, const char *name)
{
	const struct rung *r;

	for (r = stage->rungs; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

void ladder_reasons(const struct choice *c, char *buf, size_t size)
{
	size_t at = 0, i;

	buf[0] = '\0';
	for (i = 0; i < STAGE_RUNGS && c->stage->rungs[i].name; i++)
		if (c->why[i][0] && at < size)
			at += snprintf(buf + at, size - at, "%s%s: %s",
				       at ? "; " : "", c->stage->rungs[i].name,
				       c->why[i]);
}

void ladder_print(const struct choice *choices, size_t n, FILE *out)
{
	const struct choice *c;
	char why[1200];

	for (c = choices; c < choices + n; c++) {
		if (!c->stage)
			continue;
		ladder_reasons(c, why, sizeof(why));
		if (!c->rung)
			fprintf(out, "  %-6s none: %s\n", c->stage->name, why);
		else
			fprintf(out, "  %-6s %s on %s; %s%s%s%s\n",
				c->stage->name, c->rung->name, c->rung->points,
				c->test, why[0] ? " (" : "", why,
				why[0] ? ")" : "");
	}
}

json_t *ladder_json(const struct choice *choices, size_t n)
{
	json_t *list = json_array(), *one;
	const struct choice *c;
	char why[1200];

	for (c = choices; c < choices + n; c++) {
		if (!c->stage)
			continue;
		ladder_reasons(c, why, sizeof(why));
		one = json_pack(
			"{s:s,s:s,s:o,s:o,s:o}", "stage", c->stage->name,
			"probe", c->rung ? c->rung->name : "none", "points",
			c->rung ? json_string(c->rung->points) : json_null(),
			"self_test",
			c->rung ? json_string(c->test) : json_null(), "reason",
			why[0] ? json_string(why) : json_null());
		json_array_append_new(list, one);
	}
	return list;
}
