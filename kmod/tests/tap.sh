# SPDX-License-Identifier: GPL-2.0-only
# For a guest's scripts that lie beside it: counts points, and tells them as TAP.
tests=0
failed=0

say() { # STATUS DESCRIPTION
	tests=$((tests + 1))
	[ "$1" = 0 ] && echo "ok $tests - $2" && return
	failed=1
	echo "not ok $tests - $2"
}

check() { # DESCRIPTION COMMAND...
	what=$1
	shift
	"$@"
	say $? "$what"
}

finish() {
	echo "1..$tests"
	exit $failed
}
