#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ringwalk on an emulated arm64 machine. Prints TAP.
#
# QEMU's PMU and clock count without error, so what ringwalk makes of them can be held against what
# must come out. What this cannot show: a host that orders memory more strictly than arm64 does not
# bring forth what a wrong barrier would do there, and nothing here says how fast arm64 is.
#
# Usage: tests/emulated/check.sh build|counters|without_pmu|walk|cost|torture [MACHINE]
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
# The same, but for the floor, and the one whose order is in the reader's barrier alone; and one that
# is broken wherever it runs, so that nothing found means something.
tortured=spinlock,rcu_memb,seqlock,vq_ref,refresh_unchecked
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

# Of few strategies: each is compiled a second time for it.
compile_torture() {
	cross_make torture ONLY="${tortured//,/ }" "$machine/torture/ringwalk-torture"
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
	compile "${counters[@]}" "${without_pmu[@]}" "${walk[@]}" && compile_torture
	result $? "builds for arm64, and links"
	pack "${counters[@]}" "${without_pmu[@]}" "${walk[@]}" &&
		add "$machine/torture/ringwalk-torture" ringwalk/ringwalk-torture &&
		add_tool objdump && seal
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

# What the console has of one of the machine's tests.
said_of() { # TEST
	sed -n "\\|^@begin $1\$|,/^@end/{/^@begin/d;/^@end/d;p}" "$machine/console"
}

summary_of() { # TEST
	local summary

	summary=$(said_of "$1" | sed '1,/^@summary$/d')
	echo "${summary:-null}"
}

# What a run says of an instruction is what the machine makes of it: 2 ns and 2 cycles. The counts
# have their own beginning and end in them: up to 1 % more than what is timed.
check_steady() {
	local summary strategy

	summary=$(summary_of "steady:$steady")
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

# A head and on average one more descriptor are masked by a comparison, a subtraction, the barrier and
# an "and": at least six more instructions an entry.
check_masked() {
	local plain masked strategy

	plain=$(summary_of "steady:$steady")
	masked=$(summary_of "masked:$steady")
	for strategy in ${steady//,/ }; do
		jq -ne --arg name "$strategy" --argjson plain "$plain" --argjson masked "$masked" '
			def instructions: .cells[] | select(.strategy == $name) |
				.counters["instructions:u"].per_entry;
			($masked | instructions) - ($plain | instructions) | . > 6 and . < 20' \
			>/dev/null
		result $? "$strategy masks its indices, and takes more instructions for it"
	done
}

# A row for each strategy: counted, or why not.
check_cost() {
	local rows=$machine/cost

	said_of cost >"$rows"
	[ "$(grep -Ec '^[a-z_]+ +(read|write) ' "$rows")" -ge "$(find strategies -name '*.c' | wc -l)" ]
	result $? "each strategy has a row"
	! grep -E '^[a-z_]+ +(read|write) ' "$rows" |
		grep -Ev '^[a-z_]+ +[a-z]+ +([0-9]+ +){9}-$|unavailable: .' | sed 's/^/# /' | grep .
	result $? "which has all counts, or says why not"
	grep -Eq '^empty +read +[0-9]+ +0 +0 +0 +0 +0 ' "$rows"
	result $? "the floor loads and stores nothing"
	grep -Eq '^pinned +read +[0-9]+ +0 +2 +0 +0 +0 ' "$rows"
	result $? "a direct map is the load of the map and that of the metadata"
	grep -Eq '^vq_ref +read( +[0-9]+){4} +0 +1 ' "$rows"
	result $? "the full barrier of vq_ref is one, and no atomic"
}

# Exclusives that are stepped through never succeed.
check_cost_without_lse() {
	local rows=$machine/cost

	said_of cost:vq_ref,spinlock >"$rows"
	grep -Eq '^vq_ref +read( +[0-9]+){4} +0 +1 ' "$rows"
	result $? "without atomics, plain barriers are counted all the same"
	grep -Eq '^spinlock +read +unavailable: it does not get through when it is single-stepped' "$rows"
	result $? "and of a loop of exclusives it is said that it cannot be counted"
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
	run "${walk[*]} steady:$steady masked:$steady" -cpu neoverse-n1 "${exact[@]}"
	check_steady
	check_masked
	echo "1..$n"
	;;
cost)
	run cost -cpu neoverse-n1 "${exact[@]}"
	check_cost
	# One of the first generation, which has no atomics but by exclusives.
	run cost:vq_ref,spinlock -cpu cortex-a57 "${exact[@]}"
	check_cost_without_lse
	echo "1..$n"
	;;
torture)
	# Two CPUs that run at once, each as fast as the host lets it.
	run "torture:$tortured" -cpu neoverse-n1 -smp 2 -accel tcg,thread=multi
	echo "1..$n"
	;;
*)
	echo "check.sh: part '$part' is unknown; one of: build counters without_pmu walk cost torture" >&2
	exit 2
	;;
esac
