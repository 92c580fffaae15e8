#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one entry: sets up what is missing, builds, and hands over to the program or the tests.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${B:-build}
here=$PWD

usage() {
	cat <<'END'
usage: ./run.sh [run] [options]          measure, plot and explain (run --help lists the options)
       ./run.sh list [options]           strategies and scenarios, and what cannot run here
       ./run.sh list --cost              what each fast path costs in instructions
       ./run.sh torture [options]        tries to make each strategy break the rule, and says which do
       ./run.sh compare BASE [HEAD]      two revisions on this machine: which strategies are slower
       ./run.sh trend [options]          what became of each cell over the runs kept so far, and when
       ./run.sh sweep --rate 0..10k      one parameter at several values: a curve for each strategy
       ./run.sh breakeven [options]      where a map that is taken away, and a copy, cost the same
       ./run.sh icount [BASE [HEAD]]     exact instructions an entry, or what of them has grown
       ./run.sh aa [options]             every strategy against itself: how far apart equals are here
       ./run.sh sensitivity [options]    known costs added to every strategy: which of them are found
       ./run.sh primitives [options]     sections against the bare primitives; two workers against one
       ./run.sh sections [options]       events of the hardware in one section, of each strategy
       ./run.sh restore                  puts back what a killed run with --tune has left changed
       ./run.sh check [--quick | --all]  the tests
       ./run.sh --help

Each sets up and builds what is missing first, and takes
  --no-install       only name what is missing
  --strategy LIST    these strategies only, separated by commas
  --scenario LIST    these scenarios only, separated by commas: names, or files (./mine.scenario)
END
}

die() { # STATUS SENTENCE...
	local status=$1
	shift
	echo "run.sh: $*" >&2
	exit "$status"
}

have() {
	command -v "$1" >/dev/null
}

have_header() {
	compgen -G "/usr/include/$1" >/dev/null || compgen -G "/usr/include/*-linux-*/$1" >/dev/null ||
		[ -e "/usr/local/include/$1" ]
}

have_python() { # MODULE
	python3 -c "import $1" 2>/dev/null
}

# What is needed, by what is really looked for, with its package in Debian, Fedora and Arch.
needs() {
	if ! have gcc && ! have clang; then
		echo "gcc gcc gcc"
	fi
	have_header stdio.h || echo "libc6-dev glibc-devel glibc"
	have make || echo "make make make"
	have pkg-config || echo "pkg-config pkgconf-pkg-config pkgconf"
	have_header perfmon/pfmlib_perf_event.h || echo "libpfm4-dev libpfm-devel libpfm"
	have_header hwloc.h || echo "libhwloc-dev hwloc-devel hwloc"
	have_header urcu/urcu-memb.h || echo "liburcu-dev userspace-rcu-devel liburcu"
	have_header jansson.h || echo "libjansson-dev jansson-devel jansson"
	have gnuplot || echo "gnuplot-nox gnuplot gnuplot"
	[ "$1" != icount ] || needs_machine
	[ "$1" = check ] || return 0
	have gcc || echo "gcc gcc gcc"
	have_header cmocka.h || echo "libcmocka-dev libcmocka-devel cmocka"
	have bats || echo "bats bats bats"
	have objdump || echo "binutils binutils binutils"
	have strace || echo "strace strace strace"
	have shellcheck || echo "shellcheck ShellCheck shellcheck"
	have jq || echo "jq jq jq"
	# What --format prints is held against schemas, and the CI recipes are read.
	have xmllint || echo "libxml2-utils libxml2 libxml2"
	have_python jsonschema || echo "python3-jsonschema python3-jsonschema python-jsonschema"
	have_python yaml || echo "python3-yaml python3-pyyaml python-yaml"
	[ "$level" != quick ] || return 0
	have clang || echo "clang clang clang"
	have spin || echo "spin spin spin"
	# Its C library's headers have no package in Fedora; without them that test is skipped.
	if is_debian && ! have aarch64-linux-gnu-gcc; then
		echo "gcc-aarch64-linux-gnu - -"
	fi
	if is_debian && [ "$(uname -m)" != aarch64 ] && [ ! -d /usr/aarch64-linux-gnu/include ]; then
		echo "libc6-dev-arm64-cross - -"
	fi
	# Others have no package of a kernel for the emulated machine, and skip it.
	if is_pure_debian; then
		have qemu-system-aarch64 || echo "qemu-system-arm - -"
		needs_machine
	fi
}

# For an emulated machine like this one. Its kernel and busybox are Debian's; elsewhere --kernel names the
# one, and the other is the host's.
needs_machine() {
	case $(uname -m) in
	aarch64)
		have qemu-system-aarch64 ||
			echo "qemu-system-arm qemu-system-aarch64-core qemu-system-aarch64"
		;;
	*) have qemu-system-x86_64 || echo "qemu-system-x86 qemu-system-x86-core qemu-system-x86" ;;
	esac
	have cpio || echo "cpio cpio cpio"
	is_pure_debian || have busybox || echo "busybox-static busybox busybox"
}

