#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ringwalk on an emulated arm64 machine. Prints TAP.
#
# QEMU's PMU and clock count without error, so what ringwalk makes of them can be held against what
# must come out. What this cannot show: a host that orders memory more strictly than arm64 does not
# bring forth what a wrong barrier would do there, and nothing here says how fast arm64 is.
#
# Usage: tests/emulated/check.sh build|counters|without_pmu|walk [MACHINE]
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
part=${1-} machine=$(realpath -m "${2:-${B:-build}-emulated}")
# shellcheck source=/dev/null
. tests/emulated/machine.sh

counters=(emulated/test_exact_counts emulated/test_user_reads unit/test_counters)
without_pmu=(emulated/test_without_pmu unit/test_counters)
walk=(unit/test_nospec unit/test_vring)
for source in tests/conformance/*.c; do
	walk+=("conformance/$(basename "$source" .c)")
done
# One of each kind: the floor, no protection, a lock, a grace period, a retry. Not the copies, which
# would take minutes: each access is a system call.
steady=empty,pinned,spinlock,rcu_memb,seqlock
n=0

result() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

skip() { # REASON
	echo "1..0 # SKIP $*"
	exit
}

build() {
	local why log=$machine/log

	rm -f "$machine/initramfs"
	why=$(obstacle)
	[ -z "$why" ] || skip "$why"
	mkdir -p "$machine" || exit
	if ! fetch 2>"$log"; then
		why=$(grep -m 1 '^[EW]:' "$log")
		skip "Debian's arm64 packages cannot be fetched${why:+: $why}"
	fi
	echo "1..2"
	compile "${counters[@]}" "${without_pmu[@]}" "${walk[@]}"
	result $? "builds for arm64, and links"
	pack "${counters[@]}" "${without_pmu[@]}" "${walk[@]}"
	result $? "fits into an initramfs"
}

# Boots with these tests; shows what they say, and that each of them has ended well.
run() { # TESTS QEMU-OPTION...
	local tests=$1 test status
	shift

	[ -e "$machine/initramfs" ] || skip "there is no emulated machine: see build/emulated"
	boot "RINGWALK_STRATEGY=$steady -- $tests" "$@" >"$machine/console"
	# A test of cmocka's has a plan of its own.
	sed -n '/^@summary$/,/^@end/d; /^@/!p' "$machine/console"
	for test in $tests; do
		status=$(sed -n "\\|^@begin $test\$|,/^@end/s/^@end //p" "$machine/console")
		[ -n "$status" ] || echo "# the machine has not come to the end of $test"
		[ "$status" = 0 ]
		result $? "$test exits with ${status:-nothing}"
	done
}

# What a run says of an instruction is what the machine makes of it: 2 ns and 2 cycles. The counts
# have their own beginning and end in them: up to 1 % more than what is timed.
check_steady() {
	local summary strategy

	summary=$(sed -n '/^@summary$/,/^@end/{/^@/!p}' "$machine/console")
	[ -n "$summary" ] || summary=null
	for strategy in ${steady//,/ }; do
		jq -e --arg name "$strategy" '.cells[] | select(.strategy == $name) |
			.counters["instructions:u"].per_entry as $instructions |
			(.counters["cycles:u"].per_entry / $instructions) as $cycles |
			(.ns_per_entry.value / $instructions) as $ns |
			$instructions > 10 and ($cycles - 2 | fabs) < 1e-6 and
			$ns > 1.98 and $ns <= 2' >/dev/null <<<"$summary"
		result $? "$strategy walks, and takes 2 ns and 2 cycles an instruction"
	done
}

# By readings in user space; so many sections in a row that the ends are a hundredth of an event.
check_sections() {
	local strategy

	grep -q 'A reading is made in user space' "$machine/console"
	result $? "sections are counted by readings in user space"
	for strategy in ${steady//,/ }; do
		[ "$strategy" != empty ] || continue
		awk -v name="$strategy" '
			/^[a-z-]*:[uk]$/ { event = $1 }
			$1 == name { count[event] = $2 }
			END { n = count["instructions:u"]; error = count["cycles:u"] - 2 * n
			exit !(n >= 5 && error < 0.05 && error > -0.05) }' "$machine/console"
		result $? "a section of $strategy takes 2 cycles an instruction"
	done
}

# An instruction takes 2 ns of the machine's time, whatever the host does meanwhile. With one CPU:
# of two, the emulator would run each for 100 ms while the other waits for it.
exact=(-smp 1 -accel tcg -icount "shift=1,sleep=off")

case $part in
build) build ;;
counters)
	run "${counters[*]} sections:$steady" -cpu neoverse-n1 "${exact[@]}"
	check_sections
	echo "1..$n"
	;;
without_pmu)
	run "${without_pmu[*]}" -cpu "neoverse-n1,pmu=off" "${exact[@]}"
	echo "1..$n"
	;;
walk)
	run "${walk[*]} steady:$steady" -cpu neoverse-n1 "${exact[@]}"
	check_steady
	echo "1..$n"
	;;
*)
	echo "check.sh: part '$part' is unknown; one of: build counters without_pmu walk" >&2
	exit 2
	;;
esac
