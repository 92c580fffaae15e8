#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# Events of single sections: a table where the hardware counts, and else a reason and status 4.

load helpers

@test "sections: a row for each strategy, or why nothing is counted" {
	ringwalk sections --strategy pinned,seqlock --events instructions:u
	if [ "$status" = 4 ]; then
		says "instructions:u: [a-z]"
		says "list --cost"
		return
	fi
	exits 0
	prints "^instructions:u"
	prints "^ *\(nothing\) "
	prints "^ *pinned .*[0-9]"
	prints "^ *seqlock .*[0-9]"
}

@test "sections: refused by the kernel, each reason is said" {
	deny perf_event_open EACCES sections --events cycles:u
	exits 4
	says "cycles:u: perf_event_open: Permission denied"
}

@test "sections: an event that is none" {
	ringwalk sections --events nowhere/config=1/
	exits 2
	says "there is no PMU 'nowhere'; there are.* software"
}
