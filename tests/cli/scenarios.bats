#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # variables of helpers.bash
#
# What a scenario says it does takes place, seen in what a short run leaves: invalidations of the
# rate and the target, what the command line overrides, and an order that follows from the seed.

load helpers

strategies=${RINGWALK_STRATEGY:-copy_from_user,pinned,spinlock,seqlock}

# Most tests look at the same run.
setup_file() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR setup
	ringwalk "${any[@]}" --quick --seconds 0.1 --strategy "$strategies" \
		--scenario "${RINGWALK_SCENARIO:-steady,burst,storm,bystander,entry,payload,notify,pages}"
	exits 0
}

# Its cells and samples of one scenario, if that one is asked for.
in_scenario() { # SCENARIO
	cd "$BATS_FILE_TMPDIR" || return
	scenario=$1
	jq -e "any(.scenarios[]; .name == \"$1\")" results/latest/run.json >/dev/null ||
		skip "the scenario $1 is not asked for"
	[ -n "$(cells "$scenario" true .strategy)" ]
}

# A run of the test's own, of one scenario, if that one is asked for.
measure() { # SCENARIO [ARGUMENT...]
	scenario=$1
	shift
	case ,${RINGWALK_SCENARIO:-$scenario}, in
	*,"$scenario",*) ;;
	*) skip "the scenario $scenario is not asked for" ;;
	esac
	cd "$BATS_TEST_TMPDIR" || return
	ringwalk "${any[@]}" --quick --seconds 0.1 --strategy "$strategies" \
		--scenario "$scenario" "$@"
	exits 0
	[ -n "$(cells "$scenario" true .strategy)" ]
}

# What EXPRESSION is in the measured cells of the scenario that FILTER selects, one a line.
cells() { # SCENARIO FILTER EXPRESSION
	jq -c ".cells[] | select(.measured and .scenario == \"$1\" and ($2)) | $3" \
		results/latest/summary.json
}

# EXPRESSION is true of each of them.
each() { # FILTER EXPRESSION
	local wrong

	wrong=$(cells "$scenario" "$1" "select($2 | not) | del(.counters)")
	[ -z "$wrong" ] || {
		echo "expected of each cell in $scenario: $2"
		echo "$wrong"
		return 1
	}
}

# The same of each sample.
each_sample() { # EXPRESSION
	local wrong

	wrong=$(samples | jq -c "select(.scenario == \"$scenario\" and ($1 | not))")
	[ -z "$wrong" ] || {
		echo "expected of each sample in $scenario: $1"
		head -n 5 <<<"$wrong"
		return 1
	}
}

# As the samples have it, in all windows.
invalidations() { # STRATEGY
	samples | jq -s \
		"map(select(.scenario == \"$scenario\" and .strategy == \"$1\").invalidations) | add"
}

# A window may have none where the machine is busy; all windows together have some.
each_is_invalidated() {
	local strategy

	while read -r strategy; do
		echo "$strategy: $(invalidations "$strategy") invalidations"
		[ "$(invalidations "$strategy")" -gt 0 ]
	done < <(cells "$scenario" true .strategy | tr -d '"')
}

# Between a half and three halves of it, within three tries: the invalidator needs a CPU in time, and
# a busy machine may not have one. Migrations that are refused did not happen.
keeps_its_rate() { # [ARGUMENT...]
	local try load cells='.achieved_per_s != null and .refused == 0'

	for try in 1 2 3; do
		! each "$cells" '.achieved_per_s > .requested_per_s / 2 and
			.achieved_per_s < .requested_per_s * 3 / 2' || return 0
		[ "$try" = 3 ] || measure "$scenario" "$@"
	done
	each "$cells" '.achieved_per_s < .requested_per_s * 3 / 2' || return
	read -r load _ </proc/loadavg
	! awk -v load="$load" -v cpus="$(nproc)" 'BEGIN { exit load <= 2 * cpus }' ||
		skip "the machine is too busy to tell (load $load)"
	return 1
}

@test "storm: the metadata migrates at the rate asked for, and the map goes each time" {
	in_scenario storm
	each true '.requested_per_s == 1000'
	each_is_invalidated
	each '.invalidate_ns != null' '.invalidate_ns.count > 0 and .fallbacks_per_invalidation > 0 and
		.fallback_share > 0 and .refreshes > 0'
	keeps_its_rate
}

