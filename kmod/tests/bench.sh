#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In a guest with ipi.ko, the program ipi, and tap.sh in /out: each driver's samples
# are attested; with the argument short, those of some.
cd /out || exit 1
. ./tap.sh

attested() { # attested WORD ARGUMENT...: the verdict of its first record
	word=$1
	shift
	ipi bench run --busy -q "$@" --time 150ms --row=no --csv /bench.csv \
		>/bench.table
	grep -q "$word" /bench.csv && ! grep -q contradicted /bench.csv
	ret=$?
	say $ret "$*: $word"
	[ $ret = 0 ] || sed 's/^/# /' /bench.table
}

# In the middle of a run, which holds the module; each pair has CPU 1.
unplugged() {
	ipi bench run --busy -q kernel-unicast --metrics rtt --row=no --time 20s \
		--csv /bench.csv >/bench.table 2>&1 &
	while [ "$(cat /sys/module/ipi/refcnt)" = 0 ]; do
		usleep 1000
	done
	echo 0 >/sys/devices/system/cpu/cpu1/online
	wait $!
	code=$?
	echo 1 >/sys/devices/system/cpu/cpu1/online
	sed 's/^/# /' /bench.table
	[ $code = 1 ] && grep -q 'CPU 1 went offline' /bench.csv
	say $? "CPU 1 is unplugged: the run ends with $code and names it"
}

some() {
	attested attested kernel-unicast --metrics rtt,send
	attested attested kernel-broadcast --metrics rtt \
		--target-state busy-kernel
	attested attested kernel-broadcast --metrics rtt --delivery vector \
		--target-state busy-kernel
	attested attested linux-single --metrics rtt
	attested attested kernel-unicast --metrics rtt --delivery vector \
		--target-state idle --gap 200us
}

all() {
	for driver in kernel-unicast kernel-as-linux kernel-trigger kernel-multicast \
		kernel-broadcast linux-single linux-async linux-many linux-each; do
		attested attested $driver --metrics rtt,send
	done
	attested 'not applicable' linux-wake --metrics rtt
	attested attested kernel-unicast --metrics stolen
	attested attested kernel-incast --metrics interval --senders 1
	for queue in slots llist mpsc ring pair lock; do
		attested attested kernel-unicast --metrics rtt --queue $queue \
			--target-state busy-kernel
	done
	attested attested kernel-unicast --metrics rtt --delivery poll \
		--target-state busy-kernel
	attested attested kernel-unicast --metrics rtt --target-state busy-user
	attested attested kernel-unicast --metrics rtt --target-state idle --gap 200us
	for delivery in csd vector nmi; do
		attested attested kernel-broadcast --metrics rtt \
			--delivery $delivery --target-state busy-kernel
		attested attested kernel-multicast --metrics rtt \
			--delivery $delivery --target-state busy-kernel
	done
	[ "$(grep -c ^processor /proc/cpuinfo)" = 2 ] && unplugged
}

if [ "${1:-}" = short ]; then some; else all; fi
finish
