#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# A guest that dies or breaks the virtqueue's rules ends the run with a sentence, exit status 3 and
# all that was measured until then.

load helpers

@test "the guest is killed half-way: exit 3, what was measured is kept" {
	start_long_run
	sleep 2
	guest=$(guest_below "$started")
	kill -KILL "$guest"
	finish
	exits 3
	says "guest.*(died|killed|gone)"
	assert_kept
}

@test "the program is killed: its guest goes with it" {
	start_long_run
	guest=$(guest_below "$started")
	kill -KILL "$started"
	finish
	within_ten_seconds guest_is_gone "$guest"
}

breaks_the_rules() { # WHAT PATTERN
	ringwalk "${any[@]}" --launches 1 --seconds 4 --strategy pinned,seqlock --scenario steady \
		--guest-fault "$1"
	exits 3
	says "$2"
	assert_kept
}

@test "the guest makes a head available that is beyond the ring" {
	breaks_the_rules head "head"
}

@test "the guest makes a chain that loops" {
	breaks_the_rules loop "loop|longer"
}

@test "the guest's avail index jumps" {
	breaks_the_rules avail "avail"
}
