// SPDX-License-Identifier: GPL-2.0-only
/*
 * What other modules may call: the public surface, as <ipi/ipi.h> has it, but
 * for what a thread that is a CPU does for itself: attach, detach, sleep. The
 * default domain is the module's own to make and end.
 */
#include <linux/export.h>

#include "core/internal.h"

#if IPI_HOOKS
void (*ipi_test_hook)(int point, struct ipi_cpu *cpu);
EXPORT_SYMBOL_GPL(ipi_test_hook);
EXPORT_SYMBOL_GPL(ipi_env_notify);
#endif

EXPORT_SYMBOL_GPL(ipi_domain_default);
EXPORT_SYMBOL_GPL(ipi_domain_create);
EXPORT_SYMBOL_GPL(ipi_domain_destroy);
EXPORT_SYMBOL_GPL(ipi_curcpu);
EXPORT_SYMBOL_GPL(ipi_domain_curcpu);
EXPORT_SYMBOL_GPL(ipi_cpu_lookup);
EXPORT_SYMBOL_GPL(ipi_domain_cpu);
EXPORT_SYMBOL_GPL(ipi_cpu_index);
EXPORT_SYMBOL_GPL(ipi_cpu_processor);
EXPORT_SYMBOL_GPL(ipi_ncpu);
EXPORT_SYMBOL_GPL(ipi_domain_ncpu);
EXPORT_SYMBOL_GPL(ipi_cpus_attached);
EXPORT_SYMBOL_GPL(ipi_cpus_running);
EXPORT_SYMBOL_GPL(ipi_domain_running);
EXPORT_SYMBOL_GPL(ipi_cpu_serve);
EXPORT_SYMBOL_GPL(ipi_domain_serve);
EXPORT_SYMBOL_GPL(ipi_cpu_polling);
EXPORT_SYMBOL_GPL(ipi_domain_polling);
EXPORT_SYMBOL_GPL(ipi_kpreempt_disable);
EXPORT_SYMBOL_GPL(ipi_kpreempt_enable);
EXPORT_SYMBOL_GPL(ipi_kpreempt_disabled);
EXPORT_SYMBOL_GPL(ipi_splhigh);
EXPORT_SYMBOL_GPL(ipi_splx);
EXPORT_SYMBOL_GPL(ipi_domain_way);
EXPORT_SYMBOL_GPL(ipi_register);
EXPORT_SYMBOL_GPL(ipi_unregister);
EXPORT_SYMBOL_GPL(ipi_trigger);
EXPORT_SYMBOL_GPL(ipi_trigger_multi);
EXPORT_SYMBOL_GPL(ipi_trigger_broadcast);
EXPORT_SYMBOL_GPL(ipi_domain_register);
EXPORT_SYMBOL_GPL(ipi_domain_unregister);
EXPORT_SYMBOL_GPL(ipi_domain_trigger);
EXPORT_SYMBOL_GPL(ipi_domain_trigger_multi);
EXPORT_SYMBOL_GPL(ipi_domain_trigger_broadcast);
EXPORT_SYMBOL_GPL(ipi_unicast);
EXPORT_SYMBOL_GPL(ipi_multicast);
EXPORT_SYMBOL_GPL(ipi_broadcast_flags);
EXPORT_SYMBOL_GPL(ipi_wait);
EXPORT_SYMBOL_GPL(ipi_done);
EXPORT_SYMBOL_GPL(ipi_wait_timeout);
EXPORT_SYMBOL_GPL(ipi_detach);
EXPORT_SYMBOL_GPL(ipi_msg_count);
EXPORT_SYMBOL_GPL(ipi_domain_unicast);
EXPORT_SYMBOL_GPL(ipi_domain_multicast);
EXPORT_SYMBOL_GPL(ipi_domain_broadcast);
EXPORT_SYMBOL_GPL(ipi_domain_wait);
EXPORT_SYMBOL_GPL(ipi_domain_wait_timeout);
EXPORT_SYMBOL_GPL(ipi_domain_done);
EXPORT_SYMBOL_GPL(ipi_domain_msg_detach);
EXPORT_SYMBOL_GPL(ipi_cpuset_create);
EXPORT_SYMBOL_GPL(ipi_cpuset_destroy);
EXPORT_SYMBOL_GPL(ipi_cpuset_clone);
EXPORT_SYMBOL_GPL(ipi_cpuset_copy);
EXPORT_SYMBOL_GPL(ipi_cpuset_zero);
EXPORT_SYMBOL_GPL(ipi_cpuset_fill);
EXPORT_SYMBOL_GPL(ipi_cpuset_set);
EXPORT_SYMBOL_GPL(ipi_cpuset_clear);
EXPORT_SYMBOL_GPL(ipi_cpuset_isset);
EXPORT_SYMBOL_GPL(ipi_cpuset_isotherset);
EXPORT_SYMBOL_GPL(ipi_cpuset_iszero);
EXPORT_SYMBOL_GPL(ipi_cpuset_match);
EXPORT_SYMBOL_GPL(ipi_cpuset_intersecting_p);
EXPORT_SYMBOL_GPL(ipi_cpuset_intersect);
EXPORT_SYMBOL_GPL(ipi_cpuset_merge);
EXPORT_SYMBOL_GPL(ipi_cpuset_remove);
EXPORT_SYMBOL_GPL(ipi_cpuset_countset);
EXPORT_SYMBOL_GPL(ipi_cpuset_ffs);
EXPORT_SYMBOL_GPL(ipi_cpuset_ffs_intersecting);
EXPORT_SYMBOL_GPL(ipi_cpuset_atomic_set);
EXPORT_SYMBOL_GPL(ipi_cpuset_atomic_clear);
EXPORT_SYMBOL_GPL(ipi_cpuset_next);
EXPORT_SYMBOL_GPL(ipi_domain_counters);
EXPORT_SYMBOL_GPL(ipi_cpu_counters);
EXPORT_SYMBOL_GPL(ipi_queue_name);
EXPORT_SYMBOL_GPL(ipi_ack_name);
EXPORT_SYMBOL_GPL(ipi_delivery_name);
EXPORT_SYMBOL_GPL(ipi_queue_help);
EXPORT_SYMBOL_GPL(ipi_queue_info);
EXPORT_SYMBOL_GPL(ipi_queue_bytes);
EXPORT_SYMBOL_GPL(ipi_ack_help);
EXPORT_SYMBOL_GPL(ipi_delivery_help);
EXPORT_SYMBOL_GPL(ipi_delivery_probe);
EXPORT_SYMBOL_GPL(ipi_domain_queue);
EXPORT_SYMBOL_GPL(ipi_domain_ack);
EXPORT_SYMBOL_GPL(ipi_domain_delivery);
