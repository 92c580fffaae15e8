# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # `build` is the caller's
#
# Revisions of this repository, each built out of tree in a clone of its own:
#
#   build/revisions/<commit>/        the sources; kept, so that a revision is built once
#   build/revisions/<commit>/build/  what was built, by that revision's own Makefile
#
# Nothing of the user's checkout is touched, nor of its list of worktrees. For scripts that stand in
# the root of the tree; a function that fails has said why in a sentence, and returns the exit status.

revisions=${B:-build}/revisions

# Prints the commit that the name stands for.
resolve_revision() { # REVISION
	local why

	if ! why=$(git rev-parse --git-dir 2>&1); then
		echo "ringwalk: revision '$1': this is no git checkout (${why%%$'\n'*})" >&2
		return 3
	fi
	if ! git rev-parse --quiet --verify --end-of-options "$1^{commit}" 2>/dev/null; then
		echo "ringwalk: revision '$1' is unknown; git log --oneline shows some," \
			"and branches and tags have names" >&2
		return 2
	fi
}

# Shares the objects of the checkout. Has a .git of its own, by which the build knows its revision.
clone_revision() { # COMMIT
	local folder=$revisions/$1

	[ ! -e "$folder" ] || return 0
	mkdir -p "$revisions" && rm -rf "$folder.new" || return
	git clone --quiet --shared --no-checkout . "$folder.new" &&
		git -C "$folder.new" -c advice.detachedHead=false checkout --quiet "$1" &&
		mv "$folder.new" "$folder"
}

# Prints the path of the commit's program. A build that fails shows its last lines.
build_revision() { # COMMIT
	local cc=gcc out folder=$revisions/$1

	if ! out=$(clone_revision "$1" 2>&1); then
		echo "${out##*$'\n'}" >&2
		echo "ringwalk: revision ${1:0:12} cannot be checked out into $revisions" >&2
		return 3
	fi
	command -v gcc >/dev/null || cc=clang
	if ! out=$(make -C "$folder" -s -j"$(nproc)" CC="$cc" B=build build/ringwalk 2>&1); then
		tail -n 20 <<<"$out" >&2
		echo "ringwalk: revision ${1:0:12} does not build here; above are the last lines" >&2
		return 3
	fi
	echo "$folder/build/ringwalk"
}
