# SPDX-License-Identifier: GPL-2.0-only
# In a guest that has ipi.ko, ipi_example.ko and tap.sh in /out, and ipi-trace in its
# path: of a known number of sends each stage is timed. TAP.
#     ipi vm run --tap --share DIR --program IPI-TRACE --script kmod/tests/stages.sh
cd /out || exit 1
. ./tap.sh
cpus=$(grep -c ^processor /proc/cpuinfo)
rounds=11
sends=$((rounds * cpus * (cpus - 1) * 2)) # of messages

same() {
	echo "# $1, wanted $2"
	[ "$1" -eq "$2" ]
}

# Until it counts; a minute at most.
await_tracing() { # PID
	tries=600
	until grep -q tracing /tmp/err; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 "$1" 2>/dev/null || return 1
		sleep 0.1
	done
}

traced() { # OPTION...
	rm -f /tmp/err # the last one was tracing, too
	ipi-trace latency --ko "$@" >/tmp/out 2>/tmp/err &
	tracer=$!
	await_tracing $tracer && echo 1 >/sys/module/ipi_example/parameters/run
	ran=$?
	kill -TERM $tracer
	wait $tracer && [ $ran = 0 ]
}

# A cell of the messages' accounting: posted 1, done 2, in flight 3, lost 4.
account() { # COLUMN
	awk -v column="$1" '/^messages posted/ { getline; print $column }' /tmp/out
}

# How many times of a stage there are: the first number without a unit.
timed() { # STAGE
	awk -v stage="$1" '$1 == stage { for (i = 2; i <= NF; i++)
		if ($i ~ /^[0-9]+$/ && $(i + 1) !~ /^[num]?s$/) { print $i; exit } }' /tmp/out
}

some() { # STAGE
	echo "# $1: $(timed "$1") of $sends"
	[ "$(timed "$1")" -gt 0 ] && [ "$(timed "$1")" -le "$sends" ]
}

one() { # DELIVERY OPTION...
	delivery=$1
	shift
	insmod ./ipi.ko
	insmod ./ipi_example.ko rounds=$rounds delivery="$delivery"
	check "$delivery: traced $*" traced "$@"
	check "$delivery: posted" same "$(account 1)" $sends
	check "$delivery: done" same "$(account 2)" $sends
	check "$delivery: none left" same "$(account 3)$(account 4)" 0
	check "$delivery: each handler is timed" same "$(timed ko-handler)" $sends
	for stage in ko-post ko-dequeue; do
		check "$delivery: $stage" some $stage
	done
	check "$delivery: adds up" grep -q 'posted = .*: holds' /tmp/out
	sed 's/^/# /' /tmp/err /tmp/out
	rmmod ipi_example ipi
}

rmmod ipi 2>/dev/null
ipi-trace latency --ko -d 0.1 >/tmp/out 2>/tmp/err
check 'without the module it says so' grep -q 'ko  *none: .*ipi.ko is not loaded' /tmp/out
one csd
# Where the module's types are known, and so are the kernel's sends.
insmod ./ipi.ko
typed=$(cat /sys/kernel/btf/ipi 2>/dev/null | wc -c)
rmmod ipi
if [ "$typed" -gt 0 ] && [ -d /sys/kernel/tracing/events/ipi/ipi_send_cpu ]; then
	one csd --probe tp_btf
fi
one vector
one nmi
finish
