#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# icount: that two machines count the same to the instruction and a known loop exactly, that an
# instruction more is found and named, and what is refused. Needs Debian's packages, once; without
# them what counts is skipped.

load helpers

# From the root of the tree, as run.sh calls the program; results in the test's own directory.
icount() { # ARGUMENT...
	local here=$PWD

	status=0
	(cd "$root" && exec "$build/ringwalk" icount --results "$here/results" "$@") \
		>out 2>err </dev/null || status=$?
	if [ "$status" = 3 ] && grep -Eq 'cannot be fetched|is not installed|another system' err; then
		skip "$(tail -n 1 err)"
	fi
}

document() {
	echo results/icount/*/icount.json
}

@test "two boots count the same, and a known loop exactly" {
	icount --strategy pinned,seqlock,copy_from_user
	exits 0
	prints "not a figure of performance"
	[ "$(grep -Ec '^  (pinned|seqlock|copy_from_user) +(steady|burst) +[0-9]+\.[0-9]+$' out)" = 6 ]
	jq -e '.head.loop_instructions == 128000 and .head.loop_counted == 128000' "$(document)"
	# A copy is two system calls and more.
	jq -e '[.cells[] | select(.scenario == "steady") | .head] | length == 3 and min > 10' "$(document)"
	jq -S .cells "$(document)" >first
	rm -r results
	icount --strategy pinned,seqlock,copy_from_user
	exits 0
	jq -S .cells "$(document)" | cmp - first
}

@test "alone it is what it is among others" {
	icount --strategy seqlock --scenario steady
	exits 0
	jq '.cells[0].head' "$(document)" >alone
	rm -r results
	icount --strategy spinlock,rcu_memb,seqlock
	exits 0
	jq '.cells[] | select(.strategy == "seqlock" and .scenario == "steady").head' "$(document)" |
		cmp - alone
}

@test "for programs; and a machine whose clock counts no instructions is refused" {
	icount --strategy pinned --scenario steady --format json
	exits 0
	jq -e '.' out
	ringwalk icount-cells --strategy pinned
	exits 3
	says "here the clock counts no instructions"
}

@test "a revision that is unknown, and one too many" {
	git -C "$root" rev-parse --git-dir >/dev/null 2>&1 || skip "the tree is no git checkout"
	icount no-such-revision
	exits 2
	says "revision 'no-such-revision' is unknown"
	icount one two three
	exits 2
	says "'three': icount compares two revisions"
}

@test "a revision from before icount" {
	git -C "$root" rev-parse -q --verify '7bdbaa25e85d^{commit}' >/dev/null 2>&1 ||
		skip "the history does not go so far back"
	export ONLY="empty pinned"
	icount 7bdbaa25e85d --strategy pinned
	exits 3
	says "revision '7bdbaa25e85d' is older than icount"
}

@test "bad input is refused before anything is built" {
	icount --strategy nobody
	exits 2
	says "strategy 'nobody' is unknown; one of:.* seqlock"
	icount --scenario storm
	exits 2
	says "scenario 'storm' is measured in windows"
	icount --allow much
	exits 2
	says "--allow 'much': must be a number from 0 to 1000"
	icount --kernel /no/such/kernel
	exits 2
	says "--kernel '/no/such/kernel': cannot be read"
	[ -z "$(find . -name head.console)" ]
}

@test "a kernel that is none: what the machine said, exit 3" {
	echo "this is no kernel" >kernel
	icount --kernel "$PWD/kernel" --strategy pinned
	exits 3
	says "the emulated machine of 'the working tree' did not come to its end; the last it said:"
}

@test "not from the source tree" {
	ringwalk icount
	exits 3
	says "./run.sh icount"
}
