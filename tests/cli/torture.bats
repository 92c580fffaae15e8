#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # variables of helpers.bash
#
# The torture command: its verdicts, what it says of bad input, and that run shows what it found.

load helpers

# Verdicts lie beside the program: tests have one of their own.
own_program() {
	cp "$build/ringwalk" "$build/ringwalk-torture" .
	build=$PWD
}

@test "a sound strategy is safe, and how much was tried is said" {
	own_program
	ringwalk torture --strategy spinlock --section access --seconds 1
	exits 0
	prints "spinlock +access +safe +safe +[0-9.]+ M +[0-9]+ k"
	prints "1 verdicts, 0 not as expected"
	jq -e '.verdicts.spinlock.access.accesses > 1000' verdicts.json
	jq -e '.verdicts.spinlock.access.invalidations > 10' verdicts.json
}

@test "pinned refuses migration and is incoherent, as its file expects" {
	own_program
	ringwalk torture --strategy pinned --section burst --seconds 4
	exits 0
	prints "pinned +burst .*incoherent, refuses migration"
	jq -e '.verdicts.pinned.burst.refused_migrations > 0' verdicts.json
}

@test "a broken strategy is caught, with evidence" {
	own_program
	ringwalk torture --strategy refresh_unchecked --section access --seconds 10
	exits 0
	prints "refresh_unchecked +access +stale"
	prints "after [0-9]+ ms, [0-9]+ times; first: "
}

@test "run shows the verdicts of the same build, and says what was not tried" {
	own_program
	ringwalk torture --strategy spinlock --section access --seconds 1
	exits 0
	ringwalk run --quick --strategy spinlock,seqlock --scenario steady --no-plots
	exits 0
	holds summary.json \
		'.cells[] | select(.strategy == "spinlock") | .verdict == "safe"'
	holds summary.json \
		'.cells[] | select(.strategy == "seqlock") | .verdict == "not tried on this build"'
}

@test "verdicts of other sources are not believed" {
	own_program
	ringwalk torture --strategy spinlock --section access --seconds 1
	exits 0
	sed -i 's/"sources": "[0-9a-f]*"/"sources": "0123456789abcdef"/' verdicts.json
	ringwalk run --quick --strategy spinlock --scenario steady --no-plots
	exits 0
	holds summary.json '.cells[0].verdict == "not tried on this build"'
}

@test "an unknown mode: exit 2, and the valid ones" {
	ringwalk torture --mode gentle
	exits 2
	says "mode 'gentle' is unknown; one of: full light both"
}

@test "only the floor: nothing to torture, exit 4" {
	ringwalk torture --strategy empty
	exits 4
	says "nothing to torture"
}

@test "Ctrl-C: exit 130, and the verdicts that stand are kept" {
	own_program
	"$build/ringwalk" torture --strategy copy_from_user,spinlock --section access \
		--seconds 3 >out 2>err </dev/null &
	started=$!
	sleep 4.5
	kill -INT "$started"
	status=0
	wait "$started" || status=$?
	started=
	exits 130
	jq -e '.verdicts.copy_from_user.access.verdict == "safe"' verdicts.json
}
