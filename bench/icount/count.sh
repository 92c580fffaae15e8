#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For `ringwalk icount` alone, from the root of the source tree: has programs count in emulated
# machines, which leave what they say in FOLDER/<side>.console. Exits with the program's statuses, and
# has said why in a sentence; whether a machine has come to its end, its console says.
#
# usage: count.sh FOLDER KERNEL|- PROGRAM SIDE:REVISION... -- ARGUMENT-OF-ICOUNT-CELLS...
#
# A REVISION "-" is PROGRAM itself. Every machine boots the same way, from the same clock, with nothing
# random in it: what differs between two is the program.
set -uo pipefail

build=${B:-build}
machine=$(realpath -m "$build-icount")
boot_seconds=300
case $(uname -m) in
x86_64) debian=amd64 qemu=qemu-system-x86_64 ;;
aarch64) debian=arm64 qemu=qemu-system-aarch64 ;;
esac
# shellcheck source=/dev/null
. bench/revisions.sh
# shellcheck source=/dev/null
. bench/icount/machine.sh

die() { # STATUS SENTENCE...
	local status=$1
	shift
	echo "ringwalk: $*" >&2
	exit "$status"
}

# A terminal sees what takes long.
progress() { # TEXT
	[ ! -t 2 ] || echo "ringwalk: $*..." >&2
}

check_tools() {
	local tool

	[ -n "${qemu-}" ] || die 3 "icount: there is no emulated machine for $(uname -m)"
	for tool in "$qemu" cpio; do
		command -v "$tool" >/dev/null || die 3 "icount: $tool is not installed"
	done
	[ "$kernel" = - ] || [ -r "$kernel" ] || die 2 "--kernel '$kernel': cannot be read"
}

# --- the programs ----------------------------------------------------------------------------------

# Of the working tree, where it is compared with something.
tell_changes() {
	local changes

	changes=$(git status --porcelain 2>/dev/null | wc -l)
	[ "$changes" = 0 ] ||
		echo "ringwalk: the head is the working tree as it is: $changes files differ from the last commit" >&2
}

# Sets program[SIDE]. All names are looked up before the first build.
build_sides() { # SIDE:REVISION...
	local side revision commit
	local -A commits

	for side; do
		revision=${side#*:}
		[ "$revision" != - ] || continue
		commits[$side]=$(resolve_revision "$revision") || exit
	done
	for side; do
		revision=${side#*:}
		if [ "$revision" = - ]; then
			[ $# = 1 ] || tell_changes
			program[${side%%:*}]=$this
			continue
		fi
		commit=${commits[$side]}
		progress "building $revision (${commit:0:12})"
		program[${side%%:*}]=$(build_revision "$commit") || exit
		"${program[${side%%:*}]}" icount-cells --version >/dev/null 2>&1 ||
			die 3 "revision '$revision' is older than icount: its program cannot count"
	done
}

# --- the machine -----------------------------------------------------------------------------------

wanted_packages() {
	kernel_package "linux-image-cloud-$debian" && echo busybox-static
}

# Sets vmlinuz and busybox.
fetch_machine() {
	local log=$folder/packages.log lock

	vmlinuz=$kernel
	busybox=$(command -v busybox) && [ "$kernel" != - ] && return
	is_debian || die 3 "icount: the machine's kernel is Debian's, and this is another system:" \
		"install busybox and name a kernel that can be read by --kernel FILE" \
		"(/boot/vmlinuz-$(uname -r) is this system's)"
	mkdir -p "$machine" || exit 3
	exec {lock}>"$machine/lock" && flock "$lock"
	progress "fetching Debian's kernel for virtual machines"
	fetch_packages "kernel, busybox" wanted_packages 2>"$log" ||
		die 3 "icount: Debian's packages cannot be fetched: $(grep -m 1 '^[EW]:' "$log")"
	exec {lock}>&-
	[ "$kernel" != - ] || vmlinuz=$machine/vmlinuz
	busybox=$machine/sysroot/bin/busybox
}

# With the libraries that it is linked with; the loader alone has a place of its own.
add_program() { # FILE FOLDER PATH
	local name arrow path

	install -D "$1" "$2/$3" || return
	# "NAME => PATH (ADDRESS)" or "PATH (ADDRESS)"; nothing of a program that is static.
	while read -r name arrow path _; do
		if [ "$arrow" = "=>" ]; then
			install -D "$path" "$2/lib/$name" || return
		elif [ -e "$name" ]; then
			install -D "$name" "$2/$name" || return
		fi
	done < <(ldd "$1" 2>/dev/null)
}

pack() { # SIDE ARGUMENT...
	local into=$work/$1.d side=$1
	shift

	mkdir -p "$into"/{bin,dev,lib,proc,ringwalk,sys,tmp} &&
		install bench/icount/init "$into/init" &&
		add_program "$busybox" "$into" bin/busybox &&
		add_program "${program[$side]}" "$into" ringwalk/ringwalk &&
		{ strip "$into/ringwalk/ringwalk" || true; } &&
		printf '%s\n' "$@" >"$into/arguments" &&
		seal_folder "$into" "$work/$side.initramfs" && rm -r "$into"
}

# One instruction takes 1 ns of the machine's time, and a wait none of the host's.
machine_options() {
	echo "-accel tcg,thread=single -icount shift=0,sleep=off -smp 1 -m 1G -seed 1"
	echo "-rtc base=2026-01-01,clock=vm -display none -nodefaults -serial stdio -net none -no-reboot"
	case $debian in
	amd64) echo "-M q35 -cpu max,-rdrand,-rdseed" ;;
	arm64) echo "-M virt -cpu max" ;;
	esac
}

# In the background. With addresses and memory as they are each time.
boot_machine() { # SIDE
	local console=ttyS0
	[ "$debian" = amd64 ] || console=ttyAMA0

	# shellcheck disable=SC2046 # one word an option
	timeout -k 5 $boot_seconds "$qemu" $(machine_options) -kernel "$vmlinuz" \
		-initrd "$work/$1.initramfs" -append "console=$console quiet panic=-1 oops=panic nokaslr \
norandmaps randomize_kstack_offset=off transparent_hugepage=never" \
		>"$folder/$1.console" 2>&1 </dev/null &
}

clean_up() {
	local pids

	pids=$(jobs -p)
	# shellcheck disable=SC2086 # one word a process
	[ -z "$pids" ] || kill $pids 2>/dev/null
	wait
	rm -rf "$work"
}

folder=$1 kernel=$2 this=$3
shift 3
sides=()
while [ "$1" != -- ]; do
	sides+=("$1")
	shift
done
shift
declare -A program
check_tools
mkdir -p "$machine" && work=$(mktemp -d "$machine/work.XXXXXX") || exit 3
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
build_sides "${sides[@]}"
fetch_machine
"$qemu" --version | head -n 1 >"$folder/emulator"
for side in "${sides[@]%%:*}"; do
	pack "$side" "$@" || die 3 "icount: the machine's initramfs cannot be written into $work"
done
progress "counting ${sides[*]%%:*}"
for side in "${sides[@]%%:*}"; do
	boot_machine "$side"
done
wait
