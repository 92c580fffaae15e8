#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # variables of helpers.bash
#
# Where results go, and that what was measured is kept whatever happens.

load helpers

@test "a run leaves run.json, samples.jsonl, verdicts.json, summary.json and its pages" {
	ringwalk "${short[@]}"
	exits 0
	assert_kept
	holds verdicts.json '.verdicts | has("pinned")'
	grep -q pinned results/latest/summary.md
	grep -q pinned results/latest/summary-all.md
	grep -q pinned out
}

@test "run.json says what was asked for" {
	ringwalk "${short[@]}" --seed 7 --burst 8 --ring-size 64 --events cycles
	exits 0
	holds run.json '.seed == "7" and .settings.strategies == ["pinned"] and
		.settings.selection == "as named" and .settings.events == "cycles" and
		.settings.steady_seconds == 1 and .settings.plots == false'
	holds run.json '.scenarios == [.scenarios[0]] and (.scenarios[0] |
		.name == "steady" and .burst == 8 and .ring_size == 64 and .section == "access")'
	holds run.json '.events | length > 0 and all(.status == "ok" or .reason)'
}

# Of whatever the run had: keys with a reason behind them are those without it.
@test "every key of a scenario, a cell, a timing and a count is in docs/results.md" {
	local key

	ringwalk "${short[@]}" --scenario steady,storm --strategy seqlock
	exits 0
	jq -r '.scenarios[] | keys[]' results/latest/run.json >all
	jq -r '.cells[] | keys[], (.timings_ns, .counts | keys[]), (.timings_ns[] | keys[])' \
		results/latest/summary.json >>all
	sed 's/_reason$//' all | sort -u >keys
	[ "$(wc -l <keys)" -gt 30 ]
	while read -r key; do
		grep -q "^|.*\`$key\`.*|" "$root/docs/results.md" || {
			echo "docs/results.md has no row for $key"
			return 1
		}
	done <keys
}

# Of the tables of figures, without head and rule.
rows_of() { # PAGE
	awk '/^\| strategy \| verdict \|/ { rows = NR + 1 } !NF { rows = 0 }
		rows && NR > rows { n++ } END { print n + 0 }' "results/latest/$1"
}

# Whatever is shown, all that were selected are measured and kept.
@test "tables show representatives, --all shows all, and so do names" {
	local kept shown

	ringwalk "${any[@]}" --quick --seconds 0.1 --scenario steady
	exits 0
	kept=$(jq '.cells | length' results/latest/summary.json)
	shown=$(jq '[.cells[] | select(.representative)] | length' results/latest/summary.json)
	[ "$shown" -lt "$kept" ] || skip "every strategy of this build is a representative"
	prints "^$shown of $kept strategies are shown"
	[ "$(rows_of summary-all.md)" = "$kept" ]
	[ "$(rows_of summary.md)" = "$shown" ]

	ringwalk "${any[@]}" --quick --seconds 0.1 --scenario steady --all
	exits 0
	lacks 'strategies are shown' out
	ringwalk "${any[@]}" --quick --seconds 0.1 --scenario steady --strategy vq_ref,kvm_seq
	exits 0
	lacks 'strategies are shown' out
	prints '^  kvm_seq'
}

@test "results/latest points to the newest run" {
	ringwalk "${short[@]}"
	exits 0
	first=$(readlink -f results/latest)
	ringwalk "${short[@]}"
	exits 0
	second=$(readlink -f results/latest)
	[ "$first" != "$second" ]
	[ "$(find results/runs -mindepth 1 -maxdepth 1 | wc -l)" = 2 ]
	[ "$(dirname "$second")" = "$(readlink -f results/runs)" ]
}

@test "--results names another directory, made where it is missing" {
	ringwalk "${short[@]}" --results deep/er
	exits 0
	[ -s deep/er/latest/summary.json ]
	[ ! -e results ]
}

@test "a file where the results directory should be: exit 3 before anything is measured" {
	echo mine >results
	ringwalk "${short[@]}"
	exits 3
	says "results.*(Not a directory|File exists)"
	[ "$(cat results)" = mine ]
}

@test "a results directory that may not be written: exit 3" {
	mkdir -m 555 results
	if [ "$(id -u)" = 0 ]; then
		command -v setpriv >/dev/null || skip "root may write everywhere, and setpriv is not installed"
		touch out err
		chmod 777 . out err
		chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
		under setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all \
			ringwalk "${short[@]}"
		[ "$status" != 126 ] || skip "the build directory cannot be read by another user"
	else
		ringwalk "${short[@]}"
	fi
	exits 3
	says "results.*Permission denied"
}

@test "a full disk: exit 3, what was measured is kept" {
	mkdir results
	[ "$(id -u)" = 0 ] || skip "only root can mount a small file system"
	mount -t tmpfs -o size=64k ringwalk-test results 2>/dev/null || skip "mount is not permitted"
	mounted=$PWD/results
	ringwalk "${any[@]}" --strategy pinned,seqlock --scenario steady --seconds 4
	exits 3
	says "No space left on device"
	[ -s results/latest/samples.jsonl ]
}

@test "Ctrl-C: exit 130 at once, what was measured is kept, no guest is left" {
	start_long_run
	sleep 2
	guest=$(guest_below "$started")
	kill -INT -- "-$started"
	before=$SECONDS
	finish
	exits 130
	[ $((SECONDS - before)) -le 3 ]
	assert_kept
	within_ten_seconds guest_is_gone "$guest"
}

@test "a pipe or file gets no progress and no colours" {
	ringwalk "${short[@]}"
	exits 0
	lacks $'[\r\e]' out err
}

on_terminal() {
	command -v script >/dev/null || skip "script is not installed"
	script -qec "'$build/ringwalk' ${short[*]}" typescript </dev/null >/dev/null
}

@test "a terminal gets progress" {
	TERM=xterm on_terminal
	grep -q "[0-9] s left" typescript
}

@test "NO_COLOR: a terminal gets no colours either" {
	NO_COLOR=1 TERM=xterm on_terminal
	lacks $'\e\\[[0-9;]*m' typescript
}
