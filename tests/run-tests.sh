#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds and runs the tests; each is a program that prints TAP. The last line of the output is
# "N passed, N failed, N skipped"; exit 0 if none failed.
set -uo pipefail

usage() {
	cat <<'END'
usage: tests/run-tests.sh [--quick | --all] [--filter PATTERN] [PROGRAM...]

  --quick            in three minutes: one build and its tests
  --all              what takes longer than 25 minutes, too: long torture, every mutation
                     (default: other compilers and sanitizers, models)
  --filter PATTERN   only tests whose name matches this extended regular expression
  --strategy LIST    these strategies only, where a test goes through them
  --scenario LIST    these scenarios only, where a test goes through them
  PROGRAM...         build nothing and run only these programs

Builds lie in build, build-clang, -asan, -tsan, -arm64 and -emulated, or below the name in the environment variable B.
END
}

level=standard
filter=.
time_limit=900
programs=()
while [ $# -gt 0 ]; do
	case $1 in
	--quick | --all) level=${1#--} ;;
	--filter | --strategy | --scenario)
		if [ $# -lt 2 ]; then
			echo "run-tests.sh: $1 needs a value" >&2
			exit 2
		fi
		case $1 in
		--filter) filter=$2 ;;
		--strategy) export RINGWALK_STRATEGY=$2 ;;
		--scenario) export RINGWALK_SCENARIO=$2 ;;
		esac
		shift
		;;
	-h | --help)
		usage
		exit
		;;
	-*)
		echo "run-tests.sh: option '$1' is unknown; one of:" \
			"--quick --all --filter --strategy --scenario --help" >&2
		exit 2
		;;
	*) programs+=("$(realpath "$1")") ;;
	esac
	shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 3
build=${B:-build}
export B=$build RINGWALK_TESTS=$level CMOCKA_MESSAGE_OUTPUT=TAP
unset MAKEFLAGS MAKELEVEL
export TSAN_OPTIONS="suppressions=$PWD/tests/sanitizers/tsan.supp"
# Addresses that are too random are beyond TSan.
tame=(setarch "$(uname -m)" -R)
"${tame[@]}" true 2>/dev/null || tame=()
output=$(mktemp)
trap 'rm -f "$output"' EXIT
trap 'exit 130' INT TERM

