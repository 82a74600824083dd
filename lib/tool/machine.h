/* SPDX-License-Identifier: GPL-2.0-only */
/* What kind of machine this is: hardware, virtual, emulated. */
#ifndef IPI_TOOL_MACHINE_H
#define IPI_TOOL_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

enum machine_kind { MACHINE_HARDWARE, MACHINE_VIRTUAL, MACHINE_EMULATED };

#define MACHINE_TCG_SIGNATURE "TCGTCGTCGTCG"

/* What a machine says of itself; an empty string: it does not say. */
struct machine_signs {
	bool hypervisor; /* CPUID's bit */
	char signature[13]; /* of CPUID's hypervisor leaf */
	char vendor[96]; /* of the system, by its firmware (DMI) */
	char device_tree[32]; /* the hypervisor there */
	char cpu_model[96];
	char cmdline[4096]; /* the kernel's */
	char arch[32], kernel_arch[32]; /* what runs us, what runs below */
};

struct machine {
	enum machine_kind kind;
	char hypervisor[32]; /* "" : none */
	char cpu_model[96];
	char emulator[16]; /* "tcg", "user-mode", ...; "" : none is seen */
	const char *told_by; /* which sign told the emulator; NULL: none */
	unsigned host_cpus; /* that an emulator runs on; 0: not told */
	bool host_in_turn; /* CPU i runs on that of number i modulo host_cpus */
};

extern const char *const machine_kind_name[3];
const struct machine *machine_get(void);
void machine_judge(const struct machine_signs *signs, struct machine *out);
/* Do some of these CPUs take turns on one of the emulator's host? NULL: no. */
bool machine_crowds(const struct machine *m, const int *cpus, size_t n);
/* What people call an emulator. */
const char *machine_emulator_name(const char *by);
/* How every first line of something emulated begins. */
void machine_emulated_words(const char *by, unsigned host_cpus, size_t cpus,
			    char *buf, size_t size);
/* First line of a small file without its newline; false: cannot be read. */
bool machine_line(const char *path, char *line, size_t size);

#endif
