#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A build with sanitizers: that they are on, and that a run of the benchmark and of torture gives
# them nothing to report. Prints TAP.
#
# Usage: tests/sanitizers/check.sh asan|tsan BUILD
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
kind=$1 build=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
n=0

result() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		head -n 60 "$scratch/err" | sed 's/^/# /'
	fi
}

reports() {
	grep -Eq 'SUMMARY: [A-Za-z]*Sanitizer|: runtime error: ' "$scratch/err"
}

caught() { # ERROR REPORT
	"$build/tests/tools/planted" "$1" 2>"$scratch/err"
	grep -q "$2" "$scratch/err"
	result $? "$1 is reported"
}

# The guest and torture's children end without their exit status telling: only what is said counts.
clean() { # STATUS-PATTERN NAME ARGUMENT...
	local wanted=$1 name=$2 status=0
	shift 2
	"$build/ringwalk" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
	[[ $status =~ ^($wanted)$ ]] && ! reports
	result $? "$name"
}

"$build/tests/tools/planted" ordered 2>"$scratch/err"
if grep -q 'unexpected memory mapping' "$scratch/err"; then
	echo "1..0 # SKIP this kernel's address space randomisation is more than TSan can do with"
	exit
fi
! reports
result $? "what release and acquire order is not reported"
if [ "$kind" = asan ]; then
	caught use-after-free heap-use-after-free
	caught overflow 'signed integer overflow'
	# Every strategy: a third of a second of real events, and of notifications.
	seconds=0.6 strategies=${RINGWALK_STRATEGY-}
else
	caught race 'data race'
	# Of strategies TSan sees nothing; these use the harness in all the ways that there are.
	seconds=2 strategies=copy_from_user,mutex,pinned,seqlock,spinlock,srcu
fi
clean 0 "a run of the benchmark" run --quick --no-plots --max-noise 100 --results "$scratch/results" \
	${RINGWALK_STRATEGY:+--strategy "$RINGWALK_STRATEGY"}
# Verdicts are torture's own business: in so short a time it does not find all there is.
clean '0|5' "torture" torture --seconds "$seconds" ${strategies:+--strategy "$strategies"}
echo "1..$n"
