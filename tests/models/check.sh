#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Has Spin try every interleaving of the models in this directory, and prints TAP. A model that must
# hold is searched to the end, and must come to use a page mapped after an invalidation; one that
# must fail is searched breadth first, so that the counterexample is a shortest one.
set -uo pipefail

usage() {
	cat <<'END'
usage: tests/models/check.sh [--weakened] [--list] [--explain NAME] [NAME...]

  NAME...         these models only
  --weakened      the models weakened in one place each, in place of the others
  --list          the names, what is expected and how they are compiled
  --explain NAME  every step of a counterexample, however long
END
}

# name|file|expected|defines. Expected: holds, fails (the rule is broken) or deadlocks.
# -DSC: no store buffers. What fails without them fails with them, too.
two=-DTWO_INVALIDATORS
table=(
	"valid_flag|flag_and_counter|fails|-DSC -DFLAG $two"
	"valid_flag_one_invalidator|flag_and_counter|holds|-DFLAG -DROUNDS=4 -DINVALIDATIONS=3"
	"invalidate_count|flag_and_counter|holds|$two -DROUNDS=4 -DINVALIDATIONS=2"
	"invalidate_count_gup_outside|flag_and_counter|holds|-DGUP_OUTSIDE $two -DROUNDS=4 -DINVALIDATIONS=2"
	"invalidate_count_posted|flag_and_counter|deadlocks|-DSC -DSLOW_GUP"
	"vq_ref_posted|vq_ref|fails|-DPOSTED -DDRAINED_RETURN"
	"vq_ref_posted_without_store_buffers|vq_ref|holds|-DSC -DPOSTED $two -DROUNDS=4 -DINVALIDATIONS=2"
	"vq_seqcount_posted|vq_ref|fails|-DSEQCOUNT -DDRAINED_RETURN"
	"vq_seqcount_posted_without_store_buffers|vq_ref|holds|-DSC -DSEQCOUNT $two -DROUNDS=4 -DINVALIDATIONS=2"
	"vq_ref|vq_ref|holds|$two -DROUNDS=4 -DINVALIDATIONS=2"
	"atomic_bit|in_use|holds|$two -DROUNDS=4 -DINVALIDATIONS=2"
	"atomic_bit_not_atomic|in_use|fails|-DNON_ATOMIC -DDRAINED_RETURN"
	"atomic_bit_not_atomic_without_store_buffers|in_use|holds|-DSC -DNON_ATOMIC $two -DROUNDS=4 -DINVALIDATIONS=2"
	"vq_ref_second_start_does_not_wait|vq_ref|fails|-DSC -DNO_DRAINING $two"
	"seqlock_reads|seqlock|holds|-DREADS_ONLY $two -DROUNDS=4 -DINVALIDATIONS=2"
	"seqlock_writes_locked|seqlock|holds|-DWRITES_ONLY $two -DROUNDS=4 -DINVALIDATIONS=2"
	"seqlock|seqlock|holds|$two -DROUNDS=4"
	"seqlock_writes_validate|seqlock|fails|-DSC -DWRITES_ONLY -DWRITES_VALIDATE"
	"seqlock_bare_increment|seqlock|fails|-DSC -DREADS_ONLY -DBARE_INCREMENT $two"
	"kvm_seq|kvm_seq|holds|$two -DROUNDS=4 -DINVALIDATIONS=2"
	"kvm_seq_no_in_progress_check|kvm_seq|fails|-DSC -DNO_IN_PROGRESS_CHECK"
	"kvm_seq_no_sequence_check|kvm_seq|fails|-DSC -DNO_SEQUENCE_CHECK"
	"kvm_gpc|gpc|holds|$two -DROUNDS=4"
	"gpc_late_count|gpc|fails|-DSC -DLATE_COUNT"
	"dpdk_iotlb|dpdk_iotlb|holds|$two -DROUNDS=4 -DINVALIDATIONS=2"
	"dpdk_iotlb_ring_first|dpdk_iotlb|fails|-DSC -DRING_FIRST -DINVALIDATIONS=2"
	"dpdk_iotlb_miss_locked|dpdk_iotlb|deadlocks|-DSC -DMISS_LOCKED -DINVALIDATIONS=2"
	"srcu|srcu|holds|-DROUNDS=4"
	"srcu_one_area_two_invalidators|srcu|holds|-DONE_AREA $two -DINVALIDATIONS=1"
	"srcu_no_reader_barrier|srcu|fails|-DNO_B -DONE_AREA -DDRAINED_RETURN"
	"srcu_no_reader_barrier_without_store_buffers|srcu|holds|-DSC -DNO_B -DROUNDS=4"
	"srcu_one_wait|srcu|fails|-DSC -DNO_WAIT_IDLE"
	"srcu_one_wait_one_area|srcu|holds|-DNO_WAIT_IDLE -DONE_AREA -DROUNDS=4 -DINVALIDATIONS=3"
	"hazptr|hazptr|holds|$two -DROUNDS=4 -DINVALIDATIONS=2"
	"hazptr_no_reader_barrier|hazptr|fails|-DNO_A -DDRAINED_RETURN"
	"hazptr_no_reader_barrier_without_store_buffers|hazptr|holds|-DSC -DNO_A $two -DROUNDS=4 -DINVALIDATIONS=2"
	"hazptr_no_second_load|hazptr|fails|-DSC -DNO_SECOND_LOAD"
	"percpu_rwsem|percpu_rwsem|holds|-DINVALIDATIONS=2"
	"percpu_rwsem_no_grace_period|percpu_rwsem|fails|-DSC -DNO_GRACE_PERIOD"
	"percpu_rwsem_no_reader_barrier|percpu_rwsem|fails|-DNO_A -DINVALIDATIONS=2 -DDRAINED_RETURN"
	"percpu_rwsem_no_reader_barrier_without_store_buffers|percpu_rwsem|holds|-DSC -DNO_A -DINVALIDATIONS=2"
)
# Those that hold all the same say what the weakened place is not needed for: see README.md.
weakened=(
	"invalidate_count_no_recheck|flag_and_counter|fails|-DSC -DNO_RECHECK_COUNT"
	"invalidate_count_gup_outside_no_idle_at_snapshot|flag_and_counter|fails|-DSC -DGUP_OUTSIDE -DNO_IDLE_AT_SNAPSHOT"
	"invalidate_count_gup_outside_no_recheck_sequence|flag_and_counter|fails|-DSC -DGUP_OUTSIDE -DNO_RECHECK_SEQUENCE $two"
	"invalidate_count_gup_outside_no_recheck_count|flag_and_counter|holds|-DGUP_OUTSIDE -DNO_RECHECK_COUNT $two -DROUNDS=4 -DINVALIDATIONS=2"
	"vq_ref_no_invalidator_barrier|vq_ref|fails|-DNO_INVALIDATOR_BARRIER -DDRAINED_RETURN"
	"vq_ref_no_wait|vq_ref|fails|-DSC -DNO_WAIT"
	"vq_ref_no_idle_at_snapshot|vq_ref|fails|-DSC -DNO_IDLE_AT_SNAPSHOT"
	"vq_ref_no_recheck_sequence|vq_ref|fails|-DSC -DNO_RECHECK_SEQUENCE -DINVALIDATIONS=2"
	"vq_ref_no_recheck_count|vq_ref|holds|-DNO_RECHECK_COUNT $two -DROUNDS=4 -DINVALIDATIONS=2"
	"atomic_bit_plain_clear|in_use|holds|-DPLAIN_CLEAR $two -DROUNDS=4 -DINVALIDATIONS=2"
	"atomic_bit_map_first|in_use|fails|-DSC -DMAP_FIRST"
	"atomic_bit_no_invalidator_barrier|in_use|fails|-DNO_INVALIDATOR_BARRIER -DDRAINED_RETURN"
	"atomic_bit_no_wait|in_use|fails|-DSC -DNO_WAIT"
	"seqlock_no_w|seqlock|fails|-DREADS_ONLY -DNO_W"
	"seqlock_no_w_drained_return|seqlock|holds|-DNO_W -DDRAINED_RETURN $two -DROUNDS=4"
	"seqlock_no_validation|seqlock|fails|-DSC -DREADS_ONLY -DNO_VALIDATION"
	"seqlock_odd_ignored|seqlock|fails|-DSC -DREADS_ONLY -DODD_IGNORED"
	"seqlock_no_idle_at_snapshot|seqlock|fails|-DSC -DREADS_ONLY -DNO_IDLE_AT_SNAPSHOT"
	"seqlock_no_recheck_sequence|seqlock|fails|-DSC -DREADS_ONLY -DNO_RECHECK_SEQUENCE -DINVALIDATIONS=2"
	"seqlock_bare_but_counted|seqlock|holds|-DBARE_BUT_COUNTED $two -DROUNDS=4"
	"kvm_seq_snapshot_late|kvm_seq|fails|-DSC -DSNAPSHOT_LATE"
	"kvm_gpc_no_count_check|gpc|fails|-DSC -DNO_COUNT_CHECK"
	"kvm_gpc_no_sequence_check|gpc|fails|-DSC -DNO_SEQUENCE_CHECK"
	"kvm_gpc_sequence_read_first|gpc|fails|-DSC -DSEQUENCE_FIRST"
	"kvm_gpc_count_drops_first|gpc|fails|-DSC -DCOUNT_DROPS_FIRST"
	"dpdk_iotlb_keep_ring|dpdk_iotlb|fails|-DSC -DKEEP_RING"
	"dpdk_iotlb_keep_entry|dpdk_iotlb|fails|-DSC -DKEEP_ENTRY"
	"dpdk_iotlb_no_access_lock|dpdk_iotlb|holds|-DNO_ACCESS_LOCK $two -DROUNDS=4 -DINVALIDATIONS=2"
	"dpdk_iotlb_no_idle_at_snapshot|dpdk_iotlb|fails|-DSC -DNO_IDLE_AT_SNAPSHOT"
	"dpdk_iotlb_no_recheck_sequence|dpdk_iotlb|fails|-DSC -DNO_RECHECK_SEQUENCE -DINVALIDATIONS=2"
	"srcu_second_start_does_not_wait|srcu|fails|-DSC -DONE_AREA -DNO_DRAINING $two -DINVALIDATIONS=1"
	"srcu_wait_idle_only|srcu|fails|-DSC -DONE_AREA -DNO_WAIT_FLIPPED"
	"srcu_no_a|srcu|holds|-DNO_A"
	"srcu_no_c|srcu|holds|-DNO_C"
	"srcu_no_d|srcu|holds|-DNO_D"
	"srcu_no_e|srcu|holds|-DNO_E"
	"srcu_no_top|srcu|holds|-DNO_TOP"
	"srcu_locks_read_first|srcu|holds|-DLOCKS_FIRST"
	"srcu_no_flip|srcu|holds|-DNO_FLIP"
	"hazptr_no_invalidator_barrier|hazptr|fails|-DNO_B -DDRAINED_RETURN"
	"hazptr_no_wait|hazptr|fails|-DSC -DNO_WAIT"
	"hazptr_second_start_does_not_wait|hazptr|fails|-DSC -DNO_DRAINING $two"
	"percpu_rwsem_no_read_lock|percpu_rwsem|fails|-DSC -DNO_READ_LOCK"
	"percpu_rwsem_no_gate|percpu_rwsem|fails|-DSC -DNO_GATE"
	"percpu_rwsem_no_wait|percpu_rwsem|fails|-DSC -DNO_WAIT"
	"percpu_rwsem_no_d|percpu_rwsem|fails|-DNO_D -DINVALIDATIONS=2 -DDRAINED_RETURN"
	"percpu_rwsem_no_b|percpu_rwsem|holds|-DNO_B -DINVALIDATIONS=2"
	"percpu_rwsem_no_exit_grace_period|percpu_rwsem|holds|-DNO_EXIT_GRACE_PERIOD -DINVALIDATIONS=2"
)

