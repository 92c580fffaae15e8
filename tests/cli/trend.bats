#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # variables of helpers.bash
#
# Runs are kept in a history, and `trend` says what became of each cell.

load helpers

tiny=("${any[@]}" --quick --seconds 0.1 --strategy pinned --scenario steady)

# A made-up run: number, ns per entry, host, settings; in the store that is made up of such.
made_up() { # NUMBER VALUE [HOST [SETTINGS]]
	mkdir -p store
	jq -nc --argjson i "$1" --argjson ns "$2" --arg host "${3-host}" --arg settings "${4-on}" '{
		schema_version: 1, id: "run-\($i + 100)", time: "2026-11-01T01:\($i + 10):00Z",
		host: $host, machine: "Example CPU", settings_key: $settings,
		settings: {machine: {turbo: $settings}}, revision: "abc\($i + 1000)", dirty: false,
		version: "0.1", flags: "-O2", launches: 5, trusted: true,
		metrics: {ns_per_entry: {unit: "ns/entry", bigger_is_better: false}},
		cells: [{strategy: "seqlock", scenario: "steady", safety: "safe", object: "\($ns)",
			 metrics: {ns_per_entry: {value: $ns, lower: ($ns * 0.998), upper: ($ns * 1.002),
			 floor_percent: 1}}}]
	}' >>"store/${3-host}-${4-on}.jsonl"
}

# Twenty runs, the last eight of them 5 % slower.
a_step() {
	local i

	for i in $(seq 0 19); do
		made_up "$i" "$(awk -v i="$i" \
			'BEGIN { print (10 + 0.01 * (i * 5 % 7)) * (i < 12 ? 1 : 1.05) }')"
	done
}

trend() { # ARGUMENT...
	ringwalk trend --store store --no-plots "$@"
}

kept() { # DIRECTORY
	find "$1" -name '*.jsonl' -exec cat {} + 2>/dev/null | wc -l
}

@test "each finished run is kept, and trend shows it" {
	ringwalk "${tiny[@]}"
	exits 0
	ringwalk "${tiny[@]}"
	exits 0
	[ "$(kept results/history)" = 2 ]
	jq -es 'map(.schema_version == 1 and (.host | length == 16) and .trusted and
		(.settings.scenarios | has("steady")) and
		(.cells | length == 1 and .[0].strategy == "pinned" and
			.[0].metrics.ns_per_entry.value > 0)) | all' results/history/*.jsonl
	ringwalk trend --no-plots
	exits 0
	prints '^  2 runs from '
	prints '^  pinned/steady +ns_per_entry +2 '
}

@test "--no-store keeps nothing, --store elsewhere, and other commands nothing" {
	ringwalk "${tiny[@]}" --no-store
	exits 0
	ringwalk "${tiny[@]}" --store there/deep
	exits 0
	ringwalk "${tiny[@]}" --dry-run
	exits 0
	[ "$(kept there/deep)" = 1 ]
	ringwalk aa --quick --seconds 0.2 --launches 1 --strategy pinned --scenario steady --max-noise 100
	[ ! -e results/history ]
}

@test "other settings are another series, and the table says which" {
	ringwalk "${tiny[@]}"
	exits 0
	ringwalk "${tiny[@]}" --ring-size 64
	exits 0
	ringwalk trend --no-plots
	exits 0
	prints 'not compared with .*: they differ in scenarios.steady.ring_size \((64 / 256|256 / 64)\)'
}

@test "a run that was stopped is not kept" {
	start_long_run
	kill -INT "$started"
	finish
	exits 130
	[ ! -e results/history ]
}

@test "a history that cannot be written loses no results" {
	touch blocked
	ringwalk "${tiny[@]}" --store blocked
	exits 3
	says 'history: (File exists|Not a directory)'
	assert_kept
}

@test "a step is named with its revisions, and fails until it is known" {
	a_step
	trend
	exits 1
	prints 'seqlock/steady +ns_per_entry +20 .*\+[45]\.?[0-9]* % \[.*\] at abc1012 \(after abc1011\)'
	prints 'worse than the one before: seqlock/steady \(ns_per_entry\)'
	trend --since abc1012
	exits 0
	prints 'not known since abc1012\.'
	trend --since abc1011
	exits 1
}

@test "for programs" {
	a_step
	trend --format json
	exits 1
	jq -e '.schema_version == 1 and .worse == 1 and .changed == 1 and
		(.files[0].series[0] | .worse and (.levels[1].change |
			.at == "abc1012" and .worse and .lower_percent < 5 and .upper_percent > 5) and
			(.points | length == 20))' out
}

@test "runs of another host or with other settings make no step" {
	local i

	for i in $(seq 0 9); do
		made_up "$i" 10 here
		made_up "$((i + 10))" 12 there
		made_up "$((i + 20))" 12 here off
	done
	trend
	exits 0
	prints '^0 of 3 series have changed'
	prints 'they differ in machine.turbo \((on / off|off / on)\)'
	trend --host there
	exits 0
	prints '^0 of 1 series'
}

@test "what cannot be read is left out and named" {
	a_step
	printf '{"schema_version": 9}\n{"half' >>store/host-on.jsonl
	trend
	exits 1
	says 'store/host-on.jsonl: line 21 is left out: its schema is 9, and this ringwalk knows 1'
	says 'line 22 is left out: it is torn'
	prints '^  20 runs'
}

@test "no history is told, and names that it does not have" {
	trend
	exits 4
	says 'store: there is no history'
	mkdir store
	trend
	exits 4
	says 'no run in this history'
	a_step
	for wrong in --strategy --scenario --metric --host --since; do
		trend "$wrong" nonesuch
		exits 2
		says "$wrong 'nonesuch': the history has no "
	done
	trend --format csv
	exits 2
	says "--format 'csv' is unknown; one of: table json"
}

@test "pictures" {
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	a_step
	ringwalk trend --store store --templates "$root/plots"
	exits 1
	grep -q '<svg' store/trend/host-on.svg
	[ "$(head -c 4 store/trend/host-on.png | tail -c 3)" = PNG ]
	grep -q 'seqlock/steady' store/trend/host-on.svg
	grep -q 'abc1012' store/trend/host-on.tsv
	rm -r store/trend
	trend
	[ ! -e store/trend ]
}

@test "without gnuplot there is the table, and a word" {
	a_step
	mkdir bin
	status=0
	PATH=$PWD/bin "$build/ringwalk" trend --store store >out 2>err || status=$?
	exits 1
	says 'no pictures: gnuplot is not installed'
	prints 'abc1012'
}

@test "a closed pipe or a full disk is an error" {
	a_step
	[ -w /dev/full ] || skip "there is no /dev/full"
	status=0
	"$build/ringwalk" trend --store store --no-plots >/dev/full 2>err || status=$?
	[ "$status" = 3 ]
	says 'could not be printed'
}
