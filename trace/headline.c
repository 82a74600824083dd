// SPDX-License-Identifier: GPL-2.0-only
/* Where and how a result came to be. */
#include "headline.h"

#include <stdio.h>
#include <sys/utsname.h>

#include "tool/machine.h"

struct headline headline(const struct cpus *cpus)
{
	const struct machine *m = machine_get();
	struct headline h;
	char what[190];
	struct utsname uts;
	int cpu, n = 0;

	for (cpu = 0; cpu < cpus->possible; cpu++)
		n += cpus->online[cpu];
	if (m->kind == MACHINE_EMULATED)
		machine_emulated_words(m->emulator, m->host_cpus, n, what,
				       sizeof(what));
	else
		snprintf(what, sizeof(what), "%s%s%s%s, %d CPUs",
			 m->kind == MACHINE_VIRTUAL ? "virtual machine"
						    : m->cpu_model,
			 m->hypervisor[0] ? " (" : "", m->hypervisor,
			 m->hypervisor[0] ? ")" : "", n);
	uname(&uts);
	snprintf(h.text, sizeof(h.text), "%s, Linux %.50s", what, uts.release);
	return h;
}

json_t *headline_words(char *const *words)
{
	json_t *list = json_array();

	while (*words)
		json_array_append_new(list, json_string(*words++));
	return list;
}
