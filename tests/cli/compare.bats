#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2034,SC2154 # variables of helpers.bash
#
# Two builds, or two folders of results, held against each other: who is named as slower, what is not
# measured, and what is refused. Most builds here are this one behind a script that says another hash of an
# object, or makes what was measured slower.

load helpers

strategies=pinned,seqlock
# Of a fraction of a second a launch, however noisy this machine is.
quick=(--strategy "$strategies" --scenario steady --seconds 2 --max-noise 100)

# A program that lists itself as JQ-FILTER makes it, and multiplies times in its journal by FACTOR.
other_build() { # NAME JQ-FILTER [FACTOR]
	cat >"$1" <<-END
		#!/bin/bash
		case \$1 in
		list) exec < <("$build/ringwalk" "\$@"); exec jq '$2' ;;
		esac
		"$build/ringwalk" "\$@" || exit
		while [ "\$1" != --folder ]; do shift; done
		jq -c 'if .kind == "cell" and .ns_per_entry and .counters != "slowed"
			then .ns_per_entry.value *= ${3:-1} else . end' \
			<(tail -n +\$((\$(cat "\$2/lines" 2>/dev/null || echo 0) + 1)) "\$2/samples.jsonl") >"\$2/new"
		head -n "\$(cat "\$2/lines" 2>/dev/null || echo 0)" "\$2/samples.jsonl" >"\$2/all"
		cat "\$2/new" >>"\$2/all"
		mv "\$2/all" "\$2/samples.jsonl"
		wc -l <"\$2/samples.jsonl" >"\$2/lines"
	END
	chmod +x "$1"
}

changed='.strategies[] |= if .name == "seqlock" then .object = "changed" else . end'

comparing() { # BASE HEAD ARGUMENT...
	local base=$1 head=$2
	shift 2
	ringwalk compare --base "$base" --head "$head" "$@"
}

# Of the comparison that was made last.
found() { # JQ-EXPRESSION
	jq -e "$1" results/runs/*/compare.json >/dev/null || {
		echo "expected of compare.json: $1"
		jq -c '.figures[] | [.strategy, .scenario, .metric, .ratio, .verdict, .verdict_reason]' \
			results/runs/*/compare.json
		show
		return 1
	}
}

# --- what is compared --------------------------------------------------------------------------

@test "the same objects: nothing is measured, and it says so" {
	comparing "$build/ringwalk" "$build/ringwalk" "${quick[@]}"
	exits 0
	prints "Nothing differs: 2 strategies are the same objects"
	[ ! -e results ]
	comparing "$build/ringwalk" "$build/ringwalk" "${quick[@]}" --format bmf
	exits 0
	[ ! -s out ]
	status=0
	"$build/ringwalk" compare --base "$build/ringwalk" --head "$build/ringwalk" "${quick[@]}" \
		>/dev/full 2>err || status=$?
	exits 3
	says "standard output: No space left"
}

@test "one object differs and is twice as slow: it is named, the other one is unchanged, exit 1" {
	other_build head "$changed" 2
	comparing "$build/ringwalk" ./head --base-name old --head-name new "${quick[@]}"
	exits 1
	prints "^Slower: seqlock/steady ns_per_entry \+"
	prints "seqlock/steady +ns_per_entry .* slower$"
	prints "not compared \(1\): pinned"
	lacks "pinned/steady" out
	found '.base.name == "old" and .head.name == "new" and .unchanged == ["pinned"] and
		.pairs == 10 and .pairs_confirming == 10 and .base.launches == 20'
	found '[.figures[] | select(.metric == "ns_per_entry")] | length == 1 and (.[0] |
		.verdict == "slower" and .ratio > 1.5 and .ratio < 2.5 and .second.ratio == .ratio and
		.first.lower > 1 and .second.lower > 1 and .first.pairs == 10 and .second.q <= 0.05)'
}

