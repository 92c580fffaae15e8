#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# Scenarios that users keep in files: run as they stand, refused with line and key, and of one run what
# was read once, whatever becomes of the file.

load helpers

@test "a scenario file is run as it stands" {
	printf '%s\n' '# mine' 'like = storm' 'ring-size = 64' 'rate = 300' >mine.scenario
	ringwalk "${any[@]}" --quick --seconds 0.1 --strategy spinlock --scenario ./mine.scenario,steady
	exits 0
	holds run.json '[.scenarios[].name] == ["mine", "steady"]'
	holds run.json '.scenarios[0] | .ring_size == 64 and .invalidations_per_s == 300 and
		.section == "access" and .invalidates == "metadata"'
	holds summary.json '.cells[0] | .scenario == "mine" and .requested_per_s == 300 and
		.invalidate_ns.count > 0'
	# The command line overrides it as it does any other.
	ringwalk "${any[@]}" --quick --seconds 0.1 --strategy spinlock --scenario mine.scenario --burst 4
	exits 0
	holds run.json '.scenarios[0] | .burst == 4 and .ring_size == 64'
}

@test "what is wrong in a file is said with its line and key" {
	printf 'ring-size = 256\n\nburts = 4\n' >mine.scenario
	ringwalk run --scenario ./mine.scenario
	exits 2
	says "^ringwalk: ./mine.scenario:3: key 'burts' is unknown; one of:.* burst"
	printf 'ring-size = 300\n' >mine.scenario
	ringwalk list --scenario ./mine.scenario
	exits 2
	says "mine.scenario:1: ring-size '300': must be a power of two from 1 to 32768"
	[ ! -e results ]
}

@test "a file that is not there, is a folder, is binary or is large" {
	mkdir folder.scenario
	printf 'a\0b' >binary.scenario
	head -c 20000 /dev/zero | tr '\0' '#' >large.scenario
	for file in none folder binary large; do
		ringwalk run --scenario "./$file.scenario"
		exits 2
		says "scenario file './$file.scenario': [A-Za-z]"
	done
}

@test "two files of one name are refused" {
	mkdir other
	echo 'burst = 4' | tee mine.scenario >other/mine.scenario
	ringwalk run --scenario ./mine.scenario,other/mine.scenario
	exits 2
	says "other/mine.scenario: another scenario that is named has the name 'mine', too"
}

@test "a built-in scenario is printed as a file that is that scenario" {
	ringwalk list --scenario storm --format scenario
	exits 0
	cp out mine.scenario
	ringwalk list --format json --strategy pinned --scenario storm,./mine.scenario
	exits 0
	jq -e '.scenarios | .[1].name == "my-storm" and .[0].parameters == .[1].parameters and
		.[0].summary == .[1].summary' out
	ringwalk list --format scenario
	exits 2
	says "name it by --scenario"
}

@test "a file that is edited while its run goes on changes nothing of the run" {
	echo 'burst = 16' >mine.scenario
	start "${any[@]}" --launches 2 --seconds 6 --strategy pinned --scenario ./mine.scenario
	within_ten_seconds has_samples
	echo 'burst = 4' >mine.scenario
	kill -INT "$started"
	finish
	[ "$status" = 130 ]
	rm mine.scenario
	ringwalk run --resume latest
	exits 0
	holds run.json '.scenarios[0].burst == 16 and .stopped == null'
	holds summary.json '.cells[0] | .burst == 16 and .ns_per_entry.launches == 2'
	# Of each entry two accesses, its chain's two, and of a burst three.
	holds summary.json '.cells[0].accesses_per_entry | . > 4.17 and . < 4.4'
}
