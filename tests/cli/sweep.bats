#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# Sweeps: the points that were asked for, in one run and in the same files, as a table and a picture; what
# was asked for beside what was done; and what is refused.

load helpers

sweep=(sweep --max-noise 100 --launches 1 --seconds 0.2)

@test "each point is a scenario of one run, with its value in its name" {
	ringwalk "${sweep[@]}" --no-plots --strategy pinned,seqlock --scenario steady --burst 1..16:x4
	exits 0
	holds run.json '[.scenarios[].name] == ["steady burst=1", "steady burst=4", "steady burst=16"]'
	holds run.json '[.scenarios[].burst] == [1, 4, 16] and [.scenarios[].swept] == [1, 4, 16]'
	holds run.json 'all(.scenarios[]; .sweep_of == "steady") and .settings.sweep == "burst"'
	holds summary.json '(.cells | length) == 6 and all(.cells[]; .ns_per_entry.value > 0)'
	# Their epochs are of the same rounds, not one point's after another's.
	samples | jq -se '[.[] | select(.round == 0) | .scenario] | unique | length == 3'
	# In the table a row for each strategy, and a column for each value.
	prints "^steady: ns per entry$"
	prints "^  burst +1 +4 +16$"
	prints "^  pinned( +[0-9.]+){3}$"
	grep -q '^| burst | 1 | 4 | 16 |$' results/latest/summary.md
}

@test "a sweep of rates begins without any, and shows what was done of what was asked for" {
	ringwalk "${sweep[@]}" --no-plots --strategy seqlock --rate 0..1000:3
	exits 0
	holds summary.json '[.cells[].requested_per_s] == [0, 500, 1000]'
	holds summary.json '.cells[0].invalidate_ns == null and .cells[2].invalidate_ns.count > 0'
	holds summary.json 'all(.cells[1:][]; .achieved_per_s < .requested_per_s * 3 / 2)'
	prints "^storm: invalidations a second that were done"
	lacks "notifications" out
}

@test "rates that no migrations reach are notifications alone, and said to be" {
	ringwalk "${sweep[@]}" --no-plots --strategy pinned,seqlock --rate 10k..100k:2
	exits 0
	holds run.json '[.scenarios[].invalidates] == ["metadata", "notify"]'
	holds summary.json '.cells[] | select(.scenario == "storm rate=100000") | .refused == 0 and
		.migration_model_p50_ns == null and .achieved_per_s < 150000'
	prints "^  rate +10000 +100000!$"
	prints "! notifications alone"
}

@test "the picture has a curve for each strategy, and a tsv of its points" {
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	ringwalk "${sweep[@]}" --templates "$root/plots" --strategy empty,pinned,seqlock --scenario steady \
		--ring-size 16..256:x4
	exits 0
	lacks "no plots" err
	grep -q '</svg>' results/latest/plots/sweep.svg
	grep -q 'seqlock' results/latest/plots/sweep.svg
	for size in 16 64 256; do
		[ "$(grep -c "^$size	[0-9]" results/latest/plots/sweep.tsv)" = 3 ]
	done
	grep -q '(plots/sweep.svg)' results/latest/summary.md
}

@test "a sweep is resumed as it was begun" {
	start "${sweep[@]}" --no-plots --launches 2 --seconds 4 --strategy pinned --burst 1..16:x4
	within_ten_seconds has_samples
	kill -INT "$started"
	finish
	[ "$status" = 130 ]
	ringwalk sweep --resume latest
	exits 0
	holds summary.json '(.cells | length) == 3 and all(.cells[]; .ns_per_entry.launches == 2)'
}

@test "bad ranges are refused with the valid one" {
	refused "sweep needs a parameter with a range" sweep
	refused "sweep needs a parameter with a range" sweep --rate 5
	refused "--rate '200k': must be a number from 0 to 100000" sweep --rate 0..200k
	refused "--burst '9..3': must go from a lower to a higher value, within 1..64" sweep --burst 9..3
	refused "--burst '1..64:x1': must be LOW..HIGH" sweep --burst 1..64:x1
	refused "--ring-size '10': must be a power of two from 1 to 32768" sweep --ring-size 10..20
	refused "--pages 'vmap..x': only a number has a range" sweep --pages vmap..x
	refused "--ring-size and --burst both have a range" sweep --ring-size 16..64 --burst 1..4
	refused "scenario 'steady' has no invalidations" sweep --scenario steady --rate 1..10
	refused "a range of values is for .ringwalk sweep" run --burst 1..4
	refused "real migrations are from 0 to 20000" sweep --scenario bystander --rate 100..50k
	refused "4 scenarios at 40 values are more than 128 points" sweep \
		--scenario steady,burst,entry,large --burst 1..40:40
}
