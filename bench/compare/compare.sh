#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For run.sh alone, from the root of the source tree: makes two programs of BASE and HEAD, or takes them as
# folders of results, and hands over to `ringwalk compare`.
#
# usage: compare.sh WHERE-THE-CALLER-STANDS [BASE [HEAD]] [OPTION...]
set -euo pipefail

build=${B:-build}
here=$1
shift
# shellcheck source=/dev/null
. bench/revisions.sh

die() { # STATUS SENTENCE...
	local status=$1
	shift
	echo "ringwalk: $*" >&2
	exit "$status"
}

# As seen from where the caller stands.
path_of() { # WORD
	case $1 in
	/*) echo "$1" ;;
	*) echo "$here/$1" ;;
	esac
}

is_revision() { # WORD
	git rev-parse --quiet --verify --end-of-options "$1^{commit}" >/dev/null 2>&1
}

is_folder() { # WORD
	! is_revision "$1" && [ -d "$(path_of "$1")" ]
}

# What was given, and the commit where that says more.
name_of() { # REVISION COMMIT
	case $2 in
	"$1"*) echo "${2:0:12}" ;;
	*) echo "$1 (${2:0:12})" ;;
	esac
}

# Says so where it takes long. Sets `built`.
build_once() { # REVISION COMMIT
	[ -x "$build/revisions/$2/build/ringwalk" ] ||
		echo "ringwalk: building $(name_of "$1" "$2")" >&2
	built=$(build_revision "$2")
}

working_tree() {
	local changes

	changes=$(git status --porcelain 2>/dev/null | wc -l)
	if [ "$changes" = 0 ]; then
		echo "working tree ($(git rev-parse --short=12 HEAD))"
		return
	fi
	echo "ringwalk: the head is the working tree as it is: $changes files differ from the last commit" >&2
	echo "working tree ($(git rev-parse --short=12 HEAD), changed)"
}

words=()
while [ $# -gt 0 ] && [[ $1 != -* ]]; do
	words+=("$1")
	shift
done
case ${#words[@]} in
0) exec "$build/ringwalk" compare "$@" ;;
1 | 2) ;;
*) die 2 "compare: '${words[2]}': at most two revisions are compared: BASE [HEAD], and then options" ;;
esac

base=${words[0]} head=${words[1]-}
if is_folder "$base"; then
	[ -n "$head" ] || die 2 "compare: '$base' is a folder of results: another one must be named to compare it with"
	if is_folder "$head"; then
		exec "$build/ringwalk" compare --base "$(path_of "$base")" --base-name "$base" \
			--head "$(path_of "$head")" --head-name "$head" "$@"
	fi
fi
if is_folder "$base" || { [ -n "$head" ] && is_folder "$head"; }; then
	die 2 "compare: '$base' and '$head': a folder of results is compared with another one, and a" \
		"revision with a revision"
fi

# Both names first: a build takes minutes.
base_commit=$(resolve_revision "$base")
if [ -n "$head" ]; then
	head_commit=$(resolve_revision "$head")
	head_name=$(name_of "$head" "$head_commit")
else
	head_name=$(working_tree)
fi
build_once "$base" "$base_commit"
base_program=$built
built=$build/ringwalk
[ -z "$head" ] || build_once "$head" "$head_commit"
head_program=$built
exec "$build/ringwalk" compare --base "$(realpath "$base_program")" \
	--base-name "$(name_of "$base" "$base_commit")" --head "$(realpath "$head_program")" \
	--head-name "$head_name" "$@"
