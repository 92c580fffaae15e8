#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# What the machine does not have or does not permit: it is said, and the rest is measured.

load helpers

copies=process_vm_readv,process_vm_writev

@test "no ptrace permission: copy_from_user is listed as unavailable, with the reason" {
	deny $copies EPERM list
	exits 0
	prints "copy_from_user"
	prints "unavailable: .*process_vm_(readv|writev).*Operation not permitted"
}

@test "no ptrace permission: a run of copy_from_user alone has nothing to run" {
	deny $copies EPERM run --quick --strategy copy_from_user --scenario steady --no-plots
	exits 4
	says "copy_from_user.*Operation not permitted"
}

@test "no ptrace permission: what needs no copies is measured" {
	deny $copies EPERM run --quick --strategy pinned,copy_from_user --scenario steady --no-plots
	exits 0
	holds summary.json '.cells | any(.strategy == "pinned" and .ns_per_entry.value > 0)'
	holds summary.json '.cells | all(.strategy != "copy_from_user" or .ns_per_entry.value == null)'
	grep -q "Operation not permitted" out err
}

@test "perf events denied: the run goes on, each counter says why it has no value" {
	deny perf_event_open EACCES "${short[@]}"
	exits 0
	holds summary.json '.cells[0].ns_per_entry.value > 0'
	holds summary.json '.cells[0].counters | length > 0'
	holds summary.json '.cells[0].counters | all(.status == "denied" and .per_entry == null
		and (.reason | length > 0))'
}

@test "no perf events in this kernel: the run goes on, the counters are unsupported" {
	deny perf_event_open ENOSYS "${short[@]}"
	exits 0
	holds summary.json '.cells[0].counters | length > 0 and all(.per_entry == null
		and .status != "ok" and (.reason | length > 0))'
}

@test "one CPU: the run goes on and says what that means" {
	command -v taskset >/dev/null || skip "taskset is not installed"
	under taskset -c 0 ringwalk "${short[@]}"
	exits 0
	grep -iq "one CPU.*the figures mean little" out
	holds summary.json '.cells[0].ns_per_entry.value > 0'
}

@test "one CPU: migrations work, too" {
	command -v taskset >/dev/null || skip "taskset is not installed"
	under taskset -c 0 ringwalk run --quick --strategy spinlock --scenario storm --no-plots
	exits 0
	holds summary.json '.cells[0].invalidate_ns.count > 0'
}

@test "no memfd: nothing can be measured, and it says so" {
	deny memfd_create ENOSYS "${short[@]}"
	exits 3
	says "memory.*Function not implemented"
}

@test "no membarrier: migrations are not measured, with the reason; the rest is" {
	deny membarrier ENOSYS run --quick --strategy pinned --scenario steady,storm --no-plots
	exits 0
	prints "storm.*membarrier.*Function not implemented"
	holds summary.json '.cells | any(.scenario == "steady" and .ns_per_entry.value > 0)'
	holds summary.json '.cells | all(.scenario != "storm" or .ns_per_entry.value == null)'
}

@test "no membarrier: rcu_memb is another flavour of RCU then, and not measured as this one" {
	deny membarrier ENOSYS list --strategy rcu_memb
	exits 0
	prints "unavailable: .*membarrier.*Function not implemented"
}
