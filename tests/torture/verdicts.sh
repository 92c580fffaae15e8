#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows that torture finds of each strategy and section what its file expects. TAP: one test each.
#
# RINGWALK_TORTURE_SECONDS (10) each: it takes minutes. check --all has it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${B:-build}

"$build/ringwalk" torture --seconds "${RINGWALK_TORTURE_SECONDS:-10}" \
	${RINGWALK_STRATEGY:+--strategy "$RINGWALK_STRATEGY"} |
	awk '
	# A verdict starts at the left; the evidence under it does not.
	/^[a-z]/ && $2 ~ /^(access|entry|burst)$/ {
		printf "%sok %d - %s %s\n", (/NOT AS EXPECTED/ ? "not " : ""), ++n, $1, $2
	}
	/^ / { print "#" $0 }
	END { print "1.." n }'
