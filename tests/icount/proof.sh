#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Does icount find one instruction more, and nothing where nothing has changed? In a copy of the tree,
# which goes away at the end: `./run.sh icount BASE` for
#
#   - a change of comments in every strategy: no cell may differ, by however little
#   - RUNS times one load, in begin() of one strategy after the other: that one is to be named, and no
#     other. (Of a nop the compiler can make less than nothing, as no access may move across it.)
#   - a nop in what each copy calls: where an instruction is the smallest share
#
# usage: tests/icount/proof.sh [RUNS]    (20; some 20 s each on two CPUs)
# Prints a line for each, then "found N of RUNS"; exit 0 if all were found and nothing else was.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
runs=${1:-20}
case $runs in
'' | *[!0-9]*)
	echo "proof.sh: RUNS '$runs': must be a whole number" >&2
	exit 2
	;;
esac
export B=build
# What Debian's packages have given once is not fetched again.
fetched=$PWD/build-icount
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM
failed=0

# Those that there are: a file may have been removed and not yet from the index.
tree_files() {
	local file

	git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
		[ ! -e "$file" ] || printf '%s\0' "$file"
	done
}

tree_files | tar c --null -T - | tar x -C "$copy" || exit 3
[ ! -d "$fetched" ] || ln -sfn "$fetched" "$copy/build-icount"
cd "$copy" || exit 3
if ! { git init -q . && git add -A &&
	git -c user.name=proof -c user.email=proof@localhost commit -q -m base; }; then
	echo "proof.sh: the tree cannot be copied" >&2
	exit 3
fi

# Sets `named` and `differ`: strategies that have grown too much, and cells that differ at all.
count() {
	./run.sh icount --no-install HEAD --results results >out 2>err
	status=$?
	named=$(sed -n 's/^More than before, by over .*: *//p' out)
	differ=$(grep -Ec ' (grew|allowed|shrank|new|gone|lost)( |$)' out)
	[ $status -le 1 ] || sed 's/^/# /' err
}

result() { # FOUND WHAT
	if [ "$1" != yes ]; then
		failed=$((failed + 1))
		sed 's/^/# /' out
	fi
	echo "$([ "$1" = yes ] && echo ok || echo MISSED): $2: named: ${named:-nothing}; $differ cells differ"
}

# Of those that are counted here, the ones with a begin() of their own in their file.
own_begin() {
	local name

	./run.sh icount --scenario steady --results results 2>err |
		awk '$2 == "steady" && $3 ~ /^[0-9]/ && $1 != "empty" { print $1 }' |
		while read -r name; do
			! grep -q "_always_inline bool ${name}_begin(" "strategies/$name.c" ||
				echo "$name"
		done
}

# As the first statement of the function.
insert() { # FILE FUNCTION STATEMENT
	awk -v begin="$2(" -v statement="$3" '
		index($0, begin) && /^[a-z]/ { found = 1 }
		{ print }
		found && /^\{/ { print "\t" statement; found = 0 }' "$1" >changed && cp changed "$1"
}

for file in strategies/*.c; do
	sed -i '2i /* A comment more, and every line further down. */' "$file"
done
count
found=no
[ $status != 0 ] || [ "$differ" != 0 ] || found=yes
result $found "a change of comments"
git checkout -q strategies

mapfile -t strategies < <(own_begin)
named_rightly=0
for ((i = 0; i < runs; i++)); do
	name=${strategies[i % ${#strategies[@]}]}
	insert "strategies/$name.c" "${name}_begin" '(void)READ_ONCE(vq->num);'
	count
	found=no
	if [ $status = 1 ] && [ "$named" = "$name" ]; then
		found=yes
		named_rightly=$((named_rightly + 1))
	fi
	result $found "one load in begin() of $name"
	git checkout -q strategies
done
insert bench/guest/copy.c vq_copy_in '__asm__ __volatile__("nop");'
count
found=no
[[ " $named " != *" copy_from_user "* ]] || found=yes
result $found "one instruction in each copy"
echo "found $named_rightly of $runs"
exit $((failed > 0))
