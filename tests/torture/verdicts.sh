#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows that torture finds of each strategy and section what its file expects; then, for a shorter
# time, nothing of the sound ones where the pages do not lie in a row, or where every invalidation
# concerns all areas. (Of the broken ones it may find nothing there: what is not in a row and not
# mapped by vmap() has no map that could be wrong.) TAP: one test each.
#
# RINGWALK_TORTURE_SECONDS (10) each, and RINGWALK_TORTURE_AXIS_SECONDS (2): it takes more than half an
# hour. check --all has it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${B:-build}

# Those that expect to be found something are wrong, or refuse, and are left out of the axes.
wanted=${RINGWALK_STRATEGY:-.*}
sound=$(grep -L VERDICT_ strategies/*.c | sed 's,.*/,,; s,\.c$,,' | grep -Ex "${wanted//,/|}" |
	paste -sd,) || true

# Verdicts are torture's own business: not as expected is an exit status of its own.
torture() { # OPTION...
	"$build/ringwalk" torture "$@" || [ $? = 5 ]
}

{
	torture --seconds "${RINGWALK_TORTURE_SECONDS:-10}" \
		${RINGWALK_STRATEGY:+--strategy "$RINGWALK_STRATEGY"}
	for axis in "--pages scattered" "--pages vmap" --no-filter; do
		[ -n "$sound" ] || break
		echo "@ $axis"
		# shellcheck disable=SC2086 # an option and its value
		torture --seconds "${RINGWALK_TORTURE_AXIS_SECONDS:-2}" $axis --strategy "$sound"
	done
} | awk '
	/^@ / { with = substr($0, 2) }
	# A verdict starts at the left; the evidence under it does not.
	/^[a-z]/ && $2 ~ /^(access|entry|burst)$/ {
		printf "%sok %d - %s %s%s\n", (/NOT AS EXPECTED/ ? "not " : ""), ++n, $1, $2, with
	}
	/^ / { print "#" $0 }
	END { print "1.." n }'
