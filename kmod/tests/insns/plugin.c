// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin for QEMU's TCG (interface version 1) that counts the instructions of
 * each CPU, and writes a CPU's count to standard error where the guest executes
 * nopl 0x49504900 + n(%rax): a mark with the number n.
 *     cc -shared -fPIC -O2 -o insns.so plugin.c
 *     qemu-system-x86_64 -plugin ./insns.so ...
 *     insns: cpu 0 mark 2 count 123456
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Debian ships no header for plugins: what is used of it. */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t qemu_plugin_id_t;
typedef void (*on_tb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*on_insn)(unsigned int cpu, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, on_tb cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    on_insn cb, int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t n);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			char **argv);

int qemu_plugin_version = 1;

#define CPUS 64
#define MARK_BYTES 7

static struct {
	uint64_t n;
} __attribute__((aligned(64))) counts[CPUS];

static void on_any(unsigned int cpu, void *data)
{
	counts[cpu % CPUS].n++;
}

static void on_mark(unsigned int cpu, void *mark)
{
	fprintf(stderr, "insns: cpu %u mark %u count %" PRIu64 "\n", cpu,
		(unsigned int)(uintptr_t)mark, counts[cpu % CPUS].n);
}

static void look_at(struct qemu_plugin_insn *insn)
{
	static const unsigned char opening[] = { 0x0f, 0x1f, 0x80 };
	static const unsigned char name[] = { 0x49, 0x50, 0x49 };
	const unsigned char *code = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) == MARK_BYTES &&
	    !memcmp(code, opening, sizeof(opening)) &&
	    !memcmp(code + 4, name, sizeof(name)))
		qemu_plugin_register_vcpu_insn_exec_cb(
			insn, on_mark, 0, (void *)(uintptr_t)code[3]);
	else
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_any, 0, NULL);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	for (size_t n = 0; n < qemu_plugin_tb_n_insns(tb); n++)
		look_at(qemu_plugin_tb_get_insn(tb, n));
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			char **argv)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
