// SPDX-License-Identifier: GPL-2.0-only
/* What kind of machine this is: hardware, virtual, emulated. */
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "front.h"

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

struct vendor {
	const char *id, *name;
	enum machine_kind kind;
};

#if defined(__x86_64__) || defined(__i386__)
static const struct vendor vendors[] = {
	{ "KVMKVMKVM", "KVM", MACHINE_VIRTUAL },
	{ "TCGTCGTCGTCG", "QEMU TCG", MACHINE_EMULATED },
	{ "VMwareVMware", "VMware", MACHINE_VIRTUAL },
	{ "Microsoft Hv", "Hyper-V", MACHINE_VIRTUAL },
	{ "XenVMMXenVMM", "Xen", MACHINE_VIRTUAL },
	{ "VBoxVBoxVBox", "VirtualBox", MACHINE_VIRTUAL },
	{ "bhyve bhyve ", "bhyve", MACHINE_VIRTUAL },
	{ "ACRNACRNACRN", "ACRN", MACHINE_VIRTUAL },
};

static void find_hypervisor(struct machine *m)
{
	unsigned a, b, c, d;
	char id[13] = "";
	size_t i;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 31))
		return;
	m->kind = MACHINE_VIRTUAL;
	__cpuid(0x40000000, a, b, c, d);
	memcpy(id, &b, 4);
	memcpy(id + 4, &c, 4);
	memcpy(id + 8, &d, 4);
	snprintf(m->hypervisor, sizeof(m->hypervisor), "unknown");
	for (i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (!strcmp(id, vendors[i].id)) {
			m->kind = vendors[i].kind;
			snprintf(m->hypervisor, sizeof(m->hypervisor), "%s",
				 vendors[i].name);
		}
}
#else
static const struct vendor vendors[] = {
	{ "QEMU", "QEMU", MACHINE_VIRTUAL },
	{ "VMware", "VMware", MACHINE_VIRTUAL },
	{ "Amazon EC2", "EC2", MACHINE_VIRTUAL },
	{ "Google", "Google", MACHINE_VIRTUAL },
};

/* No instruction tells; firmware names do where there are any. */
static void find_hypervisor(struct machine *m)
{
	char line[96];
	size_t i;

	if (machine_line("/proc/device-tree/hypervisor/compatible", line,
			 sizeof(line))) {
		m->kind = MACHINE_VIRTUAL;
		snprintf(m->hypervisor, sizeof(m->hypervisor), "%.31s", line);
		return;
	}
	machine_line("/sys/class/dmi/id/sys_vendor", line, sizeof(line));
	for (i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (!strncmp(line, vendors[i].id, strlen(vendors[i].id))) {
			m->kind = vendors[i].kind;
			snprintf(m->hypervisor, sizeof(m->hypervisor), "%s",
				 vendors[i].name);
		}
}
#endif

static void find_model(struct machine *m)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[256], *value;

	snprintf(m->cpu_model, sizeof(m->cpu_model), "unknown");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "model name", 10))
			continue;
		value = strchr(line, ':');
		if (!value)
			continue;
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, "\n")] = '\0';
		snprintf(m->cpu_model, sizeof(m->cpu_model), "%.95s", value);
		break;
	}
	if (f)
		fclose(f);
}

const struct machine *machine_get(void)
{
	static struct machine machine;
	static bool known;

	if (!known) {
		find_hypervisor(&machine);
		find_model(&machine);
		known = true;
	}
	return &machine;
}
