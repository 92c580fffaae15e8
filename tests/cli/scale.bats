#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2054 # variables of helpers.bash; LIST options
#
# Several queues and several workers: what is measured, what cannot be placed and is said, and what is
# refused with the range of what is not.

load helpers

tiny=("${any[@]}" --launches 1 --seconds 0.2 --strategy empty,pinned)

@test "what is not in range is refused with the range" {
	refused "queues '1025': must be a whole number from 1 to 1024" --queues 1025
	refused "queues '0': must be a whole number from 1 to 1024" --queues 0
	refused "workers '65': must be a whole number from 1 to 64" --workers 65
	refused "place 'near' is unknown; one of: auto sibling l3 package other spread shared" --place near
	refused "take [0-9]+ MiB of the guest's memory, and it has 1024 at most: fewer queues, workers" \
		--scenario steady --queues 1024 --workers 64
	refused "workers: a live driver feeds one" --scenario steady --driver live --workers 2
	refused "queues: a live driver feeds one" --scenario steady --driver live --queues 2
}

@test "queues and workers are measured, more workers than CPUs where that is asked for" {
	ringwalk "${tiny[@]}" --scenario steady,storm --queues 3 --workers 3 --place shared
	exits 0
	prints "3 workers on CPUs "
	prints "steady: .*; 3 queues walked in turn; 3 workers; further workers' place"
	jq -e '[.cells[] | select(.ns_per_entry.value > 0)] | length == 4' results/latest/summary.json
	jq -e '[.cells[].counts | select(.slowest_worker_share <= 1 and .fastest_worker_share >= 1 and
		.entries_all_workers_per_s > 0)] | length == 4' results/latest/summary.json
}

@test "a sweep of workers: what cannot be placed is named, and the rest is measured" {
	ringwalk sweep --workers 1..2 --place other --launches 1 --seconds 0.2 --strategy pinned --no-plots \
		--max-noise 100
	exits 0
	jq -e '.cells[0].ns_per_entry.value > 0' results/latest/summary.json
	if ! jq -e '.cells[1].ns_per_entry.value > 0' results/latest/summary.json; then
		prints "2 workers asked for, 1 placed"
		jq -e '.cells[1].reason | test("there is no CPU of another package")' \
			results/latest/summary.json
	fi
}

@test "with one CPU there is one worker, and nothing to run is exit 4" {
	under taskset -c 0 ringwalk "${tiny[@]}" --scenario workers
	exits 4
	says "2 workers asked for, 1 placed: of the 1 CPUs allowed, there is no other CPU"
}
