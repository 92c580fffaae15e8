#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# Standard streams that take nothing: it is said, and what was measured is in its files all the same.

load helpers

# Of a run whose table could not be printed.
files_are_whole() {
	holds run.json '.stopped == null'
	holds summary.json '.cells[0].ns_per_entry.value > 0'
	jq -es 'length > 0' results/latest/samples.jsonl >/dev/null
	[ -s results/latest/summary.md ]
}

@test "standard output is full: exit 3, and the files are whole" {
	status=0
	"$build/ringwalk" "${short[@]}" >/dev/full 2>err </dev/null || status=$?
	touch out
	exits 3
	says "standard output: No space left on device"
	files_are_whole
}

@test "standard output is a pipe that nobody reads any more: exit 3, and the files are whole" {
	mkfifo pipe
	# Its reader leaves as soon as the writer has opened it.
	: <pipe &
	status=0
	"$build/ringwalk" "${short[@]}" >pipe 2>err </dev/null || status=$?
	touch out
	exits 3
	says "standard output: Broken pipe"
	files_are_whole
}

@test "standard output is closed: exit 3, and no file of ours is taken for it" {
	status=0
	"$build/ringwalk" "${short[@]}" >&- 2>err </dev/null || status=$?
	touch out
	exits 3
	says "standard output: Bad file descriptor"
	files_are_whole
}

@test "all standard streams are closed: no file of ours gets their numbers" {
	setsid "$build/ringwalk" "${long[@]}" <&- >&- 2>&- 3>&- &
	started=$!
	within_ten_seconds has_samples
	for process in "$started" "$(launch_of "$started")"; do
		for stream in 0 1 2; do
			[ "$(readlink "/proc/$process/fd/$stream")" = /dev/null ]
		done
	done
	kill -INT "$started"
	finish
	touch out err
	exits 130
	assert_kept
}

@test "no gnuplot: it is said, and everything else is there" {
	mkdir bin
	status=0
	PATH=$PWD/bin "$build/ringwalk" run --quick --strategy pinned --scenario steady --max-noise 100 \
		>out 2>err </dev/null || status=$?
	exits 0
	says "no plots: gnuplot is not installed"
	files_are_whole
	prints pinned
}

@test "a dumb terminal gets neither progress nor colours" {
	command -v script >/dev/null || skip "script is not installed"
	TERM=dumb script -qec "'$build/ringwalk' ${short[*]}" typescript </dev/null >/dev/null
	grep -q pinned typescript
	lacks $'\e' typescript
	lacks " s left" typescript
}
