#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows that the hot loop dispatches nothing: in the machine code of every strategy's replay walks
# there is no indirect call or jump, and no call but to the walk's cold services and to what the
# strategy names in .own_calls; and that the masked walks mask. And that this test would see it if not.
# Prints TAP.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What every walk may call: the harness (guest_memory.h), and what the walk itself marks as cold.
services="vq_copy_in vq_copy_in_pieces vq_copy_out vq_copy_in_uaddr vq_replay_refill
	$(sed -n 's/^static noinline __cold .*[ *]\([a-z_]*\)(.*/\1/p' include/ringwalk/*.h)"

case $(uname -m) in
x86_64) arch=x86 ;;
aarch64) arch=arm64 ;;
*)
	echo "1..0 # SKIP reads the machine code of x86-64 and arm64 only"
	exit
	;;
esac

n=0
result() { # STATUS NAME [WHAT-WAS-SEEN]
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		[ -z "${3-}" ] || echo "# ${3//$'\n'/$'\n'# }"
	fi
}

compile() { # COMPILER LEVEL SOURCE OBJECT
	local built=${B:-build}/obj/${3%.c}.o

	[ "$1" != clang ] || built=${B:-build}-clang/obj/${3%.c}.o
	# What the tests have just built, with the same options, need not be built again.
	if [ "$2" = O2 ] && [ "$built" -nt "$3" ] && [ -z "$(find include strategies -newer "$built" -name '*.h')" ]; then
		cp "$built" "$4"
		return
	fi
	"$1" -D_GNU_SOURCE -Iinclude -Istrategies -std=gnu11 "-$2" -c "$3" -o "$4" 2>&1
}

# .own_calls of a strategy's source; the string may be in several adjacent parts.
own_calls() { # SOURCE
	awk '/\.own_calls *=/ { on = 1 } on { print } on && /, *$/ { exit }' "$1" |
		tr -d '\n' | sed 's/^[^=]*=//; s/[",]/ /g'
}

# Prints each forbidden call, jump or branch of the replay walks, and complains if there is no walk.
# A branch's target is its relocation's symbol, if there is one: a function, or a section and an
# offset into it, which the symbol table resolves. Parts that the compiler split off count as the
# function that they come from: f.cold, f.part.0, f.constprop.0.
forbidden() { # OBJECT ALLOWED
	{
		objdump -t "$1"
		objdump -dr --no-show-raw-insn "$1"
	} | awk -v allowed="$2" -v arch="$arch" '
	function hex(text,    i, value) {
		text = tolower(text)
		sub(/^0x/, "", text)
		value = 0
		for (i = 1; i <= length(text); i++)
			value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
		return value
	}
	function base_name(name) {
		sub(/@plt$/, "", name)
		sub(/\.cold$/, "", name)
		while (name ~ /\.(part|constprop|isra)\.[0-9]+$/)
			sub(/\.[a-z]+\.[0-9]+$/, "", name)
		return name
	}
	# A relocation: symbol, symbol+0x1, symbol-0x4, or section+0x1.
	function resolve(target,    name, offset, i, best) {
		name = target
		sub(/[+-]0x[0-9a-f]+$/, "", name)
		if (name !~ /^\./)
			return name
		offset = substr(target, length(name) + 2)
		offset = (substr(target, length(name) + 1, 1) == "-" ? -1 : 1) * hex(offset)
		if (arch == "x86")
			offset += 4 # it counts from the end of the instruction
		best = 0
		for (i = 1; i <= symbols; i++)
			if (section[i] == name && start[i] <= offset &&
			    (!best || start[i] > start[best]))
				best = i
		return best ? symbol[best] : target
	}
	# Sections around accesses of any size: they may call memcpy, which no walk may.
	function is_copy(name) {
		return name ~ /_probe_pieces$/
	}
	function is_walk(name) {
		return name ~ /_(replay|masked|packed)_(access|entry|burst)$/ || is_copy(name)
	}
	# A masked walk has the mask of nospec.h, or is a jump to one that has. A part that was split off
	# is no walk of its own: if the masks are there, the compiler holds the whole loop for cold.
	function close_walk() {
		settle()
		if (inside && walk ~ /_masked_[a-z]+$/ && !masks)
			print walk ": indices are not masked, or all of it is cold"
		masks = 0
	}
	function judge(target) {
		target = base_name(target)
		masks += target != base_name(walk) && target ~ /_masked_[a-z]+$/
		# gcc makes one of walks that are alike: a jump to another walk, which is judged too.
		if (target != base_name(walk) && !is_walk(target) && !(target in may) &&
		    target !~ /_refresh$/ && !(target == "memcpy" && is_copy(base_name(walk))))
			print walk ": " branch " " target
	}
	function settle() { # a branch without a relocation: its target is in <>
		if (branch != "")
			judge(plain)
		branch = ""
	}
	BEGIN {
		count = split(allowed, list)
		for (i = 1; i <= count; i++)
			may[list[i]] = 1
		is_branch = arch == "x86" ? "^(call|j[a-z]+|loop[a-z]*)q?$" : \
			"^(b|bl|b\\.[a-z]+|cbn?z|tbn?z)$"
	}
	$0 ~ /^[0-9a-f]+ .* F \.text/ {
		symbols++
		start[symbols] = hex($1)
		section[symbols] = $(NF - 2)
		symbol[symbols] = $NF
		next
	}
	/^[0-9a-f]+ <.*>:$/ {
		close_walk()
		walk = $2
		gsub(/[<>:]/, "", walk)
		inside = is_walk(base_name(walk))
		walks += inside
		next
	}
	!inside { next }
	$2 ~ /^R_/ {
		if (branch != "")
			judge(resolve($3))
		branch = ""
		next
	}
	/^ *[0-9a-f]+:\t/ {
		settle()
		sub(/^ *[0-9a-f]+:\t/, "")
		while ($1 ~ /^(bnd|notrack|rep[a-z]*)$/)
			sub(/^[a-z]+ +/, "")
		split($2, operand, ",")
		masks += arch == "x86" ? $1 ~ /^sbb/ && operand[1] == operand[2] : $1 == "csdb"
		if (arch == "x86" ? $1 ~ is_branch && $2 ~ /^\*/ : $1 ~ /^(br|blr)(aa|ab)?z?$/) {
			print walk ": " $0
		} else if ($1 ~ is_branch) {
			branch = $1
			plain = $NF
			gsub(/^<|[+-]0x[0-9a-f]+>$|>$/, "", plain)
		}
	}
	END {
		close_walk()
		if (!walks)
			print "no replay walk was found"
	}' | sort -u
}

