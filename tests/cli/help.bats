#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# What the program says about itself.

load helpers

@test "--help, run --help and list --help go to standard output" {
	for arguments in "--help" "run --help" "list --help"; do
		# shellcheck disable=SC2086 # words
		ringwalk $arguments
		exits 0
		prints "usage|Usage"
		[ ! -s err ]
	done
}

@test "run --help names every option" {
	ringwalk run --help
	for option in strategy scenario section ring-size burst rate events seconds quick seed \
		results no-plots; do
		prints "--$option"
	done
}

@test "list --help names every option" {
	ringwalk list --help
	for option in strategy family scenario long cost format; do
		prints "--$option"
	done
}

# An option of getopt's table that no command takes would be accepted, and do nothing.
@test "each command takes every option that its help names" {
	local command option argument

	for command in run aa sweep list torture primitives sections compare trend icount; do
		ringwalk "$command" --help
		sed -nE 's/^  (--[a-z-]+)( [A-Z]+ )?.*/\1 \2/p' out >options
		grep -q -- --version options
		while read -r option argument; do
			ringwalk "$command" "$option" ${argument:+0} --help
			[ "$status" = 0 ] || says "$option|'0'|: 0"
			lacks 'does nothing' err
		done <options
	done
}

@test "the man page names every option that the help of a subcommand names" {
	for command in run list trend torture primitives sections breakeven restore; do
		"$build/ringwalk" $command --help
	done >out
	grep -oE -- '--[a-z-]+' out | sort -u >options
	[ -s options ]
	sed 's/\\//g; s/Fl -/--/g' "$root/docs/ringwalk.1" >page
	while read -r option; do
		grep -q -- "$option" page || {
			echo "not in the man page: $option"
			return 1
		}
	done <options
}

@test "the man page has no warnings" {
	command -v man >/dev/null || skip "man is not installed"
	command -v groff >/dev/null || skip "groff is not installed"
	MANWIDTH=100 man --warnings -l "$root/docs/ringwalk.1" >page 2>warnings
	[ ! -s warnings ] || {
		cat warnings
		return 1
	}
}

@test "--version" {
	ringwalk --version
	exits 0
	prints "^ringwalk "
}

@test "list shows every strategy and scenario" {
	ringwalk list
	exits 0
	for file in "$root"/strategies/*.c; do
		prints "^ *$(basename "$file" .c)[ :]"
	done
	for scenario in steady burst storm bystander; do
		prints "^ *${scenario}[ :]"
	done
}

@test "list of one strategy shows no other" {
	ringwalk list --strategy seqlock
	exits 0
	prints "seqlock"
	lacks spinlock out
}
