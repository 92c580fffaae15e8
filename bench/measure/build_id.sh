#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: build_id.sh FLAGS HASH-FILE...
#
# Prints what environment_build.c says of the build, as a C header: the flags, the revision of the
# source tree in the working directory, and the hash in each file, which is named after its strategy; that
# in frame.hash is of what they run in.
set -u

flags=$1
shift

c_string() { # TEXT
	printf '"%s"' "$(printf '%s' "$1" | tr '\n' ' ' | sed 's/[\\"]/\\&/g')"
}

# Looks no further up than here: an unpacked archive inside of another tree has no revision.
revision='' reason=''
if [ ! -e .git ]; then
	reason='the source tree had no .git when this was built'
elif ! revision=$(GIT_OPTIONAL_LOCKS=0 git describe --always --dirty --abbrev=12 2>&1); then
	reason="git describe: $revision"
	revision=''
fi

echo "#define BUILD_FLAGS $(c_string "$flags")"
if [ -n "$revision" ]; then
	echo "#define BUILD_REVISION $(c_string "$revision")"
	echo "#define BUILD_REVISION_REASON NULL"
else
	echo "#define BUILD_REVISION NULL"
	echo "#define BUILD_REVISION_REASON $(c_string "$reason")"
fi
frame=
for file; do
	case $file in
	*/frame.hash) frame=$(cat "$file") ;;
	esac
done
echo "#define BUILD_FRAME $(c_string "$frame")"
echo "#define BUILD_OBJECTS \\"
for file; do
	case $file in
	*/frame.hash) continue ;;
	esac
	echo "	{ $(c_string "$(basename "$file" .hash)"), \"$(cat "$file")\" }, \\"
done
echo
