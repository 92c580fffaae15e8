#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows that torture is not blind: takes a sound strategy (or the model itself), breaks it in one line
# in a scratch copy, and sees torture say so. TAP: one test a mutation, which says whether it was
# caught and after what time; its comment says what was found. Mutations that torture cannot catch
# are listed with the reason.
#
# Usage: tests/torture/mutations.sh [NAME-PATTERN]
#
# It takes some minutes: check --all has it.
# shellcheck disable=SC2016 # sed scripts hold dollar signs
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${B:-build}
pattern=${1:-.}

if [ ! -d "$build/torture" ]; then
	make -s B="$build" "$build/ringwalk-torture"
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The tree as it is, with its objects, so that only what changes is built again.
fresh_copy() {
	rm -rf "$scratch/tree"
	mkdir "$scratch/tree"
	cp -a Makefile include strategies bench "$scratch/tree/"
	mkdir "$scratch/tree/b"
	cp -a "$build/torture" "$build/source_id.h" "$build/flags" "$scratch/tree/b/"
}

n=0
failed=0

# What torture has printed: after how long it found the first thing.
caught_after() {
	grep -A1 'NOT AS EXPECTED' | grep -o 'after [0-9]* ms' | head -n 1
}

# Breaks each FILE by a sed script, and sees whether torture of STRATEGY finds something. Two settings
# come before the name of the function: want=missed if it is to find nothing, mode=full or light.
mutate() { # NAME STRATEGY FILE SED-SCRIPT [FILE SED-SCRIPT]...
	local name=$1 strategy=$2 seconds=20 status=0 section out
	shift 2

	[[ $name =~ $pattern ]] || return 0
	n=$((n + 1))
	fresh_copy
	while [ $# -gt 0 ]; do
		sed -i "$2" "$scratch/tree/$1"
		if cmp -s "$1" "$scratch/tree/$1"; then
			echo "not ok $n - $name: the script changes nothing in $1"
			failed=1
			return
		fi
		# The copied objects know their headers by another folder's name.
		[[ $1 != *.h ]] || rm -f "$scratch"/tree/b/torture/strategies/*.o
		shift 2
	done
	# A mutation may leave a variable or a function unused; other warnings make no other objects.
	if ! out=$(make -C "$scratch/tree" -s -j"$(nproc)" -o b/flags B=b ONLY="$strategy" WARN= \
		b/ringwalk-torture 2>&1); then
		echo "not ok $n - $name: does not build: $(tail -n 1 <<<"$out")"
		failed=1
		return
	fi
	for section in access entry burst; do
		status=0
		out=$("$scratch/tree/b/ringwalk-torture" torture --strategy "$strategy" \
			--section "$section" --mode "${mode:-both}" --seconds $seconds --seed 1 2>&1) ||
			status=$?
		[ "$status" = 0 ] || break
	done
	case ${want:-caught}$status in
	caught5) echo "ok $n - $name: caught, $section, $(caught_after <<<"$out")" ;;
	missed0) echo "ok $n - $name: not caught in 3 x $seconds s, as it should be" ;;
	*0)
		echo "not ok $n - $name: not caught in 3 x $seconds s"
		failed=1
		;;
	*)
		echo "not ok $n - $name: exit status $status, $section, $(caught_after <<<"$out")"
		failed=1
		;;
	esac
	grep -A1 'NOT AS EXPECTED' <<<"$out" | tail -n 1 | sed 's/^ */# /' || true
}

# --- the model ---------------------------------------------------------------------------------

mutate "model: migration does not wait for copies in flight" copy_from_user bench/guest/move.c \
	'/^int drain_copies/,/^}/s/^\tif (syscall/\treturn 0;\n&/'
mutate "model: a copy is not announced before it begins" copy_from_user bench/guest/copy.c \
	's/^\t\tvq_copy_begins(vq);/\t\t;/;s/^\t\tvq_copy_ends(vq);/\t\t;/'
mutate "model: half an element counts as copied" copy_from_user bench/guest/copy.c \
	's/if (done == (ssize_t)bytes)/if (done > 0)/'

# Without the window in which a lookup still finds the old page, after start and before the entry
# changes, a strategy that maps during an invalidation finds no page to map: the referee would be blind
# to it. (So it is to a start and an end with nothing in between, which are left out here.)
no_count=(strategies/spin_gupfast.c 's/if (!table->invalidations)/if (1)/'
	bench/torture/actors.c '/^static void one_event/,/^}/s/^\tif (perturb_random(8) == 0)$/\tif (0)/')
mode=full mutate "model: with its window, a lookup during an invalidation" spin_gupfast "${no_count[@]}"
want=missed mode=full mutate "model: the page table skips its window" spin_gupfast "${no_count[@]}" \
	bench/guest/events.c '/^static int bracket/,/^}/{
		s/if (!claim(event, part)) {/if (0) {/
		/^\tclock->begin/i\	if (!claim(event, part))\n\t\treturn -EALREADY;\n\tpte_set_state(guest->shared, part->gpn, part->pages, event->effect == PROTECT ? PTE_PROTECTED : PTE_MIGRATING);
		/^\tclock->started/a\	if (err) {\n\t\tpte_set_state(guest->shared, part->gpn, part->pages, PTE_PRESENT);\n\t\tatomic_store(\&part->object->changing, false);\n\t}
	}'

# An invalidation that is not taken, and maps that never come back: nobody reads or writes what he may
# not, and still it will not do.
mutate "map_table: a start that may block is refused while another one waits" rcu_memb \
	strategies/map_table.h 's/if (wait && !blockable) {/if (wait \&\& (!blockable || table->draining)) {/'
mutate "map_table: of two ends one is not counted" spinlock strategies/map_table.h \
	'/^static inline void map_table_invalidate_end/,/^}/s/table->invalidations--;/if (table->invalidations == 1)\n\t\t&/'
mutate "map_table: a start that is refused is counted" rcu_memb strategies/map_table.h \
	'/^static inline int map_table_invalidate(/,/^}/s/^\t\treturn -EAGAIN;/\t\ttable->invalidations++;\n&/'

# The control path.
mutate "map_table: a reset to the same addresses keeps the maps" spinlock strategies/map_table.h \
	'/^static inline int map_table_update/,/^}/s/^\tqspin_lock.*/\tif (!addresses || addresses->area[0].uaddr == vq->addresses.area[0].uaddr)\n\t\treturn 0;\n&/'
mutate "map_table: new addresses, and the old map stays" spinlock strategies/map_table.h \
	'/^static inline int map_table_update/,/^}/s/map_table_clear_locked.*/;/'
mutate "kvm_rcuwait: the updater waits for no invalidation" kvm_rcuwait strategies/kvm_rcuwait.c \
	's/while (kvm->mn_active_invalidate_count) {/while (0) {/'
# --- the table of maps that several strategies share --------------------------------------------

mutate "map_table: refresh looks at no running invalidation" spinlock strategies/map_table.h \
	's/table->invalidations == 0 && table->sequence == sequence/table->sequence == sequence/;s/return table->invalidations == 0/return true/'
mutate "map_table: refresh does not compare the sequence" srcu strategies/map_table.h \
	's/table->invalidations == 0 && table->sequence == sequence/table->invalidations == 0/'
mutate "map_table: start does not clear the map" rcu_memb strategies/map_table.h \
	'/^static inline void map_table_begin_locked/,/^}/s/map_table_clear_locked.*/;/'
mutate "map_table: who finds the map cleared does not wait" rcu_memb strategies/map_table.h \
	's/wait |= table->draining != 0;/;/'
mutate "map_table: one end forgotten" spinlock strategies/map_table.h \
	'/^static inline void map_table_invalidate_end/,/^}/s/table->invalidations--;/table->invalidations = 0;/'
mutate "map_table: a sequence of one bit" spinlock strategies/map_table.h \
	's/table->sequence++;/table->sequence ^= 1;/'
mutate "map_table: the recheck is made before the lock is taken" rcu_memb strategies/map_table.h \
	'/^static inline void map_table_refresh(/,/^}/{s/^\tmap_table_recheck_locked.*/\tif (idle)\n\t\tmap_table_publish_locked(table, found);/;s/^\ttorture_perturb();/&\n\tidle = READ_ONCE(table->invalidations) == 0 \&\& READ_ONCE(table->sequence) == sequence;/}'
mutate "map_table: of an area only the first page is looked up" spinlock strategies/map_table.h \
	'/^static inline unsigned int vq_area_pages/,/^}/s/^\treturn .*/\t(void)last;\n\treturn 1;/'

# --- strategies ----------------------------------------------------------------------------------

mutate "rcu_memb: no grace period" rcu_memb strategies/rcu_flavour.h \
	's/^\tsynchronize_rcu();/\t;/'
mutate "rcu_memb: a millisecond in place of a grace period" rcu_memb strategies/rcu_flavour.h \
	's/^#include "quiesce.h"/#include <unistd.h>\n&/;s/^\tsynchronize_rcu();/\tusleep(1000);/'
mutate "rcu_memb: grace period before the map is cleared" rcu_memb strategies/quiesce.h \
	's/^\twait = map_table_invalidate/\tsynchronize(vq);\n&/;s/^\tif (wait <= 0)/\tif (wait > 0)\n\t\tmap_table_drained(table);\n\tif (1)/;s/^\t\treturn wait;/\t\treturn wait < 0 ? wait : 0;/'
mutate "srcu: no barrier after the reader's lock" srcu strategies/srcu.h \
	'/^static __always_inline bool srcu_read_lock/,/^}/s/^\tsrcu_reader_barrier(kind);/\tbarrier();/'
mutate "srcu: the grace period waits for one index only" srcu strategies/srcu.h \
	'/^static __always_inline void srcu_grace_period/,/^}/{/E: the wait above/,$s/^\tsrcu_wait.*/\t;/}'
mutate "srcu: who finds a grace period running waits for its end, and for no more" srcu \
	strategies/srcu.h '/^static __always_inline void srcu_grace_period/,/^}/s/^\tfair_mutex_lock(.*/\tif (!fair_mutex_trylock(\&srcu->gp_mutex)) {\n\t&\n\t\tfair_mutex_unlock(\&srcu->gp_mutex);\n\t\treturn;\n\t}/'
mutate "spinlock: start does not take the lock" spinlock strategies/spinlock.h \
	'/^static inline int spinlock_invalidate_start/,/^}/{s/^\tqspin_lock(.*/\t;/;s/^\tqspin_unlock(.*/\t;/}'
mutate "spinlock: unlocked before the access" spinlock strategies/spinlock.h \
	'/^static __always_inline bool spinlock_begin/,/^}/s/^\tif (likely/\tqspin_unlock(\&spin->table.lock);\n&/;/^static __always_inline bool spinlock_end/,/^}/s/^\tqspin_unlock.*/\t(void)vq;/'
mutate "seqlock: the end does not validate" seqlock strategies/seqlock.c \
	's/return likely(READ_ONCE(vq_state(vq, struct seqlock_vq)->sequence) == s->cookie);/(void)vq; (void)s; return true;/'
mutate "seqlock: writes do not take the lock" seqlock strategies/seqlock.c \
	'/^static __always_inline bool seqlock_write_begin/,/^}/{s/qspin_lock(.*/;/;s/qspin_unlock(.*/;/};/^static __always_inline void seqlock_write_end/,/^}/s/qspin_unlock(.*/(void)vq;/'

mutate "vq_ref: no barrier between count and map" vq_ref strategies/vq_ref.h \
	's/^\t\tsmp_mb();/\t\tbarrier();/'
mutate "vq_ref: start does not wait for ever" vq_ref strategies/vq_ref.h \
	's/while (READ_ONCE(state->word) == ref)/while (READ_ONCE(state->word) == ref \&\& spins < 100000)/'
mutate "atomic_bit: the bit is set by a plain store" atomic_bit strategies/atomic_bit.c \
	's/__atomic_fetch_or(&state->word, USING_MAP, __ATOMIC_RELAXED)/WRITE_ONCE(state->word, USING_MAP)/'
mutate "dpdk_iotlb: the pointers go before the cache entry" dpdk_iotlb strategies/dpdk_iotlb.c \
	'/^static int dpdk_iotlb_invalidate_start/,/^}/{s/^\tdpdk_vring_invalidate(dpdk);/\t;/;s|^\t/. vhost_user_iotlb_cache_remove() ./|\trte_rwlock_write_lock(\&dpdk->access_lock);\n\tdpdk_vring_invalidate(dpdk);\n\trte_rwlock_write_unlock(\&dpdk->access_lock);\n\ttorture_perturb();|}'
mutate "vfio_wait_event: waits with vma_lock held" vfio_wait_event strategies/vfio_wait_event.c \
	's/^\t\tfair_mutex_\(un\)*lock(&vdev->vma_lock);/\t\t;/'
mutate "kvm_seq: no look at what is in progress" kvm_seq strategies/kvm_mmu.h \
	's/if (READ_ONCE(kvm->mmu_invalidate_in_progress) \&\&/if (0 \&\&/'
mutate "kvm_seq: no look at the sequence" kvm_seq strategies/kvm_mmu.h \
	's/return READ_ONCE(kvm->mmu_invalidate_seq) != mmu_seq;/(void)mmu_seq; return false;/'
mutate "kvm_seq: the range of the last invalidation alone" kvm_seq strategies/kvm_mmu.h \
	's/if (kvm->mmu_invalidate_in_progress++ == 0) {/kvm->mmu_invalidate_in_progress++;\n\tif (1) {/'
mutate "kvm_gpc: no look at the active count" kvm_gpc strategies/kvm_gpc.h \
	's/if (READ_ONCE(kvm->mn_active_invalidate_count))/if (0)/'
mutate "kvm_gpc: no look at the sequence" kvm_gpc strategies/kvm_gpc.h \
	's/return READ_ONCE(kvm->mmu_invalidate_seq) != mmu_seq;/(void)mmu_seq; return false;/'

mutate "hazptr: the map is not looked at again" hazptr strategies/hazptr.c \
	's/same &= .*/same \&= true;/'
mutate "hazptr: no barrier after the hazard pointer" hazptr strategies/hazptr.c \
	'/A: the hazard pointers/{n;s/smp_mb();/barrier();/}'
mutate "percpu_rwsem: no barrier on the reader's slow path" percpu_rwsem strategies/percpu_rwsem.c \
	'/A: the count before/{n;s/smp_mb();/barrier();/}'
mutate "mmu_interval: the sequence is even after each end" mmu_interval strategies/mmu_interval.c \
	's/--subscriptions->active_invalidate_ranges == 0 \&\&/subscriptions->active_invalidate_ranges-- \&\&/'
mutate "rcu_qsbr: the worker stays online while it waits" rcu_qsbr strategies/rcu_qsbr.c \
	's/^\tvq->worker_waits = .*/\t(void)vq; (void)rcu_qsbr_waits;/'

# What no run can show, and why (tests/models has it from the exhaustive search):
# - seqlock: a bare increment at start and end. The cleared maps and the counted refresh cover for it.
# - map_table: the count at publishing. "None runs" at the snapshot and an unchanged sequence imply it.
# - srcu: barriers A, C, D, E and the one before the first wait. One reader on x86 needs B alone.
# - hazptr: B. The lock that start has just released leaves its stores little time in the buffer.
# - percpu_rwsem: the grace period before the gate. The fast path opens again after the 10 ms that
#   liburcu's call_rcu() takes at least, and torture's invalidations come faster.
# - in_use.h: B, start's own barrier. The model needs it; here whatever enters the kernel between the
#   cleared map and the look at the word has drained the invalidator's store buffer. C: not on x86.

echo "1..$n"
exit "$failed"