@test "twice as fast: faster, exit 0; json alone on standard output" {
	other_build head "$changed" 0.5
	comparing "$build/ringwalk" ./head "${quick[@]}" --format json
	exits 0
	jq -e '[.figures[] | select(.metric == "ns_per_entry" and .strategy == "seqlock")] | length == 1 and
		.[0].change == "faster"' out
	jq -e '[.figures[] | select(.change == "unchanged" and .strategy == "pinned")] | length == 1' out
	grep -q "^Faster: seqlock/steady ns_per_entry -" err
}

@test "--unchanged measures it all the same; launches are in turn and have the same seeds" {
	comparing "$build/ringwalk" "$build/ringwalk" "${quick[@]}" --unchanged --seed 7
	[ "$status" = 0 ] || [ "$status" = 1 ]
	found '.unchanged == [] and ([.figures[].strategy] | unique == ["pinned", "seqlock"])'
	for side in base head; do
		jq -r 'select(.kind == "time" and .launch < 10 and .round < 2) |
			"\(.launch) \(.round) \(.strategy)"' results/runs/*/$side/samples.jsonl >$side.order
	done
	[ -s base.order ]
	cmp base.order head.order
}

@test "new, gone and other scenarios are told, and no error" {
	other_build head '.strategies |= map(if .name == "pinned" then .name = "newcomer" else . end) |
		.scenarios |= map(if .name == "burst" then .parameters.burst = 7 else . end)'
	comparing "$build/ringwalk" ./head --strategy pinned,newcomer,seqlock --scenario steady,burst
	exits 0
	prints "^New in the head \(1\): newcomer"
	prints "^Gone from the base \(1\): pinned"
	prints "not the same on both sides.*: burst"
	[ ! -e results ]
}

@test "another harness is said" {
	other_build head '.frame = "other"'
	comparing "$build/ringwalk" ./head "${quick[@]}"
	exits 0
	prints "What strategies run in .* is not the same code.*unchanged"
	prints "[-][-]unchanged measures them"
}

@test "--dry-run: the plan, and nothing is left" {
	comparing "$build/ringwalk" "$build/ringwalk" "${quick[@]}" --unchanged --dry-run
	exits 0
	prints "10 pairs of launches in turn"
	prints "^about [0-9]+ s"
	[ ! -e results ]
}

# --- known changes -----------------------------------------------------------------------------

@test "--accept: a known change does not fail, and its reason is shown; one too many is told" {
	other_build head "$changed" 1.5
	printf '%s\n' '# known' 'seqlock/steady ns_per_entry +90% a fence, on purpose' \
		'pinned/steady ns_per_entry +5% long gone' >known
	comparing "$build/ringwalk" ./head "${quick[@]}" --accept known
	exits 0
	prints "accepted: up to \+90 %: a fence, on purpose"
	prints "^Slower, and accepted: seqlock/steady"
	says "known: line 3: pinned/steady ns_per_entry is not slower"
}

@test "--accept: lines that are refused are named" {
	other_build head "$changed"
	while IFS='|' read -r line what; do
		printf '\n%s\n' "$line" >known
		comparing "$build/ringwalk" ./head "${quick[@]}" --accept known
		exits 2
		says "known: line 2: .*$what"
	done <<-'END'
		seqlock/steady ns_per_entry +5%|there is no reason
		seqlok/steady ns_per_entry +5% why|strategy 'seqlok' is unknown
		seqlock/calm ns_per_entry +5% why|scenario 'calm' is unknown
		seqlock/steady ns +5% why|metric 'ns' is unknown; one of: ns_per_entry
		seqlock/steady ns_per_entry 5 why|'5' is not how much
		seqlock|'seqlock' is no cell
	END
	comparing "$build/ringwalk" ./head "${quick[@]}" --accept nowhere
	exits 2
	says "accept 'nowhere': No such file"
	[ ! -e results ]
}

# --- interrupted --------------------------------------------------------------------------------

