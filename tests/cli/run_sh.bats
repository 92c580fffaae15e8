#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# run.sh: what it does with its first word, and with a machine that lacks something. The machine is
# a directory of links to what is really there, with things taken away and an apt-get that only
# says what it was asked for.

load helpers

run_sh() {
	status=0
	"$root/run.sh" "$@" >out 2>err </dev/null || status=$?
}

# A PATH without these commands.
machine_without() { # COMMAND...
	mkdir bin
	cp -s /usr/bin/* /usr/sbin/* /bin/* bin/ 2>/dev/null || true
	cp -s /usr/local/bin/* bin/ 2>/dev/null || true
	for command; do
		rm -f "bin/$command"
	done
	PATH=$PWD/bin
}

# What it does is the script; what it was asked for is in apt-calls.
fake_apt() { # SCRIPT
	rm -f bin/apt-get bin/sudo
	printf '#!/bin/sh\necho "$@" >>"%s/apt-calls"\n%s\n' "$PWD" "$1" >bin/apt-get
	chmod +x bin/apt-get
}

needs_debian() {
	grep -Eq '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release || skip "not a Debian"
}

needs_root() {
	[ "$(id -u)" = 0 ] || skip "not root"
}

@test "an unknown subcommand: exit 2, the known ones are named" {
	run_sh walk
	exits 2
	grep -q "^run.sh: subcommand 'walk' is unknown; one of: run .*compare.* check$" err
}

@test "--help" {
	run_sh --help
	exits 0
	prints "run.sh list"
	prints "--no-install"
}

@test "from another directory: a scenario file is the one that lies there" {
	echo 'burst = 7' >mine.scenario
	run_sh list --no-install --strategy pinned --scenario storm,./mine.scenario --format json
	exits 0
	jq -e '.scenarios[1] | .name == "mine" and .parameters.burst == 7' out
	run_sh list --no-install --scenario=none.scenario
	exits 2
	grep -q "scenario file '$PWD/none.scenario': No such file" err
}

@test "from another directory: list, and options are passed on" {
	run_sh list --no-install --strategy seqlock
	exits 0
	prints "seqlock"
	lacks spinlock out
}

@test "from another directory: results lie where the caller says" {
	run_sh --no-install "${short[@]:1}" --results here
	exits 0
	[ -s here/latest/summary.json ]
}

@test "--no-install: what is missing is named and nothing is installed" {
	needs_debian
	machine_without gnuplot make
	fake_apt 'exit 0'
	run_sh list --no-install
	exits 3
	grep -q "^run.sh: missing: gnuplot-nox make (apt-get install gnuplot-nox make)$" err
	[ ! -e apt-calls ]
}

@test "--no-install: the tests need more than a run" {
	needs_debian
	machine_without bats jq clang spin
	fake_apt 'exit 0'
	run_sh check --no-install
	exits 3
	for package in bats clang jq spin; do
		grep -q "missing: .*\<$package .*(apt-get" err
	done
}

@test "--no-install: the quick tests need less" {
	needs_debian
	machine_without bats jq clang spin
	fake_apt 'exit 0'
	run_sh check --quick --no-install
	exits 3
	grep -q "missing: bats jq " err
}

@test "what is missing is installed, and said" {
	needs_debian
	needs_root
	machine_without gnuplot
	fake_apt "ln -s /bin/true '$PWD/bin/gnuplot'"
	run_sh list
	exits 0
	[ "$(grep -c . err)" = 1 ]
	grep -q "^run.sh: installing gnuplot-nox$" err
	[ "$(wc -l <apt-calls)" = 1 ]
	grep -q "install -y --no-install-recommends gnuplot-nox$" apt-calls
}

@test "package lists are fetched where installing fails without" {
	needs_debian
	needs_root
	machine_without gnuplot
	fake_apt 'case "$*" in *update) touch updated; exit ;; esac; [ -e updated ]'
	run_sh list
	exits 0
	[ "$(wc -l <apt-calls)" = 3 ]
}

@test "installing fails: the end of the log is shown, exit 3" {
	needs_debian
	needs_root
	machine_without gnuplot
	fake_apt 'echo E: no such host; exit 100'
	run_sh list
	exits 3
	grep -q "E: no such host" err
	grep -q "^run.sh: apt-get could not install gnuplot-nox$" err
}

@test "another distribution: its package names, exit 3" {
	machine_without gnuplot apt-get
	run_sh list
	exits 3
	grep -q "dnf install gnuplot.*pacman -S gnuplot" err
}

@test "neither root nor sudo: exit 3" {
	needs_debian
	machine_without gnuplot id
	fake_apt 'exit 0'
	printf '#!/bin/sh\necho 1000\n' >bin/id
	chmod +x bin/id
	run_sh list
	exits 3
	grep -q "missing: gnuplot-nox; installing them needs root or sudo" err
	[ ! -e apt-calls ]
}

@test "not root, but sudo" {
	needs_debian
	machine_without gnuplot id
	fake_apt "ln -s /bin/true '$PWD/bin/gnuplot'"
	printf '#!/bin/sh\necho 1000\n' >bin/id
	printf '#!/bin/sh\ntouch sudo-was-here\nexec "$@"\n' >bin/sudo
	chmod +x bin/id bin/sudo
	run_sh list
	exits 0
	[ -e sudo-was-here ]
}
