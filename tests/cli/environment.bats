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
	deny $copies EPERM "${any[@]}" --quick --strategy copy_from_user --scenario steady
	exits 4
	says "copy_from_user.*Operation not permitted"
}

@test "no ptrace permission: what needs no copies is measured" {
	deny $copies EPERM "${any[@]}" --quick --strategy pinned,copy_from_user --scenario steady
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
	under taskset -c 0 ringwalk "${any[@]}" --quick --strategy spinlock --scenario storm
	exits 0
	holds summary.json '.cells[0].invalidate_ns.count > 0'
}

@test "no memfd: nothing can be measured, and it says so" {
	deny memfd_create ENOSYS "${short[@]}"
	exits 3
	says "memory.*Function not implemented"
}

@test "no membarrier: migrations are not measured, with the reason; the rest is" {
	deny membarrier ENOSYS "${any[@]}" --quick --strategy pinned --scenario steady,storm
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

@test "run.json says of the build what is needed to judge figures again" {
	ringwalk "${short[@]}" --max-noise 100
	exits 0
	holds run.json '.environment.compiler | length > 0'
	holds run.json '.environment.compiler_flags | test("-std=gnu11") and test("-Iinclude")'
	holds run.json '(.environment.git_revision // .environment_reasons.git_revision) | length > 0'
	holds run.json '.objects.pinned | test("^[0-9a-f]{16}$")'
	holds run.json '.objects | length == 1'
}

# The hash of a strategy's object, of a tree and into a build folder.
hash_of() { # TREE BUILD STRATEGY
	make -s -C "$1" B="$2" "$2/obj/strategies/$3.hash" >/dev/null
	cat "$2/obj/strategies/$3.hash"
}

copy_tree() { # DIRECTORY
	mkdir "$1"
	cp -r "$root"/{Makefile,include,strategies,bench} "$1"
}

@test "an object's hash: neither comments nor folders change it, and code does" {
	local before

	copy_tree one
	copy_tree another
	before=$(hash_of "$PWD/one" "$PWD/b1" pinned)
	[ ${#before} = 16 ]
	sed -i '1a\/* A comment,\n * of lines.\n */' another/strategies/pinned.c another/include/ringwalk/*.h
	[ "$(hash_of "$PWD/another" "$PWD/below/b2" pinned)" = "$before" ]
	echo 'int more; int more = 1;' >>another/strategies/pinned.c
	[ "$(hash_of "$PWD/another" "$PWD/below/b2" pinned)" != "$before" ]
}

@test "the revision of the build: git's, and a reason where there is none" {
	command -v git >/dev/null || skip "git is not installed"
	git() {
		command git -c user.name=a -c user.email=a@b -c init.defaultBranch=m "$@" >/dev/null
	}
	revision() {
		(cd tree && "$root/bench/measure/build_id.sh" "-DX=\"y\" -O2" | grep REVISION)
	}
	mkdir tree
	revision >said
	grep -q 'REVISION NULL' said
	grep -q 'REASON "the source tree had no .git' said
	git init tree
	revision >said
	grep -q 'REVISION NULL' said
	grep -q 'REASON "git describe: fatal' said
	echo a >tree/a
	git -C tree add a
	git -C tree commit -m a
	revision >said
	grep -Eq 'REVISION "[0-9a-f]{12}"' said
	grep -q 'REASON NULL' said
	echo b >>tree/a
	revision >said
	grep -Eq 'REVISION "[0-9a-f]{12}-dirty"' said
}

@test "a new revision makes nothing stale but the object that says it" {
	command -v git >/dev/null || skip "git is not installed"
	remake() {
		make -C tree B="$PWD/b" ONLY=pinned "$PWD/b/obj/bench/measure/environment_build.o" >did
	}
	copy_tree tree
	git init -q tree
	remake
	grep -q strategies/pinned.c did
	git -C tree add .
	git -C tree -c user.name=a -c user.email=a@b commit -qm a
	remake
	grep -q environment_build.c did
	lacks strategies/pinned.c did
	remake
	lacks environment_build.c did
}
