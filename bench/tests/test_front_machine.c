// SPDX-License-Identifier: GPL-2.0-only
/* Emulators are told by what a machine says of itself: made-up machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "front.h"

static struct machine judged(struct machine_signs signs)
{
	struct machine m;

	machine_judge(&signs, &m);
	return m;
}

static void assert_emulated(struct machine_signs signs, const char *by,
			    const char *told_by)
{
	struct machine m = judged(signs);

	assert_int_equal(m.kind, MACHINE_EMULATED);
	assert_string_equal(m.emulator, by);
	assert_string_equal(m.told_by, told_by);
}

static void assert_real(struct machine_signs signs, enum machine_kind kind,
			const char *hypervisor)
{
	struct machine m = judged(signs);

	assert_int_equal(m.kind, kind);
	assert_string_equal(m.hypervisor, hypervisor);
	assert_string_equal(m.emulator, "");
	assert_null(m.told_by);
}

static void test_machine_hardware_is_no_emulator(void **state)
{
	assert_real((struct machine_signs){ .vendor = "Dell Inc.",
					    .cpu_model = "AMD EPYC 7763",
					    .arch = "x86_64",
					    .kernel_arch = "x86_64",
					    .cmdline = "quiet" },
		    MACHINE_HARDWARE, "");
	/* Such a processor answers any leaf with numbers of another. */
	assert_real((struct machine_signs){ .signature = "\1\2\3" },
		    MACHINE_HARDWARE, "");
}

static void test_machine_kvm_is_virtual(void **state)
{
	assert_real((struct machine_signs){ .hypervisor = true,
					    .signature = "KVMKVMKVM",
					    .vendor = "QEMU",
					    .cpu_model = "QEMU TCG CPU" },
		    MACHINE_VIRTUAL, "KVM");
	assert_real((struct machine_signs){ .hypervisor = true,
					    .signature = "SomethingNew" },
		    MACHINE_VIRTUAL, "unknown");
	/* KVM that hides: which it is can't be told, but hardware it is not. */
	assert_real((struct machine_signs){ .vendor = "QEMU",
					    .cpu_model = "AMD EPYC 7763" },
		    MACHINE_VIRTUAL, "QEMU");
}

static void test_machine_cpuid_tells_tcg(void **state)
{
	struct machine_signs signs = { .hypervisor = true,
				       .signature = "TCGTCGTCGTCG",
				       .cmdline = "ipi.emulated=other" };

	assert_emulated(signs, "tcg", "cpuid");
	assert_string_equal(judged(signs).hypervisor, "QEMU TCG");
	/* -cpu max,-hypervisor hides the bit, the leaf stays. */
	signs.hypervisor = false;
	assert_emulated(signs, "tcg", "cpuid");
}

static void test_machine_dmi_tells_tcg_that_hides(void **state)
{
	struct machine_signs signs = {
		.vendor = "QEMU",
		.cpu_model = "QEMU TCG CPU version 2.5+",
	};

	assert_emulated(signs, "tcg", "dmi");
	signs.hypervisor = true;
	assert_emulated(signs, "tcg", "dmi");
}

static void test_machine_cmdline_tells(void **state)
{
	struct machine_signs signs = {
		.hypervisor = true,
		.cmdline = "quiet ipi.emulated=tcg ipi.host_cpus=2",
	};

	assert_emulated(signs, "tcg", "cmdline");
	assert_int_equal(judged(signs).host_cpus, 2);
	strcpy(signs.cmdline, "ipi.emulated=bochs");
	assert_emulated(signs, "bochs", "cmdline");
	assert_int_equal(judged(signs).host_cpus, 0);
}

static void test_machine_host_cpus_are_shared(void **state)
{
	struct machine_signs signs = { .cmdline = "ipi.host_cpus=3" };
	const struct machine nothing_said = { .host_cpus = 0 };
	struct machine m = judged(signs);

	assert_false(m.host_in_turn);
	assert_false(machine_crowds(&m, (int[]){ 0, 3 }, 2));
	assert_true(machine_crowds(&m, (int[]){ 0, 1, 2, 3 }, 4));
	strcpy(signs.cmdline, "ipi.host_cpus=3 ipi.host_pinning=round-robin");
	m = judged(signs);
	assert_true(m.host_in_turn);
	assert_true(machine_crowds(&m, (int[]){ 0, 3 }, 2));
	assert_true(machine_crowds(&m, (int[]){ 4, 2, 7 }, 3));
	assert_false(machine_crowds(&m, (int[]){ 0, 4, 5 }, 3));
	assert_false(machine_crowds(&m, (int[]){ 0 }, 1));
	assert_false(machine_crowds(&nothing_said, (int[]){ 0, 3 }, 2));
	assert_false(machine_crowds(NULL, (int[]){ 0, 3 }, 2));
}

static void test_machine_cmdline_words_are_whole(void **state)
{
	static const char *const none[] = {
		"xipi.emulated=tcg",
		"ipi.emulated",
		"ipi.emulated= quiet",
		"ipi.emulated=a\"b",
		"ipi.emulated=longer-than-any-emulator",
		"ipi.emulatedXtcg",
	};
	struct machine_signs signs = { 0 };
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		strcpy(signs.cmdline, none[i]);
		assert_real(signs, MACHINE_HARDWARE, "");
	}
	strcpy(signs.cmdline, "ipi.host_cpus=-3");
	assert_int_equal(judged(signs).host_cpus, 0);
}

static void test_machine_kernel_of_another_kind_tells(void **state)
{
	struct machine_signs signs = { .arch = "aarch64",
				       .kernel_arch = "x86_64" };

	assert_emulated(signs, "user-mode", "kernel_arch");
	strcpy(signs.kernel_arch, "aarch64");
	assert_real(signs, MACHINE_HARDWARE, "");
	strcpy(signs.arch, "armv7l");
	assert_real(signs, MACHINE_HARDWARE, "");
	strcpy(signs.arch, "i686");
	strcpy(signs.kernel_arch, "x86_64");
	assert_real(signs, MACHINE_HARDWARE, "");
	strcpy(signs.kernel_arch, "never heard of");
	assert_real(signs, MACHINE_HARDWARE, "");
}

static void test_machine_words(void **state)
{
	char text[160];

	machine_emulated_words("tcg", 2, 8, text, sizeof(text));
	assert_string_equal(text,
			    "EMULATED (QEMU TCG, 8 vCPUs on 2 host CPUs): "
			    "order of events and counts hold, times are no "
			    "processor's");
	machine_emulated_words("tcg", 1, 1, text, sizeof(text));
	assert_non_null(strstr(text, "(QEMU TCG, 1 vCPU on 1 host CPU):"));
	machine_emulated_words("user-mode", 0, 2, text, sizeof(text));
	assert_non_null(strstr(text, "(user-mode emulation, 2 vCPUs):"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine_hardware_is_no_emulator),
		cmocka_unit_test(test_machine_kvm_is_virtual),
		cmocka_unit_test(test_machine_cpuid_tells_tcg),
		cmocka_unit_test(test_machine_dmi_tells_tcg_that_hides),
		cmocka_unit_test(test_machine_cmdline_tells),
		cmocka_unit_test(test_machine_host_cpus_are_shared),
		cmocka_unit_test(test_machine_cmdline_words_are_whole),
		cmocka_unit_test(test_machine_kernel_of_another_kind_tells),
		cmocka_unit_test(test_machine_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
