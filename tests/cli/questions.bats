#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2154 # backquotes that are meant; variables of helpers.bash
#
# docs/scenarios.md answers questions with commands: each of them is understood as it stands there.

load helpers

# Those of a file that are set in backquotes.
commands_of() { # FILE
	grep -oE '`\./run\.sh[^`]*`' "$1" | tr -d '`' | sort -u
}

# As it would be done; or, where there is no plan to print, as far as its options are understood.
understood() { # COMMAND
	local -a words
	local last=--help

	# What a shell would make of it: no quotes and no patterns in these.
	read -ra words <<<"${1#./run.sh}"
	ringwalk "${words[@]}" --help
	grep -q -- ' --dry-run' out && last=--dry-run
	ringwalk "${words[@]}" "$last"
	[ "$status" = 0 ] || {
		echo "docs/scenarios.md: $1"
		show
		return 1
	}
}

@test "every command of docs/scenarios.md is understood" {
	local command

	ringwalk list --scenario storm --format scenario
	cp out mine.scenario
	mkdir -p results/runs
	commands_of "$root/docs/scenarios.md" >commands
	[ "$(wc -l <commands)" -ge 10 ]
	while read -r command; do
		case $command in
		*--resume* | './run.sh icount'* | './run.sh compare'*) continue ;;
		*'>'*) command=${command%% >*} ;;
		esac
		understood "$command"
	done <commands
}

@test "the questions stand in a table, each with its command" {
	sed -n '/^| question | command |/,/^$/p' "$root/docs/scenarios.md" | sed '1,2d;/^$/d' >rows
	[ "$(wc -l <rows)" -ge 8 ]
	if grep -v '| `\./run\.sh' rows; then
		echo "a question without a command"
		return 1
	fi
}