longest=30 # steps that are shown without --explain

list=()
names=()
want_list=false
while [ $# -gt 0 ]; do
	case $1 in
	--weakened) list=("${weakened[@]}") ;;
	--list) want_list=true ;;
	--explain)
		longest=1000
		if [ $# -lt 2 ]; then
			echo "check.sh: --explain needs a name" >&2
			exit 2
		fi
		;;
	-h | --help)
		usage
		exit
		;;
	-*)
		echo "check.sh: option '$1' is unknown; one of:" \
			"--weakened --list --explain --help" >&2
		exit 2
		;;
	*) names+=("$1") ;;
	esac
	shift
done
for name in "${names[@]}"; do
	found=
	for row in "${table[@]}" "${weakened[@]}"; do
		[ "${row%%|*}" = "$name" ] && found=$row
	done
	if [ -z "$found" ]; then
		echo "check.sh: model '$name' is unknown; --list names them" >&2
		exit 2
	fi
	list+=("$found")
done
[ ${#list[@]} -gt 0 ] || list=("${table[@]}")

if $want_list; then
	printf '%s\n' "${list[@]}" | column -t -s '|'
	exit
fi
for tool in spin gcc; do
	if ! command -v "$tool" >/dev/null; then
		echo "1..0 # SKIP $tool is not installed"
		exit
	fi
done

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
cp "$here"/*.pml "$work" && cd "$work" || exit 3

# search FILE FLAGS DEFINES...: leaves pan's report in `report`; false if there is none.
search() {
	local file=$1 flags=$2
	shift 2
	rm -f pan* report ./*.trail
	# shellcheck disable=SC2086 # several flags
	if ! spin -a "$@" "$file.pml" >build.log 2>&1 ||
		! gcc -w -DSAFETY -DMEMLIM=4000 $flags -o pan pan.c >>build.log 2>&1; then
		sed 's/^/# /' build.log
		return 1
	fi
	timeout 60 ./pan -n -m100000 -w20 >report 2>&1
}

truncated='max search depth too small|Search not completed|reached -DMEMLIM|out of memory'

# The counterexample in the trail, a sentence a step.
steps() {
	local file=$1
	shift
	spin -t -T -B "$@" "$file.pml" 2>/dev/null | sed -n '/^ *spin: /d; s/^ *//; /./p'
}

# check NAME FILE EXPECTED DEFINES...: sets `said`, and `trail` to what is to be shown.
check() {
	local file=$2 expected=$3 states
	shift 3
	said='no result: see above'
	trail=
	if [ "$expected" = holds ]; then
		search "$file" -O1 "$@" || return
	else
		search "$file" '-O0 -DBFS -DNOREDUCE' "$@" || return
	fi
	[ ! -e "$file.pml.trail" ] || trail=$(steps "$file" "$@")
	states=$(awk '/ states, stored/ { printf "%d", $1 }' report)
	if grep -q 'assertion violated' report; then
		said="violation found in $(grep -vc '^=>' <<<"$trail") steps, $states states"
		[ "$expected" = fails ]
		return
	fi
	if grep -q 'invalid end state (' report; then
		said="deadlock found in $(grep -c . <<<"$trail") steps, $states states"
		trail+=$'\n=> nobody can go on'
		[ "$expected" = deadlocks ]
		return
	fi
	if ! grep -q 'errors: 0$' report || grep -Eq "$truncated" report; then
		said="the search is not exhaustive: $(grep -E "$truncated" report | head -1)"
		return 1
	fi
	said="holds in all of $states states"
	[ "$expected" = holds ] || return
	if ! search "$file" -O0 -DWITNESS "$@" || ! grep -q 'assertion violated' report; then
		said="$said, but no page mapped after an invalidation is ever used"
		return 1
	fi
}

echo "1..${#list[@]}"
nth=0
failed=0
for row in "${list[@]}"; do
	IFS='|' read -r name file expected defines <<<"$row"
	nth=$((nth + 1))
	# shellcheck disable=SC2086 # several defines
	if check "$name" "$file" "$expected" $defines; then
		echo "ok $nth - $name: $said"
	else
		failed=$((failed + 1))
		echo "not ok $nth - $name: $said; expected: $expected"
	fi
	if [ -n "$trail" ]; then
		if [ "$(wc -l <<<"$trail")" -le $longest ]; then
			readarray -t lines <<<"$trail"
			printf '#   %s\n' "${lines[@]}"
		else
			echo "#   the steps: tests/models/check.sh --explain $name"
		fi
	fi
done
[ $failed -eq 0 ]
