#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# What `list` says: groups, filters, the long form, the document for machines, and the cost of the
# fast path in instructions.

load helpers

# The document on standard output, by a jq expression that must be true.
document() { # EXPRESSION
	exits 0
	jq -e "$1" out >/dev/null || {
		echo "expected of the document: $1"
		show
		return 1
	}
}

# `list --cost --format json` of these strategies.
cost_of() { # LIST
	ringwalk list --cost --format json --strategy "$1"
	! grep -q 'PTRACE_TRACEME' err || skip "ptrace is not permitted here"
	exits 0
}

@test "strategies are grouped by family and class" {
	ringwalk list --strategy spinlock,mutex,seqlock
	exits 0
	prints "^locks, quiesce:$"
	prints "^retry, retry:$"
	lacks "^rcu" out
	# The heading comes before its members, and each strategy stands once.
	[ "$(grep -nE '^retry, retry:$' out | cut -d: -f1)" -lt "$(grep -nE '^  seqlock' out | cut -d: -f1)" ]
	[ "$(grep -cE '^  seqlock' out)" = 1 ]
}

@test "each family that has members has one representative" {
	ringwalk list --format json
	document '[.strategies | group_by(.family)[] | [.[] | select(.representative)] | length]
		| length > 1 and all(. == 1)'
}

@test "representatives are marked" {
	ringwalk list --family retry
	exits 0
	prints "^  seqlock \* "
}

@test "--family filters, and adds to --strategy" {
	ringwalk list --format json --family locks,srcu
	document '[.strategies[].family] | unique == ["locks", "srcu"]'
	ringwalk list --format json --family srcu --strategy pinned
	document '[.strategies[].name] | index("pinned") != null and index("srcu") != null'
	document '[.strategies[].family] | unique == ["pins", "srcu"]'
}

@test "an unknown family is an error that names all" {
	ringwalk list --family lock
	exits 2
	says "'lock' is unknown; one of:.* locks"
}

@test "list --long: source, expected verdict, usable from, and what torture found" {
	mkdir program
	cp "$build/ringwalk" program/
	status=0
	program/ringwalk list --long --strategy spinlock >out 2>err || status=$?
	exits 0
	prints "source: .+"
	prints "usable from: process"
	prints "expected verdict: access: safe; entry: safe; burst: safe"
	prints "found by torture: not tried on this build"
}

@test "list --long shows a verdict of these sources, and none of others" {
	mkdir program
	cp "$build/ringwalk" program/
	id=$(sed -n 's/.*SOURCE_ID "\(.*\)"/\1/p' "$build/source_id.h")
	for sources in "$id" other; do
		cat >program/verdicts.json <<-END
			{"schema_version": 1, "sources": "$sources",
			 "verdicts": {"spinlock": {"entry": {"verdict": "found by a test"}}}}
		END
		program/ringwalk list --long --strategy spinlock >"out-$sources"
		program/ringwalk list --format json --strategy spinlock >"json-$sources"
	done
	grep -q "found by torture: access: not tried; entry: found by a test; burst: not tried" "out-$id"
	grep -q "found by torture: not tried on this build" out-other
	jq -e '.strategies[0].verdicts.entry | .found == "found by a test" and .found_reason == null' \
		"json-$id"
	jq -e '.strategies[0].verdicts.entry | .found == null and .found_reason != null' json-other
}

@test "list --format json has every strategy and scenario, and why one cannot run" {
	ringwalk list --format json
	document '.schema_version == 1 and ([.scenarios[].name] | index("storm") != null)'
	for file in "$root"/strategies/*.c; do
		document "[.strategies[].name] | index(\"$(basename "$file" .c)\") != null"
	done
	deny process_vm_readv,process_vm_writev EPERM list --format json --strategy copy_from_user
	document '.strategies[0].unavailable.steady | test("Operation not permitted")'
}

@test "list --cost: the floor has no atomics and no barriers, and touches no line" {
	cost_of empty
	document '.cost[0] | .atomics == 0 and .barriers == 0 and .loads == 0 and .stores == 0'
	document '.cost[0] | .cache_lines == 0 or .cache_lines == null'
}

@test "list --cost: a direct map is the load of the map and that of the metadata" {
	cost_of pinned
	document '.cost | length == 1 and (.[0] | .loads == 2 and .stores == 0 and .atomics == 0)'
}

@test "list --cost: a lock is atomic, rcu has neither atomics nor barriers, srcu has two barriers" {
	cost_of spinlock,rcu_memb,srcu
	document '.cost[] | select(.strategy == "spinlock") | .atomics >= 1 and .calls == 0'
	document '.cost[] | select(.strategy == "rcu_memb") | .atomics == 0 and .barriers == 0'
	document '.cost[] | select(.strategy == "srcu") | .atomics == 0 and .barriers == 2'
}

@test "list --cost: a retry strategy reads without atomics and writes under a lock" {
	cost_of seqlock
	document '[.cost[].section] == ["read", "write"]'
	document '.cost[0].atomics == 0 and .cost[1].atomics >= 1'
}

@test "list --cost: a copy is a system call" {
	cost_of copy_from_user
	[ "$(jq '.cost[0].reason' out)" = null ] || skip "copies are not permitted here"
	document '.cost | all(.syscalls == 1 and .calls >= 1 and .instructions_in_calls > 0)'
}

@test "list --cost --long shows the instructions that were counted" {
	cost_of srcu
	ringwalk list --cost --long --strategy srcu
	exits 0
	prints "^srcu +read "
	[ "$(grep -cE '^    .* barrier$' out)" = "$(awk '$1 == "srcu" { print $8 }' out)" ]
	[ ! -s err ]
}

@test "list --cost: every strategy is counted, or has a reason" {
	ringwalk list --cost --format json
	! grep -q 'PTRACE_TRACEME' err || skip "ptrace is not permitted here"
	document '.cost | all((.reason == null) == (.instructions != null))'
	document '[.cost[] | select(.reason == null)] | length > 5'
	for file in "$root"/strategies/*.c; do
		document "[.cost[].strategy] | index(\"$(basename "$file" .c)\") != null"
	done
}

@test "list --cost without objdump says what is missing" {
	cost_of empty
	under env PATH=/nowhere ringwalk list --cost
	exits 3
	says "objdump is missing"
	[ ! -s out ]
}

@test "list --cost without ptrace says so" {
	deny ptrace EPERM list --cost --strategy empty
	exits 3
	says "PTRACE_TRACEME.*Operation not permitted"
	[ ! -s out ]
}
