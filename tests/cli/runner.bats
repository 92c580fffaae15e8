#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/run-tests.sh counts what it is there to count.

setup() {
	runner=$BATS_TEST_DIRNAME/../run-tests.sh
	cd "$BATS_TEST_TMPDIR" || return
	# A test of the runner must not be counted by it.
	unset RINGWALK_STRATEGY RINGWALK_SCENARIO
}

program() { # NAME SCRIPT
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

# The exit status, and that the last line is exactly this.
counts() { # STATUS LINE PROGRAM...
	local expected=$1 line=$2
	shift 2
	run "$runner" "$@"
	echo "$output"
	[ "$status" = "$expected" ]
	[ "${lines[-1]}" = "$line" ]
	[ "${output: -1}" = d ]
}

@test "passing tests" {
	program good 'echo 1..2; echo "ok 1 - one"; echo "ok 2 - two"'
	counts 0 "2 passed, 0 failed, 0 skipped" good
}

@test "a failing test: its output is shown" {
	program bad 'echo 1..2; echo "ok 1 - one"; echo "# because"; echo "not ok 2 - two"; exit 1'
	counts 1 "1 passed, 1 failed, 0 skipped" bad
	[[ $output == *"FAIL bad"*"not ok 2 - two"*"# because"* ]]
}

@test "a skipped test: its reason is shown" {
	program some 'echo 1..2; echo "ok 1 - one # SKIP no moon tonight"; echo "ok 2 - two"'
	counts 0 "1 passed, 0 failed, 1 skipped" some
	[[ $output == *"skipped: one # SKIP no moon tonight"* ]]
}

@test "a skipped test as cmocka prints it" {
	program some 'echo 1..1; echo "no moon tonight"; echo "x.c:1: Skipped!"; echo "not ok 1 # SKIP one"'
	counts 0 "0 passed, 0 failed, 1 skipped" some
	[[ $output == *"skipped: # SKIP one (no moon tonight)"* ]]
}

@test "a program that skips everything" {
	program all 'echo "1..0 # SKIP wrong machine"'
	counts 0 "0 passed, 0 failed, 1 skipped" all
	[[ $output == *"wrong machine"* ]]
}

@test "a program that crashes half-way" {
	program crash 'echo 1..3; echo "ok 1 - one"; kill -SEGV $$'
	counts 1 "1 passed, 1 failed, 0 skipped" crash
	[[ $output == *"FAIL crash"*"ended after 1 of 3 tests (exit status 139)"* ]]
}

@test "a program that prints no plan" {
	program silent 'exit 0'
	counts 1 "0 passed, 1 failed, 0 skipped" silent
	[[ $output == *"FAIL silent"*"printed no TAP plan (exit status 0)"* ]]
}

@test "a program that fails after its tests passed" {
	program late 'echo 1..1; echo "ok 1 - one"; exit 3'
	counts 1 "1 passed, 1 failed, 0 skipped" late
	[[ $output == *"exit status 3"* ]]
}

@test "a program that is not there" {
	counts 1 "0 passed, 1 failed, 0 skipped" nowhere
}

@test "several programs are added up, and --filter picks among them" {
	program good 'echo 1..1; echo "ok 1 - one"'
	program bad 'echo 1..1; echo "not ok 1 - one"'
	counts 1 "1 passed, 1 failed, 0 skipped" good bad
	counts 0 "1 passed, 0 failed, 0 skipped" --filter '^go' good bad
}

@test "the test programs learn the level" {
	# shellcheck disable=SC2016 # for the program to expand
	program level 'echo 1..1; echo "ok 1 # SKIP $RINGWALK_TESTS"'
	counts 0 "0 passed, 0 failed, 1 skipped" level
	[[ $output == *"SKIP standard"* ]]
	counts 0 "0 passed, 0 failed, 1 skipped" --quick level
	[[ $output == *"SKIP quick"* ]]
	counts 0 "0 passed, 0 failed, 1 skipped" --all level
	[[ $output == *"SKIP all"* ]]
}

@test "a sanitizer's report is a failure, whatever the exit status" {
	program tsan 'echo 1..1; echo "SUMMARY: ThreadSanitizer: data race x.c:1 in main" >&2; echo "ok 1"'
	program ubsan 'echo 1..1; echo "x.c:1:2: runtime error: signed integer overflow" >&2; echo "ok 1"'
	counts 1 "1 passed, 1 failed, 0 skipped" tsan
	counts 1 "1 passed, 1 failed, 0 skipped" ubsan
}

@test "an unknown option: exit 2, the known ones are named" {
	run "$runner" --fast
	[ "$status" = 2 ]
	[[ $output == *"option '--fast' is unknown; one of: --quick --all"* ]]
}
