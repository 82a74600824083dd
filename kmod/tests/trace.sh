# SPDX-License-Identifier: GPL-2.0-only
# In a guest that has ipi.ko, ipi_example.ko, trace_count and tap.sh in /out: a known
# number of sends makes a known number of trace events, in tracefs, for perf and for
# BPF. TAP.
#     ipi vm run --tap --share DIR --script kmod/tests/trace.sh
cd /out || exit 1
. ./tap.sh
tracing=/sys/kernel/tracing
cpus=$(grep -c ^processor /proc/cpuinfo)
rounds=10
others=$((cpus - 1))
sends=$((rounds * cpus * others * 2)) # of messages
triggers=$((rounds * cpus * others * 3 + rounds * cpus / 2)) # with local ones

same() {
	echo "# $1, wanted $2"
	[ "$1" -eq "$2" ]
}

run() {
	echo 1 >/sys/module/ipi_example/parameters/run
}

counter() { # of the domain, from the example's last report
	dmesg | grep 'ipi_example: ok' | tail -1 | sed "s/.*[ ;,]$1 \([0-9]*\).*/\1/"
}

events() { # NAME [AWK-CONDITION on number, source, target]
	awk -v name="$1:" '$5 == name {
		split($6, n, "="); split($7, s, "="); split($8, t, "=")
		number = n[2] + 0; source = s[2]; target = t[2]
		if ('"${2:-1}"') sum++
	} END { print sum + 0 }' $tracing/trace
}

counted() { # NAME WHO
	awk -v name="$1" -v who="$2" '$1 == name {
		for (i = 2; i < NF; i += 2) if ($i == who) print $(i + 1)
	}' /tmp/counts
}

is_message='number >= 4294967296'

by_tracefs() {
	old=$(counter notified)
	check 'a run with the events on' run
	echo 0 >$tracing/events/ipi_ko/enable
	check 'post' same "$(events post)" $((sends + triggers))
	check 'messages posted' same "$(events post "$is_message")" $sends
	check 'messages dequeued' same "$(events dequeue "$is_message")" $sends
	check 'messages done' same "$(events done "$is_message")" $sends
	check 'dequeued is done' same "$(events done)" "$(events dequeue)"
	check 'notify' same "$(events notify)" $(($(counter notified) - old))
	check 'each message is dequeued by its number' same "$(awk '
		$6 ~ /number=[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]/ {
			if ($5 == "post:") n[$6 $7 $8]++
			if ($5 == "dequeue:") n[$6 $7 $8]--
		} END { for (k in n) if (n[k]) bad++; print bad + 0 }
	' $tracing/trace)" 0
	check 'an entry for each interrupt' [ "$(events entry)" -gt 0 ]
	check 'no entry but a notify was for it' same "$(awk '
		$5 == "notify:" { n[$8]++ }
		$5 == "entry:" { n[$8]-- }
		END { for (k in n) if (n[k] < 0) bad++; print bad + 0 }
	' $tracing/trace)" 0
}

is_off() {
	echo >$tracing/trace
	run && same "$(grep -c ipi_ko $tracing/trace)" 0
}

by_perf_and_bpf() {
	./trace_count sh -c 'echo 1 >/sys/module/ipi_example/parameters/run' >/tmp/counts
	sed 's/^/# /' /tmp/counts
	for who in bpf perf; do
		check "post, by $who" same "$(counted post $who)" \
			$((sends + triggers))
		check "done, by $who" same "$(counted done $who)" \
			"$(counted dequeue $who)"
	done
}

one() { # DELIVERY
	echo "# delivery $1"
	insmod ./ipi.ko
	insmod ./ipi_example.ko rounds=$rounds delivery="$1"
	check "$1: five events" same "$(ls -d $tracing/events/ipi_ko/*/ | wc -l)" 5
	echo 16384 >$tracing/buffer_size_kb
	echo >$tracing/trace
	echo 1 >$tracing/events/ipi_ko/enable
	by_tracefs
	grep -m 6 'number=' $tracing/trace | sed 's/^/# /'
	is_off_check
	by_perf_and_bpf
	check "$1: unloads" rmmod ipi_example ipi
}

is_off_check() {
	check 'off again' is_off
}

dmesg -c >/dev/null
for delivery in csd vector nmi; do
	one $delivery
done
check 'nothing in the log' sh -c "! dmesg | grep -E 'BUG:|WARNING:|Uhhuh|FAILED'"
finish
