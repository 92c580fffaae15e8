# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # variables of bench/icount/machine.sh
#
# The emulated arm64 machine: Debian's kernel for virtual machines, and an initramfs with ringwalk,
# its tests and the libraries that they need. All of it lies in the folder $machine, which may be
# removed to have newer packages:
#
#   apt/, sysroot/, vmlinuz  of the packages: bench/icount/machine.sh
#   arm64/      the build
#   initramfs.d/  what goes into the initramfs
#   initramfs

machine=${machine:?}
debian=arm64
prefix=aarch64-linux-gnu
libraries=(libhwloc-dev libjansson-dev libpfm4-dev liburcu-dev libcmocka-dev)
tools=(binutils) # objdump, with which the program counts instructions
kernel=linux-image-cloud-arm64
# shellcheck source=/dev/null
. bench/icount/machine.sh

# Why there can be no such machine here; nothing where there may be.
obstacle() {
	local tool

	if ! is_debian; then
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

# The kernel that the name stands for, then the libraries and tools with all the libraries that they
# need of each other; not the programs that those packages want beside them.
packages() {
	kernel_package "$kernel" || return
	apt_private apt-get -s install --no-install-recommends "${libraries[@]}" "${tools[@]}" |
		awk '$1 == "Inst" && $2 ~ /^(lib|zlib|linux-libc-dev|binutils)/ && $2 !~ /perl/ { print $2 }' ||
		return
	echo busybox-static
}

# Says on stderr what went wrong.
fetch() {
	fetch_packages "$kernel ${libraries[*]} ${tools[*]}" packages
}

# make for the machine, into a folder of its own.
cross_make() { # FOLDER ARGUMENT...
	make -s -j"$(nproc)" B="$machine/$1" CC="$prefix-gcc --sysroot=$machine/sysroot" "${@:2}"
}

# The program, and these of its tests.
compile() { # TEST...
	cross_make arm64 "$machine/arm64/ringwalk" "${@/#/$machine/arm64/tests/}"
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

# One of the tools' programs.
add_tool() { # NAME
	add "$machine/sysroot/usr/bin/$prefix-$1" "bin/$1"
}

# The program and these of its tests; more may be added before it is sealed.
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
}

# Whatever has been added.
seal() {
	seal_folder "$machine/initramfs.d" "$machine/initramfs"
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
