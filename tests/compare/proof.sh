#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `compare` finds and what it does not, measured: changes of known size in one strategy, a change of
# comments, and nothing at all. On a quiet machine; it takes minutes for each ten of runs, and prints a table
# in markdown. docs/compare.md has what it gave.
set -euo pipefail

runs=20 equals=2 strategy=seqlock scenario=burst share=3 keep='' chosen=''
options=()

usage() {
	cat <<'END'
usage: tests/compare/proof.sh [--runs N] [--equals N] [--strategy NAME] [--scenario NAME] [--share PERCENT]
                              [--multiplications N] [--keep DIR] [-- OPTION-OF-COMPARE...]

  --runs N       comparisons with a strategy that is PERCENT slower (20)
  --equals N     comparisons of equals, of all strategies in all scenarios (2)
  --strategy     which one is changed (seqlock), and in which scenario it is looked for (burst)
  --share        by how many percent, about: the nearest that can be had (3)
  --multiplications N
                 so many more in begin(), instead of the number that makes it PERCENT slower here
  --keep DIR     where the revisions are built, and results stay (a temporary one, removed)

ONLY="pinned seqlock ..." builds these strategies alone.
END
}

while [ $# -gt 0 ]; do
	case $1 in
	--runs) runs=$2 ;;
	--equals) equals=$2 ;;
	--strategy) strategy=$2 ;;
	--scenario) scenario=$2 ;;
	--share) share=$2 ;;
	--keep) keep=$2 ;;
	--multiplications) chosen=$2 ;;
	--)
		shift
		options=("$@")
		break
		;;
	-h | --help)
		usage
		exit
		;;
	*)
		echo "proof.sh: option '$1' is unknown" >&2
		usage >&2
		exit 2
		;;
	esac
	shift 2
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=${keep:-$(mktemp -d)}
[ -n "$keep" ] || trap 'rm -rf "$work"' EXIT
unset B
tree=$work/tree

in_tree() {
	git -C "$tree" -c user.name=proof -c user.email=proof@localhost "$@"
}

# A revision of its own, on top of `base`, of what the function does to the tree.
revision() { # NAME COMMAND...
	local name=$1
	shift
	in_tree checkout -q -B "$name" base
	"$@"
	in_tree commit -qam "$name"
	in_tree checkout -q base
}

make_tree() {
	mkdir -p "$tree"
	tar -C "$root" -c --exclude=./build* --exclude=./results --exclude=./.git . | tar -C "$tree" -x
	printf '/build*/\n/results/\n' >"$tree/.gitignore"
	in_tree init -q
	in_tree add -A
	in_tree commit -qm base
	in_tree branch -f base
	in_tree checkout -q base
}

# Lines for the beginning of begin(): behind the first line of its body.
into_begin() { # TEXT
	awk -v text="$1" '
		/_begin\(struct vq \*vq/ { inside = 1 }
		{ print }
		inside && !done && /^\{/ { printf "%s\n", text; inside = 0; done = 1 }
		END { exit !done }' "$tree/strategies/$strategy.c" >"$tree/changed" || {
		echo "proof.sh: strategies/$strategy.c has no begin() of its own" >&2
		exit 2
	}
	mv "$tree/changed" "$tree/strategies/$strategy.c"
}

# What everything after it waits for: so many multiplications, one after the other, of nothing.
slower_by() { # MULTIPLICATIONS
	into_begin "	unsigned long nothing = 0;

	for (int i = 0; i < $1; i++)
		asm volatile(\"imul %0, %0\" : \"+r\"(nothing));
	vq = (struct vq *)((char *)vq + nothing);
"
}

# One load, and what comes after it needs its value.
one_load_more() {
	into_begin "	static unsigned long nothing;

	vq = (struct vq *)((char *)vq + READ_ONCE(nothing));
"
}

comment() {
	sed -i '1a /* A comment more. */' "$tree/strategies/$strategy.c"
	sed -i '1a /* And one here. */' "$tree/strategies/pinned.c"
}

status=0
compare() { # BASE HEAD ARGUMENT...
	status=0
	(cd "$tree" && ./run.sh compare "$@" --results "$work/results" ${options[@]+"${options[@]}"}) \
		>"$work/out" 2>"$work/err" || status=$?
	case $status in
	0 | 1 | 7) ;;
	*)
		cat "$work/err" >&2
		exit "$status"
		;;
	esac
	result=$(sed -n 's/^Results: //p' "$work/out")
}

