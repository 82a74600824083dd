// SPDX-License-Identifier: GPL-2.0-only
/* What kind of machine this is: hardware, virtual, emulated. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "machine.h"

const char *const machine_kind_name[3] = { "hardware", "virtual", "emulated" };

bool machine_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "r");
	bool got = f && fgets(line, size, f);

	if (f)
		fclose(f);
	if (!got)
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return got;
}

/* ---- hypervisors -------------------------------------------------------- */

struct vendor {
	const char *id, *name;
};

static const struct vendor signatures[] = {
	{ "KVMKVMKVM", "KVM" },	      { MACHINE_TCG_SIGNATURE, "QEMU TCG" },
	{ "VMwareVMware", "VMware" }, { "Microsoft Hv", "Hyper-V" },
	{ "XenVMMXenVMM", "Xen" },    { "VBoxVBoxVBox", "VirtualBox" },
	{ "bhyve bhyve ", "bhyve" },  { "ACRNACRNACRN", "ACRN" },
};

static const struct vendor firms[] = {
	{ "QEMU", "QEMU" },
#if !defined(__x86_64__) && !defined(__i386__)
	/* Their x86 has the CPUID leaf, or is hardware of that name. */
	{ "VMware", "VMware" },
	{ "Amazon EC2", "EC2" },
	{ "Google", "Google" },
#endif
};

static const char *hypervisor_name(const struct machine_signs *s)
{
	size_t i;

	for (i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		if (!strcmp(s->signature, signatures[i].id))
			return signatures[i].name;
	if (s->hypervisor)
		return "unknown";
	if (s->device_tree[0])
		return s->device_tree;
	for (i = 0; i < sizeof(firms) / sizeof(firms[0]); i++)
		if (!strncmp(s->vendor, firms[i].id, strlen(firms[i].id)))
			return firms[i].name;
	return "";
}

/* ---- emulators ---------------------------------------------------------- */

/* The value of a word of the kernel command line; NULL: it is not there. */
static const char *cmdline_value(const char *line, const char *name)
{
	size_t n = strlen(name);

	for (; line; line = strchr(line, ' ')) {
		line += strspn(line, " ");
		if (!strncmp(line, name, n) && line[n] == '=')
			return line + n + 1;
	}
	return NULL;
}

static bool by_cpuid(const struct machine_signs *s, struct machine *m)
{
	if (strcmp(s->signature, MACHINE_TCG_SIGNATURE))
		return false;
	snprintf(m->emulator, sizeof(m->emulator), "tcg");
	return true;
}

/* QEMU that hides its leaf: its firmware, and a model that only TCG has. */
static bool by_dmi(const struct machine_signs *s, struct machine *m)
{
	if (!strcmp(s->signature, "KVMKVMKVM") || strcmp(s->vendor, "QEMU") ||
	    strncmp(s->cpu_model, "QEMU TCG CPU", 12))
		return false;
	snprintf(m->emulator, sizeof(m->emulator), "tcg");
	return true;
}

/* Who starts a guest knows best, and may say so: ipi.emulated=tcg. */
static bool by_cmdline(const struct machine_signs *s, struct machine *m)
{
	const char *word = cmdline_value(s->cmdline, "ipi.emulated");
	size_t n = word ? strcspn(word, " ") : 0, i;

	if (!n || n >= sizeof(m->emulator))
		return false;
	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)word[i]) && word[i] != '-')
			return false;
	snprintf(m->emulator, sizeof(m->emulator), "%.*s", (int)n, word);
	return true;
}

/* 32 and 64 bits of one family run on one another without an emulator. */
static const char *family(const char *arch)
{
	static const struct vendor families[] = {
		{ "x86", "x86" },	  { "i386", "x86" },
		{ "i486", "x86" },	  { "i586", "x86" },
		{ "i686", "x86" },	  { "aarch64", "arm" },
		{ "arm", "arm" },	  { "riscv", "riscv" },
		{ "ppc", "power" },	  { "powerpc", "power" },
		{ "s390", "s390" },	  { "mips", "mips" },
		{ "loongarch", "loong" }, { "sparc", "sparc" },
	};
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (!strncmp(arch, families[i].id, strlen(families[i].id)))
			return families[i].name;
	return NULL;
}

/* uname(2) is answered by a user-mode emulator, files in /proc/sys are not. */
static bool by_kernel_arch(const struct machine_signs *s, struct machine *m)
{
	const char *ours = family(s->arch), *kernels = family(s->kernel_arch);

	if (!ours || !kernels || !strcmp(ours, kernels))
		return false;
	snprintf(m->emulator, sizeof(m->emulator), "user-mode");
	return true;
}

