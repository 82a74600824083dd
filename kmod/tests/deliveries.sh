# SPDX-License-Identifier: GPL-2.0-only
# In a guest that has ipi.ko, ipi_example.ko and tap.sh in /out: each CPU tells each
# other one by every delivery, with a CPU off and on again in between, and the machine's
# own counters must know of it. TAP.
#     ipi vm run --tap --share DIR --script kmod/tests/deliveries.sh
cd /out || exit 1
. ./tap.sh
cpus=$(grep -c ^processor /proc/cpuinfo)
last=/sys/devices/system/cpu/cpu$((cpus - 1))/online
rounds=20
[ "$cpus" -gt 16 ] && rounds=2

row() { # of /proc/interrupts, all CPUs together, by its first or its last word
	awk -v key="$1" '$1 == key ":" || $NF ~ "^" key {
		for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i
	} END { print sum + 0 }' /proc/interrupts
}

platform() { # which /proc/interrupts does not show
	cat /sys/module/ipi/parameters/platform_ipis
}

report() { # the example's last one
	dmesg | grep 'ipi_example: .* CPUs:' | tail -1
}

field() { # of it
	report | sed "s/.*[ ;,]$1 \([0-9]*\).*/\1/"
}

again() {
	echo 1 >/sys/module/ipi_example/parameters/run &&
		report | grep -q 'ipi_example: ok:'
}

is_ok() {
	report | sed 's/.*ipi_example:/#/'
	report | grep -q 'ipi_example: ok:'
}

at_least() {
	echo "# $1 of $2"
	[ "$1" -ge "$2" ]
}

# What the counters say was interrupted is known to the machine, too.
attested() { # DELIVERY ROW-BEFORE PLATFORM-BEFORE
	entries=$(field entries)
	case $1 in
	csd) at_least $(($(row CAL) - $2)) $((entries / 2)) ;; # calls share one
	nmi) at_least $(($(row NMI) - $2)) "$entries" ;;
	vector) at_least $(($(row ipi-cpu) + $(platform) - $3)) "$entries" ;;
	esac
}

row_of() {
	case $1 in csd) row CAL ;; nmi) row NMI ;; *) echo 0 ;; esac
}

try() { # MODULE'S-DELIVERY EXAMPLE'S-WORDS
	used=$(echo "$2" | sed -n 's/.*delivery=\([a-z]*\).*/\1/p')
	used=${used:-$1}
	name="$1${2:+, $2}"
	before=$(row_of "$used")
	check "$name: ipi.ko" insmod ./ipi.ko delivery="$1"
	plt=$(platform)
	check "$name: the example" insmod ./ipi_example.ko rounds=$rounds $2
	check "$name: all told all" is_ok
	check "$name: attested" attested "$used" "$before" "$plt"
	[ "$name" = vector ] &&
		check "$name: all but self" set_ways "$cpus" 2 0
	whole=$(sets 1)
	echo 0 >$last
	check "$name: with a CPU less" again
	[ "$name" = vector ] &&
		check "$name: by mask" set_ways $((cpus - 1)) 1 "$whole"
	echo 1 >$last
	check "$name: with the CPU again" again
	check "$name: unloads" rmmod ipi_example ipi
}

# All but self only while everybody is online; a set of one is told as one.
set_ways() { # CPUs, WAY THAT ROSE (1 mask, 2 shorthand)
	rose=$(($(sets "$2") - $3))
	echo "# $rose sets, by way $2, with $1 CPUs"
	if [ "$1" -gt 2 ]; then [ $rose -gt 0 ]; else [ $rose -eq 0 ]; fi
}

sets() {
	cut -d' ' -f"$1" /sys/module/ipi/parameters/sets
}

refused() { # WORD OF dmesg, THEN insmod's
	why=$1
	shift
	! insmod ./ipi.ko "$@" 2>/dev/null && dmesg | grep -q "ipi: .*$why"
}

quiet() {
	! dmesg | grep -E 'BUG:|WARNING:|Uhhuh|No irq handler|FAILED'
}

echo "# $(uname -r), $cpus CPUs"
dmesg -c >/dev/null
try csd
try vector
for queue in slots llist mpsc ring pair lock; do
	try csd "delivery=nmi queue=$queue"
done
try csd 'delivery=nmi ack=word'
try csd 'delivery=vector ack=tree'
try vector 'delivery=csd queue=llist'
check 'nmi is for private domains' refused private delivery=nmi
check 'a name that is none' refused 'no such' delivery=pigeon
check 'nothing in the log' quiet
finish
