# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2054 # used by those who load it; LIST options
#
# What the tests of the command line share. Each test stands in a directory of its own, where
# `ringwalk` leaves its output in the files out and err and its results in results/.

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	build=$(cd "$root" && realpath "${B:-build}")
	[ -x "$build/ringwalk" ] || {
		echo "there is no $build/ringwalk"
		return 1
	}
	cd "$BATS_TEST_TMPDIR" || return
}

# What a test started goes with it.
teardown() {
	[ -z "${started-}" ] || kill -KILL -- "$started" 2>/dev/null || true
	[ -z "${mounted-}" ] || umount "$mounted"
}

# A run for what it does, not for its figures: however much else happens on this machine.
any=(run --no-plots --max-noise 100)
# One of a second or two, of one cell.
short=("${any[@]}" --quick --strategy pinned --scenario steady)
# One that is still at it when a test steps in.
long=("${any[@]}" --launches 1 --strategy pinned,seqlock --scenario steady --seconds 20)

# Runs the program, or a command that ends in "--", with it. Sets `status`.
ringwalk() {
	under ringwalk "$@"
}

under() { # [COMMAND...] ringwalk ARGUMENT...
	local -a command=()

	while [ "$1" != ringwalk ]; do
		command+=("$1")
		shift
	done
	shift
	status=0
	"${command[@]}" "$build/ringwalk" "$@" >out 2>err </dev/null || status=$?
}

deny() { # SYSCALLS ERRNO ARGUMENT...
	local calls=$1 error=$2
	shift 2
	status=0
	"$build/tests/tools/deny" "$calls" "$error" -- true || status=$?
	[ "$status" != 3 ] || skip "system calls cannot be filtered here"
	under "$build/tests/tools/deny" "$calls" "$error" -- ringwalk "$@"
}

show() {
	echo "exit status ${status-}"
	sed 's/^/out: /' out
	sed 's/^/err: /' err
}

exits() { # STATUS
	[ "$status" = "$1" ] || {
		echo "expected exit status $1"
		show
		return 1
	}
}

# A message of the program's own, on standard error.
says() { # PATTERN
	grep '^ringwalk: ' err | grep -Eq -- "$1" || {
		echo "expected on standard error: ringwalk: ... $1"
		show
		return 1
	}
}

# What is typed wrong: a sentence, and nothing done.
refused() { # PATTERN ARGUMENT...
	local pattern=$1
	shift
	ringwalk "$@"
	exits 2
	says "$pattern"
	[ ! -e results ]
}

prints() { # PATTERN
	grep -Eq -- "$1" out || {
		echo "expected on standard output: $1"
		show
		return 1
	}
}

lacks() { # PATTERN FILE...
	if grep -H -- "$@"; then
		echo "unexpected: $1"
		return 1
	fi
}

# A file of the newest run, by a jq expression that must be true.
holds() { # FILE EXPRESSION
	jq -e "$2" "results/latest/$1" >/dev/null || {
		echo "expected of $1: $2"
		jq . "results/latest/$1" || cat "results/latest/$1"
		return 1
	}
}

# Those of the newest run; the journal's other lines are of launches and what they have of a cell.
samples() {
	grep '^{"strategy"' results/latest/samples.jsonl
}

# Retries a command for at most ten seconds.
within_ten_seconds() {
	local deadline=$((SECONDS + 10))

	while [ $SECONDS -le $deadline ]; do
		! "$@" || return 0
		sleep 0.05
	done
	echo "not within ten seconds: $*"
	return 1
}

# Prints the guest process below this one, if there is one.
guest_below() { # PID
	local process name pid parent

	for process in /proc/[0-9]*; do
		read -r name 2>/dev/null <"$process/comm" || continue
		[ "$name" = ringwalk-guest ] || continue
		pid=${process#/proc/}
		parent=$pid
		while [ "${parent:-1}" -gt 1 ]; do
			parent=$(awk '/^PPid:/ { print $2 }' "/proc/$parent/status" 2>/dev/null)
			if [ "$parent" = "$1" ]; then
				echo "$pid"
				return
			fi
		done
	done
	return 1
}

# Prints the launch that the run of this process is at, if it is at one.
launch_of() { # PID
	local process name

	for process in /proc/[0-9]*; do
		read -r name 2>/dev/null <"$process/comm" || continue
		[ "$name" = ringwalk ] || continue
		grep -qs "^PPid:	$1\$" "$process/status" || continue
		# From fork() to exec() it is no launch yet.
		grep -qsz '^launch$' "$process/cmdline" || continue
		echo "${process#/proc/}"
		return
	done
	return 1
}

# Starts the program in the background, as a process group of its own, as from a terminal.
start() { # ARGUMENT...
	# Background commands of a script ignore SIGINT, and so would what they start.
	setsid env --default-signal=INT "$build/ringwalk" "$@" >out 2>err </dev/null 3>&- &
	started=$!
}

# The same of a long run; returns when it has a guest and has measured something.
start_long_run() { # [ARGUMENT...]
	start "${long[@]}" "$@"
	within_ten_seconds guest_below "$started" >/dev/null
	within_ten_seconds has_samples
}

has_samples() {
	local file

	for file in results/runs/*/samples.jsonl; do
		! grep -qs '^{"strategy"' "$file" || return 0
	done
	return 1
}

# All that a run leaves, each file well-formed.
assert_kept() {
	samples | jq -es 'length > 0' >/dev/null
	jq -es 'map(select(.kind == "launch")) | length > 0' results/latest/samples.jsonl >/dev/null
	holds run.json 'type == "object"'
	holds summary.json '.schema_version == 1 and (.cells | length > 0)'
	holds summary.json '.cells | any(.ns_per_entry.value > 0)'
}

guest_is_gone() { # PID
	! grep -q ringwalk-guest "/proc/$1/comm" 2>/dev/null
}

finish() {
	status=0
	wait "$started" || status=$?
	started=
}
