# SPDX-License-Identifier: GPL-2.0-only
# A known number of interrupts in, that number out, by every rung that exists
# here; from each of two CPUs to the other. TAP. For any machine with tracefs,
# as root, with ipi-trace and ipis in the path:
#     rungs.sh RUNG...        those that must work; the others must refuse
#     rungs.sh RUNG... many   with calls to several CPUs at once, too
#     rungs.sh RUNG... csd fexit kretprobe
#                             with the stages of calls; without csd, or without
#                             one of the others, they must say that there is none
#     rungs.sh RUNG... tools  with senders, wakes and slow, by each of the rungs
# Needs a shell, awk and a directory to write to.
dir=$(mktemp -d) || exit 1
sender=
tracer=
trap 'kill $sender $tracer 2>/dev/null; rm -rf "$dir"' EXIT
tests=0
failed=0
must=" $* "

result() { # STATUS DESCRIPTION
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		failed=1
	fi
}

# Until a file has a line like that; a minute at most.
await() { # PATTERN FILE PID
	tries=600
	until grep -q "$1" "$2" 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 "$3" 2>/dev/null || return 1
		sleep 0.1
	done
}

# Sends, with a trace of the sender alone around it; the output is in out.
traced() { # FROM TO NUMBER OPTION...
	rm -f "$dir"/*
	mkfifo "$dir/go" || return 1
	# Held open, so that neither side waits for the other to open it.
	exec 3<>"$dir/go"
	ipis "$1" "$2" "$3" <"$dir/go" >"$dir/sender" 2>&1 3>&- &
	sender=$!
	shift 3
	await ready "$dir/sender" $sender || exit 1
	ipi-trace "${tool:-latency}" --pid "$(awk '/ready/ { print $2 }' "$dir/sender")" \
		"$@" >"$dir/out" 2>"$dir/err" 3>&- &
	tracer=$!
	await tracing "$dir/err" $tracer
	traced=$?
	echo >&3
	await sent "$dir/sender" $sender || traced=1
	kill -TERM $tracer 2>/dev/null
	wait $tracer
	status=$?
	exec 3>&-
	wait $sender || traced=1
	sender=
	tracer=
	[ $traced = 0 ]
}

# A cell of the accounting: sends 2, entries 3, paired 4, merged 5, ...
account() { # CLASS COLUMN
	awk -v class="$1" -v column="$2" '$1 == class && NF > 9 { print $column }' "$dir/out"
}

# What the pair table has from one CPU to another; 0: no such row.
pair() { # FROM TO
	awk -v from="$1" -v to="$2" '$1 == from && $2 == to && $4 == "single" { n = $5 }
		END { print n + 0 }' "$dir/out"
}

# A call that joins one of another program's needs no interrupt of its own, two
# on their way at once can't be told apart, and what an interrupt of this CPU
# sends meanwhile is counted too; and on one virtual machine a CPU's handlers
# run now and then without their tracepoints. So: exact in one of the tries.
exact() { # FROM TO NUMBER OPTION...
	for try in 1 2 3 4 5 6 7 8; do
		traced "$@" || break
		echo "# try $try: $1 to $2, $(account single 2) sends and $(account single 3) entries of $3, $(pair "$1" "$2") timed"
		grep -q 'contended: holds' "$dir/out" || return 1
		[ "$(pair "$2" "$1")" = 0 ] || return 1
		[ "$(account single 2)" = "$3" ] && [ "$(account single 3)" = "$3" ] &&
			[ "$(pair "$1" "$2")" = "$3" ] && [ "$status" = 0 ] && return 0
	done
	sed 's/^/# /' "$dir/err" "$dir/out"
	return 1
}

[ "$must" = " many " ] || for rung in tp_btf raw_tp fentry kprobe tp; do
	case $must in
	*" $rung "*)
		exact 0 1 211 --probe $rung
		result $? "$rung: 211 sent from CPU 0 to 1, all seen"
		exact 1 0 101 --probe $rung
		result $? "$rung: 101 sent from CPU 1 to 0, all seen"
		grep -q " $rung on " "$dir/out"
		result $? "$rung: the plan names it"
		;;
	*)
		ipi-trace latency -d 0.1 --probe $rung >"$dir/out" 2>"$dir/err"
		[ $? = 77 ] && grep -q "works here: $rung: " "$dir/err"
		result $? "$rung: refused with a reason"
		sed 's/^/# /' "$dir/err"
		;;
	esac
done

# The first number in a table, by its heading: calls queued, calls waited for.
first() { # HEADING
	awk -v heading="^$1" '$0 ~ heading { getline; print $1 }' "$dir/out"
}

# How many times of a stage there are: the first number without a unit.
timed() { # STAGE
	awk -v stage="$1" '$1 == stage { for (i = 2; i <= NF; i++)
		if ($i ~ /^[0-9]+$/ && $(i + 1) !~ /^[num]?s$/) { print $i; exit } }' "$dir/out"
}

# As above: exact in one of the tries, and adding up in each.
exact_calls() { # NUMBER HEADING STAGES OPTION...
	number=$1
	heading=$2
	stages=$3
	shift 3
	for try in 1 2 3 4 5 6 7 8; do
		traced 0 1 "$number" "$@" || break
		times=$(for stage in $stages; do timed "$stage"; done)
		echo "# try $try: $(first "$heading") $heading of $number; timed" $times
		! grep -q 'DOES NOT HOLD' "$dir/out" || return 1
		[ "$(first "$heading")" = "$number" ] && [ "$status" = 0 ] &&
			[ "$(echo "$times" | sort -u)" = "$number" ] && return 0
	done
	sed 's/^/# /' "$dir/err" "$dir/out"
	return 1
}

[ "$must" = " many " ] || for rung in raw_tp tp_btf; do
	case $must in
	*' csd '*)
		exact_calls 211 'calls queued' 'queue dispatch function exit' \
			--csd --probe $rung
		result $? "$rung: 211 calls queued, all run, each stage timed"
		;;
	esac
done
case $must in
*' csd '* | ' many ') ;;
*)
	ipi-trace latency -d 0.1 --csd >"$dir/out" 2>"$dir/err" && grep -q 'csd  *none: raw_tp: csd_queue' "$dir/out"
	result $? "no tracepoints of calls, and it says so"
	;;
esac
[ "$must" = " many " ] || for rung in fexit kretprobe; do
	case $must in
	*" $rung "*)
		exact_calls 211 'calls waited' complete --call --probe $rung
		result $? "$rung: 211 calls waited for, all timed"
		;;
	*)
		ipi-trace latency -d 0.1 --call --probe $rung >"$dir/out" 2>"$dir/err"
		[ $? = 77 ] && grep -q "works here: $rung: " "$dir/err"
		result $? "$rung: refused with a reason"
		;;
	esac
done

# The rows of senders: interrupts of ipis for that reason.
caused() { # CLASS CALL-SITE CALLBACK
	awk -v class="$1" -v site="$2" -v callback="$3" '$4 == 0 && $6 == class && $7 == "ipis" &&
		$10 == callback && $11 == site { n += $1 } END { print n + 0 }' "$dir/out"
}

# As above: exact in one of the tries. Older kernels don't tell the callback.
exact_cause() { # OPTION...
	for try in 1 2 3 4 5 6 7 8; do
		tool=senders traced 0 1 211 "$@" || break
		callback=__bpf_prog_test_run_raw_tp
		grep -q 'queue *none' "$dir/out" && callback=-
		n=$(caused single bpf_prog_test_run_raw_tp $callback)
		echo "# try $try: $n of 211 by their cause, callback $callback"
		[ "$n" = 211 ] && [ "$status" = 0 ] && return 0
	done
	sed 's/^/# /' "$dir/err" "$dir/out"
	return 1
}

# All that are judged are found over a nanosecond, none over ten seconds; in one of
# the tries, as above.
found() { # THRESHOLD OPTION...
	least=$([ "$1" = 1ns ] && echo 100 || echo 0)
	for try in 1 2 3 4 5 6 7 8; do
		tool=slow traced 0 1 211 -t "$@" && [ "$status" = 0 ] || break
		awk -v least="$least" '/interrupts took longer/ { over = $3; of = $5 }
			/sent by ipis/ { n++ }
			/sender < bpf_prog_test_run_raw_tp / { stacks++ }
			END { print "# " n + 0 " by ipis, " stacks + 0 " stacks, " over " of " of " over it"
				exit !(of > 100 && over >= least && (least || !over) && n == over &&
				stacks == n) }' "$dir/out" && return 0
	done
	sed 's/^/# /' "$dir/err" "$dir/out"
	return 1
}

case $must in
*' tools '*)
	for rung in tp_btf raw_tp fentry kprobe; do
		case $must in *" $rung "*) ;; *) continue ;; esac
		exact_cause --probe $rung
		result $? "senders by $rung: 211 by one process from one place, all seen"
		found 1ns --probe $rung
		result $? "slow by $rung: all over a low threshold"
	done
	found 10s
	result $? "slow: none over a high threshold"
	tool=wakes traced 0 1 211 && [ "$status" = 0 ] && grep -q 'told without an interrupt' "$dir/out"
	result $? "wakes"
	;;
esac

case $must in
*' many '*)
	# A set with but one left in it is sent as to a single CPU: some may be of both.
	tool=senders traced 0 all 499 &&
		[ $(($(caused many membarrier_private_expedited ipi_mb) +
			$(caused both membarrier_private_expedited ipi_mb))) -gt 0 ]
	result $? "calls to two CPUs at once have their cause"
	sed 's/^/# /' "$dir/out"
	traced 0 all 499 && grep -q 'contended: holds' "$dir/out" && [ "$(account many 4)" -gt 0 ]
	result $? "calls to two CPUs at once are paired, and add up"
	sed 's/^/# /' "$dir/out"
	;;
esac
echo "1..$tests"
exit $failed