has_launch() { # SIDE
	grep -qs '"kind":"launch"' results/runs/*/"$1"/samples.jsonl
}

@test "Ctrl-C keeps what was measured, and --resume goes on to the end" {
	other_build head "$changed"
	start compare --base "$build/ringwalk" --head ./head "${quick[@]}" --seconds 5
	within_ten_seconds has_launch head
	kill -INT "$started"
	finish
	exits 130
	id=$(basename results/runs/*)
	says "interrupted by signal 2.*compare --resume $id"
	before=$(grep -c '"kind":"launch".*"complete":true' results/runs/*/base/samples.jsonl)
	[ "$before" -gt 0 ]
	# By any command: the plan knows which it was.
	ringwalk run --resume "$id"
	[ "$status" = 0 ] || [ "$status" = 1 ]
	says "$id has $before and [0-9]+ complete launches"
	found '.base.launches >= 10 and .head.launches >= 10'
	[ "$(jq -s 'map(select(.kind == "launch" and .complete) | .launch) | length == (unique | length)' \
		results/runs/*/base/samples.jsonl)" = true ]
}

@test "resumed with a program that was built anew: refused" {
	other_build head "$changed"
	start compare --base "$build/ringwalk" --head ./head "${quick[@]}"
	within_ten_seconds has_launch base
	kill -INT "$started"
	finish
	exits 130
	other_build head '.strategies[] |= (.object = "another")'
	ringwalk compare --resume "$(basename results/runs/*)"
	exits 3
	says "built anew since"
}

# --- refused ------------------------------------------------------------------------------------

@test "too little, too much and too few: exit 2" {
	ringwalk compare
	exits 2
	says "needs --base and --head"
	ringwalk compare --base "$build/ringwalk"
	exits 2
	comparing "$build/ringwalk" .
	exits 2
	says "'\.' is a folder of results, and '.*' is not"
	comparing "$build/ringwalk" "$build/ringwalk" --pairs 9
	exits 2
	says "pairs '9': must be a whole number from 10 to 20"
	comparing "$build/ringwalk" "$build/ringwalk" --strategy pinned,seqlok
	exits 2
	says "strategy 'seqlok' is unknown; one of: .*seqlock"
	comparing "$build/ringwalk" "$build/ringwalk" --scenario calm
	exits 2
	says "scenario 'calm' is unknown; one of: .*steady"
}

@test "programs that cannot be compared: exit 3" {
	comparing "$build/ringwalk" ./nowhere
	exits 3
	says "nowhere: No such file"
	comparing "$build/ringwalk" /bin/true
	exits 3
	says "does not say what it has"
	other_build old 'del(.launch_interface)'
	comparing ./old "$build/ringwalk" --base-name v1
	exits 3
	says "v1 is older than .compare."
	other_build new '.launch_interface = 99'
	comparing "$build/ringwalk" ./new --head-name v9
	exits 3
	says "v9 is newer than this program.*version 99"
}

@test "a launch that fails: what it said is shown, and its status" {
	other_build head "$changed"
	sed -i '2i [ "$1" != launch ] || { echo "ringwalk: it fell over" >\&2; exit 3; }' head
	comparing "$build/ringwalk" ./head "${quick[@]}"
	exits 3
	says "it fell over"
	says "./head: launch 1 failed"
}

# --- folders of results --------------------------------------------------------------------------

folders() {
	ringwalk "${any[@]}" --scenario steady --strategy pinned,seqlock --launches 5 --seconds 1
	exits 0
}

# A copy of the last run whose times are multiplied, and whose seqlock was another object.
slower_folder() { # NAME FACTOR
	cp -r "$(realpath results/latest)" "$1"
	jq '.objects.seqlock = "other"' "$1/run.json" >"$1/new" && mv "$1/new" "$1/run.json"
	jq -c "if .kind == \"cell\" then .ns_per_entry.value *= $2 else . end" "$1/samples.jsonl" >"$1/new"
	mv "$1/new" "$1/samples.jsonl"
}

@test "two folders: slower and unconfirmed, and below the wider floor it is the same" {
	folders
	slower_folder slow 1.2
	comparing results/latest slow --max-noise 100
	exits 1
	prints "^Slower: seqlock/steady ns_per_entry \+20.0 % \(unconfirmed\)"
	prints "slower: unconfirmed"
	prints "measured at different times|Measured at different times"
	lacks "pinned/steady" out
	slower_folder little 1.02
	comparing results/latest little --max-noise 100
	exits 0
	prints "seqlock/steady +ns_per_entry .* same$"
}

