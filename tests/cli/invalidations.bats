#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# What is invalidated, by what, by how many; updates of the control path and a worker that is preempted:
# what was asked for is what the run says it did, no more of it was done than was claimed, and what does
# not go together is refused with what does.

load helpers

strategies=${RINGWALK_STRATEGY:-pinned,spinlock,seqlock}

measure() { # SCENARIO [ARGUMENT...]
	local scenario=$1

	shift
	ringwalk "${any[@]}" --launches 1 --seconds 0.1 --strategy "$strategies" --scenario "$scenario" "$@"
	exits 0
}

parameter() { # NAME VALUE
	holds run.json ".scenarios[0].parameters[\"$1\"] == $2"
}

# EXPRESSION is true of each measured cell.
each() { # EXPRESSION
	holds summary.json "[.cells[] | select(.measured)] | length > 0 and all(.[]; $1)"
}

# Not more than its gaps allow in windows that are short.
at_most_what_was_asked='.achieved_per_s == null or .achieved_per_s < 2 * .requested_per_s'

@test "an event in place of a migration, by several: said, and it adds up" {
	measure storm --event munmap --invalidators 4 --rate 500
	parameter event '"munmap"'
	parameter invalidators 4
	holds run.json '.scenarios[0].summary | test("500 invalidations of the metadata a second; by munmap; 4 inv")'
	each "$at_most_what_was_asked"
	each '.refused == 0 and .counts.overlapped_invalidations >= 0 and
		.counts.locked_out_invalidations == 0'
	# It leaves nobody his pages.
	holds summary.json 'all(.cells[] | select(.class == "pinned"); (.measured | not) and
		(.reason | test("munmap.* respects no pins")))'
}

@test "the reaper may not block, whatever is asked for" {
	strategies=${RINGWALK_STRATEGY:-rcu_memb,spinlock}
	measure storm --event reaper
	holds run.json '.scenarios[0].blockable == false'
	each '.strategy != "rcu_memb" or (.would_block > 0 and .fallback_share == 0)'
	each '.strategy != "spinlock" or .would_block == 0'
}

@test "the neighbour takes no map, unless nothing is filtered" {
	measure storm --invalidate neighbour
	holds run.json '.scenarios[0].invalidates == "neighbour"'
	each '.fallback_share == 0 and .refused == 0'
	each '.timings_ns.map_back == null'
	measure storm --invalidate neighbour --no-filter
	each '.class == "pinned" or (.fallback_share > 0 and .timings_ns.map_back.count > 0)'
}

@test "mixed: of the queue's pages as many as are said" {
	measure storm --invalidate mixed
	each '.class == "pinned" or (.fallback_share > 0 and
		.invalidate_taking_ns.count < .invalidate_ns.count)'
	measure storm --invalidate mixed --own-one-in 100000
	parameter own-one-in 100000
	each '.class == "pinned" or .timings_ns.map_back.count <= 1'
}

@test "a storm has times until the map was back, each after a refresh, and a share without one" {
	measure storm
	each '.class == "pinned" or (.timings_ns.map_back.count > 0 and
		.timings_ns.map_back.count <= .refreshes and .unmapped_share > 0)'
}

@test "updates of the control path are done, timed and counted" {
	measure updates
	parameter updates 100
	each '.counts.updates_per_s > 0 and .counts.updates_per_s < 200'
	each '.timings_ns.update.count > 0 and .timings_ns.update.p50 > 0'
	each '.timings_ns.outside.count <= .timings_ns.update.count'
	# Without invalidations too, and with a map that then comes back.
	measure steady --updates 100
	each '.requested_per_s == 0 and .timings_ns.update.count > 0'
	each '.class == "pinned" or (.timings_ns.map_back.count > 0 and .unmapped_share > 0)'
	each '.class != "pinned" or .fallback_share == 0'
}

@test "the worker is preempted so often, and the time is in its figures" {
	measure steady --preempt 100 --preempt-us 1000
	each '.counts.preemptions_per_s > 0 and .counts.preemptions_per_s < 200'
	parameter preempt-us 1000
	measure preempted
	parameter preempt 200
	parameter preempt-us 500
	each '.counts.preemptions_per_s > 0 and .counts.preemptions_per_s < 400'
}

@test "100,000 notifications a second: no more were done than asked, and nothing migrates" {
	measure notify --rate 100k
	each "$at_most_what_was_asked"
	each '.requested_per_s == 100000 and .migration_model_p50_ns == null and .refused == 0'
}

@test "the mixes of the field are what the table says" {
	strategies=pinned
	ringwalk "${any[@]}" --launches 1 --seconds 0.1 --strategy pinned,seqlock \
		--scenario numa,khugepaged,ksm,balloon,dirty_log
	exits 0
	holds run.json '[.scenarios[] | [.name, .parameters.event, .parameters.rate, .invalidates,
		.parameters["own-one-in"]]] == [["numa", "numa", 10, "mixed", 16],
		["khugepaged", "collapse", 0.8, "mixed", 2048], ["ksm", "ksm", 10000, "bystander", 0],
		["balloon", "dontneed", 64, "bystander", 0], ["dirty_log", "wrprotect", 10, "metadata", 0]]'
	each 'if .scenario == "ksm" or .scenario == "balloon" then .fallback_share == 0 else true end'
	# One that is rare may not have come to be; then it says so, and warns of nothing.
	lacks "khugepaged: .* were done under" out
}

@test "what has a meaning only elsewhere is left alone there" {
	ringwalk run --dry-run --scenario steady,storm,notify --event ksm --invalidators 2 --own-one-in 3 \
		--preempt-us 5
	exits 0
}

@test "bad parameters are refused with their ranges" {
	refused "event 'fork' is unknown; one of: migrate pageout .* collapse$" run --event fork
	refused "invalidate 'other' is unknown; one of: none .* neighbour mixed$" run --invalidate other
	refused "invalidators '0': must be a whole number from 1 to 8" run --invalidators 0
	refused "invalidators '9': must be a whole number from 1 to 8" run --invalidators 9
	refused "own-one-in '-1': must be a whole number from 0 to 100000" run --own-one-in -1
	refused "updates '1001': must be a number from 0 to 1000" run --updates 1001
	refused "preempt '10001': must be a number from 0 to 10000" run --preempt 10001
	refused "preempt-us '20000': must be a whole number from 0 to 10000" run --preempt-us 20000
	refused "preempt '2000': for 500 us each is 100 % of the time, and 50 % is the most" run \
		--scenario steady --preempt 2000
	refused "real migrations are from 0 to 20000 a second" run --scenario storm --event ksm --rate 50000
}

@test "a file is told what does not go together" {
	told() { # PATTERN LINE...
		local pattern=$1

		shift
		printf '%s\n' "$@" >mine.scenario
		refused "$pattern" run --scenario ./mine.scenario
	}
	told "mine.scenario:1: event 'ksm': has no pages to happen to; invalidate metadata" "event = ksm"
	told "mine.scenario:2: own-one-in: is for 'invalidate mixed'" "like = storm" "own-one-in = 4"
	told "mine.scenario:1: invalidators: nothing is invalidated" "invalidators = 2"
	told "mine.scenario:1: preempt-us: nobody is preempted; 'preempt' says how often" "preempt-us = 9"
	told "mine.scenario:1: preempt '100': for 10000 us each is 100 % of the time" "preempt = 100" \
		"preempt-us = 10000"
}
