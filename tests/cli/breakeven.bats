#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2054,SC2154 # LIST options; variables of helpers.bash
#
# The break-even of map and copy: what is refused, what a short one leaves, and that one that is
# interrupted keeps what it has.

load helpers

small=(breakeven --strategy spinlock,seqlock --size 16..4096:x16 --pieces 1..8:x8 --rate 200..20k:x10)

# A file of the run, whose folder no link points to.
found() { # EXPRESSION
	jq -e "$1" results/runs/*/breakeven.json >/dev/null || {
		echo "expected of breakeven.json: $1"
		jq -c 'del(.points)' results/runs/*/breakeven.json
		return 1
	}
}

@test "breakeven: what is typed wrong is refused, with what is valid" {
	refused "strategy 'pinned' has no map that is taken away; one of:.* seqlock" breakeven --strategy pinned
	refused "strategy 'rcuu' is unknown; one of:" breakeven --strategy rcuu
	refused "size '1': must be a whole number from 2 to 65536" breakeven --size 1
	refused "size '64..2': must go from a lower to a higher value" breakeven --size 64..2
	refused "pieces '65': must be .* from 1 to 64" breakeven --pieces 65
	refused "rate '0': must be a number from 1 to 100000" breakeven --rate 0
	refused "rate '10..x'|rate '10\.\.x'|rate 'x'" breakeven --rate 10..x
	refused "section 'entry' is unknown; one of: access burst" breakeven --section entry
	refused "copy-ns '0': must be a number from" breakeven --copy-ns 0
	refused "copy-ns-per-kib is what is added to --copy-ns" breakeven --copy-ns-per-kib 3
	refused "pieces: 64 of 2 bytes or more are 128 bytes" breakeven --pieces 64 --size 2..64
	refused "format 'csv' is unknown; one of: table json" breakeven --format csv
	refused "option '--scenario' is unknown; one of:.*--copy-ns" breakeven --scenario storm
}

@test "breakeven: nothing but copies is nothing to run" {
	ringwalk breakeven --family copies
	exits 4
	says "none of these strategies has a map"
}

@test "breakeven --dry-run measures nothing and says how long it takes" {
	ringwalk "${small[@]}" --dry-run --seconds 30
	exits 0
	prints "strategies: spinlock seqlock|strategies: seqlock spinlock"
	prints "about [0-9]+ windows .* not more than 30 s"
	[ ! -e results ]
}

@test "breakeven: a short one has tables, a map, and every search with its outcome" {
	ringwalk "${small[@]}" --seconds 8 --copy-ns 15 --copy-ns-per-kib 30 --templates "$root/plots"
	exits 0
	says "this takes about [0-9]+ s"
	prints "^Invalidations a second where it turns, .* against the copy \(a model\)$"
	prints "^  spinlock\*? +[a-z]"
	prints "^  \(the copy as assumed\) +assumed +15\.4"
	found '.kind == "breakeven" and .schema_version == 1 and .assumed_copy.assumed'
	found '[.strategies[].name] | sort == ["seqlock", "spinlock"]'
	found '.points | length > 0 and all(.[]; .map_ns > 0 and .copy_ns > 0 and .pairs >= 3)'
	found '[.points[] | select(.rate_per_s > 10000)] | length > 0 and all(.[]; .notifications_only)'
	# Each has an outcome, or says why not.
	found 'all(.crossings[]; if .outcome == "unknown" then .reason != null else true end)'
	found 'all(.crossings[] | select(.outcome == "crosses"); .low < .high and .below != null)'
	found '[.crossings[] | select(.outcome != "unknown")] | length > 0'
	found '.floor | length == 3 and all(.[]; .memcpy_ns > 0)'
	# The very places, as they were measured.
	[ "$(jq -s length results/runs/*/samples.jsonl)" = "$(jq '.points | length' results/runs/*/breakeven.json)" ]
	grep -q '^| (memcpy, always mapped) | floor | [0-9]' results/runs/*/breakeven.md
	command -v gnuplot >/dev/null || return 0
	lacks "no plots" err
	grep -q '</svg>' results/runs/*/plots/breakeven.svg
}

@test "breakeven: --format json alone on standard output, and no plots where none are asked for" {
	ringwalk breakeven --strategy seqlock --size 16 --pieces 1 --rate 1000 --seconds 2 \
		--format json --no-plots
	exits 0
	jq -e '.kind == "breakeven" and .assumed_copy == null' out
	[ -z "$(find results -name '*.svg')" ]
}

@test "breakeven: interrupted, it keeps what was measured, and says so" {
	start "${small[@]}" --seconds 60 --no-plots
	has_places() { grep -qs map_ns results/runs/*/samples.jsonl; }
	within_ten_seconds has_places
	kill -INT "$started"
	finish
	exits 130
	says "interrupted by signal 2; what was measured until then is in results/runs/"
	found '.stopped == "interrupted by signal 2" and (.points | length > 0)'
	found '.crossings | any(.[]; .outcome == "unknown" and .reason == "the measuring ended before")'
	prints "Not all was measured: interrupted"
}

@test "breakeven: when the time is over, what is missing is said, and it is no error" {
	ringwalk "${small[@]}" --seconds 0.5 --no-plots
	exits 0
	says "the 0.5 seconds of --seconds were over"
	found '.stopped | test("were over")'
}

@test "breakeven: without the right to copy from the guest it says so" {
	deny process_vm_readv EPERM breakeven --strategy seqlock --seconds 2 --no-plots
	exits 3
	says "Operation not permitted|not permitted"
}
