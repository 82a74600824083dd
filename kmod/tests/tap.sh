# SPDX-License-Identifier: GPL-2.0-only
# For a guest's scripts that lie beside it: counts points, and tells them as TAP.
tests=0
failed=0

check() { # DESCRIPTION COMMAND...
	what=$1
	shift
	tests=$((tests + 1))
	if "$@"; then
		echo "ok $tests - $what"
	else
		echo "not ok $tests - $what"
		failed=1
	fi
}

finish() {
	echo "1..$tests"
	exit $failed
}