# From a test's TAP: how many passed, failed and were skipped, then what is to be shown of it. A
# program that says nothing, stops half-way or fails without a failed test has failed itself; and so
# has one in any of whose processes a sanitizer has found something.
# (cmocka prints a skipped test as "not ok N # SKIP".)
read_tap() { # STATUS
	awk -v status="$1" '
	function fail(text) { failed++; shown = shown "\n  " text }
	/^1\.\.[0-9]+/ {
		has_plan = 1
		plan += substr($1, 4)
		if ($1 == "1..0" && tolower($0) ~ /# *skip/) {
			skipped++
			plan++
			shown = shown "\n  skipped: " $0
		}
		next
	}
	/^(not )?ok / && tolower($0) ~ /# *skip/ {
		skipped++
		text = $0
		sub(/^(not )?ok +[0-9]+ *(- )?/, "", text)
		if (text ~ /^# *SKIP/ && said != "")
			text = text " (" said ")"
		shown = shown "\n  skipped: " text
		said = ""
		next
	}
	/^ok / { passed++; said = ""; next }
	/^not ok / { fail($0); said = ""; next }
	/^SUMMARY: [A-Za-z]*Sanitizer/ || /: runtime error: / { fail($0); next }
	NF && !/: Skipped!$/ { said = $0; sub(/^# */, "", said) }
	END {
		if (!has_plan)
			fail("printed no TAP plan (exit status " status ")")
		else if (passed + failed + skipped < plan)
			fail("ended after " passed + failed + skipped " of " plan \
			     " tests (exit status " status ")")
		else if (status == 124)
			fail("took too long")
		else if (status && !failed)
			fail("exit status " status)
		print passed + 0, failed + 0, skipped + 0
		print substr(shown, 2)
	}' "$output"
}

passed=0 failed=0 skipped=0

# Runs one test program and prints its line; all of its output where something failed.
run_test() { # NAME COMMAND...
	local name=$1 begin=$EPOCHREALTIME status p f s shown took
	shift
	[[ $name =~ $filter ]] || return 0
	"$@" >"$output" 2>&1 </dev/null
	status=$?
	[ $status != 130 ] || exit 130
	{
		read -r p f s
		shown=$(cat)
	} < <(read_tap $status)
	took=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
	printf '%-4s %-32s %3d passed %3d failed %3d skipped %6s s\n' \
		"$([ "$f" = 0 ] && echo ok || echo FAIL)" "$name" "$p" "$f" "$s" "$took"
	[ -z "$shown" ] || echo "$shown"
	[ "$f" = 0 ] || sed 's/^/  | /' "$output"
	((passed += p, failed += f, skipped += s))
}

run_program() { # NAME COMMAND...
	local name=$1
	shift
	run_test "$name" timeout --foreground -k 5 "$time_limit" "$@"
}

run_bats() { # NAME FILE
	if command -v bats >/dev/null; then
		run_program "$1" bats --formatter tap "$2"
	else
		run_test "$1" echo "1..0 # SKIP bats is not installed"
	fi
}

# One test: does it build without a warning?
build_with() { # COMPILER MAKE-ARGUMENT...
	local cc=$1
	shift
	echo "1..1"
	if ! command -v "$cc" >/dev/null; then
		echo "ok 1 # SKIP $cc is not installed"
	elif ! echo '#include <stdio.h>' | "$cc" -E - >/dev/null 2>&1; then
		echo "ok 1 # SKIP $cc has no C library"
	elif make -s -j"$(nproc)" CC="$cc" "$@"; then
		echo "ok 1 - builds"
	else
		echo "not ok 1 - builds"
	fi
}

# Every script of the tree: one test each.
check_scripts() {
	local file n=0

	if ! command -v shellcheck >/dev/null; then
		echo "1..0 # SKIP shellcheck is not installed"
		return
	fi
	while read -r file; do
		n=$((n + 1))
		if shellcheck "$file"; then
			echo "ok $n - $file"
		else
			echo "not ok $n - $file"
		fi
	done < <(find . -name 'build*' -prune -o -path ./.git -prune -o -path ./results -prune -o \
		-type f \( -name '*.sh' -o -name '*.bash' -o -name '*.bats' -o -path './.ci/*' \) -print |
		sort)
	echo "1..$n"
}

# The unit and conformance tests of one build.
run_compiled() { # NAME-PREFIX BUILD [COMMAND...]
	local prefix=$1 build=$2 source test
	shift 2

	for source in tests/unit/*.c tests/conformance/*.c; do
		[ -e "$source" ] || continue
		test=${source#tests/}
		test=${test%.c}
		run_program "$prefix$test" "$@" "$build/tests/$test"
	done
}

# A build with sanitizers, and all that runs in it.
run_sanitized() { # KIND [COMMAND...]
	local kind=$1
	shift
	[[ "$kind/ build/$kind sanitizers/$kind" =~ $filter ]] || return 0
	filter=. run_test "build/$kind" build_with gcc B="$build" "$kind"
	run_program "sanitizers/$kind" "$@" tests/sanitizers/check.sh "$kind" "$build-$kind"
	run_compiled "$kind/" "$build-$kind" "$@"
}

# A build for arm64, and what runs in an emulated machine.
run_emulated() {
	local part

	[[ "build/emulated emulated/counters emulated/without_pmu emulated/walk emulated/cost emulated/torture" =~ $filter ]] || return 0
	filter=. run_test build/emulated tests/emulated/check.sh build "$build-emulated"
	for part in counters without_pmu walk cost torture; do
		run_program "emulated/$part" tests/emulated/check.sh "$part" "$build-emulated"
	done
}

# More than one build and three minutes.
run_beyond_quick() {
	run_test "build/clang" build_with clang B="$build-clang" all tests
	run_sanitized asan
	run_sanitized tsan ${tame[@]+"${tame[@]}"}
	run_emulated
	# The emulated machine's programs are all of it, linked.
	[ -e "$build-emulated/arm64/ringwalk" ] ||
		run_test "build/arm64" build_with aarch64-linux-gnu-gcc B="$build" arm64
	run_program models/check tests/models/check.sh
}

run_all() {
	local file

	# Built whatever the filter says: everything else runs it.
	filter=. run_test "build/gcc" build_with gcc B="$build" all tests
	if [ -n "${RINGWALK_STRATEGY-}${RINGWALK_SCENARIO-}" ]; then
		"$build/ringwalk" list ${RINGWALK_STRATEGY:+--strategy "$RINGWALK_STRATEGY"} \
			${RINGWALK_SCENARIO:+--scenario "$RINGWALK_SCENARIO"} >/dev/null || exit
	fi
	run_compiled "" "$build"
	[ "$RINGWALK_TESTS" = quick ] || run_beyond_quick
	# Of the compilers that have built.
	for file in tests/hotloop/*.sh; do
		run_program "hotloop/$(basename "$file" .sh)" "$file"
	done
	for file in tests/cli/*.bats; do
		[ -e "$file" ] || continue
		# The others start many runs, one after the other: the quick part has three minutes.
		case $level:$file in
		quick:*/bad_input.bats | quick:*/help.bats | quick:*/list.bats | quick:*/recipes.bats) ;;
		quick:*/run_sh.bats | quick:*/runner.bats | quick:*/sections.bats | quick:*/trend.bats) ;;
		quick:*) continue ;;
		esac
		run_bats "cli/$(basename "$file" .bats)" "$file"
	done
	run_test scripts check_scripts
	if [ "$RINGWALK_TESTS" = all ]; then
		time_limit=14400
		run_program torture/verdicts tests/torture/verdicts.sh
		run_program torture/mutations tests/torture/mutations.sh
	fi
}

if [ ${#programs[@]} -gt 0 ]; then
	for program in "${programs[@]}"; do
		case $program in
		*.bats) run_bats "$(basename "$program")" "$program" ;;
		*) run_program "$(basename "$program")" "$program" ;;
		esac
	done
else
	run_all
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
