#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# --format: what is printed is what its readers take, by their schemas (tests/schemas/README.md), and
# standard output has nothing else.

load helpers

schemas=$BATS_TEST_DIRNAME/../schemas
all=(json csv markdown junit bmf github-benchmark)
tiny=("${any[@]}" --quick --seconds 0.3 --strategy "pinned,spinlock" --scenario "steady,storm")

valid_json() { # SCHEMA FILE
	python3 -c 'import jsonschema' 2>/dev/null || skip "python3 has no jsonschema here"
	python3 "$schemas/validate.py" "$1" "$2"
}

valid_junit() { # FILE
	command -v xmllint >/dev/null || skip "xmllint is not installed"
	xmllint --noout --nonet --schema "$schemas/junit.xsd" "$1"
	xmllint --noout --nonet --schema "$schemas/jenkins-junit.xsd" "$1"
	[ -z "${RINGWALK_JUNIT_XSD-}" ] || xmllint --noout --nonet --schema "$RINGWALK_JUNIT_XSD" "$1"
}

valid_bmf() { # FILE
	valid_json "$schemas/bmf.schema.json" "$1"
	[ -z "${RINGWALK_BMF_SCHEMA-}" ] || valid_json "$RINGWALK_BMF_SCHEMA" "$1"
}

# Each record has as many fields as the header.
valid_csv() { # FILE
	python3 -c 'import csv, sys
records = list(csv.reader(open(sys.argv[1], newline="", errors="replace"), strict=True))
sys.exit(len(records) < 2 or any(len(r) != len(records[0]) for r in records))' "$1"
}

# Each row of the table has as many columns as its head.
valid_markdown() { # FILE
	awk -F'|' '/^\|/ { gsub(/\\./, ""); if (!n) n = NF; if (NF != n) bad = 1 }
		END { exit bad || !n }' "$1"
}

valid() { # FORMAT FILE
	case $1 in
	json) valid_json "$schemas/figures.schema.json" "$2" ;;
	github-benchmark) valid_json "$schemas/github-benchmark.schema.json" "$2" ;;
	*) "valid_$1" "$2" ;;
	esac
}

print_figures() { # run|comparison|nothing FORMAT [DIRECTION]
	status=0
	"$build/tests/tools/print_figures" "$@" >out 2>err || status=$?
}

@test "a run in each format is valid, and alone on standard output" {
	local format

	for format in "${all[@]}"; do
		ringwalk "${tiny[@]}" --format "$format"
		exits 0
		valid "$format" out
		grep -q '^Results: ' err
		lacks 'Results: ' out
	done
}

@test "a comparison in each format is valid, and alone on standard output" {
	local format runs

	for _ in base head; do
		ringwalk "${any[@]}" --launches 5 --seconds 0.3 --strategy pinned --scenario steady
		exits 0
	done
	runs=(results/runs/*)
	for format in "${all[@]}"; do
		ringwalk compare --base "${runs[0]}" --head "${runs[1]}" --unchanged --max-noise 100 \
			--format "$format"
		# Noise may make one slower: what is printed is valid whatever is found.
		[ "$status" = 1 ] || exits 0
		valid "$format" out
		[ -s err ]
	done
}

@test "figures of a run are those of its summary.json" {
	ringwalk "${tiny[@]}" --format json
	exits 0
	jq -e --slurpfile summary results/latest/summary.json '
		[.figures[] | select(.metric == "ns_per_entry") | [.strategy, .scenario, .value, .upper]] ==
		[$summary[0].cells[] | [.strategy, .scenario, .ns_per_entry.value, .ns_per_entry.upper]]
		and length > 0' out
	# What invalidations do is a figure only where there are any.
	jq -e '[.figures[] | select(.metric == "invalidations_per_s") | .scenario] | unique == ["storm"]' out
}

@test "made-up figures with strange names are valid in each format" {
	local kind format

	for kind in run comparison; do
		for format in "${all[@]}"; do
			print_figures "$kind" "$format"
			exits 0
			valid "$format" out
		done
	done
}

@test "what is not known is null or left out, and never 0" {
	print_figures run json
	jq -e '[.figures[] | select(.value == null)] | length == 2 and all(.value_reason | length > 0)' out
	print_figures comparison json
	jq -e '[.figures[] | select(.value == null)] | map(.value_reason | test("same object")) == [true]' out
	print_figures run json
	# A measured 0 stays one.
	jq -e '[.figures[] | select(.value == 0)] | length == 1' out
	print_figures run csv
	grep -q '^pinned,storm,ns_per_entry,ns/entry,smaller,,,,' out
	print_figures run bmf
	jq -e 'has("walk/pinned/storm") | not' out
	says "is left out: Bencher takes names of 64 bytes"
	print_figures run github-benchmark
	jq -e 'any(.name | startswith("pinned")) | not' out
}

@test "junit fails for a verdict that is not expected, and for what is slower, and skips what is not known" {
	print_figures run junit
	valid_junit out
	[ "$(xmllint --xpath 'string(//testsuite/@failures)' out)" = 1 ]
	[ "$(xmllint --xpath 'count(//failure[@type="safety"])' out)" = 1 ]
	[ "$(xmllint --xpath 'string(//testcase[skipped]/@name)' out)" = pinned/storm ]
	print_figures comparison junit
	[ "$(xmllint --xpath 'count(//failure[@type="slower"])' out)" = 1 ]
	[ "$(xmllint --xpath 'count(//skipped)' out)" = 2 ]
	[ "$(xmllint --xpath 'string(//testsuite/@tests)' out)" = 6 ]
	# Accepted is no failure, and says why.
	xmllint --xpath 'string(//testcase[contains(@name, "burst")]/system-out)' out | grep -q 'barrier is needed'
}

@test "github-benchmark has one direction at a time, and no empty list" {
	print_figures run github-benchmark bigger
	exits 0
	jq -e 'map(.name) == ["seqlock/storm/invalidations_per_s"]' out
	print_figures run github-benchmark smaller
	jq -e 'any(.name | endswith("invalidations_per_s")) | not' out
	print_figures comparison github-benchmark bigger
	exits 4
	says 'better when bigger'
	[ ! -s out ]
	print_figures nothing bmf
	exits 4
	[ ! -s out ]
}

@test "an unknown format or direction names the valid ones" {
	ringwalk run --format yaml
	exits 2
	says "'yaml' is unknown; one of: table json csv markdown junit bmf github-benchmark"
	ringwalk run --direction up
	exits 2
	says "'up' is unknown; one of: smaller bigger"
	ringwalk list --format junit
	exits 2
	says "'junit' is unknown; one of: text json scenario"
	[ ! -e results ]
}

# Whatever becomes of standard output, the results are there.
assert_printed_nothing() {
	exits 3
	says 'standard output: '
	holds summary.json '.cells | length > 0'
}

@test "a full disk under standard output is an error, and the results are kept" {
	local format

	for format in table junit; do
		status=0
		"$build/ringwalk" "${short[@]}" --format "$format" >/dev/full 2>err || status=$?
		: >out
		assert_printed_nothing
		says 'No space left on device'
	done
}

@test "a reader that has gone is an error and no signal, and the results are kept" {
	local format fd

	for format in table bmf; do
		# The reading end is closed before anything is written.
		exec {fd}> >(:)
		sleep 0.2
		status=0
		"$build/ringwalk" "${short[@]}" --format "$format" 2>err 1>&"$fd" || status=$?
		exec {fd}>&-
		: >out
		assert_printed_nothing
		says 'Broken pipe'
	done
}
