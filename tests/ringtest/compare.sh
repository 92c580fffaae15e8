#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Holds our live ring against the kernel's tools/virtio/ringtest on this machine: entries a second, in many
# short runs, by turns (A B B A). By hand, not part of the tests: figures want a quiet machine.
set -euo pipefail

usage() {
	cat <<'END'
usage: tests/ringtest/compare.sh [--source TAR] [--rounds N] [--cycles N] [--ring-size N]
                                 [--ringwalk PROGRAM] [--keep DIR]

  --source TAR        a tar file of the kernel's sources (default: Debian's linux-source-6.1, by
                      apt-get download into a temporary folder)
  --rounds N          each program runs twice in a round (default 10)
  --cycles N          entries in a run of ringtest (default 3000000)
  --ring-size N       of both (default 256, as ringtest has it)
  --ringwalk PROGRAM  ours (default: build/ringwalk)
  --keep DIR          unpack and build there, and leave it for the next time

Prints for each program the best and the median of all its runs, and their quartiles; then ours as a ratio
to ringtest's, best by best and median by median. Exit status: 0, 2 usage, 3 something is missing.
END
}

source='' rounds=10 cycles=3000000 ring=256 keep=''
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ringwalk=$here/build/ringwalk

refuse() { # STATUS TEXT
	echo "compare.sh: $2" >&2
	exit "$1"
}

number() { # OPTION VALUE
	[[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || refuse 2 "$1 '$2': must be a whole number from 1 to 999999999"
}

while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)
		usage
		exit
		;;
	--source | --rounds | --cycles | --ring-size | --ringwalk | --keep)
		[ $# -ge 2 ] || refuse 2 "$1 needs a value"
		;;&
	--source) source=$(realpath "$2") ;;
	--rounds) number "$1" "$2" && rounds=$2 ;;
	--cycles) number "$1" "$2" && cycles=$2 ;;
	--ring-size) number "$1" "$2" && ring=$2 ;;
	--ringwalk) ringwalk=$(realpath "$2") ;;
	--keep) keep=$2 ;;
	*) refuse 2 "'$1' is unknown; one of: --source --rounds --cycles --ring-size --ringwalk --keep --help" ;;
	esac
	shift 2
done
((ring & (ring - 1))) && refuse 2 "--ring-size '$ring': must be a power of two"

[ -x "$ringwalk" ] || refuse 3 "$ringwalk: is not there; make"
for tool in gcc make tar jq; do
	command -v "$tool" >/dev/null || refuse 3 "$tool: is not installed"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "${keep:=$work/ringtest}"
keep=$(realpath "$keep")

fetch() {
	command -v apt-get >/dev/null || refuse 3 "apt-get: is not there; --source names a tar file of the kernel's sources"
	(cd "$work" && apt-get download linux-source-6.1 >apt.log 2>&1) ||
		refuse 3 "apt-get download linux-source-6.1: $(tail -n 1 "$work/apt.log")"
	dpkg-deb --fsys-tarfile "$work"/linux-source-6.1_*.deb | tar -xf - -C "$work" --wildcards '*.tar.*'
	source=$(find "$work/usr" -name '*.tar.*' | head -n 1)
}

# ringtest alone: its headers are its own, and the C library's.
build() {
	[ -n "$source" ] || fetch
	tar -xf "$source" -C "$keep" --strip-components=4 --wildcards '*/tools/virtio/ringtest/*' ||
		refuse 3 "$source: has no tools/virtio/ringtest"
	make -s -C "$keep" virtio_ring_0_9 ring >"$work/make.log" 2>&1 ||
		refuse 3 "ringtest does not build: $(tail -n 1 "$work/make.log")"
}

if [ ! -x "$keep/virtio_ring_0_9" ] || [ ! -x "$keep/ring" ]; then
	build
fi

# The CPUs that we would take: the worker's is ringtest's host, the guest's its guest.
ours() { # FORMAT -> million entries a second, of one short launch
	"$ringwalk" run --scenario live --strategy pinned --ring-size "$ring" --ring "$1" \
		--launches 1 --no-plots --no-store --max-noise 100 --results "$work/results" \
		>"$work/ours.log" 2>&1 || return
	jq '.cells[0].mpps.value' "$work/results/latest/summary.json"
}

theirs() { # PROGRAM -> million entries a second
	local began=$EPOCHREALTIME

	"$keep/$1" --host-affinity "$worker" --guest-affinity "$guest" --ring-size "$ring" \
		--run-cycles "$cycles"
	awk -v a="$began" -v b="$EPOCHREALTIME" -v n="$cycles" 'BEGIN { print n / (b - a) / 1e6 }'
}

formats=(split)
ours split >/dev/null || refuse 3 "ringwalk: $(head -n 1 "$work/ours.log")"
ours packed >/dev/null && formats+=(packed)
read -r worker guest < <(jq -r .placement "$work/results/latest/run.json" |
	sed -n 's/.*worker on CPU \([0-9]*\).*guest on CPU \([0-9]*\).*/\1 \2/p')
[ -n "${guest:-}" ] || refuse 3 "two CPUs are needed, one for each side"

programs=(virtio_ring_0_9 ring)
run_one() { # NAME
	case $1 in
	ringwalk_*) ours "${1#ringwalk_}" ;;
	*) theirs "$1" ;;
	esac >>"$work/$1.figures"
}

all=("${programs[@]}" "${formats[@]/#/ringwalk_}")
for ((round = 0; round < rounds; round++)); do
	for ((i = 0; i < ${#all[@]}; i++)); do run_one "${all[i]}"; done
	for ((i = ${#all[@]} - 1; i >= 0; i--)); do run_one "${all[i]}"; done
done

# best, median and quartiles
figures() { # NAME
	sort -g "$work/$1.figures" | awk '
		{ v[NR] = $1 }
		function q(p, at) { at = 1 + p * (NR - 1); return v[int(at)] + (at - int(at)) * (v[int(at) + (int(at) < NR)] - v[int(at)]) }
		END { print v[NR], q(.5), q(.25), q(.75), NR }'
}

printf 'million entries a second; rings of %s; worker on CPU %s, guest on CPU %s; load %s\n' \
	"$ring" "$worker" "$guest" "$(cut -d' ' -f1 /proc/loadavg)"
# On a quiet machine that makes no difference; on a busy one it is to our advantage.
echo "a run of ringtest is one time for all; one of ringwalk the median of its milliseconds"
printf '%-18s %8s %8s   %s\n' program best median quartiles
for name in "${all[@]}"; do
	read -r best median low high runs < <(figures "$name")
	printf '%-18s %8.2f %8.2f   [%.2f, %.2f] of %s runs\n' "$name" "$best" "$median" "$low" "$high" "$runs"
done
for format in "${formats[@]}"; do
	for name in "${programs[@]}"; do
		read -r ours_best ours_median _ < <(figures "ringwalk_$format")
		read -r best median _ < <(figures "$name")
		awk -v f="$format" -v n="$name" -v a="$ours_best" -v b="$best" -v c="$ours_median" -v d="$median" \
			'BEGIN { printf "ringwalk %s / %s: best %.2f, median %.2f\n", f, n, a / b, c / d }'
	done
done
