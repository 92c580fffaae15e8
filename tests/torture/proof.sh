#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes the two tables of proof, in Markdown: how fast torture catches each negative control, over runs
# with different seeds; and for how long each sound strategy was clean. Every finished item is a line
# of FILE.items, and is not done again: it can be stopped and started at will.
#
# Usage: tests/torture/proof.sh [--strategy A,B] [--section access,entry,burst] [--seconds 60]
#                               [--runs 20] [--catch-seconds 20] [FILE]
#
# FILE (build/proof.md) gets the tables. A negative control gets --catch-seconds for each of its --runs
# runs, and ends when all is found that its file expects; a sound strategy gets --seconds once.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${B:-build}
strategies='' sections=access,entry,burst seconds=60 runs=20 catch_seconds=20 file=$build/proof.md

while [ $# -gt 0 ]; do
	case $1 in
	--strategy) strategies=$2 && shift ;;
	--section) sections=$2 && shift ;;
	--seconds) seconds=$2 && shift ;;
	--runs) runs=$2 && shift ;;
	--catch-seconds) catch_seconds=$2 && shift ;;
	-*)
		echo "proof.sh: option '$1' is unknown; see the top of $0" >&2
		exit 2
		;;
	*) file=$1 ;;
	esac
	shift
done
items=$file.items
touch "$items"

# A copy of the program, so that its verdicts.json is ours alone.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$build/ringwalk" "$build/ringwalk-torture" "$scratch/"

# One JSON object, in one line, for each run.
run_item() { # STRATEGY SECTION SEED SECONDS
	local status=0 key

	key=$(printf '{"strategy":"%s","section":"%s","seed":%s,"seconds":%s' "$@")
	! grep -qF "$key," "$items" || return 0
	"$scratch/ringwalk-torture" torture --strategy "$1" --section "$2" --seed "$3" \
		--seconds "$4" >"$scratch/out" 2>&1 || status=$?
	case $status in
	0 | 5) ;;
	4) return ;; # unavailable here
	*)
		cat "$scratch/out" >&2
		exit "$status"
		;;
	esac
	# Keys stay in the order in which they come: those of $key first.
	jq -c --argjson key "$key}" '.verdicts[$key.strategy][$key.section] as $row |
		$key + ($row | del(.seed, .seconds))' "$scratch/verdicts.json" >>"$items"
}

is_broken() { # STRATEGY: it expects to be found something
	grep -q "VERDICT_" "strategies/$1.c"
}

for path in strategies/*.c; do
	name=$(basename "$path" .c)
	[ "$name" != empty ] || continue
	[[ -z $strategies || ,$strategies, == *,$name,* ]] || continue
	for section in ${sections//,/ }; do
		if is_broken "$name"; then
			for seed in $(seq "$runs"); do
				run_item "$name" "$section" "$seed" "$catch_seconds"
			done
		else
			run_item "$name" "$section" 1 "$seconds"
		fi
	done
done

jq -rs '
def ms: if . == null then "–" elif . < 1000 then "\(round) ms" else "\(. / 100 | round / 10) s" end;
def total(f): map(f) | add;
group_by([.strategy, .section]) |
(map(select(.[0].expected != "safe")) |
	"| negative control | section | caught | median | longest |",
	"| --- | --- | ---: | ---: | ---: |",
	(.[] | map(select(.as_expected) | .first_after_ms) as $times |
		"| \(.[0].strategy) | \(.[0].section) | \($times | length)/\(length) | " +
		"\($times | sort | .[(length - 1) / 2 | floor] | ms) | \($times | max | ms) |")),
"",
(map(select(.[0].expected == "safe")) |
	"| sound strategy | section | seconds | found | accesses | entries | invalidations | updates | partial copies |",
	"| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
	(.[] | "| \(.[0].strategy) | \(.[0].section) | \(total(.seconds)) | " +
		(if all(.as_expected) then "nothing" else "**\(map(.found) | unique | join("; "))**" end) +
		" | \(total(.accesses) / 1e5 | round / 10) M | \(total(.entries) / 1e3 | round) k | " +
		"\(total(.invalidations) / 1e3 | round) k | \(total(.updates | add)) | " +
		"\(total(.partial_copies)) |"))
' "$items" >"$file"