@test "storm: pinned pages refuse to migrate, and nothing else does" {
	in_scenario storm
	each '.class == "pinned"' '.fallback_share == 0'
	each '.class != "pinned"' '.refused == 0'
	# All of them: what was refused is what was tried.
	each '.strategy == "pinned"' ".refused == $(invalidations pinned)"
}

@test "bystander: other memory migrates at the rate asked for, and the map stays" {
	in_scenario bystander
	each_is_invalidated
	each_sample '.fallbacks == 0'
	each '.class != "floor"' '.fallback_share == 0'
	each true '.requested_per_s == 1000 and .refused == 0'
	each '.invalidate_ns != null' '.invalidate_ns.count > 0'
	keeps_its_rate
}

@test "steady: no invalidations, a section per access" {
	in_scenario steady
	each_sample '.invalidations == 0 and .fallbacks == 0'
	each true '.section == "access" and .invalidate_ns == null and .refused == 0'
}

@test "burst: no invalidations, a section per burst" {
	in_scenario burst
	each_sample '.invalidations == 0 and .fallbacks == 0'
	each true '.section == "burst" and .invalidate_ns == null and .refused == 0'
}

@test "entry: no invalidations, a section per entry" {
	in_scenario entry
	each_sample '.invalidations == 0 and .fallbacks == 0'
	each true '.section == "entry" and .invalidate_ns == null and .refused == 0'
}

@test "payload: the same walk, and a copy for each entry, which is in the time" {
	in_scenario payload
	each_sample '.invalidations == 0 and .fallbacks == 0'
	holds run.json '.scenarios[] | select(.name == "payload") | .copy_bytes == 1500'
	each '.class != "floor"' '.accesses_per_entry > 4 and .mpps.value > 0 and
		.mpps.lower <= .mpps.value and .mpps.value <= .mpps.upper'
	# pinned is the cheapest walk: there a copy of 1500 bytes shows.
	jq -e '[.cells[] | select(.strategy == "pinned") | {(.scenario): .ns_per_entry.value}] | add |
		(.payload == null or .steady == null or .payload > .steady)' results/latest/summary.json
}

@test "notify: maps go at most as often as asked for, and nothing migrates" {
	in_scenario notify
	each_is_invalidated
	each true '.requested_per_s == 50000 and .refused == 0 and .migration_model_p50_ns == null'
	each '.achieved_per_s != null' '.achieved_per_s < .requested_per_s * 3 / 2'
	each '.invalidate_ns != null' '.invalidate_ns.count > 0 and .refreshes > 0'
	holds run.json '.scenarios[] | select(.name == "notify") | .invalidates == "notify"'
}

@test "pages: single pages migrate at the rate asked for, and their maps come back" {
	in_scenario pages
	each true '.requested_per_s == 1000'
	each_is_invalidated
	each '.class == "quiesce" or .class == "retry"' '.fallback_share > 0 and .refreshes > 0'
	holds run.json '.scenarios[] | select(.name == "pages") |
		.pages == "vmap" and .migration == "page"'
	keeps_its_rate
}

@test "large: the largest ring is walked as any other" {
	measure large
	each true '.ring_size == 32768 and .invalidate_ns == null'
	each_sample '.fallbacks == 0'
}

@test "--invalidate none and --rate 0: a storm without any" {
	measure storm --invalidate none
	each true '.requested_per_s == 0 and .invalidate_ns == null'
	measure storm --rate 0
	each true '.requested_per_s == 0 and .invalidate_ns == null'
}

@test "--work: so many ns for each entry are in the time" {
	measure steady --work 2000 --strategy pinned
	# A multiplication is timed when nothing else is: half of it is there on any machine.
	each true '.ns_per_entry.value > 1000'
	holds run.json '.scenarios[0].work_ns == 2000'
}

@test "--rate, --section, --ring-size and --burst override what a scenario has" {
	local overrides=(--rate 200 --section entry --ring-size 16 --burst 4)

	measure storm "${overrides[@]}"
	each true '.requested_per_s == 200 and .section == "entry" and .ring_size == 16 and .burst == 4'
	each '.invalidate_ns != null' '.fallbacks_per_invalidation > 0'
	keeps_its_rate "${overrides[@]}"
}

