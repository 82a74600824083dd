// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin for QEMU's TCG (interface version 1) that counts what a guest's CPU does
 * between marks: instructions, locked operations, writes of the APIC's command
 * register (xAPIC: ICR, low half), and which cache lines of RAM it wrote or read. A
 * mark n is nopl 0x49504900 + n(%rax):
 *     0 and 1   a send begins and has ended
 *     2 and 3   a loop begins and has ended
 *     4         stands in that loop; what is longer than a turn was an interrupt
 * To FILE go lines as
 *     sent 0 146 2 1 w 1a2b 1a2c r 1a2d
 * the CPU, the three counts, and lines by their number, written first; or took,
 * of an interrupt; and before either, send, where a send begins.
 *     qemu-system-x86_64 -plugin plugin.so,out=FILE ...
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Debian ships no header for plugins: what is used of it. */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
typedef void (*on_tb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*on_insn)(unsigned int cpu, void *data);
typedef void (*on_access)(unsigned int cpu, qemu_plugin_meminfo_t info,
			  uint64_t vaddr, void *data);
enum { PLUGIN_NO_REGISTERS = 0, PLUGIN_READS_AND_WRITES = 3 };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, on_tb cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    on_insn cb, int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      on_access cb, int flags, int rw,
				      void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t n);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info,
						  uint64_t vaddr);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *where);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *where);
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			char **argv);

int qemu_plugin_version = 1;

#define CPUS 64
#define MARK_BYTES 7
#define LINE_BYTES 64
#define LINES 512
#define ICR 0x300 /* in its page of registers */
#define TURN_INSNS 4 /* of the loop, but for its mark */

enum { MARK_SEND, MARK_SENT, MARK_LOOP, MARK_LOOPED, MARK_TURN };

struct line {
	uint64_t number;
	bool written;
};

static struct {
	bool on;
	unsigned int insns, locked, icr, lines;
	struct line line[LINES];
} counts[CPUS];

static FILE *out;

/* ---- what is counted ------------------------------------------------------ */

static void on_any(unsigned int cpu, void *locked)
{
	counts[cpu].insns++;
	counts[cpu].locked += locked != NULL;
}

static void note_line(unsigned int cpu, uint64_t number, bool written)
{
	struct line *line = counts[cpu].line;
	unsigned int n = 0;

	while (n < counts[cpu].lines && line[n].number != number)
		n++;
	if (n == LINES)
		return;
	if (n == counts[cpu].lines) {
		line[n] = (struct line){ .number = number };
		counts[cpu].lines++;
	}
	line[n].written |= written;
}

static void on_memory(unsigned int cpu, qemu_plugin_meminfo_t info,
		      uint64_t vaddr, void *data)
{
	bool store = qemu_plugin_mem_is_store(info);
	struct qemu_plugin_hwaddr *where;

	if (!counts[cpu].on)
		return;
	where = qemu_plugin_get_hwaddr(info, vaddr);
	if (!where)
		return;
	if (!qemu_plugin_hwaddr_is_io(where))
		note_line(cpu, qemu_plugin_hwaddr_phys_addr(where) / LINE_BYTES,
			  store);
	else if (store && vaddr % 4096 == ICR)
		counts[cpu].icr++;
}

/* ---- marks ---------------------------------------------------------------- */

static void begin(unsigned int cpu)
{
	counts[cpu].insns = counts[cpu].locked = counts[cpu].icr = 0;
	counts[cpu].lines = 0;
	counts[cpu].on = true;
}

static void tell(unsigned int cpu, const char *what, unsigned int insns)
{
	char text[LINES * 20 + 100];
	int at = snprintf(text, sizeof(text), "%s %u %u %u %u", what, cpu,
			  insns, counts[cpu].locked, counts[cpu].icr);

	for (int written = 1; written >= 0; written--) {
		at += snprintf(text + at, sizeof(text) - at, " %c",
			       written ? 'w' : 'r');
		for (unsigned int n = 0; n < counts[cpu].lines; n++)
			if (counts[cpu].line[n].written == written)
				at += snprintf(text + at, sizeof(text) - at,
					       " %" PRIx64,
					       counts[cpu].line[n].number);
	}
	fprintf(out, "%s\n", text);
	fflush(out);
}

static void on_mark(unsigned int cpu, void *mark)
{
	switch ((uintptr_t)mark) {
	case MARK_SEND:
		fprintf(out, "send %u\n", cpu);
		begin(cpu);
		break;
	case MARK_SENT:
		tell(cpu, "sent", counts[cpu].insns);
		counts[cpu].on = false;
		break;
	case MARK_TURN:
		if (counts[cpu].insns > TURN_INSNS)
			tell(cpu, "took", counts[cpu].insns - TURN_INSNS);
		begin(cpu);
		break;
	case MARK_LOOPED:
		counts[cpu].on = false;
		break;
	case MARK_LOOP:
		begin(cpu);
		break;
	}
}

/* ---- translation ---------------------------------------------------------- */

/* A LOCK prefix, or an exchange with memory, which needs none. */
static bool is_locked(const unsigned char *code, size_t bytes)
{
	size_t n = 0;

	for (; n < bytes && strchr("\x66\x67\xf2\xf3\x2e\x36\x3e\x26\x64\x65\xf0",
				   code[n]);
	     n++)
		if (code[n] == 0xf0)
			return true;
	if (n < bytes && (code[n] & 0xf0) == 0x40) /* REX */
		n++;
	return n + 1 < bytes && (code[n] & 0xfe) == 0x86 &&
	       code[n + 1] >> 6 != 3;
}

static void look_at(struct qemu_plugin_insn *insn)
{
	static const unsigned char opening[] = { 0x0f, 0x1f, 0x80 };
	static const unsigned char name[] = { 0x49, 0x50, 0x49 };
	const unsigned char *code = qemu_plugin_insn_data(insn);
	size_t bytes = qemu_plugin_insn_size(insn);

	if (bytes == MARK_BYTES && !memcmp(code, opening, sizeof(opening)) &&
	    !memcmp(code + 4, name, sizeof(name))) {
		qemu_plugin_register_vcpu_insn_exec_cb(
			insn, on_mark, PLUGIN_NO_REGISTERS,
			(void *)(uintptr_t)code[3]);
		return;
	}
	qemu_plugin_register_vcpu_insn_exec_cb(
		insn, on_any, PLUGIN_NO_REGISTERS,
		(void *)(uintptr_t)is_locked(code, bytes));
	qemu_plugin_register_vcpu_mem_cb(insn, on_memory, PLUGIN_NO_REGISTERS,
					 PLUGIN_READS_AND_WRITES, NULL);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	for (size_t n = 0; n < qemu_plugin_tb_n_insns(tb); n++)
		look_at(qemu_plugin_tb_get_insn(tb, n));
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			char **argv)
{
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "counts: out=FILE is wanted\n");
		return 1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
