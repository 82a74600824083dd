#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# rungs.sh on this machine: rungs_here.sh IPI-TRACE IPIS. The tracepoints' own
# file system is mounted for the test alone. A rung must exist here where the
# kernel lets its point be seen.
trace=$1
ipis=$2
script=$(dirname "$0")/rungs.sh
if [ "$(id -u)" != 0 ]; then
	echo '1..0 # SKIP probes need root'
	exit 0
fi
if [ "$(nproc)" -lt 2 ]; then
	echo '1..0 # SKIP one CPU interrupts no other'
	exit 0
fi
PATH=$(dirname "$trace"):$(dirname "$ipis"):$PATH
export PATH
if [ -z "$IPI_TRACE_MOUNTED" ]; then
	IPI_TRACE_MOUNTED=1 exec unshare -m sh "$0" "$trace" "$ipis"
fi
events=/sys/kernel/tracing/events
[ -d $events ] || mount -t tracefs trace /sys/kernel/tracing || echo '# no tracefs: no rung tp'
rungs=
[ -d $events/ipi/ipi_send_cpu ] && rungs='tp_btf raw_tp'
[ -d $events/irq_vectors ] && rungs="$rungs tp"
[ -d $events/csd/csd_queue_cpu ] && rungs="$rungs csd"
# Kernels without one or the other refuse all functions, or none.
if [ -s /sys/kernel/tracing/available_filter_functions ]; then
	rungs="$rungs fentry fexit"
fi
[ -e /sys/bus/event_source/devices/kprobe ] && rungs="$rungs kprobe kretprobe"
echo "# rungs that must work here: $rungs"
# shellcheck disable=SC2086
exec sh "$script" $rungs
