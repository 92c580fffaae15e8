#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # variables of helpers.bash
#
# What the harness must not do while it measures, seen from outside: system calls and memory.

load helpers

worker_of_trace() {
	awk '/prctl\(PR_SET_NAME, "ringwalk-worker"/ { print $1; exit }' trace
}

# The worker's system calls from the beginning of its first epoch to the end of its last one.
calls_of_worker() {
	local worker

	worker=$(worker_of_trace)
	awk -v worker="$worker" '$1 == worker && $2 ~ /^[a-z_]+\(/ {
		sub(/\(.*/, "", $2)
		call[++n] = $2
		if ($2 == "getrusage") { if (!first) first = n; last = n }
	}
	END { for (i = first; i <= last; i++) print call[i] }' trace
}

@test "no system call and so no allocation in a steady epoch: strace sees those around it alone" {
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -o trace true 2>/dev/null || skip "strace may not trace here"
	under strace -f -o trace ringwalk "${any[@]}" --strategy pinned,rcu_memb,srcu,spinlock,seqlock \
		--scenario steady,burst --seconds 0.5 --launches 1
	exits 0
	calls_of_worker >calls
	# Reading the counters, and before and after it preemptions, brackets an epoch: nothing but
	# that, and so nothing within.
	[ "$(sort -u calls | tr '\n' ' ')" = "getrusage ioctl read " ]
	[ "$(grep -c getrusage calls)" = $((2 * $(samples | wc -l))) ]
	# And it was no idle run: every cell was walked in every round, six for time to one for counters.
	counters=$(grep -c '"kind": "counters"' results/latest/samples.jsonl)
	[ "$counters" -ge $((5 * 2)) ]
	[ "$(grep -c '"kind": "time"' results/latest/samples.jsonl)" -ge $((6 * counters)) ]
	[ "$(grep -c read calls)" -ge "$counters" ]
	samples | jq -es 'length > 0 and all(.entries > 0)' >/dev/null
}

@test "samples get onto the disk once a second, by a thread that is not the worker" {
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -o trace true 2>/dev/null || skip "strace may not trace here"
	before=$SECONDS
	under strace -f -e trace=fdatasync,prctl -o trace ringwalk "${any[@]}" --strategy pinned \
		--scenario steady --seconds 4 --launches 1
	exits 0
	syncs=$(grep -c ' fdatasync(' trace)
	[ "$syncs" -ge 1 ]
	[ "$syncs" -le $((SECONDS - before + 1)) ]
	lacks "^$(worker_of_trace) .*fdatasync" trace
}

@test "a disk that fails while it is measured: exit 3, and what it took is kept" {
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -o trace true 2>/dev/null || skip "strace may not trace here"
	under strace -f -e trace=fdatasync -e inject=fdatasync:error=EIO -o trace ringwalk "${any[@]}" \
		--strategy pinned --scenario steady --seconds 20 --launches 1
	exits 3
	says "results cannot be written any more: Input/output error"
	assert_kept
}

@test "resident memory stays under 64 MiB and the guest's" {
	for size in 256 32768; do
		start "${any[@]}" --quick --strategy pinned,rcu_memb --ring-size $size
		within_ten_seconds launch_of "$started" >pid
		launch=$(cat pid)
		peak=0
		while line=$(grep VmHWM "/proc/$launch/status" 2>/dev/null); do
			peak=$(awk '{ print $2 }' <<<"$line")
			sleep 0.05
		done
		finish
		exits 0
		echo "ring of $size: $peak kB"
		[ "$peak" -gt 1000 ]
		[ "$peak" -lt 65536 ]
	done
}
