# SPDX-License-Identifier: GPL-2.0-only
# In a guest that has loaded ipi.ko and ipi_contract.ko, both built with
# IPI_DEBUG=1: judges combinations of queue, acknowledgement and delivery. TAP.
# Lines before these may say which:
#     queues='slots ring' acks=tree deliveries=nmi    these; else all there are
#     pairs=1        so many that each queue meets each delivery, and each
#                    acknowledgement each of both
#     only=trigger   tests that have this in their names
#     scale=20 seed=1
dir=/sys/kernel/debug/ipi_contract
param=/sys/module/ipi_contract/parameters
log=/run/contract.log
queues=${queues:-slots llist mpsc ring pair lock}
acks=${acks:-counter word tree}
deliveries=${deliveries:-csd vector nmi poll}

[ -e $dir/run ] || { echo 'Bail out! no ipi_contract.ko here, or no debugfs'; exit 1; }
seed=${seed:-$(($(date +%s) * 1000 + $$))}
echo "$seed" >$param/seed
echo "${scale:-100}" >$param/scale
last=$(($(grep -c ^processor /proc/cpuinfo) - 1))
echo "# $(uname -r), $((last + 1)) CPUs, seed $seed, scale ${scale:-100} %"

# A CPU whose handler stands in an NMI answers no call, and who calls it spins till it
# does: a grace period, a page unmapped. Where the judge's own thread is, on CPU 0,
# that would keep it from ending the handler. So whoever can be sent away is.
for task in /proc/[0-9]*; do
	taskset -pc $last "${task#/proc/}" >/dev/null 2>&1
done
printf '%x\n' $((1 << last)) >/sys/devices/virtual/workqueue/cpumask

tests=0
failed=0
judge() { # QUEUE ACK DELIVERY WAITER
	began=$(cut -d. -f1 /proc/uptime)
	echo "$* $only" >$dir/run
	code=$?
	cat $dir/log >$log
	cat $log
	tests=$((tests + $(grep -c -E '^(not )?ok' $log)))
	grep -q '^not ok' $log && failed=1
	if [ $code != 0 ]; then
		tests=$((tests + 1))
		failed=1
		echo "not ok - $* could not be judged to the end"
	fi
	echo "# $*: $(($(cut -d. -f1 /proc/uptime) - began)) s"
	! grep -q '^Bail out' $log || { rmmod ipi_contract; exit 1; }
}

q=0
for queue in $queues; do
	d=0
	for delivery in $deliveries; do
		a=0
		for ack in $acks; do
			waiter=relax
			[ $(((q + d + a) % 2)) = 0 ] || waiter=spin
			if [ -z "$pairs" ] || [ $(((q + d) % 3)) = $a ]; then
				judge $queue $ack $delivery $waiter
			fi
			a=$((a + 1))
		done
		d=$((d + 1))
	done
	q=$((q + 1))
done
rmmod ipi_contract || failed=1
echo "1..$tests"
[ $tests -gt 0 ] || failed=1
exit $failed
