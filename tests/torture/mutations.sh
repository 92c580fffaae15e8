#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows that torture is not blind: takes a sound strategy (or the model itself), breaks it in one line
# in a scratch copy, and sees torture say so. TAP: one test a mutation; its comment says what was
# found and how fast. Mutations that torture cannot catch are listed with the reason.
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
	cp -a "$build/torture" "$build/source_id.h" "$scratch/tree/b/"
}

n=0
failed=0

# Breaks FILE by a sed script, and wants torture of STRATEGY to find something.
mutate() { # NAME STRATEGY FILE SED-SCRIPT
	local name=$1 strategy=$2 file=$3 script=$4 section status=0 out

	[[ $name =~ $pattern ]] || return 0
	n=$((n + 1))
	fresh_copy
	sed -i "$script" "$scratch/tree/$file"
	if cmp -s "$file" "$scratch/tree/$file"; then
		echo "not ok $n - $name: the script changes nothing in $file"
		failed=1
		return
	fi
	# The copied objects know their headers by another folder's name.
	[[ $file != *.h ]] || rm -f "$scratch"/tree/b/torture/strategies/*.o
	# A mutation may leave a variable or a function unused.
	if ! out=$(make -C "$scratch/tree" -s -j"$(nproc)" B=b WARN= b/ringwalk-torture 2>&1); then
		echo "not ok $n - $name: does not build: $(tail -n 1 <<<"$out")"
		failed=1
		return
	fi
	for section in access entry burst; do
		status=0
		out=$("$scratch/tree/b/ringwalk-torture" torture --strategy "$strategy" \
			--section "$section" --seconds 20 --seed 1 2>&1) || status=$?
		[ "$status" = 0 ] || break
	done
	if [ "$status" = 5 ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name: not caught (exit status $status)"
		failed=1
	fi
	grep -A1 'NOT AS EXPECTED' <<<"$out" | tail -n 1 | sed 's/^ */# /' || true
}

# --- the model ---------------------------------------------------------------------------------

mutate "model: migration does not wait for copies in flight" copy_from_user bench/guest/events.c \
	'/^static int drain_copies/,/^}/s/^\tif (syscall/\treturn 0;\n&/'
mutate "model: a copy is not announced before it begins" copy_from_user bench/guest/copy.c \
	'/^static void copy_begins/,/^}/s/WRITE_ONCE.*/;/;/^static void copy_ends/,/^}/s/smp_store_release.*/;/'
# --- the table of maps that several strategies share --------------------------------------------

mutate "map_table: refresh looks at no running invalidation" spinlock strategies/map_table.h \
	's/table->invalidations == 0 && table->sequence == sequence/table->sequence == sequence/;s/idle = table->invalidations == 0/idle = true/'
mutate "map_table: refresh does not compare the sequence" srcu strategies/map_table.h \
	's/table->invalidations == 0 && table->sequence == sequence/table->invalidations == 0/'
mutate "map_table: start does not clear the map" rcu_memb strategies/map_table.h \
	'/^static inline int map_table_invalidate/,/^}/s/map_table_clear_locked.*/;/'
mutate "map_table: who finds the map cleared does not wait" rcu_memb strategies/map_table.h \
	's/wait |= table->draining != 0;/;/'
mutate "map_table: one end forgotten" spinlock strategies/map_table.h \
	'/^static inline void map_table_invalidate_end/,/^}/s/table->invalidations--;/table->invalidations = 0;/'

# --- strategies ----------------------------------------------------------------------------------

mutate "rcu_memb: no grace period" rcu_memb strategies/rcu_memb.h \
	's/^\turcu_memb_synchronize_rcu();/\t;/'
mutate "rcu_memb: grace period before the map is cleared" rcu_memb strategies/rcu_memb.h \
	's/^\twait = map_table_invalidate/\turcu_memb_synchronize_rcu();\n&/;/Every section that may/{n;s/.*/\t;/}'
mutate "srcu: no barrier after the reader's lock" srcu strategies/srcu.c \
	'/^static __always_inline bool srcu_begin/,/^}/s/^\tsmp_mb();/\tbarrier();/'
mutate "srcu: the grace period waits for one index only" srcu strategies/srcu.c \
	'/^static void srcu_synchronize/,/^}/{/E: the wait above/,$s/^\tsrcu_wait.*/\t;/}'
mutate "spinlock: start does not take the lock" spinlock strategies/spinlock.c \
	'/^static int spinlock_invalidate_start/,/^}/{s/^\tqspin_lock(.*/\t;/;s/^\tqspin_unlock(.*/\t;/}'
mutate "spinlock: unlocked before the access" spinlock strategies/spinlock.c \
	'/^static __always_inline bool spinlock_begin/,/^}/s/^\tif (likely/\tqspin_unlock(\&spin->table.lock);\n&/;/^static __always_inline bool spinlock_end/,/^}/s/^\tqspin_unlock.*/\t(void)vq;/'
mutate "seqlock: the end does not validate" seqlock strategies/seqlock.c \
	's/return likely(READ_ONCE(vq_state(vq, struct seqlock_vq)->sequence) == s->cookie);/(void)vq; (void)s; return true;/'
mutate "seqlock: writes do not take the lock" seqlock strategies/seqlock.c \
	'/^static __always_inline bool seqlock_write_begin/,/^}/{s/qspin_lock(.*/;/;s/qspin_unlock(.*/;/};/^static __always_inline void seqlock_write_end/,/^}/s/qspin_unlock(.*/(void)vq;/'

mutate "vq_ref: no barrier between count and map" vq_ref strategies/vq_ref.h \
	's/^\t\tsmp_mb();/\t\tbarrier();/'
mutate "kvm_seq: no look at what is in progress" kvm_seq strategies/kvm_mmu.h \
	's/if (READ_ONCE(kvm->mmu_invalidate_in_progress) \&\&/if (0 \&\&/'
mutate "kvm_seq: no look at the sequence" kvm_seq strategies/kvm_mmu.h \
	's/return READ_ONCE(kvm->mmu_invalidate_seq) != mmu_seq;/(void)mmu_seq; return false;/'
mutate "kvm_gpc: no look at the active count" kvm_gpc strategies/kvm_gpc.h \
	's/if (READ_ONCE(kvm->mn_active_invalidate_count))/if (0)/'
mutate "kvm_gpc: no look at the sequence" kvm_gpc strategies/kvm_gpc.h \
	's/return READ_ONCE(kvm->mmu_invalidate_seq) != mmu_seq;/(void)mmu_seq; return false;/'

# What no run can show, and why (tests/models has it from the exhaustive search):
# - seqlock: a bare increment at start and end. The cleared maps and the counted refresh cover for it.
# - map_table: the count at publishing. "None runs" at the snapshot and an unchanged sequence imply it.
# - srcu: barriers A, C, D, E and the one before the first wait. One reader on x86 needs B alone.

echo "1..$n"
exit "$failed"
