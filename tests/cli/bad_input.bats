#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# What is typed wrong: exit status 2, a sentence that names what is valid, and nothing done.

load helpers

@test "an unknown strategy: the known ones are named" {
	refused "strategy 'rcuu' is unknown; one of:.*pinned.*seqlock" run --strategy rcuu
}

@test "an unknown strategy among known ones" {
	refused "strategy 'rcuu' is unknown; one of:.*pinned" run --strategy pinned,rcuu,seqlock
}

@test "an unknown scenario: the known ones are named" {
	refused "scenario 'calm' is unknown; one of:.*steady.*storm" run --scenario calm
}

@test "list refuses an unknown strategy and scenario, too" {
	refused "strategy 'rcuu' is unknown; one of:.*pinned" list --strategy rcuu
	refused "scenario 'calm' is unknown; one of:.*steady" list --scenario calm
}

@test "an unknown option: the known ones are named" {
	refused "option '--frequency' is unknown; one of:.*--strategy.*--no-plots" run --frequency 3
}

@test "an unknown event: known ones like it are named" {
	refused "event 'no_such_event' is unknown; (one of|nearest): [a-z]" run --events no_such_event
}

@test "an unknown section: access, entry and burst are named" {
	refused "section 'page' is unknown; one of: access entry burst" run --section page
}

@test "an unknown subcommand: run and list are named" {
	refused "'walk' is unknown; one of:.*run.*list" walk
}

@test "an option without its value" {
	refused "--strategy" run --strategy
	refused "--ring-size" run --ring-size
}

@test "an empty list of strategies" {
	refused "strategy" run --strategy ""
}

@test "a ring size that is no power of two from 1 to 32768" {
	refused "ring-size '100': must be a power of two from 1 to 32768" run --ring-size 100
	for size in 0 65536 abc -256 256x ""; do
		refused "ring-size '$size': must be .* from 1 to 32768" run --ring-size "$size"
	done
}

@test "a burst that is not from 1 to 64" {
	for burst in 0 65 abc; do
		refused "burst '$burst': must be .* from 1 to 64" run --burst "$burst"
	done
}

@test "a rate, a time or a seed that is no number" {
	refused "rate" run --rate fast
	refused "rate" run --rate -1
	refused "seconds" run --seconds soon
	refused "seconds" run --seconds -1
	refused "seed" run --seed lucky
}

@test "a layout of pages or a migration that there is none of" {
	refused "pages 'tiny' is unknown; one of: contiguous scattered vmap huge" run --pages tiny
	refused "migrate 'row' is unknown; one of: area page" run --migrate row
}

@test "scattered pages where an area has only one: the ring size that has more is named" {
	refused "a ring of 256 in 'steady' .*--ring-size 512" run --pages scattered --scenario steady
	refused "a ring of 256 in 'storm' .*--ring-size 512" run --migrate page --scenario storm
	refused "a ring of 128 in 'burst' .*--ring-size 512" run --pages scattered --ring-size 128 \
		--scenario burst
}

@test "an axis that a subcommand does not have" {
	refused "option '--mask-index' is unknown" torture --mask-index
	refused "--ring 'round' is unknown; one of: split packed" torture --ring round
	refused "--in-order: changes what is written of a packed ring alone; --ring packed" torture --in-order
	refused "--guest-fault: breaks a split ring, and 'packed' has a packed one" run --scenario packed --guest-fault loop
	refused "option '--non-blockable' is unknown" torture --non-blockable
	refused "option '--pages' is unknown" primitives --pages vmap
}

@test "a word where none belongs" {
	refused "pinned" run pinned
}
