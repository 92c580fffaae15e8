#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# A live driver: what was asked of it and what was done stand in the results, and are no more than they
# can be; what it cannot do is said.

load helpers

@test "a load is achieved or said not to be, and latencies are from when entries were due" {
	ringwalk "${any[@]}" --quick --strategy pinned,spinlock --scenario live_load --load 50k
	exits 0
	jq -e '[.cells[] | .counts |
		.entries_done_per_s > 0 and
		.entries_asked_per_s > 49000 and .entries_done_per_s < 1.01 * .entries_asked_per_s and
		.kicks_per_entry >= 0 and .kicks_per_entry <= 1 and
		.notifications_per_entry >= 0 and .notifications_per_entry <= 1] | length == 2 and all' \
		results/latest/summary.json
	# Later than due is never sooner than sent.
	jq -e '[.cells[].timings_ns | .ring.p50 >= .ring_sent.p50 and .ring.count >= .ring_sent.count] |
		all' results/latest/summary.json
	run jq '[.cells[] | select(.counts.entries_done_per_s < 0.99 * .counts.entries_asked_per_s)] |
		length' results/latest/summary.json
	[ "$output" = "$(grep -c 'entries a second were walked' results/latest/summary.md)" ]
}

@test "each millisecond of a window is a sample, and none has no entry" {
	ringwalk "${any[@]}" --quick --strategy pinned --scenario live
	exits 0
	[ "$(samples | jq -s 'map(select(.kind == "time")) | length')" -gt 20 ]
	[ "$(samples | jq -s 'map(select(.kind == "time" and .entries == 0)) | length')" = 0 ]
	run jq -e '.cells[0].access_latency_ns.p50_reason // .cells[0].access_latency_ns_reason //
		.cells[0].access_latency_ns.reason' results/latest/summary.json
	[[ $output == *"times through the ring"* ]]
	run jq '.cells[0].timings_ns.ring' results/latest/summary.json
	[ "$output" = null ]
}

@test "the floor has no ring to drive, and with one CPU nobody has" {
	ringwalk "${any[@]}" --quick --strategy empty --scenario live
	exits 4
	says "the floor touches no ring"
	local cpu
	cpu=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
	under taskset -c "$cpu" ringwalk "${any[@]}" --quick --strategy pinned --scenario live
	exits 4
	says "a live driver needs a CPU beside the worker's"
}

@test "what does not go together with a driver is refused" {
	ringwalk --scenario live --load 200000000
	exits 2
	says "load '200000000': must be a number from 0 to 100000000"
	ringwalk --scenario live --mask-index
	exits 2
	says "mask-index"
	ringwalk --scenario live --queues 2
	exits 2
	says "queues: a live driver feeds one"
	ringwalk --scenario live --workers 2
	exits 2
	says "workers: a live driver feeds one"
	ringwalk --driver sometimes
	exits 2
	says "driver 'sometimes' is unknown; one of: replay live"
	echo 'load = 5' >mine.scenario
	ringwalk --scenario ./mine.scenario
	exits 2
	says "mine.scenario:1: load: is that of a live driver"
}
