#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # variables of helpers.bash
#
# The torture command: its verdicts, what it says of bad input, and that run shows what it found.

load helpers

# Verdicts lie beside the program: tests have one of their own.
own_program() {
	cp "$build/ringwalk" "$build/ringwalk-torture" .
	build=$PWD
}

@test "a sound strategy is safe, and how much was tried is said" {
	own_program
	ringwalk torture --strategy spinlock --section access --seconds 1
	exits 0
	prints "spinlock +access +safe +safe +[0-9.]+ M +[0-9]+ k"
	prints "1 verdicts, 0 not as expected"
	jq -e '.verdicts.spinlock.access.accesses > 1000' verdicts.json
	jq -e '.verdicts.spinlock.access.invalidations > 10' verdicts.json
}

@test "pinned refuses migration and is incoherent, as its file expects" {
	own_program
	ringwalk torture --strategy pinned --section burst --seconds 4
	exits 0
	prints "pinned +burst .*incoherent, refuses migration"
	jq -e '.verdicts.pinned.burst.refused_migrations > 0' verdicts.json
}

@test "a broken strategy is caught, with evidence: what, when, in which mode, seed and step" {
	own_program
	ringwalk torture --strategy refresh_unchecked --section access --seconds 10 --seed 77
	exits 0
	prints "refresh_unchecked +access +stale"
	prints "after [0-9]+ ms, [0-9]+ times; first: .* \((full|light), seed 77\), at access [0-9]+, invalidation [0-9]+: "
}

# The verdicts of one strategy and section, by a jq expression that must be true.
verdict() { # STRATEGY SECTION EXPRESSION
	jq -e ".verdicts.$1.$2 | $3" verdicts.json >/dev/null || {
		echo "expected of $1, $2: $3"
		jq ".verdicts.$1.$2" verdicts.json
		show
		return 1
	}
}

@test "a finding that is not all that is expected does not end the run" {
	own_program
	ringwalk torture --strategy rcu_deferred --section access --seconds 20
	exits 0
	verdict rcu_deferred access '.found == "stale, lost write"'
}

@test "updates: reset and new addresses while the queue is walked" {
	own_program
	ringwalk torture --strategy spinlock --section access --mode full --seconds 4
	exits 0
	verdict spinlock access '.updates.reset > 0 and .updates.addresses > 0'
	verdict spinlock access '.updates.slot == 0'
}

@test "updates: memory slots change between an invalidation's start and its end" {
	own_program
	ringwalk torture --strategy kvm_gpc --section access --mode full --seconds 6
	exits 0
	verdict kvm_gpc access '.updates.slot > 0 and .updates_amid_invalidation > 0'
}

@test "the owner exits while the queue is walked, in every second run: all end, nothing is found" {
	own_program
	ringwalk torture --strategy spinlock,copy_from_user --section access --mode full \
		--seconds 2 --seed 1
	exits 0
	verdict spinlock access '.updates.exit == 1 and .found == "safe"'
	verdict copy_from_user access '.updates.exit == 1 and .found == "safe"'
	ringwalk torture --strategy spinlock --section access --mode full --seconds 2 --seed 2
	exits 0
	verdict spinlock access '.updates.exit == 0 and .found == "safe"'
}

@test "copies that move half an element are counted, and made again" {
	own_program
	ringwalk torture --strategy copy_from_user --section access --mode full --seconds 10
	exits 0
	verdict copy_from_user access '.partial_copies > 0 and .found == "safe"'
}

@test "a deadlock says who has what and who waits; mutex has one by mmap_lock, one by the page lock" {
	local by_mmap_lock=0 by_page_lock=0 seed

	own_program
	for seed in $(seq 20); do
		ringwalk torture --strategy mutex --section access --seconds 4 --seed "$seed"
		exits 0
		verdict mutex access '.found == "deadlock"'
		if grep -Eq 'in a circle: .*worker has [^;]*vq->mutex[^;]* and waits for mmap_lock' out; then
			by_mmap_lock=1
		elif grep -Eq 'in a circle: .*worker has [^;]*vq->mutex[^;]* and waits for page lock' out; then
			by_page_lock=1
		fi
		if [ $((by_mmap_lock + by_page_lock)) = 2 ]; then
			break
		fi
	done
	[ $((by_mmap_lock + by_page_lock)) = 2 ]
}

@test "what a strategy counts of itself is in the table and in the file" {
	own_program
	ringwalk torture --strategy rcu_deferred,mutex_recheck --section access --seconds 4
	exits 0
	prints "maps waiting to be freed, at most: [0-9]+; maps never freed: 0"
	prints "rechecks: [0-9]+; rechecks that bailed out: [0-9]+"
	verdict rcu_deferred access '.counters["maps waiting to be freed, at most"] > 0'
	verdict mutex_recheck access '.counters.rechecks > 0'
}

@test "run shows the verdicts of the same build, and says what was not tried" {
	own_program
	ringwalk torture --strategy spinlock --section access --seconds 1
	exits 0
	ringwalk "${any[@]}" --quick --strategy spinlock,seqlock --scenario steady
	exits 0
	holds summary.json \
		'.cells[] | select(.strategy == "spinlock") | .verdict == "safe"'
	holds summary.json \
		'.cells[] | select(.strategy == "seqlock") | .verdict == "not tried on this build"'
}

@test "a packed ring's verdicts are its own: a split ring's cells are not tried by them" {
	own_program
	ringwalk torture --strategy spinlock --section access --ring packed --seconds 1
	exits 0
	prints "a packed ring, its entries returned out of order"
	ringwalk "${any[@]}" --quick --strategy spinlock --scenario steady,packed
	exits 0
	holds summary.json '.cells[] | select(.scenario == "packed") | .verdict == "safe"'
	holds summary.json \
		'.cells[] | select(.scenario == "steady") | .verdict == "not tried on this build"'
	ringwalk torture --strategy spinlock --section access --ring packed --in-order --seconds 1
	exits 0
	prints "or --in-order are not kept"
}

@test "verdicts of other sources are not believed" {
	own_program
	ringwalk torture --strategy spinlock --section access --seconds 1
	exits 0
	sed -i 's/"sources": "[0-9a-f]*"/"sources": "0123456789abcdef"/' verdicts.json
	ringwalk "${any[@]}" --quick --strategy spinlock --scenario steady
	exits 0
	holds summary.json '.cells[0].verdict == "not tried on this build"'
}

@test "an unknown mode: exit 2, and the valid ones" {
	ringwalk torture --mode gentle
	exits 2
	says "mode 'gentle' is unknown; one of: full light both"
}

@test "only the floor: nothing to torture, exit 4" {
	ringwalk torture --strategy empty
	exits 4
	says "nothing to torture"
}

@test "Ctrl-C: exit 130, and the verdicts that stand are kept" {
	own_program
	"$build/ringwalk" torture --strategy copy_from_user,spinlock --section access \
		--seconds 3 >out 2>err </dev/null &
	started=$!
	sleep 4.5
	kill -INT "$started"
	status=0
	wait "$started" || status=$?
	started=
	exits 130
	jq -e '.verdicts.copy_from_user.access.verdict == "safe"' verdicts.json
}