is_pure_debian() {
	have apt-get && grep -Eq '^ID=.?debian' /etc/os-release 2>/dev/null
}

is_debian() {
	have apt-get && grep -Eq '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release 2>/dev/null
}

# Logs to $log; the package lists are fetched only where installing from those at hand fails.
apt_install() { # PACKAGE...
	local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120)

	[ "$(id -u)" = 0 ] || apt=(sudo "${apt[@]}")
	"${apt[@]}" install -y --no-install-recommends "$@" >"$log" 2>&1 && return
	"${apt[@]}" update >>"$log" 2>&1 &&
		"${apt[@]}" install -y --no-install-recommends "$@" >>"$log" 2>&1
}

set_up() { # SUBCOMMAND
	local missing
	local -a debian fedora arch

	missing=$(needs "$1" | sort -u)
	[ -n "$missing" ] || return 0
	mapfile -t debian < <(cut -d' ' -f1 <<<"$missing")
	mapfile -t fedora < <(cut -d' ' -f2 <<<"$missing")
	mapfile -t arch < <(cut -d' ' -f3 <<<"$missing")
	if ! is_debian; then
		die 3 "missing; install with 'dnf install ${fedora[*]}' (Fedora)" \
			"or 'pacman -S ${arch[*]}' (Arch), then run this again"
	fi
	if [ "$install" = no ]; then
		die 3 "missing: ${debian[*]} (apt-get install ${debian[*]})"
	fi
	if [ "$(id -u)" != 0 ] && ! have sudo; then
		die 3 "missing: ${debian[*]}; installing them needs root or sudo"
	fi
	echo "run.sh: installing ${debian[*]}" >&2
	log=$(mktemp)
	if ! apt_install "${debian[@]}"; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		die 3 "apt-get could not install ${debian[*]}"
	fi
	rm -f "$log"
}

build_program() {
	local cc=gcc out

	have gcc || cc=clang
	if ! out=$(make -C "$root" -s -j"$(nproc)" CC="$cc" 2>&1); then
		tail -n 20 <<<"$out" >&2
		die 3 "the build failed"
	fi
}

# --tune: the program puts back what it has changed, unless it is killed. So this script outlives it, and
# sees to it then. What signals this script gets are for the program, which ends in order.
run_tuned() { # ARGUMENT...
	local program status=0 again=yes

	"$build/ringwalk" "$@" &
	program=$!
	trap 'again=yes; kill -INT "$program" 2>/dev/null || true' INT
	trap 'again=yes; kill -TERM "$program" 2>/dev/null || true' TERM HUP
	# A signal ends wait, but not what it waits for.
	while [ $again = yes ]; do
		again=no
		status=0
		wait "$program" || status=$?
	done
	[ "$status" -lt 128 ] || "$build/ringwalk" restore || true
	exit "$status"
}

# Scenario files are named from where the caller stands.
from_here() { # LIST
	local list='' word

	while IFS= read -r -d, word; do
		case $word in
		/*) ;;
		*/* | *.scenario) word=$here/$word ;;
		esac
		list+=${list:+,}$word
	done <<<"$1,"
	echo "$list"
}

subcommand=run
case ${1-} in
run | compare | list | trend | torture | icount | aa | sweep | sensitivity | primitives | sections | breakeven | restore | check)
	subcommand=$1
	shift
	;;
-h | --help)
	usage
	exit
	;;
-* | '') ;;
*) die 2 "subcommand '$1' is unknown; one of: run compare list trend torture icount aa sweep sensitivity primitives sections breakeven restore check" ;;
esac

# Results go where the caller says, seen from where the caller stands; by default beside this file.
install=yes
level=standard
args=()
while [ $# -gt 0 ]; do
	case $1 in
	--no-install) install=no ;;
	--quick | --all)
		level=${1#--}
		args+=("$1")
		;;
	--scenario=*) args+=("--scenario=$(from_here "${1#*=}")") ;;
	--scenario)
		args+=("$1")
		if [ $# -gt 1 ]; then
			args+=("$(from_here "$2")")
			shift
		fi
		;;
	--accept=[!/]* | --kernel=[!/]* | --results=[!/]* | --store=[!/]*) args+=("${1%%=*}=$here/${1#*=}") ;;
	--accept | --kernel | --results | --store)
		args+=("$1")
		case ${2-/} in
		/*) ;;
		*)
			args+=("$here/$2")
			shift
			;;
		esac
		;;
	*) args+=("$1") ;;
	esac
	shift
done

set_up "$subcommand"
cd "$root"
if [ "$subcommand" = check ]; then
	exec tests/run-tests.sh ${args[@]+"${args[@]}"}
fi
build_program
# Options may be abbreviated.
case " ${args[*]-}" in
*" --tu"*) run_tuned "$subcommand" "${args[@]}" ;;
esac
[ "$subcommand" != compare ] || exec bench/compare/compare.sh "$here" ${args[@]+"${args[@]}"}
exec "$build/ringwalk" "$subcommand" ${args[@]+"${args[@]}"}