# Compiles a strategy and judges it.
check() { # COMPILER LEVEL SOURCE
	local object=$scratch/strategy.o seen

	if ! seen=$(compile "$1" "$2" "$3" "$object"); then
		echo "$seen"
		return 1
	fi
	seen=$(forbidden "$object" "$services $(own_calls "$3")")
	[ -z "$seen" ] && return
	echo "$seen"
	return 1
}

# The negative controls: `pinned` with something put into its reader that must be found.
spoil() { # NAME SED-SCRIPT
	sed -e "$2" strategies/pinned.c >"$scratch/$1.c"
	if cmp -s strategies/pinned.c "$scratch/$1.c"; then
		echo "Bail out! strategies/pinned.c is no longer what the controls start from"
		exit 1
	fi
}
begin='^static __always_inline bool pinned_begin('
spoil guard 's/^RING_WALK_INSTANCES(pinned, pinned_ops)/static const struct reader_ops *volatile ops_now = \&pinned_ops;\
RING_WALK_INSTANCES(pinned, *ops_now)/'
spoil direct "/$begin/i extern void unlisted(void);
	/$begin/,/^}/s/return true/unlisted(); return true/"
spoil indirect "/$begin/i extern void (*volatile pointer)(void);
	/$begin/,/^}/s/return true/pointer(); return true/"

sed 's/\.mask = true/.mask = false/' include/ringwalk/ring_walk.h >"$scratch/ring_walk.h"
if cmp -s include/ringwalk/ring_walk.h "$scratch/ring_walk.h"; then
	echo "Bail out! include/ringwalk/ring_walk.h is no longer what the controls start from"
	exit 1
fi
sed -e 's/"\([a-z_]*\.h\)"/<ringwalk\/\1>/' -i "$scratch/ring_walk.h"
sed 's/<ringwalk\/ring_walk.h>/"ring_walk.h"/' strategies/pinned.c >"$scratch/unmasked.c"

controls() { # COMPILER LEVEL
	local seen

	seen=$(compile "$1" "$2" "$scratch/guard.c" "$scratch/guard.o")
	[[ $? != 0 && $seen == *ring_walk_not_specialised* ]]
	result $? "$1 -$2: a walk with run-time operations does not build" "$seen"
	seen=$(check "$1" "$2" "$scratch/direct.c")
	[[ $seen == *"_replay_access: "*" unlisted"* ]]
	result $? "$1 -$2: a call that is not listed is seen" "$seen"
	seen=$(check "$1" "$2" "$scratch/unmasked.c")
	[[ $seen == *"_masked_access: indices are not masked"* ]]
	result $? "$1 -$2: a masked walk without a mask is seen" "$seen"
	seen=$(check "$1" "$2" "$scratch/indirect.c")
	[[ $seen =~ _replay_access:\ (call|blr|jmp) && $seen != *unlisted* ]]
	result $? "$1 -$2: an indirect call is seen" "$seen"
}

levels=(O2)
[ "${RINGWALK_TESTS-quick}" != all ] || levels=(O1 O2 O3)
compilers=(gcc clang)
[ "${RINGWALK_TESTS-}" != quick ] || compilers=(gcc)
for compiler in "${compilers[@]}"; do
	if ! command -v "$compiler" >/dev/null; then
		n=$((n + 1))
		echo "ok $n # SKIP $compiler is not installed"
		continue
	fi
	for level in "${levels[@]}"; do
		for source in strategies/*.c; do
			name=$(basename "$source" .c)
			case ,${RINGWALK_STRATEGY:-$name}, in
			*,"$name",*) ;;
			*) continue ;;
			esac
			seen=$(check "$compiler" "$level" "$source")
			result $? "$compiler -$level: $name" "$seen"
		done
		controls "$compiler" "$level"
	done
done
echo "1..$n"