@test "folders that cannot be compared are refused with the reason" {
	folders
	mkdir empty
	comparing results/latest empty
	exits 3
	says "empty: it has no run.json"
	slower_folder future 1
	jq '.schema_version = 2' future/run.json >new && mv new future/run.json
	comparing results/latest future
	exits 3
	says "schema version 2, and this program knows 1: a newer ringwalk"
	slower_folder elsewhere 1
	jq '.machine = "Another CPU"' elsewhere/run.json >new && mv new elsewhere/run.json
	comparing results/latest elsewhere
	exits 3
	says "the machine differs: .*Another CPU"
	slower_folder wide 1
	jq '.scenarios[0].burst = 7' wide/run.json >new && mv new wide/run.json
	comparing results/latest wide
	exits 3
	says "scenario 'steady' had another burst"
	slower_folder torn 1
	head -c 20 torn/run.json >new && mv new torn/run.json
	comparing results/latest torn
	exits 3
	says "torn/run.json: line [0-9]+"
	slower_folder bare 1
	: >bare/samples.jsonl
	comparing results/latest bare
	exits 3
	says "no complete launch"
	comparing results/latest results/latest
	exits 0
	prints "Nothing differs"
}

# --- revisions ------------------------------------------------------------------------------------

run_sh() {
	status=0
	"$@" >out 2>err </dev/null || status=$?
}

git_here() {
	git -C tree -c user.name=test -c user.email=test@localhost "$@"
}

# The sources as they are, as a repository of its own.
make_tree() {
	mkdir tree
	tar -C "$root" -c --exclude=./build* --exclude=./results --exclude=./.git . | tar -C tree -x
	git_here init -q
	printf '/build*/\n/results/\n' >tree/.gitignore
	git_here add -A
	git_here commit -qm base
}

@test "run.sh compare: names that are no revision, and too many" {
	command -v git >/dev/null || skip "there is no git"
	[ -e "$root/.git" ] || skip "the sources are no checkout"
	run_sh "$root/run.sh" compare --no-install no-such-branch
	exits 2
	says "revision 'no-such-branch' is unknown"
	mkdir results
	run_sh "$root/run.sh" compare --no-install results
	exits 2
	says "'results' is a folder of results: another one"
	run_sh "$root/run.sh" compare --no-install results HEAD
	exits 2
	says "'results' and 'HEAD'"
	run_sh "$root/run.sh" compare --no-install a b c
	exits 2
	says "'c': at most two"
}

@test "run.sh compare: a slower strategy is named, comments are not; a revision that does not build" {
	[ "${RINGWALK_TESTS-}" != quick ] || skip "it builds three revisions: not in the quick part"
	command -v git >/dev/null || skip "there is no git"
	export ONLY="empty pinned seqlock"
	unset B
	make_tree
	sed -i 's|^static __always_inline bool seqlock_begin|/* a comment */\n&|' tree/strategies/seqlock.c
	echo "/* another one */" >>tree/strategies/pinned.c
	sed -i '0,/struct seqlock_vq \*seq = vq_state(vq, struct seqlock_vq);/s//&\n\n\tfor (volatile int i = 0; i < 40; i++)\n\t\t;/' \
		tree/strategies/seqlock.c
	run_sh tree/run.sh compare --no-install HEAD "${quick[@]}"
	exits 1
	says "the working tree as it is: 2 files differ"
	prints "^Slower: .*seqlock/steady ns_per_entry"
	prints "not compared \(1\): pinned"
	echo "this is not C" >>tree/strategies/pinned.c
	git_here commit -qam broken
	git_here revert --no-edit HEAD >/dev/null
	run_sh tree/run.sh compare --no-install HEAD~1 HEAD
	exits 3
	grep -q "error:" err
	grep -q "does not build" err
}
