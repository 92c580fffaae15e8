#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# Suites: each is the list of scenarios that `list` shows, says beforehand what it takes, and can be
# resumed.

load helpers

scenarios_of() { # SUITE
	ringwalk list --format json --strategy pinned
	exits 0
	jq -c ".suites[] | select(.name == \"$1\") | .scenarios" out
}

@test "list shows the suites, and --long what the scenarios are" {
	ringwalk list --strategy pinned
	exits 0
	for suite in default quick full; do
		prints "^  $suite "
	done
	ringwalk list --strategy pinned --long --scenario storm
	exits 0
	prints "section=access ring-size=256 burst=32 invalidate=metadata rate=1000"
}

@test "an unknown suite: the known ones are named" {
	ringwalk run --suite fast
	exits 2
	says "suite 'fast' is unknown; one of: default quick full"
	[ ! -e results ]
}

@test "quick is the suite of that name, and runs its scenarios" {
	quick=$(scenarios_of quick)
	ringwalk "${any[@]}" --strategy pinned --quick
	exits 0
	holds run.json "[.scenarios[].name] == $quick and .settings.suite == \"quick\""
	holds run.json '.settings.launches == 1'
	ringwalk run --dry-run --strategy pinned --suite quick --seed 1
	cp out suite
	ringwalk run --dry-run --strategy pinned --quick --seed 1
	cmp out suite
}

@test "--scenario names others than the suite's, with the suite's times" {
	ringwalk run --dry-run --suite full --scenario steady --strategy pinned
	exits 0
	prints "^5 launches"
	lacks storm out
}

@test "full has all scenarios and takes no more than 15 minutes" {
	all=$(ringwalk list --format json --strategy pinned; jq -c '[.scenarios[].name] | sort' out)
	[ "$(scenarios_of full | jq -c sort)" = "$all" ]
	ringwalk run --dry-run --suite full
	exits 0
	seconds=$(sed -n 's/^about \([0-9]*\) s.*/\1/p' out)
	[ "$seconds" -gt 60 ]
	[ "$seconds" -le 900 ]
}

announced() {
	grep -q "ringwalk: this takes about 10 minutes; .*--resume latest" err
}

@test "a long run says beforehand how long it is" {
	start "${any[@]}" --strategy pinned --scenario steady --launches 5 --seconds 600
	within_ten_seconds announced
	kill -INT "$started"
	finish
	[ "$status" = 130 ]
	ringwalk "${short[@]}"
	exits 0
	lacks "this takes" err
}

@test "a suite that was interrupted is resumed with all its scenarios" {
	start "${any[@]}" --suite quick --launches 2 --seconds 4 --strategy pinned,seqlock
	within_ten_seconds has_samples
	kill -INT "$started"
	finish
	[ "$status" = 130 ]
	ringwalk run --resume latest
	exits 0
	holds run.json '.settings.suite == "quick" and (.scenarios | length) == 4 and .stopped == null'
	holds summary.json 'all(.cells[]; .ns_per_entry.launches == 2)'
}
