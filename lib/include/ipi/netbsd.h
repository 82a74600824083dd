/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * NetBSD's names for what <ipi/ipi.h> has: a caller written for ipi(9),
 * kcpuset(9), kpreempt(9) and spl(9) compiles with its include lines replaced
 * by this one. All names stand for the default domain.
 *
 * Include it last: cpu_info, ncpu, curcpu and the like are macros.
 *
 * Beyond the names:
 *  - calls that are void there return 0 or -errno here;
 *  - ncpu, kcpuset_attached and kcpuset_running are expressions, not objects;
 *    the two sets are the domain's own and may not be written;
 *  - CPU_INFO_FOREACH visits the CPUs attached at the moment, and a CPU's
 *    index may be greater than ncpu when others have left.
 */
#ifndef IPI_NETBSD_H
#define IPI_NETBSD_H

#include <ipi/ipi.h>

typedef unsigned int u_int;

/* ---- cpu_info ---- */

#define cpu_info ipi_cpu
#define curcpu() ipi_curcpu()
#define cpu_index(ci) ipi_cpu_index(ci)
#define cpu_lookup(index) ipi_cpu_lookup(index)
#define ncpu ((int)ipi_ncpu())

#define CPU_INFO_ITERATOR uint32_t
#define CPU_INFO_FOREACH(cii, ci)                                              \
	for ((cii) = ipi_cpuset_next(ipi_cpus_attached(), 0);                  \
	     (cii) < IPI_CPUS_MAX && ((ci) = ipi_cpu_lookup(cii)) != NULL;     \
	     (cii) = ipi_cpuset_next(ipi_cpus_attached(), (cii) + 1))

/* ---- kpreempt(9), spl(9) ---- */

#define kpreempt_disable() ipi_kpreempt_disable()
#define kpreempt_enable() ipi_kpreempt_enable()
#define kpreempt_disabled() ipi_kpreempt_disabled()
#define splhigh() ipi_splhigh()
#define splx(level) ipi_splx(level)

/* ---- kcpuset(9) ---- */

typedef ipi_cpuset_t kcpuset_t;

#define kcpuset_attached ipi_cpus_attached()
#define kcpuset_running ipi_cpus_running()

#define kcpuset_create(setp, zero) ipi_cpuset_create((setp), (zero))
#define kcpuset_destroy(set) ipi_cpuset_destroy(set)
#define kcpuset_clone(setp, src) ipi_cpuset_clone((setp), (src))
#define kcpuset_copy(dst, src) ipi_cpuset_copy((dst), (src))
#define kcpuset_zero(set) ipi_cpuset_zero(set)
#define kcpuset_fill(set) ipi_cpuset_fill(set)
#define kcpuset_set(set, index) ipi_cpuset_set((set), (index))
#define kcpuset_clear(set, index) ipi_cpuset_clear((set), (index))
#define kcpuset_isset(set, index) ipi_cpuset_isset((set), (index))
#define kcpuset_isotherset(set, index) ipi_cpuset_isotherset((set), (index))
#define kcpuset_iszero(set) ipi_cpuset_iszero(set)
#define kcpuset_match(a, b) ipi_cpuset_match((a), (b))
#define kcpuset_intersecting_p(a, b) ipi_cpuset_intersecting_p((a), (b))
#define kcpuset_intersect(dst, src) ipi_cpuset_intersect((dst), (src))
#define kcpuset_merge(dst, src) ipi_cpuset_merge((dst), (src))
#define kcpuset_remove(dst, src) ipi_cpuset_remove((dst), (src))
#define kcpuset_countset(set) ((int)ipi_cpuset_countset(set))
#define kcpuset_ffs(set) ((int)ipi_cpuset_ffs(set))
#define kcpuset_ffs_intersecting(a, b)                                         \
	((int)ipi_cpuset_ffs_intersecting((a), (b)))
#define kcpuset_atomic_set(set, index) ipi_cpuset_atomic_set((set), (index))
#define kcpuset_atomic_clear(set, index) ipi_cpuset_atomic_clear((set), (index))

/* Past NetBSD: each member of a set, lowest first. */
#define KCPUSET_FOREACH(index, set) IPI_CPUSET_FOREACH(index, set)

#endif
