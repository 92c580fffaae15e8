# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The emulated arm64 machine: Debian's kernel for virtual machines, and an initramfs with ringwalk,
# its tests and the libraries that they need. All of it lies in the folder $machine, which may be
# removed to have newer packages:
#
#   apt/        package lists and archives of arm64; the host gets no foreign architecture
#   sysroot/    what to compile and link against
#   arm64/      the build
#   initramfs.d/  what goes into the initramfs
#   vmlinuz, initramfs

machine=${machine:?}
prefix=aarch64-linux-gnu
libraries=(libhwloc-dev libjansson-dev libpfm4-dev liburcu-dev libcmocka-dev)
kernel=linux-image-cloud-arm64

# Why there can be no such machine here; nothing where there may be.
obstacle() {
	local tool

	if ! grep -Eq '^ID=.?debian' /etc/os-release 2>/dev/null; then
		echo "the packages of the emulated machine are Debian's, and this is another system"
		return
	fi
	for tool in apt-get dpkg-deb cpio qemu-system-aarch64 "$prefix-gcc"; do
		if ! command -v "$tool" >/dev/null; then
			echo "$tool is not installed"
			return
		fi
	done
}

apt_arm64() { # PROGRAM ARGUMENT...
	local program=$1 options=(
		APT::Architecture=arm64
		APT::Architectures=arm64
		APT::Sandbox::User=
		Acquire::Languages=none
		Acquire::http::Timeout=20
		Dir::Cache="$machine/apt"
		Dir::State="$machine/apt"
		Dir::State::status="$machine/apt/status"
	)
	shift
	"$program" -q "${options[@]/#/-o}" "$@"
}

# The kernel that the name stands for, then the libraries with all that they need of each other; not
# the programs that their packages want beside them.
packages() {
	apt_arm64 apt-cache show --no-all-versions "$kernel" |
		sed -n 's/^Depends: \([^ ,]*\).*/\1/p'
	apt_arm64 apt-get -s install --no-install-recommends "${libraries[@]}" |
		awk '$1 == "Inst" && $2 ~ /^(lib|linux-libc-dev)/ && $2 !~ /perl/ { print $2 }'
	echo busybox-static
}

# Once, and whole or not at all. Says on stderr what went wrong.
fetch() {
	local list

	[ ! -e "$machine/fetched" ] || return 0
	rm -rf "$machine/apt" "$machine/sysroot"
	mkdir -p "$machine"/apt/{lists/partial,archives/partial,debs} "$machine/sysroot" || return
	: >"$machine/apt/status"
	# A source of the host's that has nothing for arm64 is no reason to fail: what is needed is.
	apt_arm64 apt-get update >&2
	list=$(packages) && [ "$(wc -l <<<"$list")" -gt "${#libraries[@]}" ] || return
	# shellcheck disable=SC2086 # one word a package
	(cd "$machine/apt/debs" && apt_arm64 apt-get download $list >&2) || return
	unpack && touch "$machine/fetched"
}

unpack() {
	local deb

	for deb in "$machine"/apt/debs/*.deb; do
		case $deb in
		*/linux-image*)
			dpkg-deb --fsys-tarfile "$deb" |
				tar -xO --wildcards './boot/vmlinuz-*' >"$machine/vmlinuz" || return
			;;
		*) dpkg-deb -x "$deb" "$machine/sysroot" || return ;;
		esac
	done
}

# The program, and these of its tests.
compile() { # TEST...
	make -s -j"$(nproc)" B="$machine/arm64" CC="$prefix-gcc --sysroot=$machine/sysroot" \
		"$machine/arm64/ringwalk" "${@/#/$machine/arm64/tests/}"
}

needed_by() { # FILE
	"$prefix-readelf" -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'
}

# Into the initramfs, with the libraries that it names, and those that they name.
add() { # FILE PATH
	local name folders=("$machine"/sysroot/{,usr/}lib)

	install -D -s --strip-program="$prefix-strip" "$1" "$machine/initramfs.d/$2" || return
	while read -r name; do
		[ ! -e "$machine/initramfs.d/lib/$name" ] || continue
		add "$(find -L "${folders[@]}" -name "$name" -print -quit)" "lib/$name" || return
	done < <(needed_by "$1")
}

pack() { # TEST...
	local test

	rm -rf "$machine/initramfs.d"
	mkdir -p "$machine"/initramfs.d/{bin,dev,lib,proc,ringwalk,sys,tmp} || return
	install tests/emulated/init "$machine/initramfs.d/init" &&
		install "$machine/sysroot/bin/busybox" "$machine/initramfs.d/bin/" &&
		add "$machine/arm64/ringwalk" ringwalk/ringwalk || return
	for test; do
		add "$machine/arm64/tests/$test" "ringwalk/tests/$test" || return
	done
	(cd "$machine/initramfs.d" && find . | cpio -o -H newc --quiet) >"$machine/initramfs"
}

# Runs the machine until it switches itself off; prints what it wrote to its serial console.
boot() { # KERNEL-PARAMETERS QEMU-OPTION...
	local parameters=$1
	shift
	timeout --foreground -k 5 600 qemu-system-aarch64 -M virt -m 1G "$@" -nographic \
		-nodefaults -serial stdio -net none -no-reboot \
		-kernel "$machine/vmlinuz" -initrd "$machine/initramfs" \
		-append "console=ttyAMA0 quiet panic=-1 oops=panic $parameters" </dev/null |
		tr -d '\r'
}
