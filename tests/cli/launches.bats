#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2054,SC2154 # variables of helpers.bash
#
# A run is several launches: how many, in which order, and what a reader is told of them.

load helpers

# Launches of a third of a second.
few=("${any[@]}" --scenario steady --strategy pinned,spinlock,seqlock)

# Those that are complete, by the journal.
complete_launches() {
	jq -c 'select(.kind == "launch" and .complete) | .launch' results/latest/samples.jsonl
}

# Cells of a launch as they were visited, as far as every launch gets.
order_of() { # LAUNCH
	jq -r "select(.kind == \"time\" and .launch == $1 and .round < 8) | .strategy" \
		results/latest/samples.jsonl
}

@test "--launches 3: three launches, each in an order of its own, and in every cell's figure" {
	ringwalk "${few[@]}" --launches 3 --seconds 0.3 --seed 7
	exits 0
	[ "$(complete_launches | tr '\n' ' ')" = "0 1 2 " ]
	holds run.json '.settings.launches == 3'
	holds summary.json '.cells | length == 3 and all(.ns_per_entry | .launches == 3 and
		.coverage == 0.95 and .lower <= .value and .value <= .upper)'
	for launch in 0 1 2; do
		order_of $launch >order.$launch
		[ "$(wc -l <order.$launch)" = $((3 * 6)) ]
	done
	[ "$(sha256sum order.? | cut -d' ' -f1 | sort -u | wc -l)" = 3 ]
}

# The places of a launch's queue, in the order of the first visits.
places_of() { # LAUNCH VARIANT
	jq -c "select(.elapsed_ns and .launch == $1 and .variant == $2) | .page_offset_bytes" \
		results/runs/*/samples.jsonl | awk '!seen[$1]++'
}

@test "a launch goes round 16 places all over the page, and no two of them go the same way" {
	ringwalk aa --max-noise 100 --scenario steady --strategy pinned --launches 2 --seconds 4 --seed 7
	exits 0
	for launch in 0 1; do
		for variant in 0 1; do
			places_of $launch $variant >places.$launch.$variant
			[ "$(wc -l <places.$launch.$variant)" = 16 ]
			[ "$(awk '{ print int($1 / 256) }' places.$launch.$variant | sort -u | wc -l)" = 16 ]
		done
	done
	[ "$(sha256sum places.?.? | cut -d' ' -f1 | sort -u | wc -l)" = 4 ]
}

@test "--quick: one launch, and its interval is of its own epochs" {
	ringwalk "${short[@]}"
	exits 0
	[ "$(complete_launches | tr '\n' ' ')" = "0 " ]
	holds summary.json '.cells | all(.ns_per_entry.launches == 1)'
}

@test "--seed repeats the order of cells in each launch" {
	for seed in 7 7 8; do
		ringwalk "${few[@]}" --launches 2 --seconds 0.2 --seed $seed
		exits 0
		{ order_of 0; order_of 1; } >>"orders.$seed"
	done
	# Twice the same one after the other, and another one of the same length.
	visits=$((2 * 3 * 6))
	[ "$(wc -l <orders.8)" = $visits ]
	cmp <(head -n $visits orders.7) <(tail -n $visits orders.7)
	run cmp -s <(head -n $visits orders.7) orders.8
	[ "$status" = 1 ]
}

@test "a launch that takes itself for a run starts no others" {
	RINGWALK_LAUNCH=1 ringwalk "${few[@]}" --launches 1 --seconds 0.1
	exits 3
	says "this is a launch \(RINGWALK_LAUNCH is set\), and those start no others"
}

@test "a wide target: five launches reach it" {
	ringwalk "${few[@]}" --seconds 0.5 --target 100
	exits 0
	[ "$(complete_launches | wc -l)" = 5 ]
	holds run.json '.settings.launches == null and .settings.target_half_width_percent == 100'
	holds summary.json '.cells | all(.ns_per_entry | .launches == 5 and .target_missed == false)'
}

@test "a target out of reach: launches go on until the time is over, and what missed it is marked" {
	before=$SECONDS
	ringwalk "${few[@]}" --seconds 0.5 --target 0.01 --max-time 4
	exits 0
	n=$(complete_launches | wc -l)
	[ "$n" -gt 5 ] || [ $((SECONDS - before)) -lt 4 ] || skip "five launches take four seconds here"
	# It ends at a look that was fixed beforehand.
	[[ $n =~ ^(7|10|14|20|28|40)$ ]]
	holds summary.json '.cells | any(.ns_per_entry.target_missed)'
	holds summary.json ".cells | all(.ns_per_entry.launches == $n)"
}

@test "launches for the target are of steady cells alone" {
	ringwalk "${any[@]}" --scenario steady,storm --strategy seqlock --seconds 0.2 --target 0.01 \
		--max-time 4
	exits 0
	n=$(complete_launches | wc -l)
	[ "$n" -gt 5 ] || skip "five launches take four seconds here"
	holds summary.json ".cells | any(.scenario == \"steady\" and .ns_per_entry.launches == $n)"
	holds summary.json '.cells | any(.scenario == "storm" and .ns_per_entry.launches == 5 and
		.ns_per_entry.target_missed == null)'
	[ "$(jq -c 'select(.kind == "time" and .scenario == "storm" and .launch >= 5)' \
		results/latest/samples.jsonl)" = "" ]
}

@test "--dry-run: the plan and the time it takes, and nothing is measured or left" {
	ringwalk "${few[@]}" --dry-run --seed 7
	exits 0
	prints "^5 launches"
	prints "seed 7"
	prints "steady.*3 cells"
	prints "pinned.*seqlock"
	prints "about [0-9]+ s"
	[ ! -e results ]
	ringwalk "${few[@]}" --dry-run --launches 12
	exits 0
	prints "^12 launches"
	lacks "until each is" out
}

# Busy loops, several for each CPU. How much of it they get is the scheduler's affair: it may give all of
# them together no more than the worker's session has alone, and at times much less.
make_noise() {
	# shellcheck disable=SC2016 # for that shell to expand
	setsid sh -c 'for i in $(seq "$1"); do while :; do :; done & done; wait' \
		- $((3 * $(nproc))) </dev/null >/dev/null 2>&1 3>&- &
	started=-$!
}

@test "busy loops on all CPUs: exit 7 says so and what to do, and the figures are kept" {
	make_noise
	ringwalk run --no-plots --quick --strategy pinned --scenario steady --max-noise 1 \
		--seconds 3
	kill -KILL -- "$started"
	started=
	exits 7
	says "too noisy.*[0-9]+ %.*(isolcpus|taskset)"
	assert_kept
	holds run.json '.stopped == null'
}
