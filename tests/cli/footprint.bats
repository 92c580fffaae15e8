#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# Where the metadata lies: numbers of queues that follow from the caches, huge pages where there are any
# and the reason where there are none, scattered heads; and what is refused.

load helpers

tiny=("${any[@]}" --launches 1 --seconds 0.2 --strategy pinned)

# hwloc's own way of making machines up: 16 KiB of L1d, 256 KiB of L2, 1 MiB of L3.
made_up='pack:1 l3:1(size=1048576) core:1 l2:1(size=262144) l1:1(size=16384) pu:1'

@test "queues by caches: as many as each has room for, and which is which" {
	under env HWLOC_SYNTHETIC="$made_up" HWLOC_THISSYSTEM=1 ringwalk sweep --queues caches \
		--ring-size 256 --dry-run
	exits 0
	says "footprint: queues of 256: 1 \(half of L1d\), 19 \(half of L2\), 77 \(half of L3\), 309 \(twice L3\)"
	prints "footprint queues=19 "
}

@test "queues by caches: unknown sizes are said, and what to do instead" {
	under env HWLOC_SYNTHETIC="pack:1 core:1 pu:1" ringwalk sweep --queues caches
	exits 3
	says "the sizes of this machine's caches are not known .hwloc.; name values"
}

@test "a scenario says how much metadata it walks, and where that lies" {
	ringwalk "${tiny[@]}" --scenario steady,footprint
	exits 0
	prints "^steady: .*; 6.62 KiB of metadata"
	holds run.json '[.scenarios[].footprint_bytes] == [6784, 64 * 26752]'
	holds run.json 'all(.scenarios[]; .footprint_in != null or (.footprint_in_reason | length > 0))'
}

@test "huge pages: both maps in one run, and what they really have is recorded" {
	ringwalk "${tiny[@]}" --scenario footprint,huge
	exits 0
	holds run.json '.environment.guest_map | test("^0 of [0-9]+ KiB")'
	jq -e '.cells[1].measured' results/latest/summary.json >/dev/null ||
		skip "$(jq -r '.cells[1].reason' results/latest/summary.json)"
	holds run.json '.environment.guest_map_huge | capture("^(?<is>[0-9]+) of (?<of>[0-9]+) KiB") | .is == .of'
}

@test "no huge pages: such cells say why, and the rest is measured" {
	local without="$build/tests/tools/no_huge_pages"

	"$without" true || skip "huge pages cannot be taken from a process here"
	under "$without" ringwalk "${tiny[@]}" --scenario footprint,huge
	exits 0
	holds summary.json '.cells[0].measured and (.cells[1].measured | not)'
	holds summary.json '.cells[1].reason | test("no huge pages: this process may have none")'
	under "$without" ringwalk "${tiny[@]}" --scenario huge
	exits 4
	says "pinned in huge is unavailable: no huge pages"
}

@test "scattered heads: the walk is the same, and said to be scattered" {
	ringwalk "${tiny[@]}" --strategy pinned,seqlock --scenario large --heads scattered
	exits 0
	prints "^large: .*; heads scattered"
	holds run.json '.scenarios[0].parameters.heads == "scattered"'
	holds summary.json 'all(.cells[]; .measured and .accesses_per_entry > 4 and .fallback_share == 0)'
}

@test "what does not go together is refused" {
	refused "heads 'sideways' is unknown; one of: sequential scattered" run --heads sideways
	refused "migrate page: huge pages map what lies in a row" run --scenario pages --pages huge
	refused "heads: a packed ring's descriptors are in the order of the ring" run \
		--scenario packed --heads scattered
	refused "burst 'caches': only queues have values by that" sweep --burst caches
	refused "a range of values is for .ringwalk sweep" run --queues caches
}