# Of its accesses an entry shares three with its burst: those of the indices. A lap is half of the
# ring, and ends with a look at an empty one.
@test "--ring-size and --burst change what is walked" {
	# Epochs of copies are too short: they end in the middle of a burst.
	local mapped='.class != "floor" and .class != "copy"'

	in_scenario steady
	each "$mapped" '.accesses_per_entry > 4.09 and .accesses_per_entry < 4.3'
	measure steady --burst 4
	each "$mapped" '.accesses_per_entry > 4.7 and .accesses_per_entry < 4.9'
	measure steady --burst 4 --ring-size 16
	each "$mapped" '.accesses_per_entry > 5 and .accesses_per_entry < 5.3'
}

# The axes, as the run's own scenario has them.
has_axes() { # EXPRESSION
	holds run.json ".scenarios[] | select(.name == \"$scenario\") | $1"
}

@test "by default pages lie in a row, areas migrate whole, invalidations are filtered and may block" {
	in_scenario storm
	has_axes '.pages == "contiguous" and .migration == "area" and .filter and .blockable and
		(.masked_indices | not)'
	each true '.would_block == 0'
}

@test "--no-filter: invalidations of other memory take the map, too" {
	measure bystander --no-filter
	has_axes '.filter | not'
	each '.class == "quiesce" or .class == "retry"' '.fallback_share > 0 and .refreshes > 0'
	each '.class == "pinned"' '.fallback_share == 0'
}

@test "--pages scattered: no map, so that every access to an area of several pages is a copy" {
	measure steady --pages scattered --ring-size 1024
	has_axes '.pages == "scattered"'
	# avail is one page: its head in each entry and its index in each burst.
	each '.class == "quiesce" or .class == "retry"' '.fallback_share > 0.5 and .fallback_share < 1'
	[ -z "$(cells steady '.class == "pinned"' .strategy)" ]
}

@test "--pages vmap: pages that are not in a row are mapped all the same" {
	measure steady --pages vmap --ring-size 1024
	has_axes '.pages == "vmap"'
	each_sample '.fallbacks == 0'
}

@test "--migrate page: one page takes the map of its area, and it comes back by vmap alone" {
	measure storm --migrate page --pages vmap --ring-size 1024
	has_axes '.migration == "page" and .pages == "vmap"'
	each_is_invalidated
	each '.class == "quiesce" or .class == "retry"' '.fallback_share > 0 and .fallback_share < 0.9'
	measure storm --migrate page --ring-size 1024 --strategy spinlock
	has_axes '.migration == "page" and .pages == "scattered"'
	each '.class == "quiesce"' '.fallback_share > 0.5'
}

@test "--non-blockable: who would have to block refuses, and keeps its map" {
	strategies=${RINGWALK_STRATEGY:-rcu_memb,spinlock,seqlock}
	measure storm --non-blockable
	has_axes '.blockable | not'
	# Its grace period sleeps; a spinning lock does not.
	each '.strategy == "rcu_memb"' '.would_block > 0 and .fallback_share == 0'
	each '.strategy == "spinlock" or .strategy == "seqlock"' '.would_block == 0 and .fallback_share > 0'
}

# A lap of 128 entries in bursts of 32: 256 descriptors; out of order 128 used ones, in order 4; flags and
# event of 4 bursts; 3 accesses to an empty ring.
@test "a packed ring: what is accessed for each entry is known, out of order and in order" {
	measure packed
	each '.class != "floor"' '.accesses_per_entry > 3.07 and .accesses_per_entry < 3.11'
	measure packed --in-order
	each '.class != "floor"' '.accesses_per_entry > 2.10 and .accesses_per_entry < 2.14'
}

@test "--mask-index: the walk is another one, and single accesses are not timed" {
	measure steady --mask-index
	has_axes '.masked_indices'
	each true '.access_latency_ns.p50 == null and .ns_per_entry.value > 0'
}

# Cells as they were visited, as far as every run gets.
order_of_seed() { # SEED
	ringwalk "${any[@]}" --quick --seconds 0.1 --scenario steady,storm --seed "$1" \
		--strategy pinned,spinlock,seqlock
	exits 0
	samples | jq -c 'select(.round < 8) | [.round, .kind, .scenario, .strategy]'
}

@test "the order of cells follows from --seed" {
	order_of_seed 7 >first
	order_of_seed 7 >again
	order_of_seed 8 >other
	[ "$(wc -l <first)" = $((2 * 3 * 8)) ]
	cmp first again
	# It is another order of the same, in each phase.
	for scenario in steady storm; do
		run cmp -s <(grep "$scenario" first) <(grep "$scenario" other)
		[ "$status" = 1 ]
	done
	cmp <(sort first) <(sort other)
}
