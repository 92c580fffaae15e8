# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What emulated machines are made from: Debian's packages of an architecture, and an initramfs. Who
# sources this has set
#
#   machine  the folder of all that is fetched, which may be removed to have newer packages:
#            apt/  package lists and archives; the host gets no foreign architecture
#            sysroot/  what was in them;  vmlinuz  the kernel, if one was among them
#   debian   the architecture, by Debian's name for it

is_debian() {
	grep -Eq '^ID=.?debian' /etc/os-release 2>/dev/null && command -v apt-get >/dev/null
}

apt_private() { # PROGRAM ARGUMENT...
	local program=$1 options=(
		APT::Architecture="$debian"
		APT::Architectures="$debian"
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

# Prints the package of the kernel that a name without a version stands for.
kernel_package() { # NAME
	apt_private apt-cache show --no-all-versions "$1" | sed -n 's/^Depends: \([^ ,]*\).*/\1/p' |
		grep .
}

# Once, and whole or not at all. Says on stderr what went wrong. The command prints the packages' names.
fetch_packages() { # WHAT-IS-WANTED COMMAND...
	local wanted=$1 list
	shift

	[ "$(cat "$machine/fetched" 2>/dev/null)" != "$wanted" ] || return 0
	rm -rf "$machine/apt" "$machine/sysroot"
	mkdir -p "$machine"/apt/{lists/partial,archives/partial,debs} "$machine/sysroot" || return
	: >"$machine/apt/status"
	# A source of the host's that has nothing for the architecture is no reason to fail: what is
	# needed is.
	apt_private apt-get update >&2
	list=$("$@") && [ -n "$list" ] || return
	# shellcheck disable=SC2086 # one word a package
	(cd "$machine/apt/debs" && apt_private apt-get download $list >&2) || return
	unpack && echo "$wanted" >"$machine/fetched"
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

# The folder as an initramfs.
seal_folder() { # FOLDER INITRAMFS
	(cd "$1" && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible -R 0:0) >"$2"
}