static const struct {
	const char *told_by;
	bool (*asked)(const struct machine_signs *s, struct machine *m);
} tellers[] = {
	{ "cpuid", by_cpuid },
	{ "dmi", by_dmi },
	{ "cmdline", by_cmdline },
	{ "kernel_arch", by_kernel_arch },
};

void machine_judge(const struct machine_signs *s, struct machine *m)
{
	static const char in_turn[] = "round-robin";
	const char *word = cmdline_value(s->cmdline, "ipi.host_cpus");
	size_t i;

	memset(m, 0, sizeof(*m));
	snprintf(m->cpu_model, sizeof(m->cpu_model), "%s",
		 s->cpu_model[0] ? s->cpu_model : "unknown");
	snprintf(m->hypervisor, sizeof(m->hypervisor), "%s",
		 hypervisor_name(s));
	m->kind = m->hypervisor[0] ? MACHINE_VIRTUAL : MACHINE_HARDWARE;
	m->host_cpus = word && isdigit((unsigned char)*word)
			       ? (unsigned)strtoul(word, NULL, 10)
			       : 0;
	word = cmdline_value(s->cmdline, "ipi.host_pinning");
	m->host_in_turn = word && !strncmp(word, in_turn, strlen(in_turn));
	for (i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++)
		if (tellers[i].asked(s, m)) {
			m->kind = MACHINE_EMULATED;
			m->told_by = tellers[i].told_by;
			break;
		}
}

bool machine_crowds(const struct machine *m, const int *cpus, size_t n)
{
	size_t i, j;

	if (!m || !m->host_cpus || n < 2)
		return false;
	if (n > m->host_cpus)
		return true;
	for (i = 1; m->host_in_turn && i < n; i++)
		for (j = 0; j < i; j++)
			if (cpus[i] % (int)m->host_cpus ==
			    cpus[j] % (int)m->host_cpus)
				return true;
	return false;
}

const char *machine_emulator_name(const char *by)
{
	static const struct vendor names[] = {
		{ "tcg", "QEMU TCG" },
		{ "user-mode", "user-mode emulation" },
		{ "unknown", "unknown emulator" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(by, names[i].id))
			return names[i].name;
	return by;
}

void machine_emulated_words(const char *by, unsigned host_cpus, size_t cpus,
			    char *buf, size_t size)
{
	char host[40] = "";

	if (host_cpus)
		snprintf(host, sizeof(host), " on %u host CPU%s", host_cpus,
			 host_cpus == 1 ? "" : "s");
	snprintf(buf, size,
		 "EMULATED (%s, %zu vCPU%s%s): order of events and counts "
		 "hold, times are no processor's",
		 machine_emulator_name(by), cpus, cpus == 1 ? "" : "s", host);
}

/* ---- this one ----------------------------------------------------------- */

#if defined(__x86_64__) || defined(__i386__)
/*
 * The leaf is asked for whatever the bit says: QEMU can hide one and not the
 * other. A processor without it answers with some other leaf's numbers.
 */
static void read_cpuid(struct machine_signs *s)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return;
	s->hypervisor = c & 1u << 31;
	__cpuid(0x40000000, a, b, c, d);
	memcpy(s->signature, &b, 4);
	memcpy(s->signature + 4, &c, 4);
	memcpy(s->signature + 8, &d, 4);
}
#else
static void read_cpuid(struct machine_signs *s)
{
	s->hypervisor = false;
}
#endif

static void read_model(struct machine_signs *s)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[256], *value;

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "model name", 10))
			continue;
		value = strchr(line, ':');
		if (!value)
			continue;
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, "\n")] = '\0';
		snprintf(s->cpu_model, sizeof(s->cpu_model), "%.95s", value);
		break;
	}
	if (f)
		fclose(f);
}

static void read_signs(struct machine_signs *s)
{
	struct utsname uts;

	read_cpuid(s);
	read_model(s);
	machine_line("/proc/device-tree/hypervisor/compatible", s->device_tree,
		     sizeof(s->device_tree));
	machine_line("/sys/class/dmi/id/sys_vendor", s->vendor,
		     sizeof(s->vendor));
	machine_line("/proc/cmdline", s->cmdline, sizeof(s->cmdline));
	machine_line("/proc/sys/kernel/arch", s->kernel_arch,
		     sizeof(s->kernel_arch));
	if (!uname(&uts))
		snprintf(s->arch, sizeof(s->arch), "%.31s", uts.machine);
}

const struct machine *machine_get(void)
{
	static struct machine_signs signs;
	static struct machine machine;
	static bool known;

	if (!known) {
		read_signs(&signs);
		machine_judge(&signs, &machine);
		known = true;
	}
	return &machine;
}
