# SPDX-License-Identifier: GPL-2.0-only
# In a guest that has loaded ipi.ko and ipi_torture.ko: tortures designs, drawn by
# the seed, while CPUs go offline and come back. TAP. tap.sh lies beside it.
# Lines before these may say:
#     messages=100000    in all; shared by the runs
#     runs=4             designs; or combos='slots:counter:csd ring:tree:nmi'
#     seconds=60         at most, for each
#     hotplug=no         leaves the CPUs alone
#     gap=0.5            seconds between one that came and the next that goes,
#                        for messages to be sent as fast as they can
#     seed=1
. "${0%/*}/tap.sh"
dir=/sys/kernel/debug/ipi_torture
cpus=$(grep -c ^processor /proc/cpuinfo)
messages=${messages:-100000}
runs=${runs:-4}
seconds=${seconds:-60}
seed=${seed:-$(($(date +%s) * 1000 + $$))}
random=$((seed % 2147483647 + 1))

[ -e $dir/run ] || { echo 'Bail out! no ipi_torture.ko here, or no debugfs'; exit 1; }
echo "# $(uname -r), $cpus CPUs, seed $seed"

draw() { # WORD...: one of them, in $drawn
	random=$((random * 48271 % 2147483647))
	shift $((random % $#))
	drawn=$1
}

# Each CPU but the first goes and comes, in turn, until the file is there.
plug() {
	n=0
	while [ ! -e /run/torture.over ]; do
		cpu=/sys/devices/system/cpu/cpu$((1 + n % (cpus - 1)))/online
		echo 0 >$cpu && echo 1 >$cpu || echo "# $cpu did not obey"
		n=$((n + 1))
		[ -z "$gap" ] || sleep "$gap"
	done
	echo $n >/run/torture.plugged
}

# A run may take an hour: a line each half minute, till the file is there.
watch() { # WHAT
	while sleep 30 >/dev/null 2>&1; [ ! -e /run/torture.over ]; do
		echo "# $*: $(cat $dir/sent) of $((messages / runs)) messages so far"
	done
}

torture() { # QUEUE ACK DELIVERY
	rm -f /run/torture.over
	[ "$hotplug" = no ] || plug &
	watch "$*" &
	watcher=$!
	echo "$* $((messages / runs)) $seconds $((seed + tests))" >$dir/run
	code=$?
	touch /run/torture.over
	kill $watcher
	wait
	sed 's/^/# /' $dir/report
	grep -q '^passed' $dir/report || code=1
	say $code "torture $*"
	[ "$hotplug" = no ] || {
		n=$(cat /run/torture.plugged)
		[ "$n" -gt 0 ]
		say $? "CPUs went and came, $n times: $*"
	}
}

if [ -n "$combos" ]; then
	runs=$(echo $combos | wc -w)
	for combo in $combos; do
		torture $(echo "$combo" | tr : ' ')
	done
else
	for run in $(seq $runs); do
		draw slots llist mpsc ring pair lock
		design=$drawn
		draw counter word tree
		design="$design $drawn"
		draw csd vector nmi
		torture $design $drawn
	done
fi
rmmod ipi_torture ipi
say $? 'unloads'
finish
