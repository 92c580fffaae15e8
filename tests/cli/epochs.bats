#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154 # variables of helpers.bash
#
# What the harness must not do while it measures, seen from outside: system calls and memory.

load helpers

# The worker's system calls from its first epoch with counters to the end of the last one.
calls_of_worker() {
	local worker

	worker=$(awk '/prctl\(PR_SET_NAME, "ringwalk-worker"/ { print $1; exit }' trace)
	awk -v worker="$worker" '$1 == worker && $2 ~ /^[a-z_]+\(/ {
		sub(/\(.*/, "", $2)
		call[++n] = $2
		if ($2 == "ioctl") { if (!first) first = n; last = n }
	}
	END { for (i = first; i <= last; i++) print call[i] }' trace
}

@test "no system call and so no allocation in a steady epoch: strace sees the counters' alone" {
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -o trace true 2>/dev/null || skip "strace may not trace here"
	under strace -f -o trace ringwalk run --strategy pinned,rcu_memb,srcu,spinlock,seqlock \
		--scenario steady,burst --seconds 0.5 --no-plots
	exits 0
	calls_of_worker >calls
	# Reading the counters brackets an epoch: nothing but that, and so nothing within.
	[ "$(sort -u calls | tr '\n' ' ')" = "ioctl read " ]
	# And it was no idle run: every cell was walked in every round, six for time to one for counters.
	counters=$(grep -c '"kind": "counters"' results/latest/samples.jsonl)
	[ "$counters" -ge $((5 * 2)) ]
	[ "$(grep -c '"kind": "time"' results/latest/samples.jsonl)" -ge $((6 * counters)) ]
	[ "$(grep -c read calls)" -ge "$counters" ]
	jq -es 'all(.entries > 0)' results/latest/samples.jsonl >/dev/null
}

@test "resident memory stays under 64 MiB and the guest's" {
	for size in 256 32768; do
		"$build/ringwalk" run --quick --strategy pinned,rcu_memb --ring-size $size \
			--no-plots >out 2>err </dev/null &
		started=$!
		peak=0
		while line=$(grep VmHWM "/proc/$started/status" 2>/dev/null); do
			peak=$(awk '{ print $2 }' <<<"$line")
			sleep 0.05
		done
		wait "$started"
		started=
		echo "ring of $size: $peak kB"
		[ "$peak" -gt 1000 ]
		[ "$peak" -lt 65536 ]
	done
}