# The verdict and the ratio of the changed cell's time.
verdict() {
	jq -r --arg s "$strategy" --arg c "$scenario" '.figures[] |
		select(.strategy == $s and .scenario == $c and .metric == "ns_per_entry") |
		"\(.verdict) \(.first.ratio)"' "$result"
}

# The number of multiplications that makes it slower by about what is asked for.
choose() {
	local n ratio best="" off least=1000

	for n in 1 2 3 4 6 9 14 20 30 45; do
		revision "slower-$n" slower_by "$n"
		compare base "slower-$n" --strategy "$strategy" --scenario "$scenario"
		read -r _ ratio < <(verdict)
		off=$(awk -v r="$ratio" -v s="$share" 'BEGIN { o = 100 * (r - 1) - s; print o < 0 ? -o : o }')
		echo "  $n multiplications: ratio $ratio" >&2
		if awk -v a="$off" -v b="$least" 'BEGIN { exit !(a < b) }'; then
			least=$off best=$n
		fi
		# More only makes it slower still.
		awk -v r="$ratio" -v s="$share" 'BEGIN { exit !(100 * (r - 1) > 2 * s) }' && break
	done
	chosen=$best
}

echo "| what | comparisons | result |"
echo "| --- | ---: | --- |"
make_tree
revision comment comment
compare base comment
unchanged=$(grep -c '^Nothing differs' "$work/out" || true)
echo "| a comment in two strategies | 1 | exit $status, \"nothing differs\": $unchanged of 1 |"

# Where nothing else is waited for it shows; a core may well hide it in a strategy that has more to do.
for loaded in pinned "$strategy"; do
	strategy=$loaded revision "load-$loaded" one_load_more
	compare base "load-$loaded"
	echo "| one load more in $loaded's begin() | 1 | exit $status: $(grep '^Slower' "$work/out" || tail -n 2 "$work/out" | head -n 1) |"
done

if [ "$runs" -gt 0 ]; then
	if [ -n "$chosen" ]; then
		revision "slower-$chosen" slower_by "$chosen"
	else
		choose
	fi
	found=0 noisy=0 ratios=
	for ((i = 0; i < runs; i++)); do
		compare base "slower-$chosen" --strategy "$strategy" --scenario "$scenario"
		read -r word ratio < <(verdict)
		[ "$word" != slower ] || found=$((found + 1))
		[ "$status" != 7 ] || noisy=$((noisy + 1))
		ratios+="$ratio "
	done
	median=$(tr ' ' '\n' <<<"$ratios" | grep . | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
	echo "| $strategy in $scenario, $chosen multiplications more in begin(): ratio $median (median)" \
		"| $runs | found in $found; $noisy too noisy |"
fi

cells=0 alarms=0 primary=0 seconds=
for ((i = 0; i < equals; i++)); do
	began=$SECONDS
	compare base comment --unchanged
	seconds+="$((SECONDS - began)) "
	cells=$((cells + $(jq '[.figures[] | [.strategy, .scenario]] | unique | length' "$result")))
	alarms=$((alarms + $(jq '[.figures[] | select(.verdict == "slower" or .verdict == "faster") |
		[.strategy, .scenario]] | unique | length' "$result")))
	primary=$((primary + $(jq '[.figures[] | select(.metric == "ns_per_entry" and
		(.verdict == "slower" or .verdict == "faster"))] | length' "$result")))
done
[ "$equals" = 0 ] || echo "| equals, every strategy in every scenario: $cells cells | $equals |" \
	"$alarms cells with a false alarm in any metric, $primary in ns_per_entry; took $seconds s |"
